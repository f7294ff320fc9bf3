"""IO binding: inputs are bound once, so that a step is the model and not the copying of its feeds."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.workloads.synthesis import Feeds

_ON_HOST = DeviceMemory()

# What numpy has no type for comes as bits; the number is that of onnx.TensorProto.DataType.
_BITS = {
    "tensor(bfloat16)": 16,
    "tensor(float8e4m3fn)": 17,
    "tensor(float8e4m3fnuz)": 18,
    "tensor(float8e5m2)": 19,
    "tensor(float8e5m2fnuz)": 20,
    "tensor(uint4)": 21,
    "tensor(int4)": 22,
    "tensor(float4e2m1)": 23,
    "tensor(float8e8m0)": 24,
    "tensor(uint2)": 25,
    "tensor(int2)": 26,
}


class Bound:
    """A session together with what it is fed: one step, and the outputs of the last one.

    Strings, sequences and optional inputs cannot be bound. A model that has one is fed at every step, which
    copies; such feeds are small.
    """

    def __init__(
        self, session: Any, feeds: Feeds, memory: DeviceMemory = _ON_HOST, *, transfer: bool = False
    ) -> None:
        """Bind feeds and all outputs to a memory, or keep the feeds for every step.

        Args:
            session: The session.
            feeds: One value per input.
            memory: Where inputs and outputs lie.
            transfer: Whether every step binds the inputs anew, which copies them to the device.
        """
        self._session = session
        can_be_bound = all(map(_can_be_bound, feeds.values()))
        self._binding = bind(session, feeds, memory) if can_be_bound else None
        self._transfer = transfer
        self.feeds = feeds
        self._returned: list[Any] = []

    @property
    def copies(self) -> bool:
        """Whether the feeds are copied at every step, since they cannot be bound."""
        return self._binding is None

    def step(self) -> Callable[[], object]:
        """Return one inference as a callable without arguments."""
        run, binding = self._session.run_with_iobinding, self._binding
        if binding is None:
            return self._run
        return self._transferring(binding) if self._transfer else lambda: run(binding)

    def synchronize(self) -> None:
        """Wait until the device has done all that it was given."""
        if self._binding is not None:
            self._binding.synchronize_inputs()
            self._binding.synchronize_outputs()

    def _transferring(self, binding: Any) -> Callable[[], object]:
        session, feeds = self._session, self.feeds

        def step() -> None:
            bind_inputs(session, binding, feeds)
            session.run_with_iobinding(binding)

        return step

    def outputs(self) -> dict[str, npt.NDArray[np.generic]]:
        """Copy those outputs of the last step that numpy can hold: no sequence, no map, no bfloat16."""
        if self._binding is not None:
            return bound_outputs(self._session, self._binding)
        named = zip(self._session.get_outputs(), self._returned, strict=False)
        return {output.name: _storable(value) for output, value in named if isinstance(value, np.ndarray)}

    def _run(self) -> None:
        self._returned = self._session.run(None, self.feeds)


def bind(session: Any, feeds: Mapping[str, Any], memory: DeviceMemory = _ON_HOST) -> Any:
    """Bind feeds and all outputs to a memory, and return the binding."""
    binding = session.io_binding()
    bind_inputs(session, binding, feeds, memory)
    for output in session.get_outputs():
        # What is no tensor stays where it is made.
        place = memory if output.type.startswith("tensor") else _ON_HOST
        binding.bind_output(output.name, place.name, place.number)
    return binding


def bind_inputs(
    session: Any, binding: Any, feeds: Mapping[str, Any], memory: DeviceMemory = _ON_HOST
) -> None:
    """Bind feeds to a memory; one on a device is copied there, once."""
    import onnxruntime

    bits = {each.name: _BITS[each.type] for each in session.get_inputs() if each.type in _BITS}
    for name, array in feeds.items():
        if name in bits:
            value = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(array, bits[name])
            binding.bind_ortvalue_input(name, value)
        elif memory.on_host:
            binding.bind_cpu_input(name, array)
        else:
            value = onnxruntime.OrtValue.ortvalue_from_numpy(array, memory.name, memory.number)
            binding.bind_ortvalue_input(name, value)


def bound_outputs(session: Any, binding: Any) -> dict[str, npt.NDArray[np.generic]]:
    """Copy those outputs of the last step that numpy can hold."""
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


def _can_be_bound(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind != "O"


def _as_array(value: Any) -> npt.NDArray[np.generic] | None:
    if not value.is_tensor():
        return None
    try:
        array: npt.NDArray[np.generic] = value.numpy()
    except RuntimeError:  # numpy has no such type
        return None
    return _storable(array)


def _storable(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    return array.astype(np.str_) if array.dtype.kind == "O" else array
