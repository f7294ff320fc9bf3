"""The search for feeds, with models that accept by a rule."""

import numpy as np
import pytest

from pytest_energy.errors import InputsError
from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput
from pytest_energy.workloads.described_plan import InputSpec, plan_from_specs
from pytest_energy.workloads.inputs import find_feeds, toml_key
from pytest_energy.workloads.synthesis import AS_PLANNED, feeds_hash


def plan(*shapes, kind="tensor(float)", name="x", batch=1):
    specs = [
        InputSpec(name=f"{name}{number or ''}", type=kind, shape=tuple(shape))
        for number, shape in enumerate(shapes or [("batch", 3)])
    ]
    return plan_from_specs(specs, batch)


IDS = plan(("batch", 400), kind="tensor(int64)", name="ids")


class Model:
    """Accepts a feed by a rule; remembers all that it was fed."""

    def __init__(self, rule):
        self.fed = []
        self._rule = rule

    def __call__(self, feeds):
        self.fed.append(feeds)
        return self._rule(feeds)


def accept(_):
    return True


def test_the_first_accepted_feed_is_taken():
    model = Model(accept)
    found = find_feeds(plan(), 0, model)
    assert found.finite
    assert found.choice == AS_PLANNED
    assert len(model.fed) == 1


def test_a_small_vocabulary_is_found():
    model = Model(lambda feeds: True if feeds["ids"].max() < 50 else "indices out of range")
    assert find_feeds(IDS, 0, model).choice.bound == 10


def test_the_bound_that_onnxruntime_names_is_taken_at_once():
    said = "indices element out of data bounds, idx=940 must be within the inclusive range [-77,76]"
    model = Model(lambda feeds: True if feeds["ids"].max() < 77 else said)
    found = find_feeds(IDS, 0, model)
    assert found.choice.bounds == {"ids": 77}
    assert len(model.fed) == 2
    assert found.feeds["ids"].max() > 70


def test_the_size_that_onnxruntime_names_is_taken_at_once():
    said = "Got invalid dimensions for input: x for the following indices index: 2 Got: 64 Expected: 80"
    model = Model(lambda feeds: True if feeds["x"].shape[2] == 80 else said)
    found = find_feeds(plan(("batch", 3, "height")), 0, model)
    assert found.feeds["x"].shape == (1, 3, 80)
    assert len(model.fed) == 2


def test_the_rank_that_onnxruntime_names_is_taken_at_once():
    said = "Invalid rank for input: x Got: 0 Expected: 1 Please fix either the inputs/outputs or the model."
    model = Model(lambda feeds: True if feeds["x"].ndim == 1 else said)
    assert find_feeds(plan(()), 0, model).feeds["x"].shape == (1,)


def test_a_model_that_repeats_itself_ends_the_search():
    said = "indices element out of data bounds, idx=0 must be within the inclusive range [-77,76]"
    model = Model(lambda _: said)
    with pytest.raises(InputsError):
        find_feeds(IDS, 0, model)
    assert len(model.fed) < 20


def test_a_least_image_size_is_found():
    model = Model(lambda feeds: feeds["x"].shape[2] >= 200 or "kernel larger than input")
    found = find_feeds(plan(("batch", 3, "height", "width")), 0, model)
    assert found.feeds["x"].shape == (1, 3, 224, 224)


def test_finite_outputs_are_preferred_and_others_are_kept_for_want_of_them():
    picky = Model(lambda feeds: bool(feeds["ids"].max() < 2))
    assert find_feeds(IDS, 0, picky).finite
    never = Model(lambda _: False)
    found = find_feeds(IDS, 0, never)
    assert not found.finite
    assert found.feeds is never.fed[0]


def test_a_logarithm_gets_positive_numbers():
    model = Model(lambda feeds: bool(feeds["x"].min() > 0))
    found = find_feeds(plan(), 0, model)
    assert found.finite
    assert found.choice.floats.kind == "uniform"


