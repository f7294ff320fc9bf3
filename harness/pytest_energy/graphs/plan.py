"""The plan: every input of a graph with its shape, its fill and the reason for it."""

from pytest_energy.graphs.fills import InputFacts, facts_of, fill_of
from pytest_energy.graphs.free_sizes import SizedInputs, size_inputs
from pytest_energy.graphs.graph_view import GraphView
from pytest_energy.graphs.operand_rules import Verdict
from pytest_energy.graphs.states import state_pairs
from pytest_energy.results.input_plan import Fill, InputPlan, PlannedInput

_ELEMENTS_OF_A_SEQUENCE = 2


def plan_inputs(view: GraphView, batch: int) -> tuple[InputPlan, SizedInputs]:
    """Derive what is fed to a model.

    Args:
        view: The graph, with symbolic shapes.
        batch: The size of batch axes.

    Returns:
        The plan, and the graph with the shapes that follow from it.
    """
    facts = [facts_of(view, each) for each in view.inputs]
    sized = size_inputs(view, facts, batch)
    inputs = tuple(_planned(each, sized, _verdict(view, each, sized)) for each in facts)
    plan = InputPlan(batch=batch, inputs=inputs, sizes=sized.sizes, states=state_pairs(view))
    return plan, sized


def _verdict(view: GraphView, facts: InputFacts, sized: SizedInputs) -> Verdict:
    """Decide with symbols where that suffices: a bound that came from a size would not follow its changes."""
    keys = {each.key for each in sized.sizes}
    fill, reason = fill_of(view, facts)
    if fill.sure or (fill.high_of is not None and fill.high_of in keys):
        return fill, reason
    fill, reason = fill_of(sized.view, facts)
    if fill.kind == "lengths" and fill.high is None:
        fill = _longest(sized)
    known = fill.high_of if fill.high_of in keys else None
    return Fill(kind=fill.kind, low=fill.low, high=fill.high, high_of=known, values=fill.values), reason


def _longest(sized: SizedInputs) -> Fill:
    """Bound lengths by the only, or else the longest, sequence that is fed."""
    lengths = [each for each in sized.sizes if each.role in {"length", "other"}]
    longest = max(lengths, key=lambda each: each.candidates[0], default=None)
    return Fill(kind="lengths", low=1, high=None if longest else 2, high_of=longest.key if longest else None)


def _planned(facts: InputFacts, sized: SizedInputs, verdict: Verdict) -> PlannedInput:
    fill, reason = verdict
    return PlannedInput(
        name=facts.name,
        type=facts.type,
        shape=sized.shapes[facts.name],
        fill=fill,
        reason=reason,
        count=_ELEMENTS_OF_A_SEQUENCE if "seq(" in facts.type else 1,
    )
