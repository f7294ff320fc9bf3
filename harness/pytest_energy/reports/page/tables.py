"""The tables of the page: what a figure was computed with, and where that comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from pytest_energy.environment import Environment
from pytest_energy.gate.verdict import Verdict
from pytest_energy.quantities import format_quantity
from pytest_energy.reports import figures
from pytest_energy.reports.report import Electricity, Report
from pytest_energy.results.codec import to_plain
from pytest_energy.results.energy import CarbonIntensity
from pytest_energy.results.factors import Factors
from pytest_energy.results.result import Result

Row = tuple[str, str]

_J_PER_KWH = 3.6e6
_ABSENT: tuple[object, ...] = ("", (), [])


def sci(result: Result, here: Electricity | None) -> list[Row]:
    """The terms of the Software Carbon Intensity, ((E x I) + M) per R, of one step."""
    score, joules = result.score, result.energy.energy_j
    embodied = "left out" if score.embodied_g is None else format_quantity(score.embodied_g, "g")
    device = [] if score.embodied is None else [("M is a part of", score.embodied.in_words)]
    total = score.operational_g + (score.embodied_g or 0.0)
    return [
        ("E, energy", f"{figures.energy(result)} = {joules / _J_PER_KWH:.4g} kWh"),
        ("PUE, on E", f"{score.pue:g}"),
        ("I, carbon intensity", _intensity(score.intensity)),
        ("E x I, operational", format_quantity(score.operational_g, "g")),
        ("M, embodied", embodied),
        *device,
        ("R, functional unit", "one step"),
        ("SCI", f"{format_quantity(total, 'g')} CO2e per step"),
        (f"SCI x {figures.STEPS:,}", f"{format_quantity(total * figures.STEPS, 'g')} CO2e"),
        *([] if here is None else [_here(here, joules)]),
    ]


def _here(here: Electricity, joules: float) -> Row:
    """What a step emits where or when it ran, beside what it is scored with."""
    grams = format_quantity(joules * here.g_per_j, "g")
    return "E x I here, not in the score", f"{grams}, at {here.intensity.in_words} and {here.pue.in_words}"


def factors(of_one: Factors, common: Mapping[str, str]) -> list[Row]:
    """The factors of a benchmark that not all benchmarks of the run share."""
    return [(name, text) for name, text in _flat(of_one).items() if name not in common]


def common_factors(report: Report) -> dict[str, str]:
    """The factors that every benchmark of the run shares."""
    every = [_flat(verdict.result.factors) for verdict in report.verdicts]
    if not every:
        return {}
    return {name: text for name, text in every[0].items() if all(one.get(name) == text for one in every)}


def environments(report: Report) -> list[tuple[str, list[Row]]]:
    """Every class of machines that results are from, with what is known of it."""
    found = {verdict.result.environment.id: verdict.result.environment for verdict in report.verdicts}
    return [(name, list(_environment(each))) for name, each in found.items()]


def sources(report: Report) -> list[Row]:
    """Where carbon intensities and embodied emissions come from, what baselines pin included."""
    used = [verdict.result.score.intensity for verdict in report.verdicts]
    used += [verdict.baseline.pins.intensity for verdict in report.verdicts if verdict.baseline]
    used += [report.here.intensity] if report.here else []
    devices = [verdict.result.score.embodied for verdict in report.verdicts]
    return [
        *((_intensity(each), f"{each.basis}; {each.source}") for each in dict.fromkeys(used)),
        *((each.in_words, f"embodied; {each.source}") for each in dict.fromkeys(filter(None, devices))),
    ]


def profiles(report: Report) -> list[Row]:
    """The power profiles that joules were computed with."""
    return list(dict.fromkeys(_profile(verdict) for verdict in report.verdicts))


def _profile(verdict: Verdict) -> Row:
    energy, pins = verdict.result.energy, verdict.result.pins
    band = f"true figures may be {energy.systematic_low:g} to {energy.systematic_high:g} times as high"
    return energy.profile, f"{energy.method}; {pins.core_power_w:.4g} W per busy core; {band}"


def _intensity(one: CarbonIntensity) -> str:
    year = "" if one.year is None else f", {one.year}"
    return f"{one.g_per_kwh:g} gCO2e/kWh, {one.place}{year}"


def _environment(environment: Environment) -> Iterator[Row]:
    for each in fields(environment):
        value = getattr(environment, each.name)
        yield each.name.replace("_", " "), _words(value)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return "unknown" if value in {None, ""} else str(value)
    return ", ".join(map(str, value)) or "none"


def _flat(factors_of: Factors) -> dict[str, str]:
    plain: dict[str, object] = to_plain(factors_of)
    shown: dict[str, str] = {}
    for name, value in plain.items():
        if isinstance(value, Mapping):
            shown |= {key: str(text) for key, text in sorted(value.items())}
        elif value is not None and value not in _ABSENT:
            shown[name.replace("_", " ")] = figures.factor_value(_words(value))
    return shown
