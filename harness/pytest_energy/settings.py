"""Settings: flags and ``[tool.pytest-energy]``, read and checked, as one frozen record."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_energy.errors import SettingsError
from pytest_energy.footprint.embodied import EmbodiedChoice
from pytest_energy.gate.verdict import Kind
from pytest_energy.grid.live import LiveChoice
from pytest_energy.options import OPTIONS, Option
from pytest_energy.providers import provider_named, short_names
from pytest_energy.quantities import MemorySize
from pytest_energy.results.energy import Pue
from pytest_energy.setting_values import NamedPath, Origin, read_value

DEFAULT_TIME_S = 6.0
"""Built-in time budget of a benchmark in s."""

_TABLE = "[tool.pytest-energy]"
_LIBRARY_NAME = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user asked for. A flag beats a suite, a suite beats pyproject.toml.

    Attributes:
        update: Whether baselines are written.
        reason: Why a regression is accepted; None where no reason was given.
        models: Globs of models to benchmark when no path is named, relative to ``root``.
        baselines: Folder of the baselines.
        tolerance: Fraction beyond which a change is a regression; None where only the built-in ones hold.
        fail_on: Verdicts that fail the build.
        strict: Whether everything but PASSED, IMPROVED and UNCHANGED fails.
        providers: Short names of execution providers that were given as flags: they beat the suite's.
        default_providers: Those of pyproject.toml, for benchmarks for which the suite names none.
        libraries: Libraries of plugin execution providers by their names.
        profile: Name or file of a power profile; None to detect it.
        region: Code of the place that the electricity comes from; None for the world average.
        intensity: Carbon intensity in gCO2e per kWh; None where it follows from ``region``.
        pue: Power usage effectiveness.
        embodied: Device whose making is counted too; None to leave it out.
        live: Live service that is asked what electricity emits now; None to ask nobody.
        live_cache: File in which its answers are kept; None for none.
        against: Git revision that models are compared with instead of with baselines; None for baselines.
        only_changed: Whether benchmarks of which nothing changed are not run.
        time_s: Time budget per benchmark in s; None where the user set none.
        timeout_s: Silence in s after which a worker is killed.
        memory: Resident memory beyond which a worker is killed.
        json: Where the results are written; None for nowhere.
        markdown: Where the report is written as Markdown; None for nowhere.
        html: Where the report is written as one HTML page; None for nowhere.
        exports: What is written for other tools: the name of a format, and where.
        history: File that every verdict is appended to; None for none.
        root: Folder of pyproject.toml.
        flags: Names of the options that were given as flags.
    """

    update: bool
    reason: str | None
    models: tuple[str, ...]
    baselines: Path
    tolerance: float | None
    fail_on: frozenset[Kind]
    strict: bool
    providers: tuple[str, ...]
    default_providers: tuple[str, ...]
    libraries: Mapping[str, Path]
    profile: str | None
    region: str | None
    intensity: float | None
    pue: Pue
    embodied: EmbodiedChoice | None
    live: LiveChoice | None
    live_cache: Path | None
    against: str | None
    only_changed: bool
    time_s: float | None
    timeout_s: float
    memory: MemorySize
    json: Path | None
    markdown: Path | None
    html: Path | None
    exports: tuple[NamedPath, ...]
    history: Path | None
    root: Path
    flags: frozenset[str]

    def tolerance_for(self, override: float | None, builtin: float) -> float:
        """Return the tolerance of a benchmark, as a fraction.

        Args:
            override: What its suite or test says; None for nothing.
            builtin: What holds where nobody says anything.
        """
        return self._first("tolerance", self.tolerance, override, builtin)

    def time_for(self, override: float | None) -> float:
        """Return the time budget of a benchmark in s; ``override`` is what its suite says, or None."""
        return self._first("time", self.time_s, override, DEFAULT_TIME_S)

    def _first(self, name: str, own: float | None, override: float | None, builtin: float) -> float:
        order = (own, override) if name in self.flags else (override, own)
        return next((value for value in order if value is not None), builtin)


