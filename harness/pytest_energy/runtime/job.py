"""The job that a worker gets, and the events that it answers with: JSON on pipes, arrays as npy."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pytest_energy.measurement.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One model to be run by one fresh process.

    Attributes:
        model: Path of the model.
        provider: Short name of the execution provider.
        batch: Size of the free first dimension.
        threads: Intra-op threads.
        seed: Seed of the feeds; the same for baseline and run.
        process: Number of the process, which also seeds the order of blocks.
        plan: How to sample; None to run one step only.
        outputs: Whether the outputs of the first step are sent back.
    """

    model: str
    provider: str
    batch: int
    threads: int
    seed: int = 0
    process: int = 0
    plan: Plan | None = field(default_factory=Plan)
    outputs: bool = False


def job_to_line(job: Job) -> str:
    """Write a job as one line of JSON."""
    return json.dumps(asdict(job)) + "\n"


def job_from_line(line: str) -> Job:
    """Read a job back."""
    plain: dict[str, Any] = json.loads(line)
    plan = plain.pop("plan")
    return Job(**plain, plan=None if plan is None else Plan(**plan))
