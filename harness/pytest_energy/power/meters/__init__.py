"""The meters: one file per kind, and the table of them all.

Outsiders add theirs by an entry point of the group ``pytest_energy.meters``, whose name is that of the meter
and which leads to a function ``(MeterRequest) -> Meter``. It is loaded when meters are opened, not before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Literal, Self

from pytest_energy.errors import MeasurementError, MeterDenied, MeterUnavailable
from pytest_energy.power.meter import Meter
from pytest_energy.power.meters.gpu_in_use import GpuAddress

ENTRY_POINTS = "pytest_energy.meters"
"""The group of entry points by which outsiders add meters."""

Vendor = Literal["nvidia", "amd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRequest:
    """What meters are opened for.

    Attributes:
        now: Reads wall time in s.
        gpu: What is known of the GPU in use; None where the work runs on the processor.
        vendor: Who made that GPU; None where that is not known.
    """

    now: Callable[[], float]
    gpu: GpuAddress | None = None
    vendor: Vendor | None = None


Opener = Callable[[MeterRequest], Meter]
"""Opens a meter; raises MeterUnavailable or MeterDenied, whose message says what may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKind:
    """A row of the table.

    Attributes:
        name: Its name.
        what: What it reads, in words.
        open: Opens it.
        vendor: Whose GPUs it reads; None for a meter of something else.
    """

    name: str
    what: str
    open: Opener
    vendor: Vendor | None = None

    def concerns(self, request: MeterRequest) -> bool:
        """Whether it could read what is in use."""
        if self.vendor is None:
            return True
        return request.gpu is not None and request.vendor in {None, self.vendor}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """A meter that cannot be read.

    Attributes:
        kind: Its name.
        denied: Whether it is there, and only this user may not read it.
        why: Why, and what may help.
    """

    kind: str
    denied: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMeters:
    """The meters that were asked for: a context manager, which closes those that could be opened.

    Attributes:
        meters: Those that can be read.
        unopened: Those that cannot.
    """

    meters: tuple[Meter, ...] = ()
    unopened: tuple[Unopened, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for meter in self.meters:
            meter.close()


def _rapl(_: MeterRequest) -> Meter:
    from pytest_energy.power.meters.rapl import open_rapl

    return open_rapl()


def _nvidia(request: MeterRequest) -> Meter:
    from pytest_energy.power.meters.nvidia import open_nvidia

    return open_nvidia(request.gpu or GpuAddress(), request.now)


def _zeus_amd(request: MeterRequest) -> Meter:
    from pytest_energy.power.meters.zeus import open_zeus_amd

    return open_zeus_amd(request.gpu or GpuAddress(), request.now)


def _zeus_soc(_: MeterRequest) -> Meter:
    from pytest_energy.power.meters.zeus import open_zeus_soc

    return open_zeus_soc()


METERS: tuple[MeterKind, ...] = (
    MeterKind(name="rapl", what="Intel and AMD processors", open=_rapl),
    MeterKind(name="nvidia", what="NVIDIA GPUs", open=_nvidia, vendor="nvidia"),
    MeterKind(name="zeus-amd", what="AMD GPUs", open=_zeus_amd, vendor="amd"),
    MeterKind(name="zeus-soc", what="Apple silicon and Jetson", open=_zeus_soc),
)
"""Every kind that ships. Libraries are imported when one is opened."""


def all_meters() -> tuple[MeterKind, ...]:
    """Return the meters that ship and those of outsiders, who cannot take a name of ours."""
    taken = {kind.name for kind in METERS}
    points = {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}
    return METERS + tuple(
        MeterKind(name=name, what=f"by {point.value}", open=_loaded(point))
        for name, point in sorted(points.items())
        if name not in taken
    )


def open_meters(request: MeterRequest, kinds: Sequence[MeterKind] | None = None) -> OpenMeters:
    """Open all meters that concern what is in use; one that cannot be opened is told, and no fault.

    Args:
        request: What they are opened for.
        kinds: The meters to try; None for all.
    """
    wanted = [kind for kind in (all_meters() if kinds is None else kinds) if kind.concerns(request)]
    opened = [_opened(kind, request) for kind in wanted]
    return OpenMeters(
        meters=tuple(each for each in opened if not isinstance(each, Unopened)),
        unopened=tuple(each for each in opened if isinstance(each, Unopened)),
    )


def _opened(kind: MeterKind, request: MeterRequest) -> Meter | Unopened:
    try:
        return kind.open(request)
    except MeasurementError as error:
        return Unopened(kind=kind.name, denied=isinstance(error, MeterDenied), why=str(error))


def _loaded(point: metadata.EntryPoint) -> Opener:
    """Return an opener that loads an outsider's when it is called."""

    def open_outsider(request: MeterRequest) -> Meter:
        try:
            opener: Opener = point.load()
        except (ImportError, AttributeError) as error:
            raise MeterUnavailable(
                f"The meter {point.name!r} cannot be loaded from {point.value}: {error}. Mend or remove the "
                "package that brought it."
            ) from error
        return opener(request)

    return open_outsider
