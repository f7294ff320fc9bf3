"""Suites: the tables of a ``*.energy.toml`` become benchmarks."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pytest_energy.errors import SuiteError
from pytest_energy.providers import short_names
from pytest_energy.quantities import Ceiling
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.given_inputs import NOTHING_GIVEN, GivenInputs
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.results.training import Training
from pytest_energy.workloads.model import fault_of_path
from pytest_energy.workloads.suite_inputs import suite_inputs
from pytest_energy.workloads.suite_table import SuiteTable, read_tables

SUITE_ENDING = ".energy.toml"
MODEL_ENDINGS = (".onnx", ".ort")

_DEFAULT_PROVIDERS = ("cpu",)
_NO_LIBRARIES: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a benchmark sets for itself, though it says nothing of what is run.

    Attributes:
        tolerance: Fraction beyond which a change is a regression; None where it sets none.
        budget: Absolute ceiling per step; None for none.
        time_s: Time budget in s; None where it sets none.
        placement: Least share of the time that must run on the provider; None for the built-in one.
        agreement: How far outputs may be from the CPU provider's, as a fraction of the largest entry; None
            for what their type allows, ``off`` for no comparison.
    """

    tolerance: float | None = None
    budget: Ceiling | None = None
    time_s: float | None = None
    placement: float | None = None
    agreement: float | Literal["off"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteEntry:
    """One benchmark of a suite, or a model that was named by itself.

    Attributes:
        benchmark: What is run.
        model_path: Where the model lies.
        overrides: What it sets for itself.
        inputs: What it says of the model's inputs.
        library: Plugin library that brings the provider; None where the provider is found by its name.
        line: Line of its ``[[benchmark]]`` in the suite, from 1; None where it is unknown.
    """

    benchmark: Benchmark
    model_path: Path
    overrides: Overrides = Overrides()
    inputs: GivenInputs = NOTHING_GIVEN
    library: Path | None = None
    line: int | None = None


def read_suite(
    path: Path,
    providers: Sequence[str] = (),
    default_providers: Sequence[str] = _DEFAULT_PROVIDERS,
    libraries: Mapping[str, Path] = _NO_LIBRARIES,
) -> tuple[SuiteEntry, ...]:
    """Read a suite: one entry per table, provider and batch size, in that order.

    Args:
        path: A ``*.energy.toml`` file.
        providers: Execution providers that take the place of the suite's, as named on the command line.
            Benchmarks that differed in nothing else become one.
        default_providers: Those of a benchmark for which the suite names none.
        libraries: Plugin libraries by the name that the user gave them.

    Raises:
        SuiteError: The file or a model that it names is missing, a key or a value is wrong, or two benchmarks
            have the same id. The message names file, table, line and key.
        SettingsError: ``providers`` or ``default_providers`` names an unknown one.
    """
    built_in = {"providers": short_names(default_providers or _DEFAULT_PROVIDERS, libraries)}
    forced = {"providers": short_names(providers, libraries)} if providers else {}
    entries: dict[str, SuiteEntry] = {}
    owners: dict[str, str] = {}
    for table in read_tables(path, libraries):
        model_path = _model_path(path, table)
        inputs = suite_inputs(table.values, path, table.where)
        values = built_in | dict(table.values)
        for entry in _expand(values, model_path, libraries, table.line, inputs):
            _claim(path, owners, entry.benchmark.id, table.where)
        for entry in _expand(values | forced, model_path, libraries, table.line, inputs):
            entries.setdefault(entry.benchmark.id, entry)
    return tuple(entries.values())


def model_entry(  # noqa: PLR0913 - all that a model's benchmarks may differ in, each with a default
    path: Path,
    shown: str,
    providers: Sequence[str] = (),
    *,
    batch: int = 1,
    threads: int = 1,
    libraries: Mapping[str, Path] = _NO_LIBRARIES,
) -> tuple[SuiteEntry, ...]:
    """Return the entries of a model that was named by itself, one per provider.

    Args:
        path: Where the model lies.
        shown: The path as the user wrote it.
        providers: Names of execution providers; ``cpu`` where there are none.
        batch: Size of the free first dimension of its inputs.
        threads: Intra-op threads.
        libraries: Plugin libraries by the name that the user gave them.

    Raises:
        SettingsError: A provider is unknown.
    """
    values = {
        "model": shown,
        "providers": short_names(providers or _DEFAULT_PROVIDERS, libraries),
        "batch": (batch,),
        "threads": threads,
    }
    return tuple(_expand(values, path, libraries, None))


def _model_path(path: Path, table: SuiteTable) -> Path:
    written: str = table.values["model"]
    model_path = path.parent / _with_slashes(written)
    if fault := fault_of_path(model_path):
        raise SuiteError(
            f"{path}: {table.where}: the model {written!r}, looked for at {model_path}, {fault}."
        )
    return model_path


def _expand(
    values: Mapping[str, Any],
    model_path: Path,
    libraries: Mapping[str, Path],
    line: int | None,
    inputs: GivenInputs = NOTHING_GIVEN,
) -> Iterator[SuiteEntry]:
    overrides = Overrides(
        tolerance=values.get("tolerance"),
        budget=values.get("budget"),
        time_s=values.get("time"),
        placement=values.get("placement"),
        agreement=values.get("agreement"),
    )
    for provider, batch in itertools.product(values["providers"], values.get("batch", (1,))):
        benchmark = Benchmark(
            name=values.get("name", model_path.stem),
            mode=values.get("mode", "inference"),
            model=_with_slashes(values["model"]),
            provider=provider,
            batch=batch,
            threads=values.get("threads", 1),
            spinning=values.get("spinning", False),
            session=_session_settings(values, provider),
            transfer=values.get("transfer", False),
            pace_s=values.get("pace"),
            training=_training(values),
        )
        yield SuiteEntry(
            benchmark=benchmark,
            model_path=model_path,
            overrides=overrides,
            inputs=inputs,
            library=libraries.get(provider),
            line=line,
        )


def _training(values: Mapping[str, Any]) -> Training | None:
    if values.get("mode") != "training":
        return None
    return Training(
        loss=values.get("loss", "cross-entropy"),
        optimizer=values.get("optimizer", "sgd"),
        hyperparameters=values.get("hyperparameters", {}),
        frozen=values.get("frozen", ()),
        clip=values.get("clip"),
        accumulate=values.get("accumulate", 1),
        lowering=values.get("lowering"),
        output=values.get("output"),
        steps=values.get("steps"),
        epochs=values.get("epochs"),
        target=values.get("target"),
        patience=values.get("patience"),
        shuffle=values.get("shuffle", False),
    )


def _session_settings(values: Mapping[str, Any], provider: str) -> SessionSettings:
    return SessionSettings(
        optimization=values.get("optimization", "all"),
        memory_pattern=values.get("memory_pattern", True),
        device=values.get("device"),
        provider_options=values.get("provider_options", {}).get(provider, {}),
        entries=values.get("session", {}),
    )


def _with_slashes(written: str) -> str:
    """Write a path in the one way that every system reads."""
    return written.replace("\\", "/")


def _claim(path: Path, owners: dict[str, str], benchmark_id: str, where: str) -> None:
    """Refuse a second benchmark with the same id: both would share one baseline."""
    if benchmark_id in owners:
        raise SuiteError(
            f"{path}: {owners[benchmark_id]} and {where} both make the benchmark {benchmark_id!r}. "
            f'Give one of them a name of its own: name = "...".'
        )
    owners[benchmark_id] = where
