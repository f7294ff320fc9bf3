import json
from dataclasses import MISSING, fields, replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.schema import SCHEMA_VERSION, from_text, gated_energy_j, to_text
from pytest_energy.environment import Environment
from pytest_energy.errors import SchemaError
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessEstimate

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((files("pytest_energy.baselines") / "baseline.schema.json").read_text(encoding="utf-8"))


def reading(document):
    text = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(SchemaError) as caught:
        from_text(text, "baselines/e/b.json")
    said = str(caught.value)
    assert said.startswith("baselines/e/b.json ")
    assert "\n" not in said
    return said


@pytest.fixture
def document(baseline):
    return json.loads(to_text(baseline()))


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_a_file_of_every_version_is_read(version, baseline):
    text = (GOLDEN / f"v{version}.json").read_text(encoding="ascii")
    expected = baseline(reason="accuracy comes first: quantization was taken back")
    assert to_text(from_text(text, "golden")) == to_text(expected)


def test_the_newest_golden_file_is_written_byte_for_byte(baseline):
    expected = baseline(reason="accuracy comes first: quantization was taken back")
    assert to_text(expected).encode() == (GOLDEN / f"v{SCHEMA_VERSION}.json").read_bytes()


def test_what_is_not_required_is_left_out_where_it_has_its_default(baseline):
    made = baseline()
    assert "device_power_w" not in to_text(made)
    other = replace(made, pins=replace(made.pins, device_power_w=200.00000001))
    other = replace(other, energy_j=gated_energy_j(other.processes, other.pins))
    assert json.loads(to_text(other))["pins"]["device_power_w"] == 200.0
    assert from_text(to_text(other), "x").pins.device_power_w == 200.0


def on_device(made):
    """The same baseline with a signal of the device: its costs are wall times."""
    processes = tuple(replace(one, cost=one.duration_s) for one in made.processes)
    pins = replace(made.pins, device_power_w=300.0)
    energy_j = gated_energy_j(processes, pins)
    factors = replace(made.factors, signal="device")
    return replace(made, factors=factors, processes=processes, pins=pins, energy_j=energy_j)


def test_the_cost_on_a_device_is_its_wall_time(baseline):
    made = on_device(baseline())
    assert from_text(to_text(made), "x").factors.signal == "device"
    contradicts = replace(made, factors=baseline().factors)
    assert "contradicts itself: process 1 has the cost" in reading(to_text(contradicts))


def test_the_gated_figure_adds_the_device_where_its_power_is_known(baseline):
    made = on_device(baseline())
    same = [replace(one, cpu_s=2e-3, duration_s=3e-3) for one in made.processes]
    assert gated_energy_j(same, made.pins) == pytest.approx(2e-3 * 4.1 + 3e-3 * 300.0)


def test_the_version_comes_first(baseline):
    assert to_text(baseline()).startswith(f'{{\n  "schema_version": {SCHEMA_VERSION},\n')


def test_a_process_takes_one_line(baseline):
    made = baseline()
    lines = to_text(made).splitlines()
    assert sum(line.startswith('    {"cpu_s": ') for line in lines) == len(made.processes)


def test_variables_are_sorted(baseline):
    made = baseline()
    turned = dict(sorted(made.factors.variables.items(), reverse=True))
    other = replace(made, factors=replace(made.factors, variables=turned))
    assert to_text(other) == to_text(made)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("benchmark", Benchmark),
        ("provenance", Provenance),
        ("pins", Pins),
        ("intensity", CarbonIntensity),
        ("environment", Environment),
        ("factors", Factors),
        ("process", ProcessEstimate),
    ],
)
def test_the_schema_names_every_field_of_every_record(name, record):
    assert list(SCHEMA["$defs"][name]["properties"]) == [each.name for each in fields(record)]
    with_default = {
        each.name
        for each in fields(record)
        if each.default is not MISSING or each.default_factory is not MISSING
    }
    required = SCHEMA["$defs"][name]["required"]
    assert required == [each for each in SCHEMA["$defs"][name]["properties"] if each in required]
    assert set(SCHEMA["$defs"][name]["properties"]) - set(required) <= with_default
    assert SCHEMA["$defs"][name]["additionalProperties"] is False


def test_the_schema_names_every_field_of_a_baseline():
    assert set(SCHEMA["properties"]) == {"schema_version"} | {each.name for each in fields(Baseline)}
    assert SCHEMA["required"] == list(SCHEMA["properties"])


