"""Ways of running a model, as text: what each is called, its figures, and who is how far behind whom."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pytest_energy.gate.contest import Contest, contests
from pytest_energy.gate.family import family_of
from pytest_energy.gate.standing import Quantity, Ranking, Standing, Way
from pytest_energy.quantities import format_number, format_quantity, format_to
from pytest_energy.reports import difference, figures
from pytest_energy.reports.report import Report
from pytest_energy.reports.summary import plural
from pytest_energy.results.result import Result

HEADS = ("way", "latency", "items/s", "energy", "gCO2e/1k", "EDP", "placed", "off by")
"""Heads of the table of figures."""

LEGEND = (
    "energy, grams and EDP, the energy-delay product, are of one item of the batch; a * marks the best, and "
    "what ties with it; brackets are in percent, or in times what the best one has; placed is the share that "
    "ran on the provider, off by the deviation from the CPU provider's outputs"
)
"""What explains the table."""

_Part = Callable[[Result], str]


def _batch(result: Result) -> str:
    return f"b{result.benchmark.batch}"


# By what ways differ, each as a few words; empty where it is as usual.
_PARTS: tuple[_Part, ...] = (
    lambda result: family_of(result.benchmark.name)[1] or "plain",
    lambda result: result.benchmark.provider or "",
    _batch,
    lambda result: plural(result.benchmark.threads, "thread"),
    lambda result: "spinning" if result.benchmark.spinning else "",
    lambda result: "with copies" if result.benchmark.transfer else "",
    lambda result: (
        "" if result.benchmark.pace_s is None else f"every {format_quantity(result.benchmark.pace_s, 's')}"
    ),
    lambda result: result.benchmark.training.optimizer if result.benchmark.training else "",
    lambda result: f"options {result.benchmark.session.variant}" if result.benchmark.session.variant else "",
)


def contests_of(report: Report, *, batches: bool) -> tuple[Contest, ...]:
    """Return a contest per model that one run measured in several ways.

    Args:
        report: The run.
        batches: Whether to return also those of which nothing differs but the batch.
    """
    found = contests(Way(result=verdict.result) for verdict in report.verdicts)
    return tuple(each for each in found if batches or not each.of_batches_only)


def labels(contest: Contest) -> list[str]:
    """Name the ways by what they differ in; the whole id where that is not enough."""
    words = _named(contest, _PARTS)
    if len(set(words)) < len(words):
        words = [" ".join(filter(None, (way.result.benchmark.id, way.source))) for way in contest.ways]
    return [_marked(text, way) for text, way in zip(words, contest.ways, strict=True)]


def lines(contest: Contest) -> list[str]:
    """Name the ways by all but their batch: what has one name is one line of a chart over batches."""
    words = _named(contest, [part for part in _PARTS if part is not _batch])
    return [
        _marked(text or way.result.benchmark.provider or "all", way)
        for text, way in zip(words, contest.ways, strict=True)
    ]


def _named(contest: Contest, parts: Sequence[_Part]) -> list[str]:
    """Join, for each way, those parts of a name in which the ways differ."""
    columns = [[part(way.result) for way in contest.ways] for part in parts]
    columns.append([f"in {way.source}" for way in contest.ways])
    differing = [column for column in columns if len(set(column)) > 1]
    return [
        " ".join(filter(None, (column[number] for column in differing)))
        for number in range(len(contest.ways))
    ]


def _marked(text: str, way: Way) -> str:
    """A program that stands in for a device must not pass for one."""
    return f"{text} (software device)" if way.result.factors.software_device else text


def rows(contest: Contest) -> list[tuple[str, ...]]:
    """Return the figures of each way, as cells below ``HEADS``."""
    columns = [_column(contest.ranking(quantity)) for quantity in Quantity]
    results = [way.result for way in contest.ways]
    return list(zip(labels(contest), *columns, map(_placed, results), map(_deviation, results), strict=True))


def _column(ranked: Ranking) -> list[str]:
    return [_figure(ranked.quantity, each) + ("*" if each.leads else "") for each in ranked.standings]


def _figure(quantity: Quantity, standing: Standing) -> str:
    band = None if standing.half is None else standing.half * standing.value
    match quantity:
        case Quantity.LATENCY:
            return format_quantity(standing.value, "s", band)
        case Quantity.THROUGHPUT:
            return format_number(standing.value, band or 0.0)
        case Quantity.ENERGY:
            return format_quantity(standing.value, "J", band)
        case Quantity.CARBON:
            return format_to(standing.value * figures.STEPS, "g", (band or 0.0) * figures.STEPS)
        case Quantity.DELAY:
            return format_to(standing.value, "Js", band or 0.0)


def _placed(result: Result) -> str:
    """How much of a step's time ran where it was asked to, else how many of its nodes."""
    if result.placement is None:
        return ""
    part = result.placement.share if result.placement.time_share is None else result.placement.time_share
    return "unknown" if part is None else figures.share(part)


