"""The worker's part of a training for its own sake: one whole run, whose weights are kept."""

from collections.abc import Callable
from pathlib import Path

from pytest_energy.errors import TargetMissed
from pytest_energy.measurement.clock import Clock, since
from pytest_energy.results.training_run import RunOfTraining
from pytest_energy.runtime.cycle import find_cycle
from pytest_energy.runtime.device_behind import device_behind
from pytest_energy.runtime.device_memory import device_memory, signal_of
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.loaded import found_provider
from pytest_energy.runtime.placement import assigned_placement
from pytest_energy.runtime.runtime_errors import explained
from pytest_energy.runtime.session import opened, provider_options
from pytest_energy.runtime.training_run import TrainingRun, Watch
from pytest_energy.training.write_request import save_values


def train(  # noqa: PLR0913 - effects come in as arguments
    subject: Subject,
    seed: int,
    clock: Clock,
    values: Path,
    *,
    on_try: Callable[[int], object],
    watch: Watch,
) -> RunOfTraining:
    """Train from the initial values to the end, and write what was found.

    Args:
        subject: A model with a training step, and the data.
        seed: Seed of what is drawn.
        clock: Tells how long it takes.
        values: The ``.npz`` to write: parameters and running statistics, by the model's own names.
        on_try: Called with the number of each feed that is tried.
        watch: Told after each batch how far it has come.

    Raises:
        ModelError: The model does not run.
        Diverged: The loss is no number any more; nothing is written.
        InputsError, ProviderUnavailable, ProviderOptionError, PlacementError: As their names say.
    """
    found = found_provider(subject)
    session, _ = opened(subject, found)
    memory = device_memory(found.provider, provider_options(subject, found), transfer=subject.transfer)
    with explained(f"The model {subject.model} cannot be trained on this data"):
        cycle = find_cycle(session, subject, seed, clock, memory=memory, on_try=on_try, watch=watch)
        (run,) = (each for each in cycle.bounds if isinstance(each, TrainingRun))
        before = clock.read()
        missed = _missed(run)
        run.synchronize()
        spent = since(before, clock)
    fetched = None if run.fetched is None else run.fetched()
    save_values(str(values), run.values())
    assert run.record is not None  # noqa: S101 - it has run
    return RunOfTraining(
        record=run.record,
        missed=missed,
        duration_s=spent.wall_s,
        cpu_s=spent.cpu_s,
        fetch_duration_s=None if fetched is None else fetched.wall_s,
        fetch_cpu_s=None if fetched is None else fetched.cpu_s,
        signal=signal_of(found.provider, device_behind(found, subject.session)),
        placement=assigned_placement(session, found.provider.name),
        inputs=cycle.inputs,
        notes=cycle.notes,
    )


def _missed(run: TrainingRun) -> str | None:
    """Train; say how far that came where the target was missed, for what was learned is worth keeping."""
    try:
        run.step()()
    except TargetMissed as missed:
        return str(missed)
    return None
