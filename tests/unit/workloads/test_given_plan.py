import numpy as np
import pytest

from pytest_energy.errors import InputsError
from pytest_energy.results.given_inputs import GivenInput
from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput
from pytest_energy.workloads.given_plan import as_fed, plan_with_arrays, plan_with_said
from pytest_energy.workloads.synthesis import synthesize


@pytest.fixture
def plan():
    return InputPlan(
        batch=2,
        inputs=(
            PlannedInput(
                name="ids",
                type="tensor(int64)",
                shape=("n", "length"),
                fill=Fill(kind="integers", high=9, sure=True),
            ),
            PlannedInput(
                name="mask", type="tensor(int64)", shape=("n", "length"), fill=Fill(kind="mask", sure=True)
            ),
            PlannedInput(name="image", type="tensor(float)", shape=("n", 3, 8), fill=Fill(kind="normal")),
            PlannedInput(name="flag", type="tensor(bool)", shape=(), fill=Fill(kind="integers", high=2)),
            PlannedInput(name="text", type="tensor(string)", shape=("n",), fill=Fill(kind="text")),
        ),
        sizes=(
            FreeSize(key="n", candidates=(2,), role="batch"),
            FreeSize(key="length", candidates=(64, 32), role="length"),
        ),
    )


def refusal(plan, *said):
    with pytest.raises(InputsError) as caught:
        plan_with_said(plan, [GivenInput(**each) for each in said])
    return str(caught.value)


def fed(plan, **said):
    return synthesize(plan_with_said(plan, [GivenInput(**said)]))


def test_a_shape_sets_the_sizes_of_others_that_share_them(plan):
    feeds = fed(plan, name="ids", shape=(2, 5))
    assert feeds["ids"].shape == feeds["mask"].shape == (2, 5)


def test_bounds_are_kept_to(plan):
    assert set(fed(plan, name="ids", low=3, high=5)["ids"].flat) == {3, 4}
    image = fed(plan, name="image", low=0, high=0.5)["image"]
    assert 0 <= image.min() < 0.1
    assert 0.4 < image.max() < 0.5


def test_values_are_repeated_to_fill_the_shape(plan):
    assert fed(plan, name="ids", values=(1, 2, 3), shape=(2, 3))["ids"].tolist() == [[1, 2, 3]] * 2
    assert fed(plan, name="flag", values=(True,))["flag"].tolist() is True
    assert fed(plan, name="text", values=("a", "b"))["text"].tolist() == ["a", "b"]


def test_a_kind_is_asked_for_by_name(plan):
    assert fed(plan, name="ids", like="mask")["ids"].max() == 1
    assert fed(plan, name="ids", like="positions", shape=(2, 4))["ids"].tolist() == [[0, 1, 2, 3]] * 2


def test_an_input_that_does_not_exist_is_refused_with_those_that_do(plan):
    message = refusal(plan, {"name": "idz", "low": 1})
    assert "no input 'idz'" in message
    assert "Did you mean 'ids'?" in message
    assert "'mask' tensor(int64) ['n', 'length']" in message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "ids", "shape": (2, 5, 5)}, "has 3 axes, not 2"),
        ({"name": "image", "shape": (2, 3, 9)}, "axis 2 of its shape [2, 3, 9] is 9, not 8"),
        ({"name": "ids", "shape": (4, 5)}, "set batch = 4"),
        ({"name": "ids", "values": (1.5,)}, "must be whole numbers"),
        ({"name": "ids", "values": ("a",)}, "must be numbers"),
        ({"name": "flag", "values": (2,)}, "from 0 to 1"),
        ({"name": "text", "values": (1,)}, "must be texts"),
        ({"name": "text", "low": 1}, "is of text"),
    ],
)
def test_what_does_not_fit_is_refused(plan, said, words):
    assert words in refusal(plan, said)


def test_two_shapes_that_contradict_each_other_are_refused(plan):
    message = refusal(plan, {"name": "ids", "shape": (2, 5)}, {"name": "mask", "shape": (2, 6)})
    assert "length is 6 here, but 5 of another input" in message


def test_arrays_set_sizes_and_are_not_synthesized(plan):
    ids = np.zeros((2, 7), np.int64)
    feeds = synthesize(plan_with_arrays(plan, {"ids": ids}))
    assert feeds["ids"] is None
    assert feeds["mask"].shape == (2, 7)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"ids": np.zeros((2, 7), np.int32)}, "dtype int32, not int64: convert it with .astype('int64')"),
        ({"ids": np.zeros((2,), np.int64)}, "has 1 axes, not 2"),
        ({"image": np.zeros((2, 3, 9), np.float32)}, "is 9, not 8"),
        ({"image": np.zeros((5, 3, 8), np.float32)}, "set batch = 5"),
        ({"text": np.zeros(2)}, "not str"),
        ({"other": np.zeros(2)}, "no input 'other'"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(plan, arrays, words):
    with pytest.raises(InputsError) as caught:
        plan_with_arrays(plan, arrays)
    assert words in str(caught.value)
    assert "Its inputs: 'ids'" in str(caught.value)


def test_text_is_fed_as_objects(plan):
    given = as_fed(plan, {"text": np.array(["a", "b"]), "ids": np.zeros((2, 2), np.int64)})
    assert given["text"].dtype == object
    assert given["ids"].dtype == np.int64
