import json
from dataclasses import fields, replace
from importlib.resources import files

import jsonschema
import pytest

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.environment import Environment
from pytest_energy.errors import UsageError
from pytest_energy.gate.verdict import Change, Kind, Unchanged
from pytest_energy.reports.report import Electricity
from pytest_energy.reports.results_json import SCHEMA_VERSION, parse, render
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.codec import from_plain
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, Pue, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.operators import OperatorProfile, OperatorShare
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples

SCHEMA = json.loads((files("pytest_energy.reports") / "results.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_report_agrees_with_the_schema(report):
    VALIDATOR.validate(json.loads(render(report)))


def test_an_empty_report_agrees_with_the_schema(empty):
    VALIDATOR.validate(json.loads(render(empty())))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_verdict_agrees_with_the_schema(verdict, empty, kind):
    document = json.loads(render(empty(verdicts=(verdict(kind=kind),))))
    VALIDATOR.validate(document)
    assert document["benchmarks"][0]["verdict"] == kind


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("result", Result),
        ("baseline", Baseline),
        ("subject", Benchmark),
        ("environment", Environment),
        ("factors", Factors),
        ("samples", ProcessSamples),
        ("process", ProcessEstimate),
        ("energy", EnergyEstimate),
        ("score", SciScore),
        ("pins", Pins),
        ("intensity", CarbonIntensity),
        ("placement", Placement),
        ("change", Change),
        ("operators", OperatorProfile),
        ("operator", OperatorShare),
    ],
)
def test_the_schema_names_every_field_of_every_record(name, record):
    assert set(SCHEMA["$defs"][name]["properties"]) == {each.name for each in fields(record)}


def test_the_schema_names_every_field_of_a_provenance():
    named = SCHEMA["$defs"]["baseline"]["properties"]["provenance"]["properties"]
    assert set(named) == {each.name for each in fields(Provenance)}


def test_every_record_in_the_schema_is_closed_and_complete():
    for name, definition in SCHEMA["$defs"].items():
        assert definition["additionalProperties"] is False, name
        assert definition["required"] == list(definition["properties"]), name


@pytest.mark.parametrize(
    "wrong", [{"schema_version": 2}, {"surprise": 1}, {"benchmarks": [{}]}, {"notes": [1]}]
)
def test_a_wrong_document_is_refused(report, wrong):
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(json.loads(render(report)) | wrong)


def test_raw_samples_come_back_as_they_were(report):
    document = json.loads(render(report))
    assert document["schema_version"] == SCHEMA_VERSION
    for plain, verdict in zip(document["benchmarks"], report.verdicts, strict=True):
        assert from_plain(plain["result"], Result) == verdict.result


def test_unknown_is_null_and_never_zero(verdict, empty):
    (one,) = json.loads(render(empty(verdicts=(verdict(grew=None, random=None, dram_j=None),))))["benchmarks"]
    assert one["result"]["energy"]["random_j"] is None
    assert one["result"]["energy"]["parts_j"]["dram"] is None
    assert one["change"] is None
    assert one["baseline"] is None


def test_operators_are_sentences(verdict, empty):
    told = replace(verdict(grew=0.2), operators=("Conv (c): +20 % of the old step",))
    document = json.loads(render(empty(verdicts=(told,))))
    VALIDATOR.validate(document)
    assert document["benchmarks"][0]["operators"] == ["Conv (c): +20 % of the old step"]


def test_what_a_comparison_was_made_with_is_told(verdict, empty):
    told = replace(verdict(grew=0.2), paired=True, compared_with="old.onnx")
    document = json.loads(render(empty(verdicts=(told, verdict()))))
    VALIDATOR.validate(document)
    assert [one["compared_with"] for one in document["benchmarks"]] == ["old.onnx", None]


def test_what_is_no_number_is_refused(verdict, empty):
    one = verdict()
    broken = replace(
        one, result=replace(one.result, energy=replace(one.result.energy, energy_j=float("nan")))
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        render(empty(verdicts=(broken,)))


def test_hostile_text_comes_back_unchanged_in_pure_ascii(empty):
    text = render(empty(notes=("\x1b[31m </script> é \u202e",)))
    assert text.isascii()
    assert json.loads(text)["notes"] == ["\x1b[31m </script> é \u202e"]


def test_a_report_is_read_back_as_it_was(report, verdict):
    building = Pue(value=1.1, place="a cloud", year=2024, source="theirs")
    intensity = report.verdicts[0].result.score.intensity
    here = Electricity(intensity=intensity, pue=building, because="a variable of the runner")
    every = replace(
        report, here=here, time="2026-05-04T10:11:12Z", commit="1a2b3c4", unchanged=(_unchanged(verdict),)
    )
    assert parse(render(every), "results.json") == every


def _unchanged(verdict):
    judged = verdict(grew=0.0)
    return Unchanged(benchmark=judged.result.benchmark, reason="not run", baseline=judged.baseline)


def test_what_another_version_added_or_lacks_does_not_keep_a_file_from_being_read(report):
    document = json.loads(render(report))
    del document["time"], document["commit"]
    for plain in document["benchmarks"]:
        del plain["compared_with"], plain["result"]["operators"]
        plain["result"]["surprise"] = plain["surprise"] = {"a": [1]}
    read = parse(json.dumps(document), "results.json")
    assert [each.kind for each in read.verdicts] == [each.kind for each in report.verdicts]
    assert read.time is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "truncated"),
        ("[]", "no object at its top level"),
        ("{}", "lacks 'schema_version'"),
        ('{"schema_version": 2}', "newer pytest-energy: it has schema_version 2"),
        ('{"schema_version": 1}', "lacks 'tool'"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_what_is_no_results_file_is_refused_with_its_name(text, said):
    with pytest.raises(UsageError, match=r"^some\.json ") as raised:
        parse(text, "some.json")
    assert said in str(raised.value)


def test_a_figure_that_is_none_is_refused(report):
    document = json.loads(render(report))
    document["benchmarks"][0]["result"]["energy"]["energy_j"] = "much"
    with pytest.raises(UsageError, match="energy_j"):
        parse(json.dumps(document), "some.json")