def test_what_is_sure_is_not_searched():
    sure = PlannedInput(name="x", type="tensor(float)", shape=(2,), fill=Fill(kind="normal", sure=True))
    model = Model(lambda _: False)
    find_feeds(InputPlan(batch=1, inputs=(sure,)), 0, model)
    assert len(model.fed) == 1


def test_another_plan_is_tried_when_the_first_leads_nowhere():
    wrong = InputPlan(
        batch=1,
        inputs=(PlannedInput(name="x", type="tensor(float)", shape=(1, "n"), fill=Fill(kind="normal")),),
        sizes=(FreeSize(key="n", candidates=(5,)),),
    )
    found = find_feeds(wrong, 0, lambda feeds: feeds["x"].shape == (1, 64) or "no", plan(("batch", "n")))
    assert found.plan.source == "description"


def test_nothing_is_tried_twice():
    model = Model(lambda _: "no")
    with pytest.raises(InputsError):
        find_feeds(plan(("batch", "n"), kind="tensor(int32)"), 0, model)
    assert len({feeds_hash(feeds) for feeds in model.fed}) == len(model.fed)
    once = Model(lambda _: "no")
    with pytest.raises(InputsError):
        find_feeds(plan(), 0, once)
    assert len(once.fed) == 1


def test_a_guess_does_not_exhaust_the_memory():
    most = 1 << 26

    def shapes(fixed):
        model = Model(lambda _: "no")
        with pytest.raises(InputsError):
            find_feeds(plan(("batch", fixed, "a", "b")), 0, model)
        return {feeds["x"].shape[2:] for feeds in model.fed}

    tried = shapes(1)
    assert {(1, 1), (8, 1), (1, 8), (64, 64)} <= tried
    # The least that two free sizes can be beside 1 is 8, and that is too many already.
    fixed = most // 8 + 1
    assert {a * b for a, b in tried if a * b < 8} == {1}
    assert shapes(fixed) == {(1, 1)}


def test_a_model_without_inputs_gets_an_empty_feed():
    assert find_feeds(InputPlan(batch=1, inputs=()), 0, accept).feeds == {}


def test_a_refusal_says_what_was_tried_and_which_lines_would_settle_it():
    with pytest.raises(InputsError) as caught:
        find_feeds(plan(("batch", "n"), batch=4), 0, lambda _: "the shapes do not fit.")
    message = str(caught.value)
    assert "'x' tensor(float) ['batch', 'n']" in message
    assert "Tried 8 feeds with batch 4, at first x[4, 64], at last x[4, 1]" in message
    assert "last: the shapes do not fit. " in message
    assert message.endswith("[benchmark.inputs.x] shape = [4, 64] low = 0 high = 1")


@pytest.mark.parametrize(("name", "key"), [("ids", "ids"), ("a/b:0", '"a/b:0"'), ('"', '"\\""')])
def test_a_name_is_written_as_a_key_of_toml(name, key):
    assert toml_key(name) == key


@pytest.mark.parametrize("kind", ["tensor(complex64)", "map(int64,tensor(float))"])
def test_types_of_which_no_value_can_be_made_are_refused(kind):
    with pytest.raises(InputsError, match=r"energy\.measure"):
        find_feeds(plan(kind=kind), 0, accept)


@pytest.mark.parametrize("shape", [(1, 3), (4, 3), (), (0,)])
def test_a_batch_that_no_input_takes_is_refused(shape):
    # Else a figure would carry the name of a batch that was never run.
    with pytest.raises(InputsError, match="takes no batch of 8"):
        find_feeds(plan(shape, batch=8), 0, accept)


@pytest.mark.parametrize("shapes", [[("n", 3)], [(8, 3)], [(5, 3), ("n",)]])
def test_a_batch_that_an_input_takes_or_has_is_run(shapes):
    assert find_feeds(plan(*shapes, batch=8), 0, accept).finite


def test_a_fixed_first_dimension_is_no_fault_where_no_batch_was_asked_for():
    assert find_feeds(plan((16, 3)), 0, accept).feeds["x"].shape == (16, 3)


def test_feeds_do_not_depend_on_the_search_but_on_the_seed():
    first, second, other = (find_feeds(plan(), seed, accept).feeds["x"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
