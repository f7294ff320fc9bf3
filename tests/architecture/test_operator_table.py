"""The table of operators in the documentation is the registry's."""

from collections import defaultdict
from pathlib import Path

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.registry import (
    differentiable,
    gradient_of,
    is_without_gradient,
    training_form_of,
)

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
ISSUED = 60  # operators with a rule, at the least
ENDS = {"ArgMax", "ArgMin", "TopK", "Shape", "Range", "ConstantOfShape", "NonMaxSuppression"}


def table():
    """Return a row per module of rules."""
    rows = defaultdict(list)
    for domain, operator in differentiable():
        if domain:
            continue  # a rule of another package, which a test has registered
        found = gradient_of(domain, operator, Lowering.CPU)
        made = found.rule if found else training_form_of(domain, operator, Lowering.CPU)
        rows[made.__module__.rpartition(".")[2]].append(operator)
    lines = [f"| {name} | {' '.join(sorted(rows[name]))} |" for name in sorted(rows)]
    return "\n".join(["| rules | operators |", "|---|---|", *lines])


def test_the_page_lists_all_operators_that_have_a_rule():
    assert table() in PAGE.read_text(encoding="utf-8"), f"docs/training.md has to say:\n\n{table()}"


def test_there_are_many():
    assert len(differentiable()) >= ISSUED
    assert all(is_without_gradient("", operator) for operator in ENDS)
