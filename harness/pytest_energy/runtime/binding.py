"""IO binding: inputs are bound once, so that a step is the model and not the copying of its feeds."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def bind(session: Any, feeds: Mapping[str, npt.NDArray[np.generic]]) -> Any:
    """Bind feeds and all outputs to the CPU, and return the binding."""
    binding = session.io_binding()
    for name, array in feeds.items():
        binding.bind_cpu_input(name, array)
    for output in session.get_outputs():
        binding.bind_output(output.name, "cpu")
    return binding


def bound_step(session: Any, binding: Any) -> Callable[[], object]:
    """Return one inference as a callable without arguments."""
    run = session.run_with_iobinding
    return lambda: run(binding)


def bound_outputs(session: Any, binding: Any) -> dict[str, npt.NDArray[np.generic]]:
    """Copy the outputs of the last step."""
    names = [output.name for output in session.get_outputs()]
    return {name: np.asarray(value) for name, value in zip(names, binding.copy_outputs_to_cpu(), strict=True)}


def all_finite(outputs: Mapping[str, npt.NDArray[np.generic]]) -> bool:
    """Whether no floating-point output holds NaN or an infinity."""
    return all(bool(np.isfinite(array).all()) for array in outputs.values() if array.dtype.kind == "f")
