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
    """Copy those outputs of the last step that numpy can hold: no sequence, no map, no bfloat16."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    # One by one: copy_outputs_to_cpu() fails for all when one is of another kind, and crashes on strings.
    for output, value in zip(session.get_outputs(), binding.get_outputs(), strict=True):
        array = _as_array(value)
        if array is not None:
            arrays[output.name] = array
    return arrays


def all_finite(outputs: Mapping[str, npt.NDArray[np.generic]]) -> bool:
    """Whether no floating-point output holds NaN or an infinity."""
    return all(bool(np.isfinite(array).all()) for array in outputs.values() if array.dtype.kind == "f")


def _as_array(value: Any) -> npt.NDArray[np.generic] | None:
    if not value.is_tensor():
        return None
    try:
        array: npt.NDArray[np.generic] = value.numpy()
    except RuntimeError:  # numpy has no such type
        return None
    return array.astype(np.str_) if array.dtype.kind == "O" else array
