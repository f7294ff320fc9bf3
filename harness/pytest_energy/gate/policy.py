"""The policy: how much worse is a regression, how sure must we be, which verdicts fail."""

from dataclasses import dataclass, field

from pytest_energy.gate.verdict import Kind
from pytest_energy.quantities import Ceiling

TOLERANCE = 0.05
"""Built-in tolerance for figures from fresh worker processes."""

PAIRED_TOLERANCE = 0.02
"""Built-in tolerance for two versions of a model that run in the same processes."""

ONE_PROCESS_TOLERANCE = 0.15
"""Built-in tolerance for figures from pytest's own process: one process is one sample."""

PLAIN_CPU_TIME_TOLERANCE = 0.15
"""Least tolerance where the reference changed, and with it the unit: the machine's own pace is then in it."""

OTHER_ENVIRONMENT_TOLERANCE = 0.6
"""What a comparison between two classes of machines with equal instruction sets can tell."""

UNEXPLAINED_TOLERANCE = 0.25
"""Least tolerance where nothing that is recorded of a model's benchmark changed since the baseline.

The same bytes, run by the same ONNX Runtime with the same settings on the same class of machine, do the same
work. What they cost can still move: other virtual machines fill the caches that are shared. Moves of up to
12 % that lasted for minutes were seen of an unchanged model whose weights live there.
"""

FLOOR_S = 1e-7
"""Least change of CPU time per step, in s, that is a regression or an improvement.

A step costs a call from Python besides, about a microsecond; what differs by less than a tenth of that is not
told apart from how the call happened to fare.
"""

_ALWAYS_FINE = frozenset({Kind.PASSED, Kind.IMPROVED, Kind.UNCHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one benchmark.

    Attributes:
        tolerance: Fraction beyond which a change is a regression.
        confidence: Two-sided confidence of the interval by which a change is claimed.
        passing_confidence: That of the interval by which it is denied. It may be lower: what is let through
            for once is seen by the next run, while a false alarm costs a developer's morning.
        fail_on: Verdicts that fail the build.
        strict: Whether everything but PASSED, IMPROVED and UNCHANGED fails.
        budget: Absolute ceiling per step; None for none.
    """

    tolerance: float = TOLERANCE
    confidence: float = 0.98
    passing_confidence: float = 0.90
    fail_on: frozenset[Kind] = field(default=frozenset({Kind.REGRESSED}))
    strict: bool = False
    budget: Ceiling | None = None

    def fails(self, kind: Kind) -> bool:
        """Whether a verdict of this kind fails the build."""
        return kind not in _ALWAYS_FINE if self.strict else kind in self.fail_on
