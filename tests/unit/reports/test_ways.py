import json
import re
from dataclasses import replace

import pytest

from pytest_energy.gate.contest import contests
from pytest_energy.gate.standing import Way
from pytest_energy.reports import markdown, survey_json, survey_markdown, terminal, ways
from pytest_energy.reports.report import NoVerdict
from pytest_energy.reports.survey import survey_of
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.placement import Placement


def varied(verdict, **benchmark):
    result = verdict.result
    return replace(verdict, result=replace(result, benchmark=replace(result.benchmark, **benchmark)))


@pytest.fixture
def on(verdict):
    """A factory: the verdict on digits-cnn, on a provider."""
    return lambda provider, cost=3.0, **benchmark: varied(verdict(cost=cost), provider=provider, **benchmark)


def contest_of(*verdicts):
    (contest,) = contests(Way(result=each.result) for each in verdicts)
    return contest


def test_ways_are_called_by_what_they_differ_in(on):
    contest = contest_of(on("cpu"), on("openvino", 4.0, threads=2), on("cpu", 5.0, name="digits-cnn-int8"))
    assert ways.labels(contest) == ["plain cpu 1 thread", "plain openvino 2 threads", "int8 cpu 1 thread"]
    assert ways.labels(contest_of(on("cpu"), on("cpu", batch=8))) == ["b8", "b1"]


def test_a_software_device_is_labelled(on):
    webgpu = on("webgpu", 90.0)
    factors = replace(webgpu.result.factors, software_device=True, device="SwiftShader")
    webgpu = replace(webgpu, result=replace(webgpu.result, factors=factors))
    contest = contest_of(on("cpu"), webgpu)
    assert ways.labels(contest) == ["cpu", "webgpu (software device)"]
    assert "then webgpu (software device) 30.0 times [2" in dict(ways.sentences(contest))["energy"]


def test_figures_carry_placement_and_agreement(on):
    openvino = on("openvino", 4.0)
    result = replace(
        openvino.result,
        placement=Placement(requested="OpenVINOExecutionProvider", time_share=0.95),
        agreement=Agreement(output="y", deviation=2.3e-7, tolerance=1e-3, outputs=1),
    )
    best, second = ways.rows(contest_of(on("cpu"), replace(openvino, result=result)))
    assert best[0] == "cpu"
    assert best[3].endswith("mJ*")
    assert not second[3].endswith("*")
    assert (best[-2:], second[-2:]) == (("100 %", ""), ("95.0 %", "2e-07"))


def test_ties_are_called_ties(on):
    contest = contest_of(on("cpu"), on("openvino", 3.05))
    assert dict(ways.sentences(contest))["energy"].startswith("cpu and openvino tie (openvino +1.7 % [")
    (_, _, energy, _), (_, _, other, _) = ways.differences_rows(contest)
    assert energy == "best"
    assert other.startswith("tie [")


def test_throughput_is_told_where_batches_differ(on):
    contest = contest_of(on("cpu"), on("cpu", batch=32))
    assert next(ways.sentences(contest))[0] == "throughput"
    assert ways.differences_heads(contest) == ("against the best", "throughput", "energy", "EDP")


class TestInReports:
    @pytest.fixture
    def shown(self, empty):
        def show(*verdicts, verbosity=0):
            text = terminal.render(
                empty(verdicts=verdicts), width=100, colour=False, unicode=True, verbosity=verbosity
            )
            return " ".join(text.split())

        return show

    def test_providers_are_compared(self, shown, on):
        said = shown(on("cpu"), on("openvino", 4.0))
        assert "digits-cnn in 2 ways: - latency: cpu and openvino tie" in said
        assert "- energy: cpu, then openvino +33.3 % [" in said

    def test_batches_only_on_request(self, shown, on):
        several = on("cpu"), on("cpu", 20.0, batch=8)
        assert "in 2 ways" not in shown(*several)
        assert "digits-cnn in 2 ways: - throughput: b8, then b1 -87.5 %" in shown(*several, verbosity=1)

    def test_one_way_is_no_comparison_and_quiet_is_quiet(self, shown, on):
        assert "ways" not in shown(on("cpu"))
        assert "ways" not in shown(on("cpu"), on("openvino"), verbosity=-1)

    def test_markdown_has_the_tables(self, empty, on):
        text = markdown.render(empty(verdicts=(on("cpu"), on("openvino", 4.0))))
        assert "<summary>Providers, threads and precisions compared</summary>" in text
        assert re.search(r"^\| openvino \| 3\.\d+±0\.\d+ ms&#42; \|.* mJ \|", text, re.MULTILINE)
        assert "compared" not in markdown.render(empty(verdicts=(on("cpu"),)))


class TestSurvey:
    @pytest.fixture
    def survey(self, on):
        results = on("cpu").result, on("cpu", 4.0).result
        newer = replace(results[1], factors=replace(results[1].factors, onnxruntime="1.32.0"))
        return survey_of(
            [
                Way(result=results[0], source="old"),
                Way(result=newer, source="a|b"),
                Way(result=on("cpu", name="other").result, source="old"),
            ],
            {"old": "one place", "a|b": "another"},
            version="0.1.0",
            left_out=[NoVerdict(id=name, reason="not there") for name in ("x", "y")],
            notes=["mind the gap"],
        )

    def test_it_says_what_differs_what_was_left_out_and_what_stands_alone(self, survey):
        assert [each.name for each in survey.differences] == ["onnxruntime"]
        assert survey.left_out_in_words == ("x, y: not there",)
        assert survey.alone == ("other--cpu-b1 (old)",)

    def test_json_holds_standings_and_raw_results(self, survey):
        document = json.loads(survey_json.render(survey))
        (model,) = document["models"]
        assert [each["label"] for each in model["ways"]] == ["in old", "in a|b"]
        dearer = model["ways"][1]
        assert dearer["standings"]["energy"]["rank"] == 2
        assert dearer["standings"]["energy"]["behind"]["point"] == pytest.approx(1 / 3)
        assert len(dearer["result"]["samples"]) == 8
        assert document["differences"][0]["values"] == {"old": "1.31.0", "a|b": "1.32.0"}

    def test_markdown_tells_differences_first_and_escapes(self, survey):
        text = survey_markdown.render(survey)
        assert text.index("| onnxruntime | 1.31.0 | 1.32.0 |") < text.index("### digits-cnn")
        assert "a&#124;b" in text
        assert "- left out: x, y: not there" in text
        assert "- mind the gap" in text
