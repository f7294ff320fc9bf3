import json
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from pytest_energy.errors import InputsError
from pytest_energy.results.given_inputs import GivenInput, GivenInputs, given_from_plain
from pytest_energy.workloads.given_feeds import given_feeds, given_identity, opened_inputs


@pytest.fixture
def module(tmp_path):
    """A factory: write a module, and return what names a function of it."""

    def write(source, name="samples_of_a_test", function="make"):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        return GivenInputs(function=f"{name}:{function}", folder=str(tmp_path))

    yield write
    for name in [name for name in sys.modules if name.endswith("of_a_test")]:
        del sys.modules[name]


def refusal(given):
    with pytest.raises(InputsError) as caught:
        given_feeds(given)
    return str(caught.value)


def test_nothing_given_gives_nothing():
    assert given_feeds(GivenInputs()) == []


def test_each_file_is_a_feed(tmp_path):
    files = [str(tmp_path / f"{number}.npz") for number in range(2)]
    for number, file in enumerate(files):
        np.savez(file, x=np.full(3, number))
    assert [feed["x"].tolist() for feed in given_feeds(GivenInputs(files=tuple(files)))] == [[0] * 3, [1] * 3]


def test_a_function_gives_one_feed_or_several(module):
    one = given_feeds(module("import numpy as np\ndef make():\n    return {'x': np.ones(2)}\n"))
    assert one[0]["x"].tolist() == [1, 1]
    several = given_feeds(
        module("def make():\n    return [{'x': [1]}, {'x': [2]}]\n", name="other_of_a_test")
    )
    assert [each["x"].tolist() for each in several] == [[1], [2]]


def test_of_a_function_that_yields_the_first_feeds_are_taken(module):
    given = module("def make():\n    for n in range(9):\n        yield {'x': [n]}\n")
    assert [each["x"].tolist() for each in given_feeds(replace(given, feeds=3))] == [[0], [1], [2]]


def test_a_loader_makes_a_batch_when_it_is_asked_for_and_is_called_for_each_pass(module):
    body = "\n    for n in range(2):\n        MADE.append({})\n        yield {{'x': [n]}}\n"
    source = f"MADE = []\ndef make({{}}):{body}"
    loader = opened_inputs(module(source.format("epoch", "epoch")))
    made = sys.modules["samples_of_a_test"].MADE
    batches = loader.batches(4)
    assert made == []
    assert next(batches)["x"].tolist() == [0]
    assert made == [4]
    assert len(list(loader.batches(5))) == 2
    assert made == [4, 5, 5]
    without = opened_inputs(module(source.format("size=2", "size"), name="other_of_a_test"))
    assert len(list(without.batches(1))) == 2
    assert sys.modules["other_of_a_test"].MADE == [2, 2]  # a default is not a pass


def test_a_loader_may_be_any_iterable(module):
    source = (
        "class Data:\n    def __iter__(self):\n        return iter([{'x': [1]}, {'x': [2]}])\nmake = Data\n"
    )
    assert len(list(opened_inputs(module(source)).batches(0))) == 2


def test_a_function_may_use_what_lies_beside_it(module, tmp_path):
    (tmp_path / "beside_of_a_test.py").write_text("VALUE = 7\n", encoding="utf-8")
    given = module("from beside_of_a_test import VALUE\ndef make():\n    return {'x': VALUE}\n")
    assert given_feeds(given)[0]["x"] == 7
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "def make():\n    return 1 / 0\n",
            "ZeroDivisionError: division by zero (samples_of_a_test.py, line 2)",
        ),
        ("def other():\n    pass\n", "has no function 'make'"),
        ("make = 3\n", "has no function 'make'"),
        ("def make():\n    return 3\n", "returned int: it must return a dict"),
        ("def make():\n    return []\n", "returned list"),
        ("def make():\n    return [3]\n", "returned int"),
        ("def make():\n    yield [1]\n", "returned list"),
        ("def make():\n    return iter(())\n", "gave no batch in pass 1"),
        (
            "def make():\n    yield {'x': 1}\n    raise KeyError('y')\n",
            "KeyError: 'y' (samples_of_a_test.py, line 3)",
        ),
        ("def make(:\n", "SyntaxError"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError"),
    ],
)
def test_what_is_wrong_with_it_is_told_with_its_place(module, source, words):
    assert words in refusal(module(source))


def test_a_module_that_does_not_exist_is_told():
    assert "No module named 'gone_of_a_test'" in refusal(GivenInputs(function="gone_of_a_test:make"))


def test_the_identity_depends_on_what_files_and_module_hold(tmp_path, module):
    file = tmp_path / "x.npz"
    np.savez(file, x=np.zeros(2))
    of_file = GivenInputs(files=(str(file),))
    before = given_identity(of_file)
    assert given_identity(of_file) == before
    np.savez(file, x=np.ones(2))
    assert given_identity(of_file) != before
    of_function = module("def make():\n    return {}\n")
    before = given_identity(of_function)
    module("def make():\n    return {'x': 1}\n")
    assert given_identity(of_function) != before


def test_the_identity_does_not_depend_on_where_a_file_lies(tmp_path):
    for folder in ("then", "now"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.npz").write_bytes(b"same")
    then, now = (
        GivenInputs(files=(str(tmp_path / folder / "x.npz"),), folder=str(tmp_path / folder))
        for folder in ("then", "now")
    )
    assert given_identity(then) == given_identity(now)


def test_what_is_given_survives_json():
    given = GivenInputs(
        feeds=2,
        files=("a.npz",),
        inputs=(
            GivenInput(name="x", shape=(1, 2), values=(1, "a")),
            GivenInput(name="y", like="mask", low=0.5),
        ),
    )
    assert given_from_plain(json.loads(json.dumps(asdict(given)))) == given
