"""The generic model: what a device draws of which only its name, its rated power and its cores are known."""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import NormalDist, fmean, median, stdev
from typing import Any

from pytest_energy.power.student import two_sided_quantile

CONFIDENCE = 0.9
"""Share of devices whose true power a band of this model is to hold."""

IDLE_SHARE = 0.12
"""Package power at idle as a share of TDP: six AWS hosts, 0.10 to 0.13, Teads with turbostat (2021)."""

ACCELERATOR_IDLE_SHARE = 0.2
"""Board power at idle as a share of TDP: US Data Center Energy Usage Report (2024), by arXiv:2605.23918."""

_OVER_LIMIT = 1.05  # what a board may draw beyond its limit, by the tolerance of its own meter
_LOADS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuEvidence:
    """One processor's sweep of loads.

    Attributes:
        device: Name of the processor.
        full: Package power with everything busy, as a share of TDP.
        exponent: Exponent of the rise of its power with load.
        source: Where it was published.
    """

    device: str
    full: float
    exponent: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorEvidence:
    """One accelerator's power over workloads.

    Attributes:
        device: Name of the accelerator.
        shares: Board power as a share of its limit, as 5th, 50th and 95th percentile over workloads.
        source: Where it was published.
        kept_busy: Whether all workloads kept it busy: their scatter is not that of utilisation then.
    """

    device: str
    shares: tuple[float, float, float]
    source: str
    kept_busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuModel:
    """Power of a package as a share of its rated power: idle + (full - idle) u^k at a share u of busy cores.

    Attributes:
        full: Share with all physical cores busy: geometric mean over devices.
        exponent: k, median over devices.
        full_sigma: Standard deviation of ``ln full`` for a device that is not among them.
        exponent_sigma: Standard deviation of k.
        freedom: Degrees of freedom of both.
    """

    full: float
    exponent: float
    full_sigma: float
    exponent_sigma: float
    freedom: int

    def share(self, load: float) -> float:
        """Return the power as a share of the rated power, at a share of busy physical cores from 0 to 1."""
        rising: float = load**self.exponent
        return IDLE_SHARE + (self.full - IDLE_SHARE) * rising

    def curve(self, rated_w: float) -> tuple[tuple[float, float], ...]:
        """Return the points (load, W) of a package with that rated power, rounded as its figures deserve."""
        return tuple((load, round(rated_w * self.share(load), 2)) for load in _LOADS)

    def band(self, load: float) -> tuple[float, float]:
        """Return the 90 % band as factors: the errors of both parameters, lognormal, added in quadrature."""
        rising = (self.full - IDLE_SHARE) * load**self.exponent / self.share(load)
        of_exponent = rising * math.log(load) * self.exponent_sigma if load > 0 else 0.0
        of_full = (self.full * self.full_sigma / (self.full - IDLE_SHARE)) * rising
        return _band(math.hypot(of_exponent, of_full), self.freedom)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorModel:
    """Power of an accelerator's board as a share of its rated power.

    Attributes:
        saturated: Share at full utilisation: geometric mean of the 95th percentiles.
        typical: Share while something runs and its utilisation is unknown: of the medians.
        saturated_sigma: Standard deviation of its logarithm: between devices, and within one between
            workloads that keep it busy, for utilisation says that it works, not how hard.
        typical_sigma: The same where utilisation is unknown.
        freedom: Degrees of freedom.
    """

    saturated: float
    typical: float
    saturated_sigma: float
    typical_sigma: float
    freedom: int

    def power_w(self, rated_w: float, idle_w: float, utilisation: float | None) -> float:
        """Return idle + utilisation x (saturated - idle) in W; the typical power where it is unknown."""
        if utilisation is None:
            return self.typical * rated_w
        return idle_w + utilisation * max(0.0, self.saturated * rated_w - idle_w)

    def band(self, *, utilisation_known: bool, ceiling: float) -> tuple[float, float]:
        """Return the 90 % band as factors.

        Args:
            utilisation_known: Whether it is.
            ceiling: Rated power as a factor of the estimate: no board's limit lets it draw much more.
        """
        low, high = _band(self.saturated_sigma if utilisation_known else self.typical_sigma, self.freedom)
        return low, round(max(1.0, min(high, _OVER_LIMIT * ceiling)), 2)


def fit_cpu(evidence: Sequence[CpuEvidence]) -> CpuModel:
    """Fit the model of processors.

    Args:
        evidence: Three devices or more; leave out the one that an estimate will be tested on.
    """
    logs = [math.log(one.full) for one in evidence]
    wider = math.sqrt(1 + 1 / len(evidence))  # of a new device about a mean that is uncertain itself
    exponents = [one.exponent for one in evidence]
    return CpuModel(
        full=math.exp(fmean(logs)),
        exponent=median(exponents),
        full_sigma=stdev(logs) * wider,
        exponent_sigma=stdev(exponents) * wider,
        freedom=len(evidence) - 1,
    )


def fit_accelerator(evidence: Sequence[AcceleratorEvidence]) -> AcceleratorModel:
    """Fit the model of accelerators; see ``fit_cpu``."""
    high = [math.log(one.shares[2]) for one in evidence]
    mid = [math.log(one.shares[1]) for one in evidence]
    wider = math.sqrt(1 + 1 / len(evidence))
    busy = [one for one in evidence if one.kept_busy]
    return AcceleratorModel(
        saturated=math.exp(fmean(high)),
        typical=math.exp(fmean(mid)),
        saturated_sigma=math.hypot(stdev(high) * wider, fmean(_scatter(one) for one in busy)),
        typical_sigma=math.hypot(stdev(mid) * wider, fmean(_scatter(one) for one in evidence)),
        freedom=len(evidence) - 1,
    )


def cpu_evidence() -> tuple[CpuEvidence, ...]:
    """Return the processors that the model rests on."""
    return tuple(CpuEvidence(**one) for one in _evidence()["cpu"])


def accelerator_evidence() -> tuple[AcceleratorEvidence, ...]:
    """Return the accelerators that the model rests on."""
    return tuple(
        AcceleratorEvidence(**(one | {"shares": tuple(one["shares"])})) for one in _evidence()["accelerator"]
    )


@cache
def cpu_model() -> CpuModel:
    """Return the model fitted to all evidence, for devices that are none of them."""
    return fit_cpu(cpu_evidence())


@cache
def accelerator_model() -> AcceleratorModel:
    """Return the model fitted to all evidence."""
    return fit_accelerator(accelerator_evidence())


@cache
def _evidence() -> Any:
    text = resources.files("pytest_energy.power").joinpath("evidence.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _scatter(one: AcceleratorEvidence) -> float:
    """Return the standard deviation of a lognormal with those 5th and 95th percentiles."""
    low, _, high = one.shares
    return math.log(high / low) / (2 * NormalDist().inv_cdf(0.95))


def _band(sigma: float, freedom: int) -> tuple[float, float]:
    reach = math.exp(two_sided_quantile(CONFIDENCE, freedom) * sigma)
    return round(1 / reach, 2), round(reach, 2)
