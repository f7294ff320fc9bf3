"""How often a verdict is right: real trials on real models, beside a controlled neighbour.

Usage: python tests/benchmarks/verdict_trials.py [--trials N] [--neighbour none|busy|bursty|all] [--seed S]
           [--minutes M] [--only stored|paired] [--folder DIR] [--save FILE]

Each trial is a verdict as ``pytest --energy`` comes to it: fresh worker processes, the built-in policies,
looks and times, one thread. Regressions are real work: copies of nodes, sized in isolation before the trials
by versions that run in turn in the same processes. A model's baseline is recorded once, while the machine is
left alone, and all later runs are judged against it, whatever runs beside them then: as in CI, where
neighbours come and go. --folder keeps models, sizes and baselines for the next call.

Beside them runs pytest-benchmark on the same unchanged models, where it is installed (pip install
pytest-benchmark): a share of false alarms per benchmark, by median and by minimum, with 5 % allowed.

A share is printed with its 95 % interval (Clopper-Pearson). --save keeps the estimates of every process.
"""

import argparse
import json
import math
import os
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from neighbour import KINDS, neighbour
from peer import FIELDS, Peer
from trial_models import Subject, make_models, sized
from verdict_simulation import share

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.environment import detect_machine
from pytest_energy.footprint.pue import pue_of
from pytest_energy.gate.policy import PAIRED_TOLERANCE, TOLERANCE, Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import today
from pytest_energy.measurement.plan import Plan
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.runner.acceptance import recorded
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.confirmation import BASELINE_PROCESSES, LOOKS, judge_in_looks
from pytest_energy.runner.paired import judge_pair
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.stored import stored_evidence
from pytest_energy.runtime.limits import limits_for
from pytest_energy.settings import DEFAULT_TIME_S
from pytest_energy.workloads.suite import SuiteEntry

_ORIGIN = Provenance(commit=None, date=today())


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table.

    Attributes:
        mode: ``stored`` or ``paired``.
        growth: By how much the model costs more; None for a gross regression.
        tolerance: What is allowed.
    """

    mode: str
    growth: float | None
    tolerance: float

    @property
    def name(self) -> str:
        growth = "gross" if self.growth is None else f"{self.growth:+.0%}" if self.growth else "unchanged"
        return f"{self.mode}, {growth}, tolerance {self.tolerance:.0%}"

    def version(self, subject: Subject) -> SuiteEntry | None:
        """Return what is run; None where the model has no such version."""
        if self.growth is None:
            return replace(subject.entry, model_path=subject.gross[1]) if subject.gross else None
        if not self.growth:
            return subject.entry
        return subject.version(self.growth) if self.growth in subject.versions else None


ROWS = (
    Row(mode="stored", growth=0.0, tolerance=TOLERANCE),
    Row(mode="stored", growth=0.10, tolerance=TOLERANCE),
    Row(mode="stored", growth=None, tolerance=TOLERANCE),
    Row(mode="paired", growth=0.0, tolerance=PAIRED_TOLERANCE),
    Row(mode="paired", growth=0.05, tolerance=PAIRED_TOLERANCE),
    Row(mode="paired", growth=0.03, tolerance=0.01),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One verdict.

    Attributes:
        row: Its row.
        neighbour: What ran beside it.
        model: What was run.
        kind: What was said.
        duration_s: How long it took.
        processes: What every process of the run read.
        others: What they read of the other version; empty in stored mode.
    """

    row: str
    neighbour: str
    model: str
    kind: Kind
    duration_s: float
    processes: tuple[ProcessEstimate, ...]
    others: tuple[ProcessEstimate, ...] = ()

    def runs(self) -> Iterator[dict[str, object]]:
        """Yield logarithms in thousandths, of costs and of ratios of pairs, of four processes at a time."""
        costs = [1000 * math.log(one.cost) for one in self.processes]
        ratios = [
            1000 * math.log(one.cpu_s / other.cpu_s)
            for one, other in zip(self.processes, self.others, strict=False)
        ]
        for first in range(0, len(costs) - 3, 4):
            four = slice(first, first + 4)
            yield {
                "model": self.model,
                "neighbour": self.neighbour,
                "costs": costs[four],
                "ratios": ratios[four],
            }