def read_project(root: Path) -> Mapping[str, object]:
    """Return the table ``[tool.pytest-energy]`` of pyproject.toml as written; empty where there is none.

    Raises:
        SettingsError: The file cannot be read, is not TOML, or what has that name is no table.
    """
    path = root / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML in UTF-8: {error}. Mend it there.") from error
    tools = document.get("tool", {})
    table = tools.get("pytest-energy", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.pytest-energy is no table. Write {_TABLE} above its keys.")
    return table


def read_settings(
    flags: Mapping[str, object], project: Mapping[str, object], root: Path, invocation_dir: Path
) -> Settings:
    """Read and check every option: a flag, else the project's key, else the built-in default.

    Args:
        flags: What was given on the command line, by the option's name; lists for what may be repeated.
        project: The table ``[tool.pytest-energy]`` as it is written.
        root: Folder of pyproject.toml, to which its paths are relative.
        invocation_dir: Folder to which paths on the command line are relative.

    Raises:
        SettingsError: A key is unknown or may not be in the file, or a value cannot be used.
    """
    _check_keys(project)
    command_line = Origin(shown=lambda option: option.flag, folder=invocation_dir, typed=False)
    file = Origin(shown=lambda option: f"{option.name!r} in {_TABLE}", folder=root, typed=True)
    table = Origin(shown=lambda option: f"the default of {option.name!r}", folder=root, typed=True)
    from_flags = _read_all(flags, command_line)
    from_project = _read_all(project, file)
    given = from_project | from_flags
    chosen = _read_all(_DEFAULTS, table) | given
    _refuse_contradictions(chosen)
    libraries = _libraries(from_project, file) | _libraries(from_flags, command_line)
    return Settings(
        update=chosen["update"],
        reason=chosen.get("reason"),
        models=chosen["models"],
        baselines=chosen["baselines"],
        tolerance=given.get("tolerance"),
        fail_on=chosen["fail-on"],
        strict=chosen["strict"],
        providers=_providers(from_flags, command_line, libraries),
        default_providers=_providers(from_project, file, libraries),
        libraries=libraries,
        profile=_profile(from_flags, invocation_dir) or _profile(from_project, root),
        region=chosen.get("region"),
        intensity=_intensity(from_flags, from_project),
        pue=chosen["pue"],
        embodied=chosen.get("embodied"),
        live=chosen.get("live"),
        live_cache=chosen.get("live-cache"),
        against=chosen.get("against"),
        only_changed=chosen["only-changed"],
        time_s=given.get("time"),
        timeout_s=chosen["timeout"],
        memory=chosen["memory"],
        json=chosen.get("json"),
        markdown=chosen.get("markdown"),
        html=chosen.get("html"),
        exports=chosen["export"],
        history=chosen.get("history"),
        root=root,
        flags=frozenset(from_flags),
    )


def _refuse_contradictions(chosen: Mapping[str, Any]) -> None:
    if "reason" in chosen and not chosen["update"]:
        raise SettingsError(
            "--energy-reason has no effect without --energy-update: add it, or leave both out."
        )
    if "against" in chosen and chosen["update"]:
        raise SettingsError(
            "--energy-against and --energy-update exclude each other: with a revision to compare with, no "
            "baseline is read or written. Leave one of them out."
        )


def _libraries(values: Mapping[str, Any], origin: Origin) -> dict[str, Path]:
    """Return plugin libraries by the short name of their provider."""
    shown = origin.shown(_BY_NAME["ep-library"])
    libraries = {}
    for text in values.get("ep-library", ()):
        name, equals, path = (part.strip() for part in text.partition("="))
        if not (equals and path and _LIBRARY_NAME.fullmatch(name)):
            raise SettingsError(f"{shown}: {text!r} must be NAME=PATH, with a name such as my-npu.")
        if not (origin.folder / path).is_file():
            raise SettingsError(f"{shown}: there is no file {origin.folder / path}. Correct the path.")
        libraries[provider_named(name, [name]).short] = origin.folder / path
    return libraries


def _providers(values: Mapping[str, Any], origin: Origin, libraries: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the short names of providers; those of plugin libraries are known as well."""
    try:
        return short_names(values.get("provider", ()), libraries)
    except SettingsError as error:
        raise SettingsError(f"{origin.shown(_BY_NAME['provider'])}: {error}") from error


def _intensity(flags: Mapping[str, Any], project: Mapping[str, Any]) -> float | None:
    """Return the carbon intensity: it comes before the region, but no key comes before a flag."""
    value: float | None = flags.get("intensity", None if "region" in flags else project.get("intensity"))
    return value


def _profile(values: Mapping[str, Any], folder: Path) -> str | None:
    """Return the power profile: a file in ``folder`` is found from wherever pytest was started."""
    name: str | None = values.get("profile")
    return str(folder / name) if name and (folder / name).is_file() else name


def _check_keys(project: Mapping[str, object]) -> None:
    known = {option.name: option for option in OPTIONS}
    for key in project:
        if key not in known:
            allowed = [option.name for option in OPTIONS if option.in_file]
            near = difflib.get_close_matches(key, allowed, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise SettingsError(f"{_TABLE}: the key {key!r} is unknown. {hint}Known: {', '.join(allowed)}.")
        if not known[key].in_file:
            raise SettingsError(
                f"{_TABLE}: {key!r} may not be set in a file, for it would hold for every run from then on, "
                f"unseen. Delete the key, and give {known[key].flag} on the command line."
            )


def _read_all(values: Mapping[str, object], origin: Origin) -> dict[str, Any]:
    return {
        option.name: read_value(option, values[option.name], origin)
        for option in OPTIONS
        if option.name in values
    }


_BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}

_DEFAULTS: Mapping[str, object] = {
    option.name: option.default for option in OPTIONS if option.default is not None
}
