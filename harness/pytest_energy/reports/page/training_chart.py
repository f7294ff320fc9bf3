"""The chart of a whole run of training: its mean loss from pass to pass, and the loss to reach."""

from collections.abc import Iterator, Sequence

from pytest_energy.baselines.series import Series
from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports import figures
from pytest_energy.reports.evidence import ENDINGS
from pytest_energy.reports.page.chart import Cell, Chart
from pytest_energy.reports.summary import plural
from pytest_energy.results.training import InputPipelineCost

_PASSES_SHOWN = 300


def training(verdict: Verdict, _: Sequence[Series]) -> Iterator[Chart]:
    """Show how a run of training went; a single pass is no curve."""
    result = verdict.result
    run, settings = result.training, result.benchmark.training
    if run is None or settings is None or len(run.losses) <= 1:
        return
    target = settings.target
    aim = "" if target is None else f", target {target:g}"
    yield Chart(
        kind="training",
        title="Training curve",
        alternative=(
            f"Mean loss from {run.losses[0]:.3g} in the first of {plural(len(run.losses), 'pass')} to "
            f"{run.losses[-1]:.3g} in the last{aim}: the run {ENDINGS[run.ending]} after "
            f"{plural(run.batches, 'batch')} and {figures.energy(result)}"
            f"{_batches(run.pipeline)}."
        ),
        columns={
            "pass": "pass over the data",
            "value": f"mean loss ({settings.loss})",
            "target": "" if target is None else "target",
        },
        rows=list(_rows(run.losses, target)),
    )


def _batches(pipeline: InputPipelineCost | None) -> str:
    """Say what making the batches took of it; nothing where all were there before."""
    if pipeline is None:
        return ""
    return f"; making the batches took {figures.share(pipeline.cpu_share)} of its CPU time"


def _rows(losses: Sequence[float], target: float | None) -> Iterator[tuple[Cell, ...]]:
    """Yield every pass, or of very many a part that is spread evenly and has the first and the last."""
    last = len(losses) - 1
    shown: Sequence[int] = range(len(losses))
    if len(losses) > _PASSES_SHOWN:
        steps = _PASSES_SHOWN - 1
        shown = [round(last * step / steps) for step in range(_PASSES_SHOWN)]
    yield from ((number + 1, losses[number], target) for number in shown)