@dataclass(slots=True, kw_only=True)
class Laboratory:
    """Measures and judges, and keeps what came of it."""

    setup: Setup
    subjects: Sequence[Subject]
    baselines: dict[str, Baseline]
    trials: list[Trial] = field(default_factory=list)
    alarms: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def judge(self, row: Row, subject: Subject, beside: str) -> None:
        """Come to one verdict and keep it; none where the model has no such version."""
        new = row.version(subject)
        if new is None:
            return
        policy = Policy(tolerance=row.tolerance)
        started = time.perf_counter()
        if row.mode == "paired":
            verdict, _ = judge_pair(new, subject.entry, _ORIGIN, policy, self.setup)
        else:
            evidence = stored_evidence(new, self.baselines[subject.name], policy, self.setup)
            verdict = judge_in_looks(evidence, policy)
        trial = Trial(
            row=row.name,
            neighbour=beside,
            model=subject.name,
            kind=verdict.kind,
            duration_s=time.perf_counter() - started,
            processes=verdict.result.processes,
            others=verdict.baseline.processes if row.mode == "paired" and verdict.baseline else (),
        )
        self.trials.append(trial)
        print(
            f"  {beside:7}{row.name:34}{subject.name:22}{_told(verdict)}, {trial.duration_s:.1f} s",
            flush=True,
        )

    def compare(self, peer: Peer, beside: str) -> None:
        """Let the peer run once."""
        alarms, models = peer.false_alarms()
        self.alarms[beside] += alarms + Counter(models=models)
        print(f"  {beside:7}pytest-benchmark, unchanged, {models} models: {dict(alarms)}", flush=True)


def _told(verdict: Verdict) -> str:
    change = verdict.change
    interval = f"{change.point:+.1%} ({change.low:+.1%} to {change.high:+.1%})" if change else ""
    return f"{verdict.kind:13}{interval} by {len(verdict.result.processes)} processes"


def record(subject: Subject, store: BaselineStore, setup: Setup) -> Baseline:
    """Return the baseline of a model, recorded as ``--energy-update`` does unless it exists."""
    environment = setup.conditions.machine.environment.id
    known = store.read(subject.entry.benchmark.id, environment)
    if known is None:
        evidence = stored_evidence(subject.entry, None, Policy(), setup)
        known = recorded(evidence.verdict(BASELINE_PROCESSES).result, _ORIGIN)
        store.write(known)
        step_s = statistics.median(one.cpu_s for one in known.processes)
        print(f"  baseline of {subject.name}: {step_s * 1e6:.0f} us", flush=True)
    return known


def sized_models(folder: Path, setup: Setup) -> list[Subject]:
    """Make the models and size their regressions, unless the folder holds them already."""
    subjects = make_models(folder)
    path = folder / "sizes.json"
    if not path.exists():
        made = [sized(subject, folder, setup) for subject in subjects]
        plain = {
            each.name: [(growth, str(each.versions[growth]), size) for growth, size in each.sizes.items()]
            for each in made
        }
        path.write_text(json.dumps(plain, indent=1), encoding="utf-8")
    sizes = json.loads(path.read_text(encoding="utf-8"))
    return [
        replace(
            each,
            versions={growth: Path(where) for growth, where, _ in sizes[each.name]},
            sizes={growth: size for growth, _, size in sizes[each.name]},
        )
        for each in subjects
    ]


def furnished(folder: Path) -> Laboratory:
    """Make models, sizes and baselines, unless the folder holds them already."""
    conditions = find_conditions(
        detect_machine(), os.environ, profile=None, region=None, intensity=None, pue=pue_of("1")
    )
    setup = Setup(conditions=conditions, limits=limits_for(), plan=Plan(time_s=DEFAULT_TIME_S / LOOKS[1]))
    subjects = sized_models(folder, setup)
    store = BaselineStore(folder / "baselines")
    baselines = {each.name: record(each, store, setup) for each in subjects}
    return Laboratory(setup=setup, subjects=subjects, baselines=baselines)


