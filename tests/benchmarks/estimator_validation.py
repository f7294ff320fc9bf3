"""Try the energy model on published measurements, beside the formulas of other tools.

    python tests/benchmarks/estimator_validation.py [--measurements FILE]

An estimate knows a device by name, rated power and cores, and its load where that was published. The generic
model is fitted anew for each device, without that device's own evidence. Boards whose profile rests on
measurements of themselves are not reported, nor is anything else of which no rated power is known.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from published_formulas import FORMULAS, of_machine
from published_row import HOST_LOAD, Measurement, Part, measurement_of

from pytest_energy.footprint.band import Banded, total
from pytest_energy.footprint.wall import above_idle, at_the_wall
from pytest_energy.power.brand import plain_brand
from pytest_energy.power.generic_model import (
    ACCELERATOR_IDLE_SHARE,
    AcceleratorModel,
    CpuModel,
    accelerator_evidence,
    cpu_evidence,
    fit_accelerator,
    fit_cpu,
)

_SELECTION = Path(__file__).with_name("published_measurements.json")
_TARGETS = {
    "CPU package, ONNX Runtime": 0.12,
    "wall, CPU at work by ONNX Runtime, idle metered": 0.12,
    "wall, CPU at work by ONNX Runtime, idle unknown": 0.12,
    "GPU board, utilisation known": 0.10,
}
_COVERAGE = 0.85


def main() -> None:
    """Print a table per kind and device, and what was reached."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--measurements", type=Path, default=_SELECTION, metavar="FILE")
    rows = json.loads(arguments.parse_args().measurements.read_text(encoding="utf-8"))["rows"]
    groups: dict[str, dict[str, list[Measurement]]] = defaultdict(lambda: defaultdict(list))
    left_out: Counter[str] = Counter()
    for row in rows:
        found = measurement_of(row)
        if isinstance(found, str):
            left_out[f"{row['kind']}, {str(row['device']).split(' (', 1)[0]}: {found}"] += 1
        else:
            groups[found.group][found.device].append(found)
    for group in sorted(groups):
        _print_group(group, groups[group])
    print(
        "Errors are estimate / measurement - 1; held: the share of measurements inside the stated 90 % band."
    )
    print("Left out:")
    for reason, count in sorted(left_out.items()):
        print(f"  {count:4d}  {reason}")


def _print_group(group: str, devices: dict[str, list[Measurement]]) -> None:
    print(f"{group}\n{'':38}   n  median    5 %   95 %   |err|   held")
    everything = [one for found in devices.values() for one in found]
    for device, found in sorted(devices.items()):
        _print_line(device, found)
    if len(devices) > 1:
        _print_line("all", everything)
    worst = _formula_errors(everything)
    for name, error in worst.items():
        print(f"  {'formula: ' + name:36} {'':32} {_percent(error):>7}")
    if group in _TARGETS:
        _print_verdict(group, everything, worst)
    print()


def _print_line(name: str, found: Sequence[Measurement]) -> None:
    errors, inside = _errors(found)
    low, high = np.quantile(errors, (0.05, 0.95))
    print(
        f"  {name[:36]:36} {len(found):3d} {_percent(median(errors), sign=True):>7} "
        f"{_percent(low, sign=True):>6} {_percent(high, sign=True):>6} {_percent(_typical(errors)):>7} "
        f"{inside:6.0%}"
    )


def _print_verdict(group: str, found: Sequence[Measurement], formulas: dict[str, float]) -> None:
    errors, inside = _errors(found)
    ours, target = _typical(errors), _TARGETS[group]
    words = [
        f"median |err| {_percent(ours)} of at most {target:.0%}: {_answer(ours <= target)}",
        f"band holds {inside:.0%} of at least {_COVERAGE:.0%}: {_answer(inside >= _COVERAGE)}",
        f"better than every formula: {_answer(all(ours < one for one in formulas.values()))}",
    ]
    for word in words:
        print(f"  to reach: {word}")


def _errors(found: Sequence[Measurement]) -> tuple[list[float], float]:
    """Return the errors as fractions of what was measured, and the share that is inside its band."""
    estimates = [_estimate(one) for one in found]
    errors = [one.value / each.power_w - 1 for one, each in zip(estimates, found, strict=True)]
    inside = [one.low <= each.power_w <= one.high for one, each in zip(estimates, found, strict=True)]
    return errors, sum(inside) / len(inside)


def _formula_errors(found: Sequence[Measurement]) -> dict[str, float]:
    said = {
        name: [(of_machine(formula, one.parts), one.power_w) for one in found]
        for name, formula in FORMULAS.items()
    }
    return {
        name: _typical([value / power_w - 1 for value, power_w in pairs if value is not None])
        for name, pairs in said.items()
        if any(value is not None for value, _ in pairs)
    }


def _estimate(one: Measurement) -> Banded:
    powers = [_power(part) for part in one.parts]
    if not one.is_at_wall:
        return total(powers)
    if one.idle_w is None:
        return at_the_wall(total(powers))
    more = [
        Banded(
            value=power.value - idle, low=power.low - idle * power.low / power.value, high=power.high - idle
        )
        for part, power in zip(one.parts, powers, strict=True)
        for idle in [_idle_w(part)]
    ]
    return above_idle(one.idle_w, total(more))


def _power(part: Part) -> Banded:
    if part.kind == "cpu":
        cpu = _cpu_model(part.name)
        if not part.at_work:
            return Banded(
                value=part.limit_w * cpu.share(HOST_LOAD),
                low=part.limit_w * cpu.share(0.0),
                high=part.limit_w * cpu.share(0.5),
            )
        return Banded.by_factors(part.limit_w * cpu.share(part.busy_cores), *cpu.band(part.busy_cores))
    accelerator = _accelerator_model(part.name)
    power_w = accelerator.power_w(part.limit_w, _idle_w(part), part.load)
    known = part.load is not None
    return Banded.by_factors(
        power_w, *accelerator.band(utilisation_known=known, ceiling=part.limit_w / power_w)
    )


def _idle_w(part: Part) -> float:
    if part.kind == "cpu":
        return part.limit_w * _cpu_model(part.name).share(0.0)
    return part.limit_w * ACCELERATOR_IDLE_SHARE


def _cpu_model(name: str) -> CpuModel:
    return fit_cpu([one for one in cpu_evidence() if not _same(one.device, name)])


def _accelerator_model(name: str) -> AcceleratorModel:
    return fit_accelerator([one for one in accelerator_evidence() if not _same(one.device, name)])


def _same(evidence: str, name: str) -> bool:
    """Whether evidence is of this device, or of one that shares its name: H100 PCIe and H100 SXM are one."""
    model = evidence.removeprefix("NVIDIA ").removeprefix("AMD ").removeprefix("Intel ").lower()
    return model in plain_brand(name).lower()


def _typical(errors: Sequence[float]) -> float:
    return median(abs(error) for error in errors)


def _answer(is_reached: bool) -> str:  # noqa: FBT001 - the answer is about nothing else
    return "yes" if is_reached else "NO"


def _percent(fraction: float, *, sign: bool = False) -> str:
    return f"{fraction:+.0%}" if sign else f"{fraction:.1%}"


if __name__ == "__main__":
    main()
