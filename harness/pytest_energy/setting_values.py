"""Values of settings: each read as the kind of its option demands, and checked."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_energy.errors import CarbonError, SettingsError
from pytest_energy.footprint.carbon import checked_g_per_kwh
from pytest_energy.footprint.embodied import embodied_choice
from pytest_energy.footprint.pue import pue_of
from pytest_energy.gate.verdict import Kind
from pytest_energy.grid.live import live_choice
from pytest_energy.options import Option
from pytest_energy.quantities import MemorySize, parse_fraction, parse_memory
from pytest_energy.reports.exports.formats import known_exports

NamedPath = tuple[str, Path]
"""A name and the path that was given for it."""

_MAY_FAIL = (Kind.REGRESSED, Kind.NEW, Kind.INCONCLUSIVE, Kind.INCOMPARABLE)
_SHORTEST_S, _LONGEST_S = 1e-3, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where values come from.

    Attributes:
        shown: Names an option in messages, as the user wrote it there.
        folder: What paths are relative to.
        typed: Whether values have types of their own; a command line gives text.
    """

    shown: Callable[[Option], str]
    folder: Path
    typed: bool


def read_value(option: Option, value: object, origin: Origin) -> Any:
    """Read a value as its kind demands, then see whether the option can use it.

    Raises:
        SettingsError: It cannot be used; the message names the option as the user wrote it.
    """
    try:
        read = _READERS[option.kind](value, origin)
        return _REFINERS[option.name](read) if option.name in _REFINERS else read
    except ValueError as error:
        raise SettingsError(f"{origin.shown(option)}: {error}.") from error
    except (SettingsError, CarbonError) as error:
        raise SettingsError(f"{origin.shown(option)}: {error}") from error


def _switch(value: object, _: Origin) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} must be true or false, without quotes")


def _text(value: object, _: Origin) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError(f"{value!r} must be a text in quotes that is not empty")


def _percent(value: object, _: Origin) -> float:
    if isinstance(value, str):
        return parse_fraction(value)
    raise ValueError(
        f'{value!r} must be a percentage in quotes, such as "5%": a bare 5 or 0.05 may mean either'
    )


def _memory(value: object, _: Origin) -> MemorySize:
    if isinstance(value, str):
        return parse_memory(value)
    raise ValueError(f'{value!r} must be an amount of memory in quotes, such as "8 GiB" or "75%"')


def _number(value: object, origin: Origin) -> float:
    wanted = (int, float) if origin.typed else str
    with suppress(ValueError, OverflowError):
        if isinstance(value, wanted) and not isinstance(value, bool):
            return float(value)
    raise ValueError(f"{value!r} must be a number, without quotes")


def _figure(value: object, origin: Origin) -> str:
    if origin.typed and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _text(value, origin)


def _path(value: object, origin: Origin) -> Path:
    return origin.folder / _text(value, origin)


def _texts(value: object, origin: Origin) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(_text(each, origin) for each in value)
    raise ValueError(f'{value!r} must be a list of texts, such as ["cpu"]')


def _named_paths(value: object, origin: Origin) -> tuple[NamedPath, ...]:
    pairs = [each.partition("=") for each in _texts(value, origin)]
    wrong = next(
        (f"{name}{sign}{path}" for name, sign, path in pairs if not (name.strip() and path.strip())), None
    )
    if wrong is not None:
        raise ValueError(f"{wrong!r} must be a name and a path with = between them, such as csv=energy.csv")
    return tuple((name.strip(), origin.folder / path.strip()) for name, _, path in pairs)


def _between(low: float, high: float, unit: str = "") -> Callable[[float], float]:
    def check(value: float) -> float:
        if low <= value <= high:
            return value
        raise ValueError(f"{value:g} must be a number from {low:g} to {high:g}{unit}")

    return check


def _verdicts(text: str) -> frozenset[Kind]:
    kinds = {kind.lower(): kind for kind in _MAY_FAIL}
    names = [name.strip().lower() for name in text.split(",")]
    unknown = next((name for name in names if name not in kinds), None)
    if unknown is not None:
        raise ValueError(f"{unknown!r} is no verdict that can fail. Name some of: {', '.join(kinds)}")
    return frozenset(kinds[name] for name in names)


def _no_folder(path: Path) -> Path:
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name a file, which will be written")
    return path


def _no_file(path: Path) -> Path:
    if path.is_file():
        raise ValueError(f"{path} is a file: name a folder")
    return path


_READERS: Mapping[str, Callable[[object, Origin], Any]] = {
    "flag": _switch,
    "text": _text,
    "percent": _percent,
    "number": _number,
    "figure": _figure,
    "memory": _memory,
    "path": _path,
    "list": _texts,
    "named paths": _named_paths,
}

# What some options make of a value, beyond its kind.
_REFINERS: Mapping[str, Callable[[Any], Any]] = {
    "baselines": _no_file,
    "fail-on": _verdicts,
    "intensity": checked_g_per_kwh,
    "pue": pue_of,
    "embodied": embodied_choice,
    "live": live_choice,
    "live-cache": _no_folder,
    "time": _between(_SHORTEST_S, _LONGEST_S, " seconds"),
    "timeout": _between(_SHORTEST_S, _LONGEST_S, " seconds"),
    "json": _no_folder,
    "markdown": _no_folder,
    "html": _no_folder,
    "export": known_exports,
    "history": _no_folder,
}
