"""From verdicts to the outcome of a test."""

from collections.abc import Iterable

from pytest_energy.errors import Regression
from pytest_energy.gate.verdict import Verdict
from pytest_energy.plugin.energy_session import EnergySession
from pytest_energy.reports.failure import explain


def require(verdicts: Iterable[Verdict], energy_session: EnergySession) -> None:
    """Raise where a verdict fails the build.

    Raises:
        Regression: With the explanation of every verdict that fails.
    """
    failing = [explain(each, energy_session.shown_baseline(each)) for each in verdicts if each.fails]
    if failing:
        raise Regression("\n\n".join(failing))
