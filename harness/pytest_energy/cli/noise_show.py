"""The noise of this machine as text, and as JSON."""

import json
from collections.abc import Iterator

from pytest_energy.cli.noise_measured import Measured
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.results.codec import to_plain
from pytest_energy.runner.noise import SIMULATED, Noise, NoiseAtTolerance, Unrest
from pytest_energy.runner.simulated_runs import POWER

_HEADS = ("tolerance", "false alarms", "at most", "simulated", "in doubt", "regression seen")
_WORTH_A_WORD = 0.01  # shares of time below it are not worth advice
_FEW_DOUBTS = 0.05  # a tolerance that leaves more runs in doubt is too narrow for a machine


def as_json(measured: Measured) -> str:
    """Return everything as JSON."""
    return json.dumps(to_plain(measured), indent=1, allow_nan=False)


def run(measured: Measured) -> None:
    """Show everything on the terminal."""
    screen = standard_screen()
    noise = measured.noise
    model = "the built-in model" if measured.is_built_in else noise.benchmark
    screen.line(f"noise of {model} on {noise.environment}", style="bold")
    screen.line(f"{noise.trials} trials though nothing changed, in {noise.duration_s:.0f} s")
    screen.line()
    screen.table(("", ""), _facts(noise), foldable=[1])
    screen.line()
    screen.table(_HEADS, [_row(one, noise.trials) for one in noise.tolerances], foldable=[])
    screen.line()
    for line in (*_explanation(), "", *_conclusion(noise), *_advice(measured)):
        screen.line(line)
    show(screen)


def _facts(noise: Noise) -> Iterator[tuple[str, str]]:
    scatter, unrest = noise.scatter, noise.unrest
    yield "between processes", f"{_percent(scatter.between_processes)} (largest {_percent(scatter.largest)})"
    yield "between runs", f"{_percent(scatter.between_runs)} beyond that"
    waiting = "unknown" if unrest.waiting is None else f"{_percent(unrest.waiting)} of the time"
    blocks = "" if unrest.interrupted is None else f", in {_percent(unrest.interrupted)} of the blocks"
    yield "waited for a CPU", waiting + blocks
    yield "pressure", f"{_percent(unrest.pressure)} of the time, any task of the machine waited"
    yield "steal", f"{_percent(unrest.steal)} of the time of one CPU, taken by the hypervisor"
    yield "throttled", f"{_percent(unrest.throttled)} of the time, by the container's quota"


def _row(one: NoiseAtTolerance, trials: int) -> tuple[str, ...]:
    seen = "beyond +100 %" if one.least_seen is None else f"from +{_percent(one.least_seen)}"
    return (
        _whole(one.tolerance),
        f"{one.false_alarms} of {trials}",
        _percent(one.at_most),
        _percent(one.simulated_false_alarms),
        _percent(one.simulated_doubt),
        seen,
    )


def _explanation() -> Iterator[str]:
    yield (
        "False alarms are trials that were REGRESSED though nothing had changed. With 95 % confidence their "
        "rate is below the figure under 'at most': so few trials tell no more."
    )
    yield (
        f"The other columns are of {SIMULATED} simulated runs: their costs are drawn from the processes that "
        "were measured, moved as runs differ, and judged by the gate's own rule. In doubt is what stayed "
        f"INCONCLUSIVE; a regression counts as seen where {_whole(POWER)} of them were REGRESSED."
    )


def _conclusion(noise: Noise) -> Iterator[str]:
    best = next((one for one in noise.tolerances if _fits(one)), None)
    if best is None or best.least_seen is None:
        yield "This machine is too noisy for all of these tolerances."
        return
    yield (
        f"A tolerance of {_whole(best.tolerance)} suits this machine: at it, regressions are seen from "
        f"+{_percent(best.least_seen)} on."
    )


def _fits(one: NoiseAtTolerance) -> bool:
    return not (one.false_alarms or one.simulated_false_alarms) and one.simulated_doubt <= _FEW_DOUBTS


def _advice(measured: Measured) -> Iterator[str]:
    remedies = [*_against(measured.noise.unrest)]
    remedies += [f"{one.name} ({one.found}): {one.remedy}" for one in measured.sources if one.harms]
    if remedies:
        yield ""
        yield "What would help:"
        yield from (f"- {remedy}" for remedy in remedies)


def _against(unrest: Unrest) -> Iterator[str]:
    if (unrest.waiting or 0) > _WORTH_A_WORD:
        yield (
            "Other programs competed for the CPUs while processes measured. Stop them, or measure where less "
            "runs: interrupted blocks find cold caches and read some per cent high."
        )
    if (unrest.steal or 0) > _WORTH_A_WORD:
        yield "The host is overcommitted: it gave CPU time to others. Choose a dedicated machine."
    if (unrest.throttled or 0) > _WORTH_A_WORD:
        yield "The container's quota was used up. Raise its CPU limit."


def _whole(share: float) -> str:
    return f"{100 * share:.0f} %"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"
