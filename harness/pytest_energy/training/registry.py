"""The registry: which rule differentiates which operator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.tape import Value

Thunk = Callable[[], Value | None]
"""Computes the gradient by one input, when it is needed."""

Rule = Callable[[Node], Thunk | Sequence[Thunk | None]]
"""Returns one thunk per input; None, or nothing for the last ones, where no gradient flows."""

Expansion = Callable[[Node, frozenset[str]], "TrainingForm | None"]
"""Records the training form of an operator, given the names of what is trained; None where it has none."""

ENTRY_POINTS = "pytest_energy.gradients"
"""Group of entry points; each names a module that registers rules when it is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """A registered rule.

    Attributes:
        rule: The function.
        broadcasts: Whether its gradients are shaped like the output, and the walk sums them up to the inputs.
    """

    rule: Rule
    broadcasts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingForm:
    """What an operator becomes.

    Attributes:
        outputs: What replaces its outputs.
        updates: Pairs of an input that is a running statistic, and its new value.
    """

    outputs: Sequence[Value]
    updates: Sequence[tuple[Value, Value]] = ()


_gradients: dict[tuple[str, str, Lowering | None], Gradient] = {}
_expansions: dict[tuple[str, str, Lowering | None], Expansion] = {}
_constants: set[tuple[str, str]] = set()


def gradient(
    *operators: str, domain: str = "", lowering: Lowering | None = None, broadcasts: bool = False
) -> Callable[[Rule], Rule]:
    """Register a gradient rule.

    Args:
        operators: Types of the operators that it differentiates.
        domain: Their domain; empty for ONNX's own.
        lowering: The only lowering that it is for; None for all that have no rule of their own.
        broadcasts: Whether the operator broadcasts its inputs. Its gradients are then shaped like the output.
    """

    def register(rule: Rule) -> Rule:
        for operator in operators:
            _gradients[domain, operator, lowering] = Gradient(rule=rule, broadcasts=broadcasts)
        return rule

    return register


def training_form(
    *operators: str, domain: str = "", lowering: Lowering | None = None
) -> Callable[[Expansion], Expansion]:
    """Register what an operator becomes in a training step, before it is differentiated."""

    def register(expansion: Expansion) -> Expansion:
        for operator in operators:
            _expansions[domain, operator, lowering] = expansion
        return expansion

    return register


def without_gradient(*operators: str, domain: str = "") -> None:
    """Register operators through which no gradient flows, such as ``ArgMax``."""
    _constants.update((domain, operator) for operator in operators)


def gradient_of(domain: str, operator: str, lowering: Lowering) -> Gradient | None:
    """Return the rule for an operator; None where there is none."""
    _load()
    return _gradients.get((domain, operator, lowering)) or _gradients.get((domain, operator, None))


def training_form_of(domain: str, operator: str, lowering: Lowering) -> Expansion | None:
    """Return what an operator becomes in a training step; None where it stays as it is."""
    _load()
    return _expansions.get((domain, operator, lowering)) or _expansions.get((domain, operator, None))


def is_without_gradient(domain: str, operator: str) -> bool:
    """Whether gradients end at this operator."""
    _load()
    return (domain, operator) in _constants


def differentiable() -> list[tuple[str, str]]:
    """Return domain and type of every operator that has a rule or a training form, sorted."""
    _load()
    return sorted({key[:2] for key in (*_gradients, *_expansions)})


@cache
def _load() -> None:
    """Import the rules of this package, then those of others, which may replace ours."""
    from pytest_energy.training import rules  # noqa: PLC0415 - the rules import this module

    for module in iter_modules(rules.__path__):
        import_module(f"{rules.__name__}.{module.name}")
    for entry_point in entry_points(group=ENTRY_POINTS):
        entry_point.load()
