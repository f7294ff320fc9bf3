from dataclasses import replace

from pytest_energy.gate.verdict import Kind
from pytest_energy.reports import summary
from pytest_energy.reports.report import NoVerdict


def test_the_count_names_what_passed_in_small_and_the_rest_in_capitals(verdict, empty):
    passing = [verdict(f"m{number}") for number in range(5)]
    assert (
        summary.counted(empty(verdicts=(*passing, verdict(grew=0.4))))
        == "6 benchmarks: 5 passed, 1 REGRESSED"
    )


def test_one_benchmark_is_counted_in_the_singular(verdict, empty):
    assert summary.counted(empty(verdicts=(verdict(),))) == "1 benchmark: 1 passed"


def test_a_benchmark_without_a_verdict_is_counted(empty):
    assert (
        summary.counted(empty(without=(NoVerdict(id="a", reason="b"),))) == "1 benchmark: 1 without verdict"
    )


def test_no_benchmark_is_counted_as_none(empty):
    assert summary.counted(empty()) == "0 benchmarks"


def test_plain_passes_need_no_explanation(verdict):
    assert summary.explanations([verdict()]) == ()


def test_a_pass_with_a_reason_is_explained(verdict):
    assert summary.explanations([verdict(reasons=("latency grew",))])[0].reasons == ("latency grew",)


def test_benchmarks_with_one_explanation_share_it(verdict):
    (shared,) = summary.explanations([verdict("a", grew=None), verdict("b", grew=None)])
    assert shared.benchmarks == ("a--cpu-b1", "b--cpu-b1")


def test_benchmarks_that_differ_by_their_operators_are_explained_apart(verdict):
    one, other = verdict("a", grew=0.2), verdict("b", grew=0.2)
    told = summary.explanations([replace(one, operators=("Conv (c): +20 % of the old step",)), other])
    assert [each.operators for each in told] == [("Conv (c): +20 % of the old step",), ()]


def test_changed_factors_are_told_only_of_what_did_not_pass(verdict, older):
    passed, regressed = summary.explanations(
        [verdict("a", grew=0.0, before=older, reasons=("x",)), verdict("b", grew=0.2, before=older)]
    )
    assert passed.factors == ()
    assert [each.name for each in regressed.factors] == ["model", "onnxruntime"]


def test_the_build_is_mentioned_only_where_the_verdict_does_not_tell(verdict):
    failing = verdict(grew=0.4)
    remarks = [
        summary.explanations([each])[0].remark
        for each in (failing, replace(failing, fails=False), replace(failing, kind=Kind.NEW))
    ]
    assert remarks == ["", "does not fail the build", "fails the build"]


def test_every_note_is_told_once_and_named_unless_all_have_it(verdict, empty):
    verdicts = (verdict("a", notes=("guessed",)), verdict("b", notes=("guessed", "one process")))
    notes = summary.notes(empty(verdicts=verdicts, notes=("world",)))
    assert notes == ("world", "guessed", "b--cpu-b1: one process")


def test_benchmarks_with_one_note_share_it_and_many_are_counted(verdict, empty):
    some = [verdict(name, notes=("one process",)) for name in "abcdef"]
    (told,) = summary.notes(empty(verdicts=(*some[:2], verdict("z"))))
    assert told == "a--cpu-b1, b--cpu-b1: one process"
    (told,) = summary.notes(empty(verdicts=(*some, verdict("z"))))
    assert told == "a--cpu-b1, b--cpu-b1, c--cpu-b1, d--cpu-b1 and 2 more: one process"


def test_the_method_names_profile_and_confidence(report):
    assert summary.method(report) == "modelled, generic-cpu x0.5..x2.5; ± is timing only (98 %)"


def test_what_emissions_leave_out_is_said(report):
    assert summary.carbon(report).endswith("; embodied emissions left out")
