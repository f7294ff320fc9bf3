"""``pytest-energy inspect``: a model's inspection as text or JSON."""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from pytest_energy.cli.screen import Screen, show, standard_screen
from pytest_energy.quantities import format_memory
from pytest_energy.results.input_plan import InputPlan, PlannedInput
from pytest_energy.results.inspection import Inspection, Value
from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.workloads.model import require_model

_MOST_OPERATORS = 12
_THOUSAND = 1000
_UNITS = ("", "k", "M", "G", "T", "P")


def run(arguments: argparse.Namespace) -> int:
    """Show the inspection of a model.

    Returns:
        The exit code, 0.

    Raises:
        ModelError: The graph cannot be read.
    """
    path = Path(arguments.model)
    require_model(path, arguments.model)
    found = read_graph(path, arguments.batch)
    if arguments.json:
        print(json.dumps(asdict(found), indent=2))
        return 0
    screen = standard_screen()
    write(screen, arguments.model, found)
    show(screen)
    return 0


def write(screen: Screen, name: str, found: Inspection) -> None:
    """Write an inspection to a screen."""
    screen.line(name, style="bold")
    screen.table(("", ""), _facts(found), foldable=(1,))
    for title, values in (("inputs", found.inputs), ("outputs", found.outputs)):
        screen.line()
        screen.line(title if values else f"{title}: none", style="bold")
        if values:
            screen.table(("", "", ""), [_row(each) for each in values], foldable=(0, 2))
    screen.line()
    screen.line(f"fed at batch {found.plan.batch}", style="bold")
    for each in found.plan.inputs:
        screen.line(f"  {each.name} {_shape_of(found.plan, each)}: {each.reason}")
    for size in found.plan.sizes:
        if size.role != "batch":
            screen.line(f"  {size.key} = {size.candidates[0]}: {size.reason}")
    for pair in found.plan.states:
        screen.line(f"  {pair.input}: what {pair.output} was after a first step")


def count(number: int) -> str:
    """Write a count with three digits: ``4.09 G``."""
    value, step = float(number), 0
    while value >= _THOUSAND - 0.5 and step < len(_UNITS) - 1:
        value, step = value / _THOUSAND, step + 1
    return f"{value:.3g} {_UNITS[step]}".rstrip() if step else str(number)


def _facts(found: Inspection) -> Iterator[tuple[str, str]]:
    yield "format", f"IR version {found.ir_version}, opset {_opsets(found)}"
    yield "exporter", found.producer or "unknown"
    yield "size", _size(found)
    yield "parameters", _weights(found)
    yield "quantization", found.quantization or "none"
    yield "operators", _operators(found.operators)
    yield "step at batch " + str(found.plan.batch), _work(found)


def _size(found: Inspection) -> str:
    beside = f", {format_memory(found.external_bytes)} of weights beside it" if found.external_bytes else ""
    return f"{format_memory(found.size_bytes)}{beside}"


def _operators(operators: Mapping[str, int]) -> str:
    shown = list(operators.items())[:_MOST_OPERATORS]
    rest = len(operators) - len(shown)
    text = ", ".join(f"{number} {name}" for name, number in shown) or "none"
    return f"{text}, and {rest} other kinds" if rest else text


def _work(found: Inspection) -> str:
    work = found.work
    if work is None:
        return "unknown"
    text = (
        f"{count(work.macs)} multiply-accumulates; {format_memory(work.bytes)} read and written if each "
        f"operator runs by itself, {format_memory(work.least_bytes)} at least"
    )
    if work.unknown:
        text += f"; without {_operators(work.unknown)}, whose shapes are unknown"
    return text


def _opsets(found: Inspection) -> str:
    return ", ".join(f"{domain} {number}" for domain, number in found.opsets.items()) or "unknown"


def _weights(found: Inspection) -> str:
    types = ", ".join(f"{count(number)} {name}" for name, number in found.weight_types.items())
    return f"{count(found.parameters)} ({types})" if types else "none"


def _row(value: Value) -> tuple[str, str, str]:
    return f"  {value.name}", value.type, _shape(value)


def _shape(value: Value) -> str:
    if value.shape is None:
        return "unknown rank"
    return (
        f"[{', '.join('?' if size is None else str(size) for size in value.shape)}]"
        if value.shape
        else "scalar"
    )


def _shape_of(plan: InputPlan, planned: PlannedInput) -> str:
    if planned.fill.kind == "absent":
        return ""
    sizes = {each.key: each.candidates[0] for each in plan.sizes}
    return str([sizes[size] if isinstance(size, str) else size for size in planned.shape])
