import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from pytest_energy.reports.report import NoVerdict, Update
from pytest_energy.reports.terminal import render

ANSI = re.compile(r"\x1b\[([\d;]*)m")
RESET, RED, GREEN, YELLOW = "0", "31", "32", "33"


def plain(report, width=80, *, unicode=True, verbosity=0):
    return render(report, width=width, colour=False, unicode=unicode, verbosity=verbosity)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("unicode", [True, False])
def test_nothing_but_the_count_is_wider_than_the_window(report, width, unicode):
    *lines, count = plain(report, width, unicode=unicode, verbosity=1).splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert count.startswith("7 benchmarks: ")


@pytest.mark.parametrize("width", [50, 80, 120])
def test_long_names_fold_and_lose_nothing(verdict, empty, width):
    long = verdict("a-model-with-a-name-that-goes-on-" + "and-on-" * 6)
    names = [line[:60].split(" ")[0] for line in plain(empty(verdicts=(long,)), width).splitlines()]
    assert long.result.benchmark.id in "".join(names)


def test_a_name_folds_before_its_variant_and_behind_punctuation(verdict, empty):
    lines = plain(empty(verdicts=(verdict("mobilenet-v2-int8-quantized-twice"),))).splitlines()
    names = [line.split(" ")[0] for line in lines]
    first = names.index("mobilenet-v2-int8-quantized-")
    assert names[first + 1] == "twice--cpu-b1"


def test_a_wide_window_shows_each_benchmark_on_one_line(verdict, empty):
    text = plain(empty(verdicts=(verdict(grew=0.4),)), 120)
    (row,) = [line for line in text.splitlines() if line.startswith("digits-cnn")]
    assert re.search(r"3\.\d\d ms +12\.00±0\.05 mJ +1\.53 mg +\+\d\d\.\d % \[\+.*\.\.\+.*\] +REGRESSED$", row)


def test_at_eighty_columns_the_interval_stands_below_the_change(verdict, empty):
    text = plain(empty(verdicts=(verdict(grew=0.4),)))
    lines = text.splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("digits-cnn"))
    assert lines[row].endswith("REGRESSED")
    assert re.fullmatch(r" +\[\+\d+\.\d\.\.\+\d+\.\d\]", lines[row + 1])


def test_ascii_terminals_get_ascii_alone(verdict, empty):
    hostile = verdict(grew=0.2, reasons=("für 1±2",))
    text = plain(empty(verdicts=(hostile,), notes=("é",)), unicode=False)
    assert text.isascii()
    assert "12.00+-0.05 mJ" in text


def test_without_colour_there_is_no_escape_sequence(report):
    assert "\x1b" not in plain(report, verbosity=1)


def test_colour_marks_verdicts_only(report):
    text = render(report, width=80, colour=True, unicode=True)
    coloured = set(re.findall(r"\x1b\[([\d;]+)m([^\x1b]+?) *\x1b\[0m", text))
    assert coloured == {
        (RED, "REGRESSED"),
        (GREEN, "IMPROVED"),
        (GREEN, "PASSED"),
        (YELLOW, "NEW"),
        (YELLOW, "INCONCLUSIVE"),
    }


def test_colour_changes_nothing_else(report):
    assert ANSI.sub("", render(report, width=80, colour=True, unicode=True)) == plain(report)


