"""What ``pytest-energy footprint`` prints: rows that may be compared, their terms, and what they rest on."""

from collections.abc import Iterator, Sequence

from pytest_energy.cli.screen import Screen
from pytest_energy.footprint.equivalents import Equivalent, equivalents
from pytest_energy.footprint.what_if import Demand, Footprint, by_basis
from pytest_energy.quantities import format_range, format_ratio, format_to
from pytest_energy.results.result import Result

_HEADS = ("", "where", "on", "energy", "gCO2e", "")
_MANY = 1000  # from here on thousands are set apart
_FEW = 0.01  # below it a part is easier to grasp
_UNSTATED = 0.1  # what is published without a band is written with two digits
_TERMS = ("", "E x PUE x I", "M embodied", "storage", "network", "water on site")


def show_rows(screen: Screen, result: Result, rows: Sequence[Footprint], demand: Demand) -> None:
    """Show one benchmark: a table per basis, the terms of the score, sources, and everyday equivalents.

    Args:
        screen: Where it is shown.
        result: The benchmark as it was measured.
        rows: As it was measured first.
        demand: How often, and for how long.
    """
    numbers = {id(row): str(number) for number, row in enumerate(rows, 1)}
    years = f"{demand.years:g} year" + ("" if demand.years == 1 else "s")
    screen.unbroken(
        f"{result.benchmark.id}: {demand.requests_per_day:,.10g} requests a day for {years}, a step each"
    )
    groups = list(by_basis(rows))
    for kind, group in groups:
        screen.line()
        screen.line(
            f"{kind} carbon intensities" + ("" if len(groups) == 1 else ", comparable with each other only")
        )
        screen.table(_HEADS, [_cells(row, group, numbers, demand) for row in group], foldable=(2, 1))
    screen.line()
    screen.line("terms of the SCI, ((E x I) + M) per R, for all requests:")
    absent = "unknown" if any(row.hardware.embodied for row in rows) else "left out"
    screen.table(_TERMS, [(numbers[id(row)], *_terms(row, demand, absent)) for row in rows], foldable=())
    screen.line()
    for text in _sources(rows, numbers, demand):
        screen.line(text)
    screen.line()
    screen.line(f"row 1 is as much as {'; '.join(map(_equal, equivalents(*_amounts(rows[0]))))}")
    screen.line()


def _amounts(row: Footprint) -> tuple[float, float]:
    return row.compute_kwh, row.total_g / 1000


def _cells(
    row: Footprint, group: Sequence[Footprint], numbers: dict[int, str], demand: Demand
) -> tuple[str, ...]:
    first = group[0].total_g
    ratio = f"x{format_ratio(row.total_g / first)}" if first and row is not group[0] else ""
    least = ">=" if row.hardware.least else ""
    return (
        numbers[id(row)],
        row.place.name,
        row.hardware.name,
        least + format_to(row.compute_kwh * 1000, "Wh", _half(row)),
        least + format_range(row.total_g, *row.band_g(demand), "g"),
        ratio,
    )


def _half(row: Footprint) -> float:
    """The nearer end of the band of energy, in Wh: digits beyond it would say nothing."""
    energy = row.compute_kwh * 1000
    return min(energy * (1 - row.hardware.low), energy * (row.hardware.high - 1))


def _terms(row: Footprint, demand: Demand, absent: str) -> Iterator[str]:
    made, over = row.hardware.embodied, demand.moved
    yield _within(row.operational_g, row.hardware.low, row.hardware.high)
    yield absent if made is None else _within(row.embodied_g or 0.0, made.band_low, made.band_high)
    yield "-" if row.stored_g is None else format_to(row.stored_g, "g", row.stored_g * _UNSTATED)
    yield "-" if over is None else _within(row.moved_g or 0.0, over.low, over.high)
    yield "unknown" if row.water_l is None else f"{row.water_l:.2g} l"


def _within(grams: float, low: float, high: float) -> str:
    """Write grams to the digit that the nearer end of their band allows."""
    return format_to(grams, "g", grams * min(1 - low, high - 1))


def _sources(rows: Sequence[Footprint], numbers: dict[int, str], demand: Demand) -> Iterator[str]:
    """Yield what rows rest on, each once with the rows that it is about."""
    said: dict[str, list[str]] = {}
    for row in rows:
        place, hardware = row.place, row.hardware
        texts = [
            f"{place.intensity.in_words}, {place.pue.in_words}; {place.intensity.source}",
            f"{hardware.name} {hardware.method}, x{hardware.low:.2g}..x{hardware.high:.2g}",
            *([f"M: {hardware.embodied.in_words}; {hardware.embodied.source}"] if hardware.embodied else []),
        ]
        for text in texts:
            said.setdefault(text, []).append(numbers[id(row)])
    for text, about in said.items():
        yield f"{', '.join(about)}: {text}"
    yield "E leaves out main memory, as the gate does."
    for kept in demand.stored:
        yield f"storage: {kept.wh_per_tb_h:g} Wh per TB and hour on {kept.medium}; {kept.source}"
    if demand.moved:
        over = demand.moved
        yield f"network: {over.kwh_per_gb:g} kWh/GB over the {over.network}; {over.source}"


def _equal(one: Equivalent) -> str:
    rounded = float(f"{one.count:.2g}")
    if 0 < rounded < _FEW:
        return f"1/{float(f'{1 / one.count:.1g}'):,.0f} {one.what}"
    return f"{rounded:,.0f} {one.what}" if rounded >= _MANY else f"{rounded:g} {one.what}"
