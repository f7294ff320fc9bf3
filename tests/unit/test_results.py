import json
import re
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytest_energy.environment import Environment
from pytest_energy.results.benchmark import Benchmark, file_safe
from pytest_energy.results.codec import from_plain, to_plain
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, SciScore
from pytest_energy.results.factors import MOST_ELSEWHERE, FactorChange, Factors, changes
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.results.training import Training

WORLD = CarbonIntensity(
    g_per_kwh=458.0, place="world", code="WORLD", year=2025, basis="lifecycle", source="a yearly review"
)
FACTORS = Factors(
    python="3.11.7",
    numpy="2.1.0",
    reference="matmul-64 OpenBLAS",
    onnxruntime="1.24.0",
    variables={"OMP_NUM_THREADS": "1"},
)
RESULT = Result(
    benchmark=Benchmark(name="digits-cnn", model="models/digits-cnn.onnx", batch=8),
    environment=Environment(
        os="linux",
        arch="x86_64",
        cpu="a cpu",
        cpu_model="6-106",
        logical_cpus=4,
        isa=("avx2",),
        virtual=False,
    ),
    factors=FACTORS,
    samples=(
        ProcessSamples(
            process=0,
            steps_per_block=10,
            step_cpu_s=(1e-3, 1.1e-3),
            step_duration_s=(1e-3, 1.2e-3),
            reference_cpu_s=(2e-3, 2e-3),
        ),
    ),
    processes=(ProcessEstimate(cpu_s=1e-3, duration_s=1e-3, reference_cpu_s=2e-3, cost=0.5),),
    energy=EnergyEstimate(
        energy_j=5e-3,
        random_j=None,
        systematic_low=0.5,
        systematic_high=2.0,
        method="modelled",
        profile="generic",
        parts_j={"cpu": 5e-3, "dram": None},
    ),
    score=SciScore(operational_g=6e-7, embodied_g=None, intensity=WORLD, pue=1.0),
    pins=Pins(profile="generic", core_power_w=5.0, intensity=WORLD, pue=1.0),
    placement=Placement(requested="CPUExecutionProvider", nodes={"CPUExecutionProvider": 12}),
    notes=("the profile is a guess",),
)
NAMES = st.one_of(st.text(max_size=120), st.text(alphabet="aA0.-_/ ", max_size=8))


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (Benchmark(name="digits-cnn"), "digits-cnn--cpu-b1"),
        (
            Benchmark(name="digits-cnn", provider="openvino", batch=32, threads=4),
            "digits-cnn--openvino-b32-t4",
        ),
        (Benchmark(name="digits-cnn", threads=2, spinning=True), "digits-cnn--cpu-b1-t2-spin"),
        (Benchmark(name="digits-cnn", pace_s=20e-3), "digits-cnn--cpu-b1-p20ms"),
        (Benchmark(name="digits-cnn", provider="cuda", transfer=True), "digits-cnn--cuda-b1-transfer"),
        (
            Benchmark(
                name="digits-cnn", mode="training", batch=32, training=Training(loss="mse", optimizer="adamw")
            ),
            "digits-cnn--cpu-b32-train-adamw-mse",
        ),
        (
            Benchmark(name="a", mode="training", training=Training(target=0.2, epochs=9, patience=2)),
            "a--cpu-b1-train-sgd-9epochs-to0.2-patience2",
        ),
        (Benchmark(name="test_search", mode="callable", provider=None), "test_search"),
    ],
)
def test_an_id_says_what_is_run(described, expected):
    assert described.id == expected


def test_sessions_opened_otherwise_have_other_ids_and_the_built_in_one_adds_nothing():
    plain = Benchmark(name="a")
    others = [
        SessionSettings(optimization="basic"),
        SessionSettings(memory_pattern=False),
        SessionSettings(device="GPU"),
        SessionSettings(provider_options={"x": "1"}),
        SessionSettings(entries={"x": "1"}),
    ]
    assert replace(plain, session=SessionSettings()).id == "a--cpu-b1"
    assert len({replace(plain, session=each).id for each in others}) == len(others)
    assert len({hash(each) for each in others}) == len(others)
    assert (
        SessionSettings(entries={"a": "1", "b": "2"}).variant
        == SessionSettings(entries={"b": "2", "a": "1"}).variant
    )


class TestNodesThatMoved:
    BEFORE = Factors(
        python="3",
        numpy="2",
        reference="r",
        model="m",
        provider="OpenVINOExecutionProvider",
        placement="OpenVINOExecutionProvider:20",
    )

    def changed(self, *elsewhere, before=(), **others):
        old = replace(self.BEFORE, elsewhere=before)
        return changes(old, replace(self.BEFORE, elsewhere=elsewhere, **others))

    def test_they_are_named_with_where_they_were_and_are(self):
        moved = [f"CPUExecutionProvider Gelu g{number}" for number in range(5)]
        assert self.changed(*moved) == (
            FactorChange(
                name="5 nodes (Gelu g0, Gelu g1, Gelu g2 and 2 more)", before="OpenVINO", after="CPU"
            ),
        )

    def test_those_that_came_back_are_named_too(self):
        assert self.changed(before=("CPUExecutionProvider Gelu g",)) == (
            FactorChange(name="1 node (Gelu g)", before="CPU", after="OpenVINO"),
        )

    def test_of_another_model_it_is_not_known_where_they_were(self):
        model, moved = self.changed("CPUExecutionProvider Gelu g", model="n")
        assert model.name == "model"
        assert moved == FactorChange(name="1 node (Gelu g)", before="", after="CPU")

    def test_those_that_stayed_are_not_named(self):
        assert self.changed("CPU a", before=("CPU a",)) == ()

    def test_where_there_are_too_many_to_be_remembered_their_number_alone_tells(self):
        many = tuple(f"CPU n{number}" for number in range(MOST_ELSEWHERE))
        assert self.changed(*many, before=many[:3]) == ()


