"""From verdicts to the outcome of a test."""

from collections.abc import Iterable

from pytest_energy.errors import Regression
from pytest_energy.gate.verdict import Verdict
from pytest_energy.plugin.energy_session import Answer, EnergySession
from pytest_energy.reports.failure import explain


def require(answers: Iterable[Answer], energy_session: EnergySession) -> None:
    """Raise where a verdict fails the build; UNCHANGED never does.

    Raises:
        Regression: With the explanation of every verdict that fails.
    """
    failing = [
        explain(each, energy_session.shown_baseline(each))
        for each in answers
        if isinstance(each, Verdict) and each.fails
    ]
    if failing:
        raise Regression("\n\n".join(failing))
