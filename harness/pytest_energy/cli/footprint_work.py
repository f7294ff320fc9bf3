"""The work of a step, for a roofline: as the user tells it, or derived from the graph of the model."""

import argparse
from pathlib import Path

from pytest_energy.cli.numbers import number
from pytest_energy.errors import UsageError
from pytest_energy.footprint.roofline import StepWork
from pytest_energy.results.result import Result
from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.workloads.model import read_model_hash

_MOST = 1e24
_REMEDY = "Tell what a step computes and moves: --macs N --bytes N."


def work_of(arguments: argparse.Namespace, result: Result) -> StepWork:
    """Return what one step computes and moves.

    The results tell it, where it was known when they were measured; else the graph of the model does. Of its
    bytes the least are taken: weights, inputs and outputs once, all else in caches.

    Raises:
        UsageError: Half of it is told, or there is no model to derive it from.
        HarnessError: The model cannot be read.
    """
    if arguments.macs is not None and arguments.bytes is not None:
        return StepWork(
            macs=number(arguments.macs, "--macs", _MOST), bytes=number(arguments.bytes, "--bytes", _MOST)
        )
    if arguments.macs is not None or arguments.bytes is not None:
        raise UsageError("--macs and --bytes go together: a roofline needs both.")
    work = result.work if arguments.model is None else None
    if work is None:
        work = read_graph(_model(arguments, result), result.benchmark.batch).work
    if work is None or not work.macs:
        raise UsageError(f"The graph of {result.benchmark.id} does not tell its operations. {_REMEDY}")
    return StepWork(macs=work.macs, bytes=work.least_bytes)


def _model(arguments: argparse.Namespace, result: Result) -> Path:
    """Return the model's file, if it is still the one that was measured."""
    written = arguments.model or result.benchmark.model
    if written is None:
        raise UsageError(f"{result.benchmark.id} is no model, so nothing tells its operations. {_REMEDY}")
    path = Path(written)
    if not path.is_file():
        raise UsageError(
            f"The model of {result.benchmark.id} is not at {path}. Name its file with --model. Or: {_REMEDY}"
        )
    if read_model_hash(path) != result.factors.model:
        raise UsageError(f"{path} is not the model that was measured: its bytes differ. {_REMEDY}")
    return path
