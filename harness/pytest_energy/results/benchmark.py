"""A benchmark: what is run, described without saying how long or how strictly."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal

from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.results.training import Training

Mode = Literal["inference", "training", "callable"]

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What is run. Holds neither tolerance nor sampling plan: more time does not make it another benchmark.

    Attributes:
        name: What a person calls it: the model's stem, or the test's name.
        mode: ``inference`` or ``training`` of a model in worker processes, or a ``callable`` in pytest's
            own process.
        model: Path of the model as the user wrote it, with forward slashes; None for a callable.
        provider: Short name of the execution provider; None for a callable, which may use any.
        batch: Size of the free batch dimension.
        threads: Intra-op threads.
        spinning: Whether these threads spin while they wait for each other within a step.
        session: What else the session is opened with.
        transfer: Whether copies to and from the device are part of a step.
        pace_s: Time from one arrival to the next in s; None where steps follow each other at once.
        training: How the model is trained; None where it is not.
    """

    name: str
    mode: Mode = "inference"
    model: str | None = None
    provider: str | None = "cpu"
    batch: int = 1
    threads: int = 1
    spinning: bool = False
    session: SessionSettings = field(default_factory=SessionSettings)
    transfer: bool = False
    pace_s: float | None = None
    training: Training | None = None

    @property
    def id(self) -> str:
        """A stable name, safe as a file name: ``digits-cnn--cpu-b1``."""
        if self.mode == "callable":
            return file_safe(self.name)
        threads = f"-t{self.threads}" if self.threads != 1 else ""
        spinning = "-spin" if self.spinning else ""
        variant = f"-{self.session.variant}" if self.session.variant else ""
        transfer = "-transfer" if self.transfer else ""
        pace = "" if self.pace_s is None else f"-p{self.pace_s * 1e3:g}ms"
        training = f"-{self.training.variant}" if self.training else ""
        how = f"{threads}{spinning}{transfer}{pace}{variant}{training}"
        return f"{file_safe(self.name)}--{self.provider}-b{self.batch}{how}"


def file_safe(text: str) -> str:
    """Turn any text into a file name; what had to be changed is told apart by a hash of the whole.

    Letters, digits, ``.``, ``_`` and ``-`` stay. Two different texts never give the same name.
    """
    safe = re.sub(r"[^A-Za-z0-9._]+", "-", text)[:_LONGEST_NAME].strip("-.")
    if safe and safe == text:
        return safe
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    # "--" separates name and variant. No text keeps it, so none can pass for another's name, nor for its id.
    return f"{safe or 'unnamed'}--{digest}"
