import math

from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.gate.operators import explain_growth
from pytest_energy.results.codec import from_plain, to_plain
from pytest_energy.results.operators import OperatorProfile, OperatorShare
from pytest_energy.runtime.operators import operator_profile

NAMES = st.sampled_from(["conv_1", "conv_2", "layer.3/MatMul", "", "x"]) | st.text(max_size=8)
KINDS = st.sampled_from(["Conv", "QLinearConv", "MatMul", "Gemm", "QuantizeLinear", "Relu"]) | st.text(
    max_size=6
)
PROVIDERS = st.sampled_from(["CPUExecutionProvider", "OpenVINOExecutionProvider"])
NODES = st.tuples(NAMES, KINDS, PROVIDERS, st.integers(min_value=0, max_value=1000))
RATIOS = st.floats(min_value=0.01, max_value=1000)


def scaled(nodes):
    total = sum(weight for *_, weight in nodes)
    if not total:
        return OperatorProfile()
    return OperatorProfile(
        operators=tuple(
            OperatorShare(name=name, op_type=kind, provider=provider, share=weight / total)
            for name, kind, provider, weight in nodes
        )
    )


PROFILES = st.lists(NODES, max_size=12).map(scaled)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "cat": st.sampled_from(["Node", "Session", "Kernel"]),
            "name": st.sampled_from(["model_run", "a_kernel_time", "b_kernel_time", "_kernel_time", "c"]),
            "ts": st.integers(min_value=0, max_value=100),
            "dur": st.integers(min_value=0, max_value=100),
        },
        optional={
            "tid": st.integers(min_value=0, max_value=2),
            "args": st.dictionaries(st.sampled_from(["op_name", "provider"]), st.text(max_size=5)),
        },
    ),
    max_size=30,
)


@given(EVENTS, st.integers(min_value=1, max_value=5))
def test_shares_of_any_profile_sum_to_one(events, steps):
    operators = operator_profile(events, steps).operators
    assert not operators or math.isclose(sum(each.share for each in operators), 1)
    assert all(0 <= each.share <= 1 for each in operators)


@given(PROFILES)
def test_a_profile_survives_its_json(profile):
    assert from_plain(to_plain(profile), OperatorProfile) == profile


@given(PROFILES, PROFILES, RATIOS)
def test_whatever_became_of_a_model_takes_five_sentences_at_most(before, after, ratio):
    told = explain_growth(before, after, ratio)
    assert len(told) <= 5
    assert all(sentence.endswith(" % of the old step") for sentence in told)


@given(PROFILES, PROFILES, st.floats(min_value=0, max_value=1.02))
def test_without_growth_there_are_no_sentences(before, after, ratio):
    assert explain_growth(before, after, ratio) == ()


@given(PROFILES, PROFILES, st.floats(min_value=1.03, max_value=1000))
def test_with_growth_there_is_always_something_to_say(before, after, ratio):
    told = explain_growth(before, after, ratio)
    assert bool(told) == bool(before.operators and after.operators)


@given(st.lists(st.sampled_from(["Conv", "MatMul", "Relu"]), min_size=1, max_size=8), RATIOS)
def test_new_names_alone_are_neither_new_nor_vanished_operators(kinds, ratio):
    before, after = (
        scaled([(f"{prefix}{number}", kind, "", 1) for number, kind in enumerate(kinds)])
        for prefix in ("before_", "after_")
    )
    told = " ".join(explain_growth(before, after, ratio))
    assert not any(word in told for word in (" new ", "vanished", "more", "fewer", "became", "moved"))
