"""What an operator asks of the values in one of its places: the table of all rules."""

from pytest_energy.graphs import index_operands, number_operands, shape_operands
from pytest_energy.graphs.flow import Use
from pytest_energy.graphs.graph_view import GraphView
from pytest_energy.graphs.operand_rules import RULES, Verdict

RULE_FILES = (index_operands, number_operands, shape_operands)
"""Importing them registers their rules."""


def operand_fill(view: GraphView, use: Use) -> Verdict | None:
    """Return what an operator asks of a value; None where it takes any.

    Args:
        view: The graph.
        use: The operator, and where the value stands in it.
    """
    found = RULES.get((use.node.op_type, use.place))
    return found(view, use) if found else None
