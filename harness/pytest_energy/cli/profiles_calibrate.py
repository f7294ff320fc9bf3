"""``pytest-energy profiles calibrate``: a profile for this machine, fitted to its own energy counter."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.cli.progress import Progress
from pytest_energy.cli.project import project_root
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.environment import detect_machine
from pytest_energy.errors import MeterUnavailable, ProfileError, UsageError
from pytest_energy.measurement.clock import SystemClock, today
from pytest_energy.measurement.load import LoadProcesses, one_cpu_per_core
from pytest_energy.power.calibrated_profile import Occasion, profile_text
from pytest_energy.power.calibration import Calibration, LoadStep, fit_curve
from pytest_energy.power.catalogue import profiles_in
from pytest_energy.power.meter import Meter
from pytest_energy.power.meters import MeterKind, MeterRequest, OpenMeters, all_meters, open_meters
from pytest_energy.power.meters.rapl import open_rapl
from pytest_energy.power.profile_file import parse_profiles
from pytest_energy.runner.load_steps import LoadPlan, metered_steps, usable_meter
from pytest_energy.runner.metering import Metering
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.settings import read_project, read_settings
from pytest_energy.terms import conditions_of, limits_of, plan_for
from pytest_energy.workloads.model import require_model
from pytest_energy.workloads.suite import Overrides, model_entry

_LEAST_S = 0.2
_MODEL_PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for.

    Attributes:
        output: File to write.
        id: Id of the profile.
        window_s: Time for each step in s.
        model: A model to try the profile on; None for none.
        powercap: Folder of the RAPL counters; None for all meters of this machine.
    """

    output: Path
    id: str
    window_s: float
    model: Path | None
    powercap: Path | None


def run(order: Order) -> int:
    """Meter the steps, fit the curve, write the file and show how far it is off.

    Returns:
        The exit code, 0.

    Raises:
        UsageError: What was asked for cannot be done.
        MeasurementError: There is no meter of the processor here, or it fails.
    """
    _check(order)
    clock, kinds = SystemClock(), _kinds(order.powercap)
    cpus = one_cpu_per_core()
    plan = LoadPlan(cores=len(cpus), window_s=order.window_s)
    request = MeterRequest(now=lambda: clock.read().wall_s)
    with open_meters(request, kinds) as opened, Progress() as progress:
        meter = _meter(opened)
        with LoadProcesses(cpus=cpus) as loads:
            steps = metered_steps(meter, loads, clock, plan, progress.say)
        tried = tuple(_model_steps(order.model, kinds, progress)) if order.model else ()
        fitted = fit_curve([*steps, *tried], len(cpus))
        occasion = Occasion(
            machine=detect_machine(),
            cores=len(cpus),
            meter=meter,
            date=today(),
            version=version("pytest-energy"),
        )
        text = profile_text(order.id, fitted, occasion)
    parse_profiles(text, f"The power profile {order.output}")
    write_atomically(order.output, text)
    _show(order.output, fitted, meter)
    return 0


def _check(order: Order) -> None:
    """Refuse at once what would only fail after a minute."""
    if not (math.isfinite(order.window_s) and order.window_s >= _LEAST_S):
        raise UsageError(f"--time {order.window_s:g} is too short: give {_LEAST_S:g} seconds or more.")
    if order.output.suffix != ".toml":
        raise UsageError(f"The output {order.output} must end with .toml, so that --energy-profile reads it.")
    if not order.output.parent.is_dir():
        raise UsageError(f"There is no folder {order.output.parent} for the output. Make it first.")
    if order.model:
        require_model(order.model, str(order.model))
    _check_id(order)


def _check_id(order: Order) -> None:
    sample = f'id = "{order.id}"\nname = "-"\ncpu = {{ model = "-", unit = "core", units = 1 }}\n'
    try:
        parse_profiles(sample + 'tdp = { w = 1, source = ["-"] }\n', "--id")
    except ProfileError as error:
        raise UsageError(f"{error} Give another with --id.") from error
    if order.output.is_file():
        profiles_in(order.output)  # raises where it is no profile: another file is not overwritten


def _kinds(powercap: Path | None) -> Sequence[MeterKind]:
    if powercap is None:
        return all_meters()
    return (MeterKind(name="rapl", what="processors", open=lambda _: open_rapl(powercap)),)


def _meter(opened: OpenMeters) -> Meter:
    meter = usable_meter(opened.meters)
    if meter is None:
        reasons = " ".join(f"{one.kind}: {one.why}" for one in opened.unopened)
        raise MeterUnavailable(
            f"No energy counter of this machine's processor can be read: nothing can be calibrated. {reasons}"
        )
    return meter


def _model_steps(model: Path, kinds: Sequence[MeterKind], progress: Progress) -> Iterator[LoadStep]:
    """Yield what the counter showed while the user's model ran, once per process."""
    root = project_root(Path.cwd())
    settings = read_settings({}, read_project(root), root, Path.cwd())
    setup = Setup(
        conditions=conditions_of(settings, os.environ),
        limits=limits_of(settings),
        plan=plan_for(settings, Overrides()),
        progress=progress.say,
        metering=Metering(kinds=kinds),
    )
    entry = model_entry(model.resolve(), str(model))[0]
    for (taken,) in sample_in_workers([entry], range(_MODEL_PROCESSES), setup):
        for window in taken.samples.windows if taken.samples else ():
            if window.component == "cpu":
                yield LoadStep(
                    name=f"model {model.name}",
                    is_curve=False,
                    busy_cores=window.cpu_s / window.duration_s,
                    power_w=window.energy_j / window.duration_s,
                    duration_s=window.duration_s,
                )


def _show(path: Path, fitted: Calibration, meter: Meter) -> None:
    screen = standard_screen()
    screen.table(
        ("step", "busy cores", "measured", "curve", "off"),
        [
            (
                one.step.name,
                f"{one.step.busy_cores:.2f}",
                f"{one.step.power_w:.3g} W",
                f"{one.fitted_w:.3g} W",
                f"{one.ratio - 1:+.1%}",
            )
            for one in fitted.residuals
        ],
        foldable=(0,),
    )
    screen.line()
    screen.line(f"{meter.method}; band x{fitted.band[0]:g}..x{fitted.band[1]:g}")
    if fitted.extrapolated_from is not None:
        screen.line(
            f"No more than {fitted.extrapolated_from:.0%} of the cores were kept busy: something else ran. "
            "Beyond, the curve goes on as it rose. Calibrate again on an idle machine.",
            style="yellow",
        )
    screen.line(f"Written to {path}. Use it with --energy-profile {path}")
    show(screen)
