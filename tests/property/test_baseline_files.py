import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.schema import from_text, gated_energy_j, to_text
from pytest_energy.environment import Environment
from pytest_energy.errors import SchemaError
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessEstimate

# Undecodable bytes of a command line arrive as lone surrogates.
_TEXT = st.text(max_size=20) | st.text(alphabet='\udc80\udcff\x00\x1b\n"\\{,é', max_size=5)
_OPTIONAL = st.none() | _TEXT
_COUNTS = st.integers(1, 10_000)


@st.composite
def processes(draw):
    """Figures as ``estimate_process`` makes them, from nanoseconds to hours."""
    cpu_s = draw(st.floats(1e-9, 1e4))
    reference_cpu_s = draw(st.floats(1e-7, 10))
    duration_s = draw(st.floats(1e-9, 1e4))
    return ProcessEstimate(
        cpu_s=cpu_s, duration_s=duration_s, reference_cpu_s=reference_cpu_s, cost=cpu_s / reference_cpu_s
    )


PINS = st.builds(
    Pins,
    profile=st.text(min_size=1, max_size=20),
    core_power_w=st.floats(1e-3, 1e3),
    intensity=st.builds(
        CarbonIntensity,
        g_per_kwh=st.floats(0, 2500),
        place=_TEXT,
        code=_TEXT,
        year=st.none() | st.integers(1990, 2100),
        basis=_TEXT,
        source=_TEXT,
    ),
    pue=st.floats(1, 10),
)


@st.composite
def baselines(draw):
    """Baselines as ``recorded`` makes them: the gated figure follows from processes and pins."""
    evidence = tuple(draw(st.lists(processes(), min_size=1, max_size=14)))
    pins = draw(PINS)
    return Baseline(
        benchmark=draw(
            st.builds(
                Benchmark,
                name=_TEXT,
                mode=st.sampled_from(["inference", "callable"]),
                model=_OPTIONAL,
                provider=_OPTIONAL,
                batch=_COUNTS,
                threads=_COUNTS,
            )
        ),
        environment=draw(
            st.builds(
                Environment,
                os=_TEXT,
                arch=_TEXT,
                cpu=_TEXT,
                cpu_model=_TEXT,
                logical_cpus=_COUNTS,
                isa=st.lists(_TEXT, max_size=3).map(tuple),
                virtual=st.booleans(),
            )
        ),
        factors=draw(
            st.builds(
                Factors,
                model=_OPTIONAL,
                python=_TEXT,
                numpy=_TEXT,
                reference=_TEXT,
                threads=_COUNTS,
                spinning=st.booleans(),
                variables=st.dictionaries(_TEXT, _TEXT, max_size=3),
            )
        ),
        processes=evidence,
        pins=pins,
        energy_j=gated_energy_j(evidence, pins),
        provenance=draw(st.builds(Provenance, commit=_OPTIONAL, date=st.dates().map(str), reason=_OPTIONAL)),
    )


def _figures(baseline):
    yield baseline.energy_j
    yield baseline.pins.core_power_w
    for one in baseline.processes:
        yield from (one.cpu_s, one.duration_s, one.reference_cpu_s, one.cost)


def _without_figures(baseline):
    pins = replace(baseline.pins, core_power_w=1.0)
    return replace(baseline, energy_j=1.0, processes=(), pins=pins)


@given(made=baselines())
def test_every_baseline_that_is_made_is_read_back_to_six_digits(made):
    read = from_text(to_text(made), "x.json")
    assert _without_figures(read) == _without_figures(made)
    assert list(_figures(read)) == pytest.approx(list(_figures(made)), rel=5.1e-6)


@given(made=baselines())
def test_writing_what_was_read_changes_no_byte(made):
    text = to_text(made)
    assert text.isascii()
    assert text.endswith("}\n")
    assert to_text(from_text(text, "x.json")) == text


@given(made=baselines(), scale=st.floats(1e-6, 1e6))
def test_a_baseline_whose_times_were_scaled_to_its_figure_is_honest(made, scale):
    read = from_text(to_text(made), "x.json")
    newer = tuple(_scaled(one, scale) for one in read.processes)
    back = read.energy_j / gated_energy_j(newer, read.pins)
    refreshed = tuple(_scaled(one, back) for one in newer)
    from_text(to_text(replace(read, processes=refreshed)), "x.json")


def _scaled(one, scale):
    """A process as ``refreshed`` scales it: its cost is a ratio and stays."""
    return replace(one, cpu_s=one.cpu_s * scale, reference_cpu_s=one.reference_cpu_s * scale)


@given(
    made=baselines(),
    percent=st.floats(0.1, 100) | st.floats(-99, -0.1),
    data=st.data(),
)
def test_an_edit_of_one_gated_figure_is_found_out(made, percent, data):
    document = json.loads(to_text(made))
    places = [(document, "energy_j"), (document["pins"], "core_power_w")]
    places += [(one, key) for one in document["processes"] for key in ("cost", "cpu_s", "reference_cpu_s")]
    where, key = data.draw(st.sampled_from(places))
    where[key] *= 1 + percent / 100
    with pytest.raises(SchemaError, match="edited by hand"):
        from_text(json.dumps(document), "x.json")
