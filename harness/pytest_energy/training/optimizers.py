"""Optimizers: how parameters follow their gradients; each hyper-parameter is an input of the step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Protocol

from pytest_energy.training.shapes import reshaped_like
from pytest_energy.training.tape import Tape, Value

Hyper = Mapping[str, Value]
"""Scalars by name, and ``count``: which step this is, from 1."""

Update = Callable[[Value, Value, tuple[Value, ...]], tuple[Value, ...]]
"""Parameter, gradient and slots in; new parameter and new slots out."""


def is_flattened(p: Value) -> bool:
    """Whether the update of a parameter works on a vector.

    ONNX Runtime's CPU provider multiplies a scalar and a tensor whose last size is 1, such as the weights of
    a pointwise convolution, forty times as slowly as a vector. Reshaping what is not an input costs nothing.
    """
    return p.shape is not None and len(p.shape) > 1 and p.shape[-1] == 1


def flat(value: Value, p: Value) -> Value:
    """Make what is shaped like a parameter a vector, where its update works on one."""
    return value.tape.Reshape(value, [-1]) if is_flattened(p) else value


def shaped(value: Value, p: Value) -> Value:
    """Undo ``flat``."""
    return reshaped_like(value, p) if is_flattened(p) else value


class Optimizer(Protocol):
    """What a training step asks of an optimizer."""

    @property
    def counts_steps(self) -> bool:
        """Whether ``count`` is needed."""

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the tensors that are kept beside every parameter, as large as it is and zero at first."""

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Values by name; their names become inputs of the step."""

    def updates(self, op: Tape, hyper: Hyper) -> Update:
        """Record what all parameters share, and return what records the update of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sgd:
    """Stochastic gradient descent, ``p - learning_rate g``.

    Attributes:
        learning_rate: Step size.
    """

    learning_rate: float = 0.01

    @property
    def counts_steps(self) -> bool:
        """Every step is alike."""
        return False

    @property
    def slots(self) -> tuple[str, ...]:
        """Nothing is kept."""
        return ()

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Values by name."""
        return _floats(self)

    def updates(self, op: Tape, hyper: Hyper) -> Update:  # noqa: ARG002 - the protocol's signature
        """Return what records the update of one parameter."""
        return lambda p, g, _: (p - shaped(hyper["learning_rate"] * flat(g, p), p),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Momentum:
    """Gradient descent with a heavy ball, as PyTorch has it: ``v = momentum v + g; p - learning_rate v``.

    Attributes:
        learning_rate: Step size.
        momentum: What remains of the velocity after a step.
    """

    learning_rate: float = 0.01
    momentum: float = 0.9

    @property
    def counts_steps(self) -> bool:
        """Every step is alike."""
        return False

    @property
    def slots(self) -> tuple[str, ...]:
        """The velocity."""
        return ("velocity",)

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Values by name."""
        return _floats(self)

    def updates(self, op: Tape, hyper: Hyper) -> Update:  # noqa: ARG002 - the protocol's signature
        """Return what records the update of one parameter."""

        def update(p: Value, g: Value, slots: tuple[Value, ...]) -> tuple[Value, ...]:
            velocity = hyper["momentum"] * slots[0] + flat(g, p)
            return p - shaped(hyper["learning_rate"] * velocity, p), velocity

        return update


@dataclass(frozen=True, slots=True, kw_only=True)
class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter, https://arxiv.org/abs/1711.05101).

    Attributes:
        learning_rate: Step size.
        beta1: Decay of the mean of gradients.
        beta2: Decay of the mean of their squares.
        epsilon: Added to the root of the latter.
        weight_decay: Share of the parameter that a step of size 1 takes away.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    @property
    def counts_steps(self) -> bool:
        """The first steps are corrected."""
        return True

    @property
    def slots(self) -> tuple[str, ...]:
        """The two means."""
        return ("mean", "square")

    @property
    def hyperparameters(self) -> dict[str, float]:
        """Values by name."""
        return _floats(self)

    def updates(self, op: Tape, hyper: Hyper) -> Update:
        """Record the corrections of the bias towards 0 once, and return what records one update."""
        rate, beta1, beta2 = hyper["learning_rate"], hyper["beta1"], hyper["beta2"]
        step_size = rate / (1.0 - beta1 ** hyper["count"])
        root_correction = op.Sqrt(1.0 - beta2 ** hyper["count"])
        kept, new1, new2 = 1.0 - rate * hyper["weight_decay"], 1.0 - beta1, 1.0 - beta2

        def update(p: Value, g: Value, slots: tuple[Value, ...]) -> tuple[Value, ...]:
            g = flat(g, p)
            mean = beta1 * slots[0] + new1 * g
            square = beta2 * slots[1] + new2 * (g * g)
            root = op.Sqrt(square) / root_correction + hyper["epsilon"]
            return shaped(kept * flat(p, p), p) - shaped(step_size * (mean / root), p), mean, square

        return update


OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = {"sgd": Sgd, "momentum": Momentum, "adamw": AdamW}
"""Every optimizer by the name that suites and the command line use."""


def _floats(optimizer: Sgd | Momentum | AdamW) -> dict[str, float]:
    return {field.name: float(getattr(optimizer, field.name)) for field in fields(optimizer)}
