"""The update: gradients are gathered, clipped, and handed to the optimizer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper

from pytest_energy.training.optimizers import Optimizer, flat, is_flattened, shaped
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.tape import Tape, Value

APPLY = "apply_update"
"""Name of the boolean input that says whether this step updates, where gradients are accumulated."""

MAX_NORM = "max_norm"
"""Name of the hyper-parameter that limits the norm of all gradients."""

_CLIP_EPSILON = 1e-6  # as torch.nn.utils.clip_grad_norm_ has it


def elements(p: Value) -> int:
    """Return how many numbers a parameter holds."""
    return math.prod(size for size in p.shape or () if isinstance(size, int))


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A tensor that goes from step to step.

    Attributes:
        old: What the step reads.
        new: What it writes.
        of: The parameter that it is; None for what belongs to the optimizer, which starts at zero.
    """

    old: Value
    new: Value
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What the update reads and writes.

    Attributes:
        inputs: Scalars that are fed: hyper-parameters, and ``apply_update`` where gradients are accumulated.
        hyperparameters: Their values by name.
        apply: Name of the input that says whether to update; None where every step does.
        slots: What goes from step to step.
    """

    inputs: tuple[Value, ...]
    hyperparameters: Mapping[str, npt.NDArray[np.generic]]
    apply: str | None
    slots: tuple[Slot, ...]


def record_update(op: Tape, recipe: Recipe, gradients: Mapping[Value, Value]) -> Update:
    """Record how all parameters change.

    Args:
        op: Where it is recorded.
        recipe: Optimizer, clipping and accumulation.
        gradients: The gradient of the loss by each parameter.
    """
    return _Recorder(op=op, recipe=recipe).record(gradients)


@dataclass(slots=True, kw_only=True)
class _Recorder:
    op: Tape
    recipe: Recipe
    inputs: list[Value] = field(default_factory=list)
    values: dict[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    apply: Value | None = None

    def record(self, gradients: Mapping[Value, Value]) -> Update:
        self.op.scope = "update"
        dtypes = sorted({parameter.dtype for parameter in gradients})
        if self.recipe.accumulate > 1:
            self.apply = self.op.named(APPLY, TensorProto.BOOL, ())
            gradients = {p: self._accumulated(p, g) for p, g in gradients.items()}
        if self.recipe.clip_norm is not None:
            limit = self._hyperparameter(MAX_NORM, self.recipe.clip_norm, dtypes[0])
            gradients = self._clipped(gradients, limit)
        hyper = self._hyperparameters(self.recipe.optimizer, dtypes[0])
        for dtype in dtypes:
            of_type = {p: g for p, g in gradients.items() if p.dtype == dtype}
            self._optimized(of_type, {name: self._as(value, dtype) for name, value in hyper.items()})
        apply = None if self.apply is None else self.apply.name
        inputs = (*self.inputs, *([] if self.apply is None else [self.apply]))
        slots = tuple(map(self._named, self.slots))
        return Update(inputs=inputs, hyperparameters=self.values, apply=apply, slots=slots)

    def _hyperparameters(self, optimizer: Optimizer, dtype: int) -> dict[str, Value]:
        hyper = {
            name: self._hyperparameter(name, value, dtype)
            for name, value in optimizer.hyperparameters.items()
        }
        if optimizer.counts_steps:
            count = self.op.named("count", dtype, ())
            hyper["count"] = count + 1.0
            self._keep(count, hyper["count"])
        return hyper

    def _hyperparameter(self, name: str, value: float, dtype: int) -> Value:
        scalar = self.op.named(name, dtype, ())
        self.inputs.append(scalar)
        self.values[scalar.name] = np.asarray(value, helper.tensor_dtype_to_np_dtype(dtype))
        return scalar

    def _optimized(self, gradients: Mapping[Value, Value], hyper: Mapping[str, Value]) -> None:
        optimizer = self.recipe.optimizer
        update = optimizer.updates(self.op, hyper)
        for p, g in gradients.items():
            self.op.scope = f"{p.name}.update"
            shape = (elements(p),) if is_flattened(p) else p.shape
            old = [self.op.named(f"{p.name}.{slot}", p.dtype, shape) for slot in optimizer.slots]
            new_p, *new = update(p, g, tuple(old))
            self._keep(p, new_p, of=p.name)
            for before, after in zip(old, new, strict=True):
                self._keep(before, after)

    def _accumulated(self, p: Value, g: Value) -> Value:
        """Add to the mean of gradients, which starts anew after an update."""
        assert self.apply is not None  # noqa: S101 - gradients are accumulated
        old = self.op.named(f"{p.name}.gradient", p.dtype, p.shape)
        mean = old + shaped(flat(g, p) * (1.0 / self.recipe.accumulate), p)
        new = self.op.Where(self.apply, p.like(0.0), mean)
        self.slots.append(Slot(old=old, new=new))
        return mean

    def _clipped(self, gradients: Mapping[Value, Value], limit: Value) -> dict[Value, Value]:
        """Scale all gradients by ``min(1, max_norm / norm)``, the norm being that of all together."""
        op = self.op
        squares = [self._as(op.ReduceSumSquare(g, keepdims=0), limit.dtype) for g in gradients.values()]
        norm = op.Sqrt(op.call("Sum", *squares))
        scale = op.Min(limit / (norm + _CLIP_EPSILON), limit.like(1.0))
        return {p: shaped(flat(g, p) * self._as(scale, g.dtype), p) for p, g in gradients.items()}

    def _keep(self, old: Value, new: Value, of: str | None = None) -> None:
        """Make a pair of states; where this step only accumulates, the old value is handed on."""
        if self.apply is not None:
            new = self.op.Where(self.apply, new, old)
        self.slots.append(Slot(old=old, new=new, of=of))

    def _named(self, slot: Slot) -> Slot:
        """Name what a step writes after what it reads; last, for a name that is in use may not change."""
        new = self.op.rename(slot.new, self.op.unused(f"{slot.old.name}.next"))
        return Slot(old=slot.old, new=new, of=slot.of)

    def _as(self, value: Value, dtype: int) -> Value:
        return value if value.dtype == dtype else self.op.Cast(value, to=dtype)