def test_the_gated_figure_is_cpu_time_at_the_pinned_power(baseline):
    made = baseline()
    same = [replace(one, cpu_s=2e-3) for one in made.processes]
    assert gated_energy_j(same, made.pins) == pytest.approx(2e-3 * 4.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("no json", "is no JSON that can be used: Expecting value"),
        ("{", "is no JSON"),
        ('{"schema_version": 1, "schema_version": 1}', "'schema_version' stands there twice"),
        ('{"energy_j": NaN}', "NaN is no figure"),
        ('{"energy_j": 1e400}', "too large"),
        ("[1]", "no object at its top level"),
        ("{}", "'schema_version' is a required property"),
    ],
)
def test_what_is_no_baseline_is_told_with_the_way_out(text, said):
    told = reading(text)
    assert said in told
    assert "git" in told


def test_conflict_markers_have_a_sentence_of_their_own(baseline):
    text = to_text(baseline()).replace(
        '  "energy_j"', '<<<<<<< HEAD\n  "energy_j": 1,\n=======\n  "energy_j"'
    )
    told = reading(text)
    assert "conflict markers of a merge" in told
    assert "--ours" in told


def test_conflict_markers_within_a_reason_are_words(baseline):
    made = baseline(reason="<<<<<<< HEAD\n=======")
    assert from_text(to_text(made), "x").provenance == made.provenance


@pytest.mark.parametrize("change", [{}, {"surprise": 1}, {"processes": "another form"}])
def test_a_newer_file_asks_for_an_upgrade_whatever_it_holds(document, change):
    told = reading(document | {"schema_version": SCHEMA_VERSION + 1} | change)
    assert "written by a newer pytest-energy" in told
    assert "Upgrade pytest-energy" in told


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, True])
def test_a_version_that_never_was_is_refused(document, version):
    assert "schema_version: " in reading(document | {"schema_version": version})


def _set(document, path, value):
    *steps, last = path
    for step in steps:
        document = document[step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("surprise",), 1, "'surprise' was unexpected"),
        (("factors", "surprise"), 1, "'surprise' was unexpected"),
        (("energy_j",), "1", "energy_j: '1' is not of type 'number'"),
        (("energy_j",), None, "energy_j: None is not of type"),
        (("energy_j",), True, "energy_j: True is not of type"),
        (("energy_j",), 0, "energy_j: 0 is less than or equal to the minimum"),
        (("processes",), [], "processes: "),
        (("processes", 3, "cost"), -1.0, "processes.3.cost"),
        (("processes", 3, "duration_s"), 0, "processes.3.duration_s"),
        (("pins", "pue"), 0.5, "pins.pue"),
        (("pins", "core_power_w"), 0, "pins.core_power_w"),
        (("benchmark", "batch"), 0, "benchmark.batch"),
        (("benchmark", "batch"), 1.5, "benchmark.batch"),
        (("benchmark", "mode"), "dreaming", "benchmark.mode"),
        (("provenance", "date"), "yesterday", "provenance.date"),
        (("environment", "isa"), [1], "environment.isa.0"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(document, path, value, said):
    _set(document, path, value)
    assert said in reading(document)


def test_a_missing_key_is_named(document):
    del document["factors"]["numpy"]
    assert "factors: 'numpy' is a required property" in reading(document)


def test_a_long_value_does_not_flood_the_message(document):
    document["processes"] = "x" * 10_000
    assert len(reading(document)) < 400


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("energy_j",), "but its processes and pins give 0.0123966"),
        (("pins", "core_power_w"), "energy_j is 0.0123966, but its processes and pins give"),
        (("processes", 2, "cost"), "but its CPU times give 2.97187"),
        (("processes", 2, "cpu_s"), "process 3 has the cost 2.97188, but its CPU times give"),
        (("processes", 2, "reference_cpu_s"), "process 3 has the cost"),
    ],
)
@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_an_edit_by_hand_is_told_with_both_figures(document, path, said, factor):
    *steps, last = path
    value = document
    for step in steps:
        value = value[step]
    value[last] *= factor
    told = reading(document)
    assert "contradicts itself" in told
    assert said in told
    assert "edited by hand. Restore it from git, or delete it" in told


def test_halves_of_two_baselines_contradict_each_other(baseline, document):
    other = json.loads(to_text(baseline(growth=1.02)))
    assert "edited by hand" in reading(document | {"processes": other["processes"]})
    assert "edited by hand" in reading(document | {"energy_j": other["energy_j"]})
