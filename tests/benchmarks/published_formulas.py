"""The formulas of other tools, as published: the power of a device in W by its rated power and its load."""

from collections.abc import Callable, Sequence

import numpy as np
from published_row import Part


def codecarbon_machine(part: Part) -> float | None:
    """CodeCarbon 3.3.2, external/hardware.py, CPU-load mode for the machine: TDP (0.1 + 0.9 u^3)."""
    return part.rated_w * (0.1 + 0.9 * part.logical_load**3) if part.kind == "cpu" else None


def codecarbon_process(part: Part) -> float | None:
    """CodeCarbon 3.3.2, external/hardware.py, CPU-load mode for the process: TDP u."""
    return part.rated_w * part.logical_load if part.kind == "cpu" else None


def codecarbon_constant(part: Part) -> float | None:
    """CodeCarbon 3.3.2, external/hardware.py, where no load is read: half of TDP."""
    return part.rated_w / 2 if part.kind == "cpu" else None


def green_algorithms(part: Part) -> float | None:
    """Green Algorithms, doi:10.1002/advs.202100707: TDP per core x cores x usage, which is 1 unless told."""
    return part.rated_w * (1.0 if part.load is None and part.at_work else part.logical_load)


def tdp_times_load(part: Part) -> float | None:
    """TDP x load, for a device of any kind."""
    return part.rated_w * part.logical_load


def teads(part: Part) -> float | None:
    """Teads (2021), by Boavizta: 0.12, 0.32, 0.75 and 1.02 of TDP at 0, 10, 50 and 100 % load."""
    return part.rated_w * float(np.interp(part.logical_load, (0, 0.1, 0.5, 1), (0.12, 0.32, 0.75, 1.02)))


FORMULAS: dict[str, Callable[[Part], float | None]] = {
    "CC machine": codecarbon_machine,
    "CC process": codecarbon_process,
    "CC constant": codecarbon_constant,
    "Green Alg.": green_algorithms,
    "TDP x load": tdp_times_load,
    "Teads": teads,
}
"""Every formula by a short name."""


def of_machine(formula: Callable[[Part], float | None], parts: Sequence[Part]) -> float | None:
    """Return what a formula says of several devices together; None where it says nothing of one of them."""
    found = [formula(part) for part in parts]
    return None if any(one is None for one in found) else sum(one for one in found if one is not None)