def _deviation(result: Result) -> str:
    """How far outputs are from the CPU provider's, as a part of the largest entry."""
    return "" if result.agreement is None else f"{result.agreement.deviation:.1g}"


def sentences(contest: Contest) -> Iterator[tuple[str, str]]:
    """Yield by what ways were ranked, and how they stand: ``energy``, ``openvino, then cpu +7.4 % [...]``.

    Throughput follows latency, and grams follow joules, unless batches or intensities differ.
    """
    names = dict(zip(map(id, contest.ways), labels(contest), strict=True))
    for quantity in _told(contest):
        ranked = contest.ranking(quantity)
        if any(each.rank for each in ranked.standings):
            yield quantity, _order(ranked, contest.ways, names)
        yield from ((quantity, remark) for remark in ranked.remarks)


def leaders(contest: Contest) -> Iterator[tuple[str, str]]:
    """Yield by what ways were ranked, and who is best: ``energy``, ``openvino``, or ``openvino and cpu tie``.

    Why some or all were not compared follows, by what.
    """
    names = labels(contest)
    for quantity in _told(contest):
        ranked = contest.ranking(quantity)
        first = [name for name, each in zip(names, ranked.standings, strict=True) if each.leads]
        if first:
            yield quantity, f"{' and '.join(first)} tie" if len(first) > 1 else first[0]
        yield from ((quantity, remark) for remark in ranked.remarks)


def _told(contest: Contest) -> tuple[Quantity, ...]:
    results = [way.result for way in contest.ways]
    speed = Quantity.LATENCY if len({each.benchmark.batch for each in results}) == 1 else Quantity.THROUGHPUT
    if len({(each.score.intensity, each.score.pue) for each in results}) == 1:
        return speed, Quantity.ENERGY, Quantity.DELAY
    return speed, Quantity.ENERGY, Quantity.CARBON, Quantity.DELAY


def differences_heads(contest: Contest) -> tuple[str, ...]:
    """Return the heads of the table of differences."""
    names = {Quantity.DELAY: "EDP"}
    return ("against the best", *(names.get(each, str(each)) for each in _told(contest)))


def differences_rows(contest: Contest) -> list[tuple[str, ...]]:
    """Return how far each way is from the best one, as cells."""
    columns = [map(against_best, contest.ranking(quantity).standings) for quantity in _told(contest)]
    return list(zip(labels(contest), *columns, strict=True))


def against_best(standing: Standing) -> str:
    """Say how far a way is from the best one: ``best``, ``tie [-3.0..+7.1]``, ``+33.3 % [+31.0..+35.6]``."""
    if standing.rank is None:
        return "not compared"
    if standing.behind is None:
        return "best"
    return (difference.tied if standing.leads else difference.told)(standing.behind)


def remarks(contest: Contest) -> tuple[str, ...]:
    """Return why some figures were not compared."""
    return tuple(dict.fromkeys(remark for ranked in contest.rankings for remark in ranked.remarks))


def _order(ranked: Ranking, ways: Sequence[Way], names: Mapping[int, str]) -> str:
    """Say who is first, who ties with it, and who follows."""
    placed = [(each, names[id(way)]) for each, way in zip(ranked.standings, ways, strict=True) if each.rank]
    placed.sort(key=lambda pair: abs(pair[0].behind.point) if pair[0].behind else -1.0)
    first = [pair for pair in placed if pair[0].leads]
    rest = [pair for pair in placed if not pair[0].leads]
    leaders = " and ".join(name for _, name in first)
    if len(first) > 1:
        leaders += f" tie ({', '.join(_distance(*pair) for pair in first if pair[0].behind)})"
    return ", then ".join([leaders, *(_distance(*pair) for pair in rest)])


def _distance(standing: Standing, name: str) -> str:
    return name if standing.behind is None else f"{name} {difference.told(standing.behind)}"
