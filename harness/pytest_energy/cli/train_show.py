"""What ``pytest-energy train`` says at its end, as text and as JSON."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from pytest_energy.cli.screen import Screen
from pytest_energy.quantities import format_memory, format_quantity, format_range
from pytest_energy.results.codec import to_plain
from pytest_energy.results.training import Training
from pytest_energy.runner.trained import Trained
from pytest_energy.workloads.model import read_model_hash


def show_trained(screen: Screen, trained: Trained, output: Path) -> None:
    """Show how training went, and what it cost."""
    screen.table(("", ""), list(_rows(trained, output)), foldable=[1])
    if trained.run.missed:
        screen.line(f"{trained.run.missed} The model is written as it was at the end.")
    for note in dict.fromkeys(trained.notes):
        screen.line(note)


def json_text(trained: Trained, model_hash: str, output: Path) -> str:
    """Return everything as JSON; units stand in the names, null is unknown.

    Args:
        trained: What came of it.
        model_hash: SHA-256 of the model that was trained.
        output: The file that was written.
    """
    document = {
        "version": version("pytest-energy"),
        "model_sha256": model_hash,
        "trained": str(output),
        "trained_sha256": read_model_hash(output),
        "target_reached": None if _training(trained).target is None else trained.run.missed is None,
        **to_plain(trained),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _rows(trained: Trained, output: Path) -> Iterator[tuple[str, str]]:
    run, training = trained.run, _training(trained)
    losses, batch = run.record.losses, trained.benchmark.batch
    yield "trained", f"{output}, {format_memory(output.stat().st_size)}"
    yield "loss", f"{losses[0]:.3g} -> {losses[-1]:.3g}, {training.loss} of {trained.output!r}"
    yield "epochs", f"{len(losses)}, {run.record.batches:,} batches of {batch} in all: {_end(trained)}"
    threads = "1 thread" if trained.benchmark.threads == 1 else f"{trained.benchmark.threads} threads"
    yield "time", f"{format_quantity(run.duration_s, 's')}, CPU time {format_quantity(run.cpu_s, 's')}"
    if run.fetch_cpu_s is not None:
        yield "making batches", f"{run.fetch_cpu_s / run.cpu_s:.1%} of the CPU time".replace("%", " %")
    yield "ran on", f"{_where(trained)}, {threads}"
    yield "energy", f"{_banded(trained, trained.energy.energy_j, 'J')}, {trained.energy.method}"
    yield "emissions", f"{_banded(trained, trained.score.operational_g, 'g')} CO2e"
    pins = trained.pins
    yield "by", f"profile {pins.profile}, {pins.intensity.in_words}, PUE {pins.pue:g}"


def _training(trained: Trained) -> Training:
    training = trained.benchmark.training
    assert training is not None  # noqa: S101 - it is what was trained by
    return training


def _end(trained: Trained) -> str:
    training, ending = _training(trained), trained.run.record.ending
    if ending == "target":
        return f"the loss fell below {training.target:g}"
    missed = f", and {training.target:g} was not reached" if trained.run.missed else ""
    if ending == "patience":
        return f"{training.patience} without a lower loss{missed}"
    asked = training.steps is not None or training.epochs is not None
    return f"{'as many as were asked for' if asked else 'the most without --epochs or --steps'}{missed}"


def _where(trained: Trained) -> str:
    placement = trained.run.placement
    if placement.taken == placement.total:
        return str(trained.benchmark.provider)
    return f"{trained.benchmark.provider} with {placement.taken} of {placement.total} nodes"


def _banded(trained: Trained, value: float, unit: str) -> str:
    estimate = trained.energy
    return format_range(value, value * estimate.systematic_low, value * estimate.systematic_high, unit)
