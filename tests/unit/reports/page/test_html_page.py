import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from pytest_energy.errors import HarnessError, SettingsError
from pytest_energy.gate.verdict import Kind, Unchanged
from pytest_energy.reports.page import library
from pytest_energy.reports.report import NoVerdict, Orphan

pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")

from pytest_energy.reports.html_page import render

VOID = {"meta", "input", "link", "br"}
HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>\x1b[31m\u202e{{7*7}}"


class Page(HTMLParser):
    """The page as a tree's worth of facts: tags, attributes, text, and whether all that opens is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"script", "style"}:
            self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def payload_of(text):
    packed = re.search(r'id="payload">([A-Za-z0-9+/=]+)<', text)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_the_verdict_comes_first_and_then_what_regressed(report):
    page = Page(render(report))
    words = page.text
    assert "1 benchmark regressed" in words.split("Needs attention")[0]
    after = words.split("Needs attention")[1]
    assert after.index("digits-cnn--cpu-b1 REGRESSED") < after.index("All benchmarks")
    assert "onnxruntime 1.30.2 -> 1.31.0" in after


@pytest.mark.parametrize(
    ("grew", "headline", "state"), [(0.0, "Nothing regressed", "good"), (0.3, "1 benchmark regressed", "bad")]
)
def test_the_headline_says_whether_something_regressed(verdict, empty, grew, headline, state):
    text = render(empty(verdicts=(verdict(grew=grew),)))
    assert f"<h1>{headline}</h1>" in text
    assert f'data-state="{state}"' in text


def test_a_run_without_any_benchmark_is_a_page_too(empty):
    page = Page(render(empty()))
    assert "Nothing was measured" in page.text
    assert not page.all("table") or "All benchmarks" in page.text


def test_a_run_that_judged_nothing_it_collected_is_bad(empty):
    text = render(empty(without=(NoVerdict(id="broken", reason="no model"),)))
    assert 'data-state="bad"' in text
    assert "1 benchmark without a verdict" in text


def test_every_benchmark_has_a_row_what_was_not_run_included(report, verdict):
    one = verdict("resting")
    resting = Unchanged(benchmark=one.result.benchmark, reason="not run", baseline=one.baseline)
    page = Page(render(replace(report, unchanged=(resting,))))
    rows = [each for each in page.all("tr") if "data-verdict" in each]
    assert len(rows) == len(report.verdicts) + 1
    assert rows[0]["data-verdict"] == "REGRESSED"
    assert rows[-1]["data-verdict"] == "UNCHANGED"


def test_everything_that_opens_is_closed_and_what_is_named_exists(report):
    page = Page(render(report))
    assert page.open == []
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    targets = [each["href"][1:] for each in page.all("a") if not each["href"].startswith("#/")]
    targets += [
        attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes
    ]
    assert set(targets) <= set(names)


def test_landmarks_headings_and_captions_are_there_for_who_does_not_see_the_page(report):
    page = Page(render(report))
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav", "h1")] == [1] * 5
    assert len(page.all("caption")) == len(page.all("table"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.all("html") == [{"lang": "en"}]
    assert all("scope" in each for each in page.all("th"))


def test_nothing_is_loaded_and_only_the_scripts_of_the_page_may_run(report):
    text = render(report)
    page = Page(text)
    assert [each for _, each in page.tags if {"src", "srcset", "data"} & set(each)] == []
    assert page.all("link") == []
    assert all(each["href"].startswith("#") for each in page.all("a"))
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    for script in re.findall(r"<script>(.*?)</script>", text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_hostile_names_and_reasons_stay_text(verdict, empty):
    judged = verdict(grew=0.2, reasons=(HOSTILE,), notes=(HOSTILE,), accepted_because=HOSTILE)
    benchmark = replace(judged.result.benchmark, provider=HOSTILE, model=HOSTILE)
    judged = replace(judged, result=replace(judged.result, benchmark=benchmark), compared_with=HOSTILE)
    hostile = empty(
        verdicts=(judged, verdict()),
        without=(NoVerdict(id=HOSTILE, reason=HOSTILE),),
        orphans=(Orphan(id=HOSTILE, path=HOSTILE),),
        notes=(HOSTILE,),
        environment=HOSTILE,
        profile=HOSTILE,
        carbon=HOSTILE,
        version=HOSTILE,
        time=HOSTILE,
        commit=HOSTILE,
    )
    text = render(hostile)
    page = Page(text)
    assert page.open == []
    assert page.all("img") == []
    assert len(page.all("script")) == 3
    assert [name for _, each in page.tags for name in each if name.startswith("on")] == []
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "49" not in re.findall(r"\{\{7\*7\}\}|49", page.text)
    # Only as text of a name: nothing was taken away either.
    assert page.text.count("<img src=x onerror=alert(1)>") > 10


def test_details_of_every_benchmark_are_in_the_payload(report):
    payload = payload_of(render(report))
    assert set(payload["benchmarks"]) == {each.result.benchmark.id for each in report.verdicts}
    one = payload["benchmarks"]["digits-cnn--cpu-b1"]
    assert one["verdict"] == "REGRESSED"
    tables = {caption: dict(rows) for caption, rows in one["tables"]}
    assert tables["Software Carbon Intensity of one step"]["E x I, operational"] == "1.53 ug"
    assert any(line.startswith("placement:") for line in one["evidence"])


def test_factors_that_all_share_are_told_once(report):
    text = render(report)
    payload = payload_of(text)
    assert "onnxruntime" not in dict(payload["benchmarks"]["digits-cnn--cpu-b1"]["tables"])
    assert Page(text).text.count("1.31.0") >= 1
    for one in payload["benchmarks"].values():
        assert "python" not in dict(dict(one["tables"])["Factors of this benchmark"])


def test_what_electricity_emits_here_stands_beside_the_score(report, electricity):
    text = render(replace(report, here=electricity))
    words = Page(text).text
    assert "Where or when it ran: 44 g/kWh, France 2025 (lifecycle), PUE 1.5 (a data centre 2025)" in words
    assert "the environment names it" in words
    assert "a grid operator" in words
    one = payload_of(text)["benchmarks"]["digits-cnn--cpu-b1"]
    told = dict(dict(one["tables"])["Software Carbon Intensity of one step"])
    assert told["E x I here, not in the score"].startswith("220 ng, at 44 g/kWh")
    assert (
        "here" not in Page(render(report)).text.split("How emissions were found")[1].split("Where it ran")[0]
    )


def test_what_is_absent_is_no_factor_and_answers_are_words(report):
    words = Page(render(report)).text
    assert "virtual yes" in words
    assert "spinning no" in words
    assert "elsewhere" not in words
    assert "()" not in words


def test_the_confidence_of_intervals_is_told_where_there_are_any(report, verdict, empty):
    assert "± and intervals are 98 %, of timing only" in Page(render(report)).text
    assert (
        "Figures of one step; ± is of timing only" in Page(render(empty(verdicts=(verdict(grew=None),)))).text
    )


def test_sources_of_every_figure_are_named(report):
    words = Page(render(report)).text
    assert "458 gCO2e/kWh, world average, 2025 lifecycle; a yearly review" in words
    assert "AMD EPYC 7763 64-Core Processor" in words
    assert "ISO/IEC 21031:2024" in words


def test_the_same_report_gives_the_same_page(report):
    assert render(report) == render(report)


def test_many_doubts_do_not_bury_what_fails(verdict, empty):
    doubts = tuple(verdict(f"d{number}", kind=Kind.INCONCLUSIVE) for number in range(30))
    page = Page(render(empty(verdicts=(*doubts, verdict("the-one", grew=0.3)))))
    assert len(page.all("article")) == 6
    assert "25 more are in the table below" in page.text


def test_a_missing_package_is_told_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r'jinja2 and vl_convert: pip install "pytest-energy\[html\]"'):
        library.require_packages()


def test_a_library_that_cannot_be_made_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setattr(library, "_MAKE", "raise SystemExit('no bundle today')")
    library.library.cache_clear()
    with pytest.raises(HarnessError, match=r"could not be made: no bundle today.*force-reinstall"):
        library.library()
