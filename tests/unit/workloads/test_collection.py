from pathlib import Path

import pytest

from pytest_energy.errors import UsageError
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.workloads.collection import collect
from pytest_energy.workloads.suite import SuiteEntry


def entry(name, path):
    return SuiteEntry(benchmark=Benchmark(name=name), model_path=path)


@pytest.fixture
def found(tmp_path):
    """A factory: collect; a suite has one benchmark that is named after it, a model one after its path."""

    def run(*names):
        entries = collect(
            names,
            tmp_path,
            lambda suite: (entry(suite.name.partition(".")[0], suite),),
            lambda model, shown: (entry(shown, model),),
        )
        return [each.benchmark.name for each in entries]

    return run


@pytest.fixture
def put(tmp_path):
    def write(name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    return write


def test_suites_and_models_come_in_the_order_in_which_they_are_named(put, found):
    put("b.energy.toml")
    put("nets/a.onnx")
    assert found("b.energy.toml", "nets/a.onnx") == ["b", "nets/a.onnx"]
    assert found("nets/a.onnx", "b.energy.toml") == ["nets/a.onnx", "b"]


def test_folders_are_searched_for_suites_but_not_for_models(put, found):
    for name in ("nets/z.energy.toml", "nets/deep/down/y.energy.toml", "nets/a.onnx", "nets/notes.toml"):
        put(name)
    assert found("nets") == ["y", "z"]
    assert found(".") == ["y", "z"]


def test_hidden_folders_and_virtual_environments_are_passed_over(put, found):
    for name in ("a.energy.toml", ".git/b.energy.toml", "env/lib/c.energy.toml", "env/pyvenv.cfg"):
        put(name)
    assert found(".") == ["a"]


def test_a_file_that_is_named_twice_is_read_once(put, found):
    put("nets/a.energy.toml")
    assert found("nets", "nets/a.energy.toml", str(Path("nets/../nets"))) == ["a"]


def test_nothing_named_is_nothing_found(found):
    assert found() == []


def test_two_benchmarks_with_one_id_are_refused_by_the_names_of_their_files(put, found):
    put("one/a.energy.toml")
    put("two/a.energy.toml")
    with pytest.raises(
        UsageError, match=r"id 'a--cpu-b1': of one/a\.energy\.toml and of two/a\.energy\.toml"
    ):
        found("one", "two")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.onnx", r"missing\.onnx is missing"),
        ("missing.energy.toml", "is missing"),
        ("elsewhere", r"elsewhere is no suite \(\*\.energy\.toml\), no model"),
        ("empty", r"no \*\.energy\.toml below empty: name a suite"),
    ],
)
def test_what_cannot_be_collected_is_named(put, found, name, said):
    put("empty/a.onnx")
    with pytest.raises(UsageError, match=said):
        found(name)
