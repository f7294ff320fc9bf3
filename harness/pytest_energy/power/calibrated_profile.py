"""The file of a calibrated profile: its curve, its band, and the steps that it was fitted to."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_energy.environment import Machine
from pytest_energy.power.calibration import Calibration, LoadStep
from pytest_energy.power.meter import Meter

_MEMORY_MARGIN = 0.1  # a band of memory encloses its figure by this at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When and where a calibration was made.

    Attributes:
        machine: The machine.
        cores: Its physical cores.
        meter: What was read.
        date: ISO date.
        version: Version of pytest-energy.
    """

    machine: Machine
    cores: int
    meter: Meter
    date: str
    version: str


def profile_text(profile_id: str, fitted: Calibration, occasion: Occasion) -> str:
    """Return the profile as TOML, for ``--energy-profile FILE``."""
    return "\n".join(_lines(profile_id, fitted, occasion)) + "\n"


def _lines(profile_id: str, fitted: Calibration, occasion: Occasion) -> Iterator[str]:
    found, meter = occasion.machine.environment, occasion.meter
    boundary = next(one.boundary for one in meter.components if one.name == "cpu")
    yield f"# Written by pytest-energy {occasion.version} profiles calibrate on {occasion.date}."
    yield f"id = {_quoted(profile_id)}"
    yield f"name = {_quoted(f'{found.cpu}, calibrated {occasion.date}')}"
    yield ""
    yield "[cpu]"
    yield f"model = {_quoted(found.cpu)}"
    yield 'unit = "core"'
    yield f"units = {occasion.cores}"
    yield f"threads_per_unit = {max(1, found.logical_cpus // occasion.cores)}"
    yield ""
    yield "[power]"
    yield 'load = "threads"'
    yield f"curve = [{', '.join(f'[{load:g}, {watts:.6g}]' for load, watts in fitted.curve)}]"
    yield f"band = [{fitted.band[0]:g}, {fitted.band[1]:g}]"
    yield f"boundary = {_quoted(boundary)}"
    yield f"source = [{_quoted(f'{meter.method}, {occasion.date}, profiles calibrate')}]"
    yield from _memory(fitted, occasion)
    yield from _residuals(fitted)


def _memory(fitted: Calibration, occasion: Occasion) -> Iterator[str]:
    """Yield what memory drew, where it is counted and its size is known."""
    steps = [one.step for one in fitted.residuals if one.step.memory_w]
    gib = occasion.machine.memory_gib
    if not steps or not gib:
        return
    per_gib = sorted((one.memory_w or 0.0) / gib for one in steps)
    middle = per_gib[len(per_gib) // 2]
    yield ""
    yield "[memory]"
    yield f"w_per_gib = {middle:.4g}"
    low, high = per_gib[0] * (1 - _MEMORY_MARGIN), per_gib[-1] * (1 + _MEMORY_MARGIN)
    yield f"band = [{low:.4g}, {high:.4g}]"
    yield f"source = [{_quoted(f'{occasion.meter.method}, its dram, {occasion.date}; {gib:g} GiB')}]"


def _residuals(fitted: Calibration) -> Iterator[str]:
    yield ""
    yield "# The steps that were metered. Those marked false are not on the curve: they only widen the band."
    yield "[calibration]"
    if fitted.extrapolated_from is not None:
        yield f"extrapolated_from = {fitted.extrapolated_from:.3g}"
    yield "steps = ["
    for one in fitted.residuals:
        yield f"    {_step(one.step, one.fitted_w)},"
    yield "]"


def _step(step: LoadStep, fitted_w: float) -> str:
    memory = "" if step.memory_w is None else f", memory_w = {step.memory_w:.5g}"
    return (
        f"{{ name = {_quoted(step.name)}, on_curve = {json.dumps(step.is_curve)}, "
        f"busy_cores = {step.busy_cores:.4g}, measured_w = {step.power_w:.5g}, "
        f"fitted_w = {fitted_w:.5g}{memory} }}"
    )


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
