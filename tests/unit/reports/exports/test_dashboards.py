import json
import math
from dataclasses import replace

import jsonschema
import pytest

from pytest_energy.reports.exports import bencher_metrics, github_benchmark, metrics_text

# The schema that Bencher publishes as https://bencher.dev/bmf.json, written out from its documentation.
METRIC = {
    "type": "object",
    "properties": {name: {"type": "number"} for name in ("value", "lower_value", "upper_value")},
    "required": ["value"],
}
BMF = {
    "type": "object",
    "patternProperties": {".+": {"type": "object", "patternProperties": {".+": METRIC}}},
}


def hostile(verdict, text):
    one = verdict(grew=0.2)
    benchmark = replace(one.result.benchmark, model=text)
    return replace(one, result=replace(one.result, benchmark=benchmark))


def test_bencher_metrics_agree_with_their_schema(report):
    document = json.loads(bencher_metrics.render(report))
    jsonschema.Draft7Validator(BMF).validate(document)
    assert list(document) == [each.result.benchmark.id for each in report.verdicts]


def test_bencher_metrics_are_of_one_step(report):
    document = json.loads(bencher_metrics.render(report))
    result = report.verdicts[0].result
    measures = document[result.benchmark.id]
    assert set(measures) == {"energy-joules", "co2e-grams", "latency"}
    energy = measures["energy-joules"]
    assert energy["value"] == result.energy.energy_j
    assert energy["upper_value"] - energy["value"] == pytest.approx(result.energy.random_j)
    assert measures["latency"]["value"] == pytest.approx(3.1e6, rel=0.01)


def test_bencher_gets_no_interval_where_none_is_known(verdict, empty):
    text = bencher_metrics.render(empty(verdicts=(verdict(grew=None, random=None, processes=1),)))
    (measures,) = json.loads(text).values()
    assert [set(each) for each in measures.values()] == [{"value"}] * 3


def test_a_name_of_bencher_is_short_enough(report):
    assert all(len(name) <= 64 for name in json.loads(bencher_metrics.render(report))["digits-cnn--cpu-b1"])


def test_points_of_github_action_benchmark_have_what_it_requires(report):
    document = json.loads(github_benchmark.render(report))
    assert len(document) == 3 * len(report.verdicts)
    assert len({point["name"] for point in document}) == len(document)
    for point in document:
        assert set(point) <= {"name", "unit", "value", "range", "extra"}
        assert point["name"]
        assert point["unit"]
        assert math.isfinite(point["value"])
    first = document[0]
    assert first["value"] == pytest.approx(report.verdicts[0].result.energy.energy_j * 1e6)
    assert first["range"].startswith("± ")
    assert first["extra"].startswith("REGRESSED; modelled")


def test_prometheus_reads_the_metrics(report):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    families = {
        each.name: each for each in parser.text_string_to_metric_families(metrics_text.render(report))
    }
    energy = families["pytest_energy_step_energy_joules"]
    assert energy.unit == "joules"
    assert [each.value for each in energy.samples] == [
        each.result.energy.energy_j for each in report.verdicts
    ]
    assert energy.samples[0].labels["benchmark"] == "digits-cnn--cpu-b1"
    embodied = families["pytest_energy_step_embodied_co2e_grams"]
    assert embodied.samples == []  # unknown is absent, never 0
    verdicts = families["pytest_energy_verdict"]
    assert verdicts.type == "stateset"
    stated = [each.labels["pytest_energy_verdict"] for each in verdicts.samples if each.value]
    assert stated == [str(each.kind) for each in report.verdicts]
    assert not [name for name in families if "here" in name]


def test_prometheus_reads_what_steps_emit_here(report, electricity):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    written = metrics_text.render(replace(report, here=electricity))
    (here,) = [
        each for each in parser.text_string_to_metric_families(written) if each.name.endswith("here_grams")
    ]
    assert here.unit == "grams"
    assert [each.value for each in here.samples] == pytest.approx(
        [each.result.energy.energy_j * 44.0 * 1.5 / 3.6e6 for each in report.verdicts]
    )
    assert {each.labels["place"] for each in here.samples} == {"FR"}


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "# EOF", "ä"])
def test_labels_come_back_as_they_were(verdict, empty, text):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    written = metrics_text.render(empty(verdicts=(hostile(verdict, text),)))
    families = list(parser.text_string_to_metric_families(written))
    assert families[0].samples[0].labels["model"] == text


def test_a_run_without_a_benchmark_is_openmetrics(empty):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    assert all(
        not each.samples for each in parser.text_string_to_metric_families(metrics_text.render(empty()))
    )
