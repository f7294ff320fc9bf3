import json
from dataclasses import replace
from importlib.resources import files

import pytest

from pytest_energy.baselines.history import HistoryEntry
from pytest_energy.baselines.series import Series
from pytest_energy.reports.page.benchmark_charts import charts
from pytest_energy.reports.page.contest_section import chart as contest_chart
from pytest_energy.reports.page.contest_section import section
from pytest_energy.reports.page.overview_chart import overview
from pytest_energy.reports.ways import contests_of
from pytest_energy.results.operators import OperatorProfile, OperatorShare
from pytest_energy.results.training import InputPipelineCost, Training, TrainingRecord

SPECS = files("pytest_energy.reports.page") / "specs"


def columns(chart, name):
    index = list(chart.columns).index(name)
    return [row[index] for row in chart.rows]


def by_kind(made):
    return {chart.kind: chart for chart in made}


def calculated_in(spec):
    """Every column that a specification makes by itself."""
    parts = [spec, *spec.get("layer", [])]
    return {each["as"] for part in parts for each in part.get("transform", []) if "as" in each}


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


def variant(judged, **changed):
    """The same verdict on a benchmark that differs in something."""
    benchmark = replace(judged.result.benchmark, **changed)
    return replace(judged, result=replace(judged.result, benchmark=benchmark))


def trained(judged, losses, **settings):
    """A verdict on a whole run of training with these losses."""
    ended = variant(judged, mode="training", training=Training(optimizer="adamw", **settings))
    record = TrainingRecord(batches=29 * len(losses), ending="target", losses=tuple(losses))
    return replace(ended, result=replace(ended.result, training=record))


@pytest.fixture
def every_chart(verdict, report):
    profiled = verdict(grew=0.2)
    operators = OperatorProfile(
        operators=(OperatorShare(name="c", op_type="Conv", provider="CPUExecutionProvider", share=1.0),)
    )
    profiled = replace(profiled, result=replace(profiled.result, operators=operators))
    made = [*charts(profiled, [series([1.0, 1.01] * 10)]), *charts(verdict(grew=None), []), overview(report)]
    many = replace(report, verdicts=tuple(verdict(f"m{number}") for number in range(41)))
    made += charts(trained(verdict(grew=0.2), [2.3, 0.9, 0.15], target=0.2), [])
    one = verdict()
    batches, providers = (one, variant(one, batch=8)), (one, variant(one, provider="openvino"))
    compared = [
        contests_of(replace(report, verdicts=several), batches=True) for several in (batches, providers)
    ]
    return [*made, overview(many), *(contest_chart(each) for (each,) in compared)]


def test_every_specification_has_a_chart_and_every_chart_one(every_chart):
    specs = {path.name.removesuffix(".json") for path in SPECS.iterdir()}
    assert {chart.kind for chart in every_chart} == specs


def test_a_specification_draws_only_columns_that_its_chart_has(every_chart):
    for chart in every_chart:
        spec = json.loads((SPECS / f"{chart.kind}.json").read_text(encoding="utf-8"))
        assert fields_of(spec) <= set(chart.columns) | calculated_in(spec), chart.kind
        assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_every_specification_is_vega_lite(every_chart):
    convert = pytest.importorskip("vl_convert")
    for chart in every_chart:
        spec = json.loads((SPECS / f"{chart.kind}.json").read_text(encoding="utf-8"))
        rows = zip(*chart.to_plain()["cells"], strict=True)
        values = [dict(zip(chart.columns, row, strict=True)) for row in rows]
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


def test_one_model_with_several_batches_is_compared_per_item(verdict, empty):
    several = variant(verdict(cost=16.0), batch=8), verdict(cost=3.0), verdict("other")
    (contest,) = contests_of(empty(verdicts=several), batches=True)
    chart = contest_chart(contest)
    assert chart.kind == "comparison"
    assert columns(chart, "batch") == [1, 8]
    assert columns(chart, "value") == pytest.approx([0.012, 0.008], rel=0.01)
    assert columns(chart, "low")[0] < columns(chart, "value")[0] < columns(chart, "high")[0]
    assert "8.00 mJ, b8" in chart.alternative


