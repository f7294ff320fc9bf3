import numpy as np
import pytest

from pytest_energy.errors import InputsError
from pytest_energy.workloads.inputs import (
    Candidate,
    InputSpec,
    feeds_hash,
    find_feeds,
    synthesize,
)

ANY = Candidate(size=64, bound=1000)


def spec(shape=("batch", 3), kind="tensor(float)", name="x"):
    return InputSpec(name=name, type=kind, shape=tuple(shape))


def accept(_):
    return True


class Model:
    """Accepts a feed by a rule; remembers all that it was fed."""

    def __init__(self, rule):
        self.fed = []
        self._rule = rule

    def __call__(self, feeds):
        self.fed.append(feeds)
        return self._rule(feeds)


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("tensor(float)", "float32"),
        ("tensor(double)", "float64"),
        ("tensor(float16)", "float16"),
        ("tensor(int64)", "int64"),
        ("tensor(uint8)", "uint8"),
        ("tensor(bool)", "bool"),
    ],
)
def test_a_feed_has_the_type_and_shape_of_its_input(kind, dtype):
    array = synthesize([spec(kind=kind)], batch=5, seed=0, candidate=ANY)["x"]
    assert (array.dtype, array.shape) == (np.dtype(dtype), (5, 3))


@pytest.mark.parametrize(
    ("shape", "fed"),
    [
        ((), ()),  # a scalar
        ((None, 3), (2, 3)),
        ((-1, -1), (2, 64)),
        (("batch", "length", 8), (2, 64, 8)),
        ((7, 3), (7, 3)),
        ((0, 3), (0, 3)),  # nothing, where the model fixes nothing
    ],
)
def test_free_dimensions_are_filled_and_fixed_ones_are_kept(shape, fed):
    assert synthesize([spec(shape)], batch=2, seed=0, candidate=ANY)["x"].shape == fed


def test_whole_numbers_stay_below_the_bound_and_what_their_type_holds():
    specs = [spec(("batch", 400), kind, kind) for kind in ("tensor(int64)", "tensor(int8)", "tensor(uint8)")]
    feeds = synthesize(specs, batch=10, seed=0, candidate=Candidate(size=1, bound=1000))
    assert feeds["tensor(int64)"].min() >= 0
    assert 900 < feeds["tensor(int64)"].max() < 1000
    assert feeds["tensor(int8)"].min() >= 0
    assert feeds["tensor(uint8)"].max() == 255  # images use their whole range


def test_feeds_are_no_zeros_and_depend_on_the_seed_alone():
    first, second, other = (synthesize([spec()], 4, seed, ANY)["x"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first).min() > 0
    assert not np.array_equal(first, other)


def test_two_inputs_of_one_shape_get_different_values():
    feeds = synthesize([spec(name="a"), spec(name="b")], 4, 0, ANY)
    assert not np.array_equal(feeds["a"], feeds["b"])


@pytest.mark.parametrize(
    "changed",
    [
        {"y": np.zeros((2, 3), np.float32)},
        {"x": np.zeros((3, 2), np.float32)},
        {"x": np.zeros((2, 3), np.int32)},
        {"x": np.ones((2, 3), np.float32)},
    ],
)
def test_the_hash_tells_names_types_shapes_and_values_apart(changed):
    assert feeds_hash(changed) != feeds_hash({"x": np.zeros((2, 3), np.float32)})


def test_the_hash_does_not_depend_on_order_or_layout():
    a, b = np.arange(6.0).reshape(2, 3), np.ones(2)
    assert feeds_hash({"a": a, "b": b}) == feeds_hash({"b": b, "a": np.asfortranarray(a)})


def test_the_first_accepted_feed_is_taken():
    model = Model(accept)
    found = find_feeds([spec()], batch=1, seed=0, try_feed=model)
    assert found.finite
    assert len(model.fed) == 1


def test_a_small_vocabulary_is_found():
    model = Model(lambda feeds: True if feeds["ids"].max() < 50 else "indices out of range")
    found = find_feeds([spec(("batch", "length"), "tensor(int64)", "ids")], 1, 0, model)
    assert found.candidate.bound == 10


def test_a_least_image_size_is_found():
    model = Model(lambda feeds: feeds["x"].shape[2] >= 200 or "kernel larger than input")
    found = find_feeds([spec(("batch", 3, "height", "width"))], 1, 0, model)
    assert found.feeds["x"].shape == (1, 3, 224, 224)


def test_finite_outputs_are_preferred_and_others_are_kept_for_want_of_them():
    picky = Model(lambda feeds: bool(feeds["ids"].max() < 2))
    ids = spec(("batch", 400), "tensor(int64)", "ids")
    assert find_feeds([ids], 1, 0, picky).finite
    never = Model(lambda _: False)
    found = find_feeds([ids], 1, 0, never)
    assert not found.finite
    assert found.feeds is never.fed[0]


def test_nothing_is_tried_twice():
    model = Model(lambda _: "no")
    with pytest.raises(InputsError):
        find_feeds([spec(("batch", "n"), "tensor(int32)")], 1, 0, model)
    assert len({feeds_hash(feeds) for feeds in model.fed}) == len(model.fed)
    once = Model(lambda _: "no")
    with pytest.raises(InputsError):
        find_feeds([spec()], 1, 0, once)
    assert len(once.fed) == 1


def test_a_guess_does_not_exhaust_the_memory():
    model = Model(lambda _: "no")
    with pytest.raises(InputsError):
        find_feeds([spec(("batch", "a", "b", "c", "d"))], 1, 0, model)
    assert model.fed
    assert max(feeds["x"].size for feeds in model.fed) <= 1 << 26


def test_a_model_without_inputs_gets_an_empty_feed():
    assert find_feeds([], 1, 0, accept).feeds == {}


def test_a_refusal_says_what_was_tried_and_what_to_do():
    with pytest.raises(InputsError) as caught:
        find_feeds([spec(("batch", "n"))], 4, 0, lambda _: "the shapes do not fit")
    message = str(caught.value)
    assert "'x' tensor(float) ['batch', 'n']" in message
    assert "Tried 8 feeds with batch 4" in message
    assert "energy.measure(" in message
    assert message.endswith("the shapes do not fit")


@pytest.mark.parametrize("kind", ["tensor(string)", "seq(tensor(float))", "optional(tensor(float))"])
def test_inputs_that_are_no_tensors_of_numbers_are_refused(kind):
    with pytest.raises(InputsError, match=r"energy\.measure"):
        find_feeds([spec(kind=kind)], 1, 0, accept)


@pytest.mark.parametrize("shape", [(1, 3), (4, 3), (), (0,)])
def test_a_batch_that_no_input_takes_is_refused(shape):
    # Else a figure would carry the name of a batch that was never run.
    with pytest.raises(InputsError, match="takes no batch of 8"):
        find_feeds([spec(shape)], 8, 0, accept)


@pytest.mark.parametrize("shapes", [[("n", 3)], [(8, 3)], [(5, 3), ("n",)]])
def test_a_batch_that_an_input_takes_or_has_is_run(shapes):
    specs = [spec(shape, name=f"x{number}") for number, shape in enumerate(shapes)]
    assert find_feeds(specs, 8, 0, accept).finite


def test_a_fixed_first_dimension_is_no_fault_where_no_batch_was_asked_for():
    assert find_feeds([spec((16, 3))], 1, 0, accept).feeds["x"].shape == (16, 3)