def peer_of(folder: Path, subjects: Sequence[Subject]) -> Peer | None:
    """Let the peer record its baseline, where it is installed."""
    if not Peer.is_installed():
        return None
    peer = Peer(folder / "peer", [(each.entry.model_path, each.entry.benchmark.batch) for each in subjects])
    peer.record()
    return peer


def run_trials(laboratory: Laboratory, peer: Peer | None, chosen: argparse.Namespace) -> None:
    """Go round all neighbours, models and rows until trials or time are spent."""
    end = time.perf_counter() + 60 * chosen.minutes
    kinds = KINDS if chosen.neighbour == "all" else (chosen.neighbour,)
    rows = [row for row in ROWS if chosen.only in (None, row.mode)]
    for number in range(chosen.trials):
        for kind in kinds:
            with neighbour(kind, chosen.seed + number):
                if peer:
                    laboratory.compare(peer, kind)
                for subject in laboratory.subjects:
                    for row in rows:
                        if time.perf_counter() > end:
                            print(f"  {chosen.minutes:g} minutes are over")
                            return
                        laboratory.judge(row, subject, kind)


def print_table(laboratory: Laboratory) -> None:
    """Print the sizes, and what there is per neighbour."""
    for subject in laboratory.subjects:
        sizes = [f"{growth:.0%} is {size:+.1%}" for growth, size in subject.sizes.items()]
        gross = [f"gross: {subject.gross[0]}"] if subject.gross else []
        print(f"{subject.name:22}{', '.join([*sizes, *gross])}")
    shares = "".join(f"{name:>23}" for name in ("REGRESSED %", "INCONCLUSIVE %"))
    print(f"\n{'neighbour':10}{'trial':38}{'n':>4}{shares}{'processes':>11}{'s':>6}")
    for kind in KINDS:
        for row in ROWS:
            own = [one for one in laboratory.trials if (one.neighbour, one.row) == (kind, row.name)]
            if own:
                print(f"{kind:10}{_line(row.name, own)}")
        seen = laboratory.alarms[kind]
        for name in FIELDS if seen else ():
            what = f"pytest-benchmark, unchanged, {name}:5%"
            print(f"{kind:10}{what:38}{seen['models']:>4}{share(seen[name], seen['models']):>23}")


def _line(name: str, trials: Sequence[Trial]) -> str:
    seen = Counter(one.kind for one in trials)
    shares = "".join(f"{share(seen[kind], len(trials)):>23}" for kind in (Kind.REGRESSED, Kind.INCONCLUSIVE))
    processes = statistics.median(len(one.processes) for one in trials)
    seconds = statistics.median(one.duration_s for one in trials)
    return f"{name:38}{len(trials):>4}{shares}{processes:>11.0f}{seconds:>6.1f}"


def save(path: Path, laboratory: Laboratory) -> None:
    """Keep the estimates of every process, and what trace_simulation.py reads."""
    unchanged = {row.name for row in ROWS if row.growth == 0}
    runs = [run for trial in laboratory.trials if trial.row in unchanged for run in trial.runs()]
    baselines = {name: [asdict(one) for one in each.processes] for name, each in laboratory.baselines.items()}
    plain = {"baselines": baselines, "runs": runs, "trials": [asdict(trial) for trial in laboratory.trials]}
    path.write_text(json.dumps(plain), encoding="utf-8")


def main() -> None:
    """Size, record, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=10, help="rounds over all models, rows and neighbours")
    parser.add_argument("--neighbour", choices=(*KINDS, "all"), default="busy")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--minutes", type=float, default=60.0, help="when to stop judging")
    parser.add_argument("--only", choices=("stored", "paired"))
    parser.add_argument("--folder", type=Path, help="keeps models, sizes and baselines (default: nothing)")
    parser.add_argument("--save", type=Path, help="file for the estimates of every process, as JSON")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        laboratory = furnished(folder.resolve())
        peer = peer_of(folder.resolve(), laboratory.subjects)
        try:
            run_trials(laboratory, peer, chosen)
        except KeyboardInterrupt:
            print("  interrupted")
        print_table(laboratory)
        if chosen.save:
            save(chosen.save, laboratory)


if __name__ == "__main__":
    main()
