import re
from dataclasses import replace

import pytest

from pytest_energy.reports.markdown import LONGEST, render
from pytest_energy.reports.report import NoVerdict, Orphan
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.energy import MeasuredEnergy
from pytest_energy.results.phase import Phase
from pytest_energy.results.placement import Placement
from pytest_energy.results.training import InputPipelineCost, TrainingRecord

PIPELINE = InputPipelineCost(
    cpu_s=(0.42,), duration_s=(0.5,), cpu_share=0.42, duration_share=0.4, energy_j=3.5
)


def test_the_count_of_verdicts_comes_first(report):
    assert render(report).startswith("## Energy of 7 benchmarks: 2 passed, 1 improved, 1 REGRESSED, ")


def test_a_regression_is_open_with_its_reasons(report):
    before_the_fold = render(report).split("<details>")[0]
    assert "### <code>digits-cnn--cpu-b1</code> REGRESSED" in before_the_fold
    assert "**reasons:** confirmed in 4 fresh processes" in before_the_fold
    assert "onnxruntime 1.30.2 -> 1.31.0" in before_the_fold
    assert "got no verdict" in before_the_fold


def test_operators_are_among_the_facts_of_a_regression(verdict, empty):
    told = replace(verdict(grew=0.4), operators=("Conv (c): +20 % of the old step", "second"))
    assert "- **operators:** Conv (c): +20 % of the old step<br>second" in render(empty(verdicts=(told,)))


def test_what_passed_is_folded(report):
    before_the_fold, *folded = render(report).split("<details>")
    assert "mobilenet" not in before_the_fold
    assert "mobilenet-v2-int8--cpu-b1" in "".join(folded)


def test_the_table_shows_every_benchmark_failures_first(report):
    rows = [line for line in render(report).splitlines() if line.startswith("| <code>")]
    assert len(rows) == len(report.verdicts)
    assert rows[0].startswith("| <code>digits-cnn--cpu-b1</code> |")
    assert rows[0].endswith("| **REGRESSED** |")


def test_methods_and_notes_are_told(report):
    text = render(report)
    assert "- energy: modelled, generic-cpu x0.5..x2.5; ± is timing only (98 %)" in text
    assert "- note: world average 458 g/kWh (2025), no region given" in text


def test_every_fold_is_closed(report):
    text = render(report)
    assert text.count("<details>") == text.count("</details>") == 2


def test_a_regression_that_was_accepted_is_not_told_how_to_be_accepted(verdict, empty):
    text = render(empty(verdicts=(replace(verdict(grew=0.4), fails=False),)))
    assert "REGRESSED (does not fail the build)" in text
    assert "To accept it" not in text


@pytest.mark.parametrize(
    "hostile", ["</details><script>", "a|b", "::error::x", "`x`", "a\n\n# b", "\x1b[31m", "@you"]
)
def test_hostile_names_and_reasons_stay_text(verdict, empty, hostile):
    judged = verdict(grew=0.2, reasons=(hostile,), notes=(hostile,))
    judged = replace(
        judged, result=replace(judged.result, benchmark=replace(judged.result.benchmark, provider=hostile))
    )
    text = render(
        empty(
            verdicts=(judged,),
            without=(NoVerdict(id=hostile, reason=hostile),),
            orphans=(Orphan(id=hostile, path=hostile),),
            notes=(hostile,),
        )
    )
    assert hostile not in text
    assert "<script" not in text
    assert text.count("</details>") == 2
    assert text.replace("\n", "").isprintable()
    assert not re.search(r"^# b", text, re.MULTILINE)
    (row,) = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert row.count("|") == 7


@pytest.fixture
def thorough(verdict):
    """A factory: a verdict on a benchmark of which everything is known."""

    def make(**parts):
        judged = verdict(**parts)
        meter = MeasuredEnergy(
            component="cpu",
            energy_j=0.021,
            random_j=0.001,
            power_w=61.0,
            method="measured RAPL package",
            boundary="all of it",
            windows=8,
        )
        result = replace(
            judged.result,
            energy=replace(judged.result.energy, measured=(meter,)),
            start=(Phase(name="session creation", duration_s=0.212, cpu_s=0.35, energy_j=1.4),),
            agreement=Agreement(output="logits", deviation=2.3e-7, tolerance=1e-3, outputs=1),
            placement=Placement(
                requested="WebGpuExecutionProvider",
                nodes={"WebGpuExecutionProvider": 10, "CPUExecutionProvider": 2},
                time_share=0.962,
                fallback=("Resize",),
            ),
            training=TrainingRecord(batches=435, ending="target", losses=(2.3, 0.9, 0.19), pipeline=PIPELINE),
        )
        return replace(judged, result=result)

    return make


def test_meters_starts_agreement_placement_and_training_are_folded(thorough, empty):
    text = render(empty(verdicts=(thorough(),)))
    before_the_fold, *folds = text.split("<details>")
    assert "RAPL" not in before_the_fold
    (details,) = [each for each in folds if "Meters, starts, agreement" in each]
    rows = [line for line in details.splitlines() if line.startswith("| digits-cnn--cpu-b1 |")]
    assert rows == [
        "| digits-cnn--cpu-b1 | cpu | 21±1 mJ | 12.0 mJ | 61 W | measured RAPL package: all of it |",
        "| digits-cnn--cpu-b1 | session creation | 212 ms | 350 ms | 1.40 J |",
        "| digits-cnn--cpu-b1 | logits | 2.3e-07 | 0.001 |",
        "| digits-cnn--cpu-b1 | 10 on WebGpuExecutionProvider, 2 on CPUExecutionProvider | 96.2 % | Resize |",
        "| digits-cnn--cpu-b1 | reached its target | 435 | 3 | 2.3 | 0.19 | 42 % of CPU time, 3.50 J |",
    ]


def test_without_such_details_there_is_no_fold_for_them(report):
    assert "Meters" not in render(report)


def test_commands_are_code_on_lines_of_their_own(report):
    assert '<br><code>pytest --energy --energy-update --energy-reason "why" ...</code>\n' in render(report)


@pytest.mark.parametrize("grew", [0.0, 0.2])
def test_five_hundred_benchmarks_fit_into_a_comment_and_what_is_missing_is_counted(thorough, empty, grew):
    one = thorough(grew=grew, reasons=("a reason of a fair length, as they are",))
    name = "a-long-name-" * 6
    verdicts = tuple(
        replace(
            one,
            result=replace(
                one.result,
                benchmark=replace(
                    one.result.benchmark,
                    name=f"{name}{number // 2}",
                    provider=("cpu", "openvino")[number % 2],
                ),
                notes=(f"a note on {name}{number}",),
            ),
        )
        for number in range(500)
    )
    text = render(empty(verdicts=verdicts))
    assert len(text) < LONGEST
    shown = sum(line.startswith("| <code>") for line in text.splitlines())
    assert shown > 50
    assert f"*{500 - shown} more left out here for length" in text


def test_failures_are_kept_where_passing_benchmarks_are_left_out(verdict, empty):
    passing = tuple(verdict("a-long-name-" * 6 + str(number)) for number in range(400))
    text = render(empty(verdicts=(*passing, verdict("the-one", grew=0.3))))
    rows = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert rows[0].startswith("| <code>the-one--cpu-b1</code>")
    assert len(rows) < 401


def test_one_endless_message_does_not_push_out_the_others(empty):
    without = (NoVerdict(id="a", reason="<" * 1_000_000), NoVerdict(id="b", reason="short"))
    text = render(empty(without=without))
    assert len(text) < LONGEST
    assert "(999000 more characters)" in text
    assert "short" in text
