import json
from dataclasses import replace
from importlib.resources import files

import pytest

from pytest_energy.baselines.history import HistoryEntry
from pytest_energy.baselines.series import Series
from pytest_energy.reports.page.benchmark_charts import charts
from pytest_energy.reports.page.run_charts import comparisons, overview
from pytest_energy.results.operators import OperatorProfile, OperatorShare

SPECS = files("pytest_energy.reports.page") / "specs"


def columns(chart, name):
    index = list(chart.columns).index(name)
    return [row[index] for row in chart.rows]


def by_kind(made):
    return {chart.kind: chart for chart in made}


def fields_of(spec):
    """Every column that a specification draws."""
    if isinstance(spec, dict):
        own = {spec["field"]} if isinstance(spec.get("field"), str) else set()
        return own.union(*(fields_of(each) for each in spec.values()))
    if isinstance(spec, list):
        return set().union(*(fields_of(each) for each in spec))
    return set()


def series(costs):
    entries = tuple(
        HistoryEntry(
            time=f"2026-05-{1 + number:02}T04:00:00Z",
            commit=f"c{number}",
            environment="here",
            benchmark="small--cpu-b1",
            verdict="PASSED",
            cost=cost,
            cpu_s=cost,
            duration_s=cost,
            energy_j=cost,
            random_j=None,
            carbon_g=cost,
            profile="generic-cpu",
            intensity_g_per_kwh=458.0,
            change=None,
            change_low=None,
            change_high=None,
            tolerance=0.05,
            processes=4,
            factors={"reference": "sgemm"},
        )
        for number, cost in enumerate(costs)
    )
    return Series(environment="here", benchmark="small--cpu-b1", reference="sgemm", entries=entries)


@pytest.fixture
def every_chart(verdict, report):
    profiled = verdict(grew=0.2)
    operators = OperatorProfile(
        operators=(OperatorShare(name="c", op_type="Conv", provider="CPUExecutionProvider", share=1.0),)
    )
    profiled = replace(profiled, result=replace(profiled.result, operators=operators))
    made = [*charts(profiled, [series([1.0, 1.01] * 10)]), *charts(verdict(grew=None), []), overview(report)]
    many = replace(report, verdicts=tuple(verdict(f"m{number}") for number in range(41)))
    return [*made, overview(many), *comparisons(replace(report, verdicts=(verdict(), verdict())))]


def test_every_specification_has_a_chart_and_every_chart_one(every_chart):
    specs = {path.name.removesuffix(".json") for path in SPECS.iterdir()}
    assert {chart.kind for chart in every_chart} == specs


def test_a_specification_draws_only_columns_that_its_chart_has(every_chart):
    for chart in every_chart:
        spec = json.loads((SPECS / f"{chart.kind}.json").read_text(encoding="utf-8"))
        assert fields_of(spec) <= set(chart.columns), chart.kind
        assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_every_specification_is_vega_lite(every_chart):
    convert = pytest.importorskip("vl_convert")
    for chart in every_chart:
        spec = json.loads((SPECS / f"{chart.kind}.json").read_text(encoding="utf-8"))
        values = [dict(zip(chart.columns, row, strict=True)) for row in chart.to_plain()["rows"]]
        drawn = convert.vegalite_to_svg({**spec, "width": 400, "data": {"values": values}})
        assert drawn.count("<path") > len(values) / 2, chart.kind


def test_every_chart_says_in_words_what_it_shows(every_chart):
    for chart in every_chart:
        assert chart.alternative.endswith(".")
        assert len(chart.alternative) > 40


def test_a_distribution_shows_every_process_against_the_baseline(verdict):
    judged = verdict(grew=0.2)
    chart = by_kind(charts(judged, []))["distribution"]
    groups = columns(chart, "group")
    assert groups.count("baseline") == len(judged.baseline.processes)
    assert groups.count("now") == len(judged.result.processes)
    now = [value for group, value in zip(groups, columns(chart, "value"), strict=True) if group == "now"]
    assert sum(now) / len(now) == pytest.approx(0.2, abs=0.01)


def test_rounds_that_were_voided_are_not_shown(verdict):
    judged = verdict(grew=0.0)
    samples = tuple(replace(each, voided=(0, 1)) for each in judged.result.samples)
    fewer = replace(judged, result=replace(judged.result, samples=samples))
    shown = [
        columns(by_kind(charts(each, []))["distribution"], "group").count("rounds now")
        for each in (judged, fewer)
    ]
    assert shown == [24, 8]


def test_a_component_of_unknown_energy_stays_unknown(verdict):
    chart = by_kind(charts(verdict(dram_j=None), []))["parts"]
    assert chart.rows == [("CPU", pytest.approx(0.012)), ("DRAM", None)]
    assert "DRAM unknown" in chart.alternative


def test_operators_of_one_type_are_put_together_and_the_many_small_ones_too(verdict):
    judged = verdict()
    shares = [("Conv", 0.3), ("Conv", 0.2), *((f"Op{number}", 0.02) for number in range(25))]
    operators = tuple(
        OperatorShare(name=f"n{number}", op_type=op_type, provider="CPUExecutionProvider", share=share)
        for number, (op_type, share) in enumerate(shares)
    )
    profile = OperatorProfile(operators=operators)
    chart = by_kind(charts(replace(judged, result=replace(judged.result, operators=profile)), []))[
        "operators"
    ]
    assert chart.rows[0] == ("Conv", "CPU", 2, pytest.approx(0.5))
    assert chart.rows[-1][0] == "14 others"
    assert sum(columns(chart, "value")) == pytest.approx(1.0)


def test_history_shows_levels_and_where_they_changed(verdict):
    runs = series([1.0, 1.001, 0.999, 1.0, 1.001, 0.999, 1.1, 1.101, 1.099, 1.1, 1.101, 1.099])
    chart = by_kind(charts(verdict(), [runs]))["history"]
    assert columns(chart, "change") == [None] * 6 + ["+10.0 %"] + [None] * 5
    assert columns(chart, "level")[5:7] == pytest.approx([0.0, 0.1])
    assert "+10.0 % from 2026-05-07 on" in chart.alternative


def test_a_single_run_is_no_history(verdict):
    assert "history" not in by_kind(charts(verdict(), [series([1.0])]))


def test_what_fails_comes_first_at_a_glance(report):
    chart = overview(report)
    assert columns(chart, "benchmark")[0] == "digits-cnn--cpu-b1"
    assert columns(chart, "verdict")[0] == "REGRESSED"


def test_without_a_baseline_there_is_no_change_to_show(verdict, empty):
    assert overview(empty(verdicts=(verdict(grew=None),))) is None


def test_one_model_in_several_ways_is_compared_per_item(verdict, empty):
    def with_batch(batch, cost):
        judged = verdict(cost=cost)
        benchmark = replace(judged.result.benchmark, batch=batch)
        return replace(judged, result=replace(judged.result, benchmark=benchmark))

    (chart,) = comparisons(empty(verdicts=(with_batch(8, 16.0), with_batch(1, 3.0), verdict("other"))))
    assert columns(chart, "batch") == [1, 8]
    assert columns(chart, "value") == pytest.approx([0.012, 0.008])
    assert "8.00 mJ, by digits-cnn--cpu-b8" in chart.alternative
