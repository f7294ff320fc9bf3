"""The report: all that one run has to say, before it has a format."""

from dataclasses import dataclass

from pytest_energy.gate.verdict import Kind, Unchanged, Verdict
from pytest_energy.results.energy import CarbonIntensity, Pue


@dataclass(frozen=True, slots=True, kw_only=True)
class NoVerdict:
    """A benchmark that was collected and got no verdict.

    Attributes:
        id: The benchmark, or the test where no benchmark came to be.
        reason: Why, in one paragraph.
    """

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A baseline of this environment whose benchmark was not collected in a run of the whole suite.

    Attributes:
        id: The benchmark that the baseline names.
        path: Where the baseline lies, relative to the project.
    """

    id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What ``--energy-update`` did with one baseline.

    Attributes:
        id: The benchmark.
        action: ``recorded``, ``rewritten``, ``factors refreshed``, ``left as it was``, or ``kept: ...``
            with why.
        path: Where the baseline lies, relative to the project.
    """

    id: str
    action: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Electricity:
    """What electricity emits where or when the run took place. Nothing is judged by it.

    Attributes:
        intensity: Carbon intensity.
        pue: Power usage effectiveness.
        because: How it is known.
    """

    intensity: CarbonIntensity
    pue: Pue
    because: str

    @property
    def g_per_j(self) -> float:
        """GCO2e per joule at the machine."""
        return self.intensity.g_per_kwh * self.pue.value / 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        version: Version of pytest-energy.
        environment: Id of this environment.
        profile: The power profile in words, with its band.
        carbon: The carbon intensity in words: figure, place, year.
        verdicts: One per benchmark that was measured and judged.
        unchanged: Benchmarks that were not run, for nothing of them changed.
        without: Benchmarks that got no verdict.
        orphans: Baselines without a benchmark.
        updates: What was done with baselines.
        notes: Sentences that concern the whole run.
        here: What electricity emits where or when the run took place; None where nothing tells.
        time: When the run ended: ISO date and time, UTC; None where nobody recorded it.
        commit: Abbreviated git commit, with ``+dirty`` where the work tree had changes; None outside git.
    """

    version: str
    environment: str
    profile: str
    carbon: str
    verdicts: tuple[Verdict, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    without: tuple[NoVerdict, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    updates: tuple[Update, ...] = ()
    notes: tuple[str, ...] = ()
    here: Electricity | None = None
    time: str | None = None
    commit: str | None = None

    @property
    def has_benchmarks(self) -> bool:
        """Whether there is a benchmark to report, with a verdict or without."""
        return bool(self.verdicts or self.unchanged or self.without)

    @property
    def all_new(self) -> bool:
        """Whether everything was measured for the first time."""
        return bool(self.verdicts) and all(one.kind is Kind.NEW for one in self.verdicts)