@pytest.mark.parametrize(
    "variable", [("NO_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "30"), ("FORCE_COLOR", "1")]
)
def test_variables_have_no_say(report, monkeypatch, variable):
    expected = render(report, width=100, colour=True, unicode=True), plain(report)
    monkeypatch.setenv(*variable)
    assert (render(report, width=100, colour=True, unicode=True), plain(report)) == expected


def test_an_unknown_band_is_the_word_unknown(verdict, empty):
    text = plain(empty(verdicts=(verdict(processes=1, random=None),)))
    assert "± unknown" in text
    assert "[unknown]" in text


def test_the_reason_of_a_regression_and_its_changed_factors_follow_the_table(report):
    text = plain(report)
    assert re.search(r"REGRESSED digits-cnn--cpu-b1 \+12\.\d %\n  - confirmed in 4 fresh processes\n", text)
    assert "  - changed: onnxruntime 1.30.2 -> 1.31.0\n" in text


def test_operators_follow_the_reasons(verdict, empty):
    told = replace(verdict(grew=0.2, reasons=("why",)), operators=("Conv (c): +20 % of the old step",))
    lines = plain(empty(verdicts=(told,))).splitlines()
    assert lines.index("  - operators: Conv (c): +20 % of the old step") > lines.index("  - why")


def test_the_legend_tells_method_bands_and_carbon(report):
    text = plain(report)
    assert "energy: modelled, generic-cpu x0.5..x2.5; ± is timing only (98 %)\n" in text
    assert "carbon: 458 g/kWh, world average 2025; embodied emissions left out\n" in text


def test_what_has_no_verdict_no_benchmark_or_was_updated_is_listed(report):
    text = plain(report, 120)
    assert "  - broken--cpu-b1: models/broken.onnx is not an ONNX model.\n" in text
    assert "  - baselines/linux-x86_64/gone--cpu-b1.json\n" in text
    assert "  - recorded, in baselines/linux-x86_64: text-encoder--cpu-b1\n" in text


def test_the_last_line_is_the_count(report):
    assert plain(report).endswith(
        "\n7 benchmarks: 2 passed, 1 improved, 1 REGRESSED, 1 INCONCLUSIVE, 1 NEW, 1 without verdict\n"
    )


def test_quiet_shows_what_did_not_pass_and_the_count(report):
    text = plain(report, verbosity=-1)
    assert "REGRESSED digits-cnn--cpu-b1" in text
    assert "broken--cpu-b1" in text
    assert "IMPROVED mobilenet" not in text
    assert "latency" not in text


def test_quiet_is_one_line_where_all_passed(verdict, empty):
    assert plain(empty(verdicts=(verdict(),)), verbosity=-1) == "1 benchmark: 1 passed\n"


def test_verbose_shows_bands_processes_dram_placement_and_factors(verdict, empty):
    text = plain(empty(verdicts=(verdict(),)), 200, verbosity=1)
    assert "12 (6 to 30) mJ by the band of its profile" in text
    assert "DRAM 310 uJ, not gated" in text
    assert "cost of each process, in units of the reference: 3.0" in text
    assert "placement: CPUExecutionProvider 12 of 12 nodes" in text
    assert "onnxruntime 1.31.0" in text


def test_unknown_dram_is_called_unknown(verdict, empty):
    assert "DRAM unknown" in plain(empty(verdicts=(verdict(dram_j=None),)), verbosity=1)


def test_names_with_markup_are_shown_as_they_are(empty):
    text = plain(empty(without=(NoVerdict(id="[red]x[/red] :warning:", reason="[link=http://x]"),)))
    assert "[red]x[/red] :warning:: [link=http://x]" in text


@pytest.mark.parametrize("hostile", ["\x1b[2Jx", "a\nb", "::error::x", "##[error]x", "\u202ex"])
def test_hostile_names_and_reasons_are_harmless(verdict, empty, hostile):
    judged = verdict(grew=0.2, reasons=(hostile,), notes=(hostile,))
    judged = replace(
        judged, result=replace(judged.result, benchmark=replace(judged.result.benchmark, provider=hostile))
    )
    report = empty(
        verdicts=(judged,),
        without=(NoVerdict(id=hostile, reason=hostile),),
        updates=(Update(id=hostile, action=hostile, path=hostile),),
        notes=(hostile,),
    )
    for width in (30, 80, 200):
        text = plain(report, width, verbosity=1)
        assert text.replace("\n", "").isprintable()
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_an_empty_report_says_nothing_of_figures_that_there_are_not(empty):
    assert plain(empty()) == ""
