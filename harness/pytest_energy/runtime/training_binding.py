"""Binding of a training step: parameters and optimizer state swap roles as inputs and outputs each step."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.runtime.binding import bind_inputs
from pytest_energy.runtime.built_step import BuiltStep
from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.workloads.synthesis import Feeds

RESTART_AFTER = 256
"""Updates after which training starts anew from the initial values.

Without it, the cost of a step would depend on how long it has been repeated: weights that have learnt their
few batches by heart leave gradients so small that processors compute with them many times as slowly.
"""

_ON_HOST = DeviceMemory()
_INITIAL, _EVEN, _ODD = range(3)
_UPDATES = {each: np.asarray(each) for each in (False, True)}  # kept: they are bound, not copied
_NEXT = {_INITIAL: _EVEN, _EVEN: _ODD, _ODD: _EVEN}


class TrainingState:
    """Parameters and what the optimizer keeps, in OrtValues: the initial ones, and two sets used in turn.

    A step reads one set and writes the other; nothing is copied. Starting anew is a step that reads the
    initial set, which nothing ever writes. Where sessions alone can put values into their memory, the first
    two steps make the two sets.
    """

    def __init__(self, session: Any, built: BuiltStep, memory: DeviceMemory = _ON_HOST) -> None:
        """Put the initial values into a memory, and make room for two sets more.

        Args:
            session: The session that takes the steps.
            built: The training step.
            memory: Where the session's provider computes.
        """
        self.built = built
        self.memory = memory
        with np.load(built.state, allow_pickle=False) as arrays:
            initial = {each.input: arrays[each.input] for each in built.description.states}
        self.sets = tuple(
            {name: self._value(array) for name, array in initial.items()} if self._is_made(number) else {}
            for number in (_INITIAL, _EVEN, _ODD)
        )
        scalars = np.dtype(built.description.scalar_dtype)
        self.hyper = {
            name: np.asarray(value, scalars) for name, value in built.description.hyperparameters.items()
        }
        self.current = _INITIAL
        self.batches = 0
        self.restarts = True
        self._session = session  # freed last: WebGPU crashes where its values outlive their session

    def _is_made(self, number: int) -> bool:
        """Whether a set is there from the beginning."""
        return number == _INITIAL or self.memory.of_sessions is None

    def _value(self, array: npt.NDArray[Any]) -> Any:
        import onnxruntime

        # A copy: what ONNX Runtime makes of an array on the host may be the array itself.
        return onnxruntime.OrtValue.ortvalue_from_numpy(array.copy(), self.memory.name, self.memory.number)

    def keep(self, written: Any) -> None:
        """Make what a step has written the set that it was to write, where that is not there yet.

        Args:
            written: The binding of the step.
        """
        target = self.sets[_NEXT[self.current]]
        if not target:
            _, *values = written.get_outputs()  # the loss comes first
            target.update(zip((each.input for each in self.built.description.states), values, strict=True))

    def restart(self) -> None:
        """Let the next step start from the initial values."""
        self.current = _INITIAL
        self.batches = 0

    def values(self) -> dict[str, npt.NDArray[Any]]:
        """Copy what training has found so far, by the names of the model's own tensors."""
        current = self.sets[self.current]
        return {
            each.of: current[each.input].numpy().copy()
            for each in self.built.description.states
            if each.of is not None
        }

    def is_update(self) -> bool:
        """Whether the next step ends a group of batches whose gradients are averaged."""
        return (self.batches + 1) % self.built.description.accumulate == 0

    def advance(self) -> None:
        """Count a step: what it wrote is what the next one reads."""
        self.batches += 1
        self.current = _NEXT[self.current]
        if self.restarts and self.batches >= RESTART_AFTER * self.built.description.accumulate:
            self.restart()


class TrainingBound:
    """A session of a training step together with one batch: one step, and the loss of the last one."""

    copies = False

    def __init__(self, session: Any, feeds: Feeds, state: TrainingState, *, transfer: bool = False) -> None:
        """Bind a batch, and the states once for each set that a step may read; the next step starts anew.

        Args:
            session: The session.
            feeds: One array per input of the model, and the labels.
            state: The states, shared by all batches of the session.
            transfer: Whether every step binds the batch anew, which copies it to the device.
        """
        self._bindings: dict[int, Any] = {}  # freed before the states and the session
        self._last: Any = None
        self.feeds = feeds
        self.state = state
        self._session = session
        self._transfer = transfer
        for read in (_INITIAL, _EVEN, _ODD):
            if state.sets[read]:
                self._binding(read)
        state.restart()

    def _binding(self, read: int) -> Any:
        """Return what a step is run with that reads one set; kept where the set that it writes is there."""
        if read in self._bindings:
            return self._bindings[read]
        binding = self._bound(read)
        if self.state.sets[_NEXT[read]]:
            self._bindings[read] = binding
        return binding

    def _bound(self, read: int) -> Any:
        """Bind the batch, what a step reads, and what it writes, the loss first."""
        state, step = self.state, self.state.built.description
        binding = self._session.io_binding()
        binding.bind_output(step.loss, _ON_HOST.name)
        flags = {} if step.apply is None else {step.apply: _UPDATES[True]}
        bind_inputs(self._session, binding, self.feeds, state.memory)
        bind_inputs(self._session, binding, {**state.hyper, **flags}, _ON_HOST)
        for each in step.states:
            binding.bind_ortvalue_input(each.input, state.sets[read][each.input])
            if each.input in (written := state.sets[_NEXT[read]]):
                binding.bind_ortvalue_output(each.output, written[each.input])
            else:
                binding.bind_output(each.output, state.memory.of_sessions)
        return binding

    def step(self) -> Callable[[], object]:
        """Return one training step as a callable without arguments."""
        return self._run

    def _run(self) -> None:
        state = self.state
        binding = self._last = self._binding(state.current)
        if self._transfer:
            bind_inputs(self._session, binding, self.feeds)
        if (apply := state.built.description.apply) is not None:
            bind_inputs(self._session, binding, {apply: _UPDATES[state.is_update()]})
        self._session.run_with_iobinding(binding)
        state.keep(binding)
        state.advance()

    def refresh(self) -> None:
        """Let the next step take what the arrays of the feeds hold now: written over, not replaced."""
        state = self.state
        if state.memory.on_host and state.memory.of_sessions is None:
            return  # they are what is bound
        if (binding := self._bindings.get(state.current)) is not None:
            bind_inputs(self._session, binding, self.feeds, state.memory)

    @property
    def loss(self) -> str:
        """Name of the output that is the loss."""
        return self.state.built.description.loss

    def last_loss(self) -> npt.NDArray[np.generic]:
        """Copy the loss of the last step."""
        # What numpy() returns may be the memory itself, which the next step of this binding writes over.
        loss: npt.NDArray[np.generic] = self._last.get_outputs()[0].numpy().copy()
        return loss

    def synchronize(self) -> None:
        """Wait until the device has done all that it was given."""
        self._last.synchronize_inputs()
        self._last.synchronize_outputs()

    def outputs(self) -> dict[str, npt.NDArray[np.generic]]:
        """Copy the loss of the last step."""
        return {self.loss: self.last_loss()}


def losses(
    session: Any, feeds: Feeds, built: BuiltStep, memory: DeviceMemory, steps: int
) -> Mapping[str, Any]:
    """Train from the initial values on one batch, and return the loss of every step under its name."""
    bound = TrainingBound(session, feeds, TrainingState(session, built, memory))
    taken = []
    for _ in range(steps):
        bound.step()()
        taken.append(bound.outputs()[built.description.loss])
    return {built.description.loss: np.asarray(taken)}
