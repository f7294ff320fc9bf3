import numpy as np
import pytest

from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput
from pytest_energy.workloads.described_plan import InputSpec, plan_from_specs
from pytest_energy.workloads.synthesis import Choice, feeds_hash, synthesize


def filled(type_="tensor(float)", shape=(4, 8), *, sizes=(), choice=None, number=(0, 0), **fill):
    seed, feed = number
    planned = PlannedInput(name="x", type=type_, shape=shape, fill=Fill(**fill))
    plan = InputPlan(batch=1, inputs=(planned,), sizes=tuple(sizes))
    return synthesize(plan, choice or Choice(), seed=seed, feed=feed)["x"]


def described(kind="tensor(float)", shape=("batch", 3), batch=5):
    return synthesize(plan_from_specs([InputSpec(name="x", type=kind, shape=shape)], batch))["x"]


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("tensor(float)", "float32"),
        ("tensor(double)", "float64"),
        ("tensor(float16)", "float16"),
        ("tensor(int64)", "int64"),
        ("tensor(int32)", "int32"),
        ("tensor(uint8)", "uint8"),
        ("tensor(bool)", "bool"),
        ("tensor(string)", "object"),
        ("tensor(bfloat16)", "uint16"),
    ],
)
def test_a_feed_has_the_type_and_shape_of_its_input(kind, dtype):
    array = described(kind)
    assert (array.dtype, array.shape) == (np.dtype(dtype), (5, 3))


@pytest.mark.parametrize(
    ("shape", "fed"),
    [
        ((), ()),  # a scalar
        ((None, 3), (2, 3)),
        ((-1, -1), (2, 64)),
        (("batch", "length", 8), (2, 64, 8)),
        (("length", "batch", 8), (64, 2, 8)),
        ((7, 3), (7, 3)),
        ((0, 3), (0, 3)),  # nothing, where the model fixes nothing
    ],
)
def test_free_dimensions_are_filled_and_fixed_ones_are_kept(shape, fed):
    assert described(shape=shape, batch=2).shape == fed


def test_one_symbol_is_one_size_in_all_inputs():
    specs = [InputSpec(name=name, type="tensor(float)", shape=("batch", "n")) for name in "ab"]
    feeds = synthesize(plan_from_specs(specs, 3))
    assert feeds["a"].shape == feeds["b"].shape == (3, 64)


def test_whole_numbers_stay_within_their_bounds_and_use_them():
    array = filled("tensor(int64)", (4000,), kind="integers", low=1, high=7)
    assert set(array.tolist()) == {1, 2, 3, 4, 5, 6}


def test_ids_may_be_carried_in_floats():
    array = filled("tensor(float)", (400,), kind="integers", high=50)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, array.round())
    assert 40 < array.max() < 50


def test_images_use_the_whole_range_of_their_type():
    array = described("tensor(uint8)", (1, 64, 64, 3))
    assert (array.min(), array.max()) == (0, 255)


def test_a_value_never_leaves_what_its_type_holds():
    assert filled("tensor(int8)", (400,), kind="integers", high=1000).min() >= 0


def test_a_mask_is_full_in_its_first_row_and_never_empty():
    mask = filled("tensor(int64)", (6, 16), kind="mask")
    assert mask[0].all()
    assert (mask.sum(axis=1) >= 12).all()
    assert not mask.all()
    assert (np.diff(mask, axis=1) <= 0).all()


def test_positions_count_along_the_last_axis_and_stay_in_their_table():
    assert filled("tensor(int64)", (2, 5), kind="positions", high=3).tolist() == [[0, 1, 2, 0, 1]] * 2


def test_a_permutation_repeats_nothing():
    assert sorted(filled("tensor(int64)", (4,), kind="permutation", high=4).tolist()) == [0, 1, 2, 3]


def test_given_values_are_repeated_to_fill_the_shape():
    assert filled("tensor(int64)", (2, 2), kind="values", values=(16000,)).tolist() == [[16000] * 2] * 2
    assert filled("tensor(int64)", (), kind="values", values=(16000,)) == 16000


def test_a_size_of_another_input_can_be_the_bound():
    sizes = [FreeSize(key="n", candidates=(5, 3))]
    array = filled("tensor(int64)", (400,), sizes=sizes, kind="integers", low=1, high=100, high_of="n")
    assert array.max() == 4
    narrower = filled(
        "tensor(int64)", (400,), sizes=sizes, choice=Choice(rank=1), kind="integers", high_of="n"
    )
    assert narrower.max() == 2


def test_a_sequence_is_a_list_of_tensors():
    planned = PlannedInput(
        name="x", type="seq(tensor(float))", shape=(2, 3), fill=Fill(kind="normal"), count=3
    )
    value = synthesize(InputPlan(batch=1, inputs=(planned,)))["x"]
    assert [array.shape for array in value] == [(2, 3)] * 3


def test_an_optional_input_may_be_left_out():
    assert filled("optional(tensor(float))", kind="absent") is None


def test_feeds_are_no_zeros_and_depend_on_seed_and_number_alone():
    first, again, other, next_feed = (
        filled(kind="normal", number=number) for number in ((1, 0), (1, 0), (2, 0), (1, 1))
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first).min() > 0
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, next_feed)


def test_two_inputs_of_one_shape_get_different_values():
    specs = [InputSpec(name=name, type="tensor(float)", shape=(4, 3)) for name in "ab"]
    feeds = synthesize(plan_from_specs(specs, 1))
    assert not np.array_equal(feeds["a"], feeds["b"])


@pytest.mark.parametrize(
    "changed",
    [
        {"y": np.zeros((2, 3), np.float32)},
        {"x": np.zeros((3, 2), np.float32)},
        {"x": np.zeros((2, 3), np.int32)},
        {"x": np.ones((2, 3), np.float32)},
        {"x": [np.zeros((2, 3), np.float32)] * 2},
        {"x": None},
        {"x": np.array(["a"], dtype=object)},
    ],
)
def test_the_hash_tells_names_types_shapes_and_values_apart(changed):
    assert feeds_hash(changed) != feeds_hash({"x": np.zeros((2, 3), np.float32)})


def test_the_hash_does_not_depend_on_order_or_layout():
    a, b = np.arange(6.0).reshape(2, 3), np.ones(2)
    assert feeds_hash({"a": a, "b": b}) == feeds_hash({"b": b, "a": np.asfortranarray(a)})
