"""The report as one HTML page with charts, which opens without a network and loads nothing."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

from pytest_energy.baselines.series import Series
from pytest_energy.gate.contest import Contest
from pytest_energy.gate.verdict import Kind, Unchanged, Verdict
from pytest_energy.quantities import format_change
from pytest_energy.reports import failure, figures, summary, ways
from pytest_energy.reports.escaping import for_html
from pytest_energy.reports.page import tables
from pytest_energy.reports.page.library import inline, library, require_packages
from pytest_energy.reports.page.payload import payload
from pytest_energy.reports.report import Report
from pytest_energy.reports.row import Row, rows

__all__ = ["render", "require_packages"]

_FINDINGS_SHOWN = 50
_DOUBTS_SHOWN = 5
_FINDINGS_OPEN = 3  # the facts of more are folded
_NO_VERDICT, _ORPHAN = "NO VERDICT", "ORPHAN"
_SEVERITY = (
    *(Kind.UNCHANGED, Kind.PASSED, Kind.IMPROVED, Kind.NEW, Kind.INCOMPARABLE),
    Kind.INCONCLUSIVE,
    Kind.REGRESSED,
)

Fields = dict[str, Any]


def render(report: Report, history: Sequence[Series] = ()) -> str:
    """Render a report as an HTML page.

    Every text is escaped where it is put into the page, and a content security policy forbids all scripts but
    the page's own and every request.

    Args:
        report: The run.
        history: Earlier runs, for the charts over time.
    """
    with ThreadPoolExecutor(max_workers=1) as apart:
        # Putting the library together takes a second or two, in which the rest is made.
        made = apart.submit(library)
        compared = ways.contests_of(report, batches=True)
        common = tables.common_factors(report)
        content = _content(report, history, compared) | {"factors": common}
        packed = payload(report, history, compared, common)
        return _filled(content, packed, made.result())


def _filled(content: Fields, packed: str, library_script: str) -> str:
    """Fill the template."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - an extra
    from markupsafe import Markup  # noqa: PLC0415

    environment = Environment(
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else for_html(value),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=PackageLoader("pytest_energy.reports.page", "."),
    )
    folder = files("pytest_energy.reports.page")
    script = inline((folder / "page.js").read_text(encoding="utf-8"))
    text: str = environment.get_template("page.html.j2").render(
        **content,
        # What follows is not escaped: files of ours, the library, and base64.
        hashes=Markup(" ".join(_hash(each) for each in (library_script, script))),  # noqa: S704
        style=Markup((folder / "page.css").read_text(encoding="utf-8")),  # noqa: S704
        payload=Markup(packed),  # noqa: S704
        library=Markup(library_script),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )
    return text


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8", "backslashreplace")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _content(report: Report, history: Sequence[Series], compared: Sequence[Contest]) -> Fields:
    findings, left = _findings(report)
    shown = rows(report)
    counts = Counter(str(each.kind) for each in shown)
    return {
        "report": report,
        "headline": _headline(report),
        "state": _state(report),
        "counted": summary.counted(report),
        "attention": findings,
        "open_findings": _FINDINGS_OPEN,
        "attention_left": left,
        "has_overview": any(each.change for each in report.verdicts),
        "has_comparisons": bool(compared),
        "rows": list(_rows(report, shown)),
        "kinds": [(str(kind), counts[kind]) for kind in reversed(_SEVERITY) if counts[kind]],
        "confidence": summary.confidence_levels(report.verdicts),
        "history": _history(history),
        "changes": list(_changes(report, history)),
        "method": summary.method(report),
        "carbon": summary.carbon(report),
        "here": summary.here(report),
        "profiles": tables.profiles(report),
        "sources": tables.sources(report),
        "environments": tables.environments(report),
        "remarks": list(_remarks(report)),
    }


def _headline(report: Report) -> str:
    """Say the verdict on the run in a few words."""
    regressed = sum(each.kind is Kind.REGRESSED for each in report.verdicts)
    failing = sum(each.fails for each in report.verdicts)
    if regressed:
        return f"{summary.plural(regressed, 'benchmark')} regressed"
    if failing:
        return f"{summary.plural(failing, 'benchmark')} {'fails' if failing == 1 else 'fail'}"
    if report.without:
        return f"{summary.plural(len(report.without), 'benchmark')} without a verdict"
    return "Nothing regressed" if report.verdicts or report.unchanged else "Nothing was measured"


def _state(report: Report) -> str:
    if report.without or any(each.fails or each.kind is Kind.REGRESSED for each in report.verdicts):
        return "bad"
    return "good" if all(each.kind in summary.FINE for each in report.verdicts) else "doubt"