@pytest.mark.parametrize("change", [{"name": "b"}, {"provider": "cuda"}, {"batch": 2}, {"threads": 2}])
def test_what_is_run_differently_has_another_id(change):
    benchmark = Benchmark(name="a")
    assert replace(benchmark, **change).id != benchmark.id


def test_where_a_model_lies_is_no_part_of_its_id():
    assert Benchmark(name="a", model="x/a.onnx").id == Benchmark(name="a", model="y/a.onnx").id


@pytest.mark.parametrize("text", ["digits-cnn", "ResNet50_v1.5", "test_search", "a"])
def test_a_name_that_is_safe_stays_as_it_is(text):
    assert file_safe(text) == text


@pytest.mark.parametrize(
    "text", ["tests/test_a.py::test_b[1]", "", "..", "-", "größer", "a b", "x" * 200, "a--b"]
)
def test_a_name_that_is_not_safe_is_told_apart_by_a_hash(text):
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*--[0-9a-f]{8}", file_safe(text))


@given(text=NAMES)
@example(text="a" * 79 + "-b")
def test_a_file_name_is_safe_and_short_whatever_the_text(text):
    name = file_safe(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name)
    assert not name.endswith((".", "-"))
    assert len(name) <= 90


@given(one=NAMES, other=NAMES)
@example(one="a b", other="a-b")
@example(one="a b", other=file_safe("a b"))
def test_two_texts_never_give_the_same_file_name(one, other):
    assume(one != other)
    assert file_safe(one) != file_safe(other)


@given(name=NAMES, other=NAMES)
@example(name="a--cpu-b1", other="a")
@example(name="a", other="a--cpu-b1")
def test_a_test_never_has_the_id_of_a_model(name, other):
    test = Benchmark(name=name, mode="callable", provider=None)
    assert test.id != Benchmark(name=other).id


def test_equal_factors_have_no_changes():
    assert changes(FACTORS, replace(FACTORS)) == ()


def test_every_factor_that_differs_is_named_in_the_order_of_declaration():
    after = replace(FACTORS, threads=2, onnxruntime="1.25.0", model="abc")
    assert changes(FACTORS, after) == (
        FactorChange(name="model", before="", after="abc"),
        FactorChange(name="onnxruntime", before="1.24.0", after="1.25.0"),
        FactorChange(name="threads", before="1", after="2"),
    )


def test_variables_are_compared_one_by_one():
    after = replace(FACTORS, variables={"OMP_NUM_THREADS": "4", "ORT_LOG": "1"})
    assert changes(FACTORS, after) == (
        FactorChange(name="variables.OMP_NUM_THREADS", before="1", after="4"),
        FactorChange(name="variables.ORT_LOG", before="", after="1"),
    )


def test_a_variable_that_went_away_is_a_change():
    assert changes(FACTORS, replace(FACTORS, variables={})) == (
        FactorChange(name="variables.OMP_NUM_THREADS", before="1", after=""),
    )


@pytest.mark.parametrize(
    ("nodes", "share"),
    [
        ({}, None),
        ({"CPUExecutionProvider": 3}, 0.0),
        ({"CUDAExecutionProvider": 3, "CPUExecutionProvider": 1}, 0.75),
    ],
)
def test_the_share_of_nodes_on_the_provider_is_unknown_where_nothing_was_told(nodes, share):
    assert Placement(requested="CUDAExecutionProvider", nodes=nodes).share == share


def test_a_result_survives_json_unchanged():
    assert from_plain(json.loads(json.dumps(to_plain(RESULT))), Result) == RESULT


@given(costs=st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 4))
def test_every_figure_survives_json_to_the_last_bit(costs):
    cpu_s, duration_s, reference_cpu_s, cost = costs
    estimate = ProcessEstimate(cpu_s=cpu_s, duration_s=duration_s, reference_cpu_s=reference_cpu_s, cost=cost)
    assert from_plain(json.loads(json.dumps(to_plain(estimate))), ProcessEstimate) == estimate


def test_a_whole_number_in_json_is_read_as_a_figure():
    read = from_plain({"cpu_s": 1, "duration_s": 1, "reference_cpu_s": 1, "cost": 1}, ProcessEstimate)
    assert isinstance(read.cpu_s, float)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"cpu_s": "1"}, "cpu_s"), ({"cpu_s": None}, "cpu_s"), ({"cpu_s": True}, "cpu_s")],
)
def test_a_wrong_type_is_refused_with_the_path_of_the_field(change, said):
    plain = {"cpu_s": 1.0, "duration_s": 1.0, "reference_cpu_s": 1.0, "cost": 1.0} | change
    with pytest.raises(ValueError, match=said):
        from_plain(plain, ProcessEstimate)


def test_a_missing_field_is_refused_by_its_name():
    with pytest.raises(ValueError, match="duration_s"):
        from_plain({"cpu_s": 1.0}, ProcessEstimate)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="mode"):
        from_plain({"name": "a", "mode": "evaluation"}, Benchmark)
