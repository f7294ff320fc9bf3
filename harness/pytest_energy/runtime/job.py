"""The job that a worker gets, and the events that it answers with: JSON on pipes, arrays as npy."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pytest_energy.measurement.plan import Plan
from pytest_energy.results.given_inputs import NOTHING_GIVEN, GivenInputs, given_from_plain
from pytest_energy.results.input_plan import InputPlan, plan_from_plain
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runtime.built_step import BuiltStep, built_from_plain

LEAST_SHARE = 0.9
"""Built-in share of a step's time that must be spent on the requested provider."""

GO = "go\n"
"""What a stepwise worker is told to take one more round."""

STOP = "stop\n"
"""What it is told to end sampling, or to run no window for a meter."""


def meter_line(least_s: float) -> str:
    """Return what a worker is told to run steps for so many seconds, while an energy counter is watched."""
    return f"meter {least_s!r}\n"


def metered_s(line: str) -> float | None:
    """Return for how many seconds a worker shall run steps; None where it shall run none."""
    word, _, seconds = line.strip().partition(" ")
    return float(seconds) if word == "meter" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One model, as it is to be run.

    Attributes:
        model: Path of the model.
        provider: Short name of the execution provider.
        batch: Size of the free first dimension.
        threads: Intra-op threads.
        spinning: Whether these threads spin while they wait for each other within a step.
        inputs: What is fed to it; None where its graph was not read, so that the worker must search.
        given: What the user says of its inputs.
        session: What else the session is opened with.
        library: Path of the plugin library that brings the provider; None where it is found by its name.
        least_share: Least share of a step's time that must be spent on the provider.
        transfer: Whether copies to and from the device are part of a step.
        pace_s: Time from one arrival to the next in s; None where steps follow each other at once.
        agreement: How far outputs may be from the CPU provider's, as a fraction of the largest entry; None
            for what their type allows, ``off`` for no comparison.
        step: The training step that was built of the model; None for inference.
        all_given: Whether everything that is fed must be given, labels too, so that nothing is drawn.
    """

    model: str
    provider: str
    batch: int
    threads: int
    spinning: bool = False
    inputs: InputPlan | None = None
    given: GivenInputs = NOTHING_GIVEN
    session: SessionSettings = field(default_factory=SessionSettings)
    library: str | None = None
    least_share: float = LEAST_SHARE
    transfer: bool = False
    pace_s: float | None = None
    agreement: float | Literal["off"] | None = None
    step: BuiltStep | None = None
    all_given: bool = False

    @property
    def file(self) -> str:
        """Path of the graph that a session opens."""
        return self.model if self.step is None else self.step.graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one fresh process shall run.

    Attributes:
        subjects: One model, or two that are compared: their blocks alternate.
        seed: Seed of the feeds; the same for baseline and run.
        process: Number of the process, which also seeds the order of blocks and tells who is loaded first.
        plan: How to sample; None to run one step of each only.
        outputs: Whether the outputs of the first subject's first step are sent back.
        stepwise: Whether each round waits until the parent permits it, as when two workers take turns.
        verify: Whether to find out, instead of sampling, where the nodes really run.
        profile: Whether to tell, instead of sampling, how a step's time is shared out among the nodes.
        metered: Whether, after sampling, windows are offered in which energy counters may be watched.
        train: Path of an ``.npz`` to write what a whole run of training has found; None to train for nothing
            but its cost.
    """

    subjects: tuple[Subject, ...]
    seed: int = 0
    process: int = 0
    plan: Plan | None = field(default_factory=Plan)
    outputs: bool = False
    stepwise: bool = False
    verify: bool = False
    profile: bool = False
    metered: bool = False
    train: str | None = None


def job_to_line(job: Job) -> str:
    """Write a job as one line of JSON."""
    return json.dumps(asdict(job)) + "\n"


def job_from_line(line: str) -> Job:
    """Read a job back."""
    plain: dict[str, Any] = json.loads(line)
    plan = plain.pop("plan")
    subjects = tuple(_subject(each) for each in plain.pop("subjects"))
    return Job(**plain, subjects=subjects, plan=None if plan is None else Plan(**plan))


def _subject(plain: dict[str, Any]) -> Subject:
    inputs = plain.pop("inputs")
    given = given_from_plain(plain.pop("given"))
    session = SessionSettings(**plain.pop("session"))
    plan = None if inputs is None else plan_from_plain(inputs)
    step = plain.pop("step")
    built = None if step is None else built_from_plain(step)
    return Subject(**plain, inputs=plan, given=given, session=session, step=built)