def _findings(report: Report) -> tuple[list[Fields], int]:
    """Return what needs a person, what fails first and doubts last, and how much more there is."""
    serious = sorted(
        (each for each in report.verdicts if each.fails or each.kind is Kind.REGRESSED),
        key=lambda each: not each.fails,
    )
    doubts = [each for each in report.verdicts if not each.fails and each.kind is Kind.INCONCLUSIVE]
    others = [
        *(_plain_finding(one.id, _NO_VERDICT, one.reason) for one in report.without),
        *(
            _plain_finding(one.id, _ORPHAN, f"A baseline without a benchmark: {one.path}")
            for one in report.orphans
        ),
    ]
    shown = [
        *map(_finding, serious[:_FINDINGS_SHOWN]),
        *others[:_FINDINGS_SHOWN],
        *map(_finding, doubts[:_DOUBTS_SHOWN]),
    ]
    return shown, len(serious) + len(others) + len(doubts) - len(shown)


def _finding(verdict: Verdict) -> Fields:
    advice, _, commands = failure.next_step(verdict).partition("\n")
    budget = ", over budget" if verdict.over_budget else ""
    return {
        "id": verdict.result.benchmark.id,
        "kind": verdict.kind,
        "said": f"{failure.by_how_much(verdict)}{budget}",
        "facts": list(failure.facts(verdict, None)),
        "advice": advice if verdict.fails else "",
        "commands": commands.splitlines() if verdict.fails else [],
        "has_details": True,
    }


def _plain_finding(name: str, kind: str, said: str) -> Fields:
    nothing: Fields = {"facts": [], "advice": "", "commands": [], "has_details": False}
    return {"id": name, "kind": kind, "said": said, **nothing}


def _rows(report: Report, shown: Sequence[Row]) -> Iterator[Fields]:
    """Yield rows of the table, what fails first and the greatest change first; with keys to sort by."""
    measured = len(report.verdicts)
    pairs = zip(report.verdicts, shown[:measured], strict=True)
    for verdict, row in sorted(pairs, key=lambda pair: _worst_first(pair[0])):
        yield _row(row) | _keys(verdict)
    for one, row in zip(report.unchanged, shown[measured:], strict=True):
        yield _row(row) | _keys_of_unchanged(one)


def _row(row: Row) -> Fields:
    return {name: getattr(row, name) for name in ("id", "energy", "carbon", "latency", "change", "kind")}


def _keys(verdict: Verdict) -> Fields:
    result = verdict.result
    return {
        "has_details": True,
        "energy_j": result.energy.energy_j,
        "carbon_g": result.score.operational_g,
        "latency_s": figures.latency_s(result),
        "change_point": "" if verdict.change is None else verdict.change.point,
        "severity": _SEVERITY.index(verdict.kind),
    }


def _keys_of_unchanged(one: Unchanged) -> Fields:
    energy_j = "" if one.baseline is None else one.baseline.energy_j
    nothing = {"carbon_g": "", "latency_s": "", "change_point": "", "severity": 0}
    return {"has_details": False, "energy_j": energy_j, **nothing}


def _worst_first(verdict: Verdict) -> tuple[bool, int, float]:
    change = verdict.change.point if verdict.change else 0.0
    return not verdict.fails, -_SEVERITY.index(verdict.kind), -change


def _history(history: Sequence[Series]) -> str:
    if not history:
        return ""
    runs = max(len(series.entries) for series in history)
    return f"No change point in {len(history):,} series of up to {summary.plural(runs, 'run')}."


def _changes(report: Report, history: Sequence[Series]) -> Iterator[Mapping[str, object]]:
    known = {each.result.benchmark.id for each in report.verdicts}
    found = [(series, change) for series in history for change in series.changes]
    found.sort(key=lambda pair: pair[0].entries[pair[1].index].time, reverse=True)
    for series, change in found[:_FINDINGS_SHOWN]:
        at = series.entries[change.index]
        factors = "; ".join(figures.factor(each) for each in series.factors_at(change))
        yield {
            "benchmark": series.benchmark,
            "since": at.time[:10],
            "change": format_change(change.change),
            "commit": at.commit or "unknown",
            "factors": factors or "nothing that is recorded",
            "has_details": series.benchmark in known,
        }


def _remarks(report: Report) -> Iterator[str]:
    yield from summary.notes(report)
    for reason, names in summary.unchanged(report.unchanged).items():
        yield f"{Kind.UNCHANGED} {', '.join(names)}: {reason}"
    for action, names in summary.updated(report.updates).items():
        yield f"baselines {action}: {', '.join(names)}"