def test_ranks_and_ties_are_told_beside_the_chart(verdict, empty):
    ways = (
        verdict(cost=3.0),
        variant(verdict(cost=3.01), provider="openvino"),
        variant(verdict(cost=90.0), provider="webgpu"),
    )
    (contest,) = contests_of(empty(verdicts=ways), batches=True)
    told = section(contest)
    assert told["chart"]["kind"] == "comparison-of-ways"
    assert dict(told["ranks"]) == {
        "latency": "cpu and openvino and webgpu tie",
        "energy": "cpu and openvino tie",
        "energy-delay product": "cpu and openvino tie",
    }
    (_, differences, behind), (_, heads, rows) = told["tables"]
    assert "energy" in heads
    assert "placed" in heads
    assert "off by" not in heads  # nobody looked at outputs
    assert [row[0] for row in rows] == ["cpu", "openvino", "webgpu"]
    energy = differences.index("energy")
    assert [row[energy].split(" [")[0] for row in behind] == ["best", "tie", "30.0 times"]


def test_a_line_of_a_chart_over_batches_is_called_by_all_but_its_batch(verdict, empty):
    one = verdict()
    several = [variant(one, batch=batch, threads=threads) for batch in (1, 8) for threads in (1, 2)]
    (contest,) = contests_of(empty(verdicts=several), batches=True)
    chart = contest_chart(contest)
    assert sorted(set(columns(chart, "way"))) == ["1 thread", "2 threads"]
    (alone,) = contests_of(empty(verdicts=[one, variant(one, batch=8)]), batches=True)
    assert set(columns(contest_chart(alone), "way")) == {"cpu"}


def test_a_run_of_training_shows_its_losses_and_its_target(verdict):
    chart = by_kind(charts(trained(verdict(), [2.3, 0.9, 0.15], target=0.2), []))["training"]
    assert chart.rows == [(1, 2.3, 0.2), (2, 0.9, 0.2), (3, 0.15, 0.2)]
    assert chart.columns["value"] == "mean loss (cross-entropy)"
    assert "Mean loss from 2.3 in the first of 3 passes to 0.15 in the last, target 0.2" in chart.alternative
    assert "reached its target after 87 batches and 12.00±0.05 mJ" in chart.alternative


def test_what_making_the_batches_took_is_told_with_the_curve(verdict):
    one = trained(verdict(), [2.3, 0.9], epochs=2)
    cost = InputPipelineCost(
        cpu_s=(0.1,), duration_s=(0.1,), cpu_share=0.12, duration_share=0.1, energy_j=0.2
    )
    record = replace(one.result.training, pipeline=cost)
    chart = by_kind(charts(replace(one, result=replace(one.result, training=record)), []))["training"]
    assert chart.alternative.endswith("; making the batches took 12 % of its CPU time.")


def test_without_a_target_there_is_none_and_one_pass_is_no_curve(verdict):
    chart = by_kind(charts(trained(verdict(), [2.3, 0.9], epochs=2), []))["training"]
    assert columns(chart, "target") == [None, None]
    assert chart.columns["target"] == ""
    assert "target" not in chart.alternative.split(":")[0]
    assert "training" not in by_kind(charts(trained(verdict(), [2.3], epochs=1), []))
    assert "training" not in by_kind(charts(verdict(), []))


def test_of_very_many_passes_the_first_and_the_last_are_shown(verdict):
    losses = [1000.0 - number for number in range(900)]
    chart = by_kind(charts(trained(verdict(), losses, epochs=900), []))["training"]
    assert len(chart.rows) == 300
    assert (chart.rows[0][:2], chart.rows[-1][:2]) == ((1, 1000.0), (900, 101.0))
