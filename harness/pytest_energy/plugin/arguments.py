"""Arguments of the ``energy`` fixture: read and checked; what is wrong is told by its name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pytest_energy.errors import SettingsError
from pytest_energy.quantities import (
    parse_agreement,
    parse_ceiling,
    parse_fraction,
    parse_least_share,
    parse_target,
)
from pytest_energy.results.training import SHUFFLE_WITHOUT_RUN, Loss, Optimizer, StepLowering, Training
from pytest_energy.workloads.suite import Overrides

Value = TypeVar("Value")


def overrides_of(
    tolerance: str | None,
    budget: str | None,
    time_s: float | None,
    placement: str | None = None,
    agreement: str | None = None,
) -> Overrides:
    """Read what a benchmark sets for itself.

    Raises:
        SettingsError: An argument cannot be read.
    """
    return Overrides(
        tolerance=optional(parse_fraction, tolerance, "tolerance"),
        budget=optional(parse_ceiling, budget, "budget"),
        time_s=None if time_s is None else positive(time_s, "time"),
        placement=optional(parse_least_share, placement, "placement"),
        agreement=optional(parse_agreement, agreement, "agreement"),
    )


def training_of(  # noqa: PLR0913 - those of the fixture's method
    *,
    loss: str,
    optimizer: str,
    hyperparameters: Mapping[str, float] | None,
    frozen: Sequence[str],
    clip: float | None,
    accumulate: int,
    lowering: str | None,
    output: str | None,
    steps: int | None,
    epochs: int | None,
    target: str | None,
    patience: int | None,
    shuffle: bool,
) -> Training:
    """Read how a model is trained.

    Raises:
        SettingsError: An argument cannot be read, or rows are to be shuffled where there is no run.
    """
    training = Training(
        loss=one_of(loss, get_args(Loss), "loss"),
        optimizer=one_of(optimizer, get_args(Optimizer), "optimizer"),
        hyperparameters={key: float(value) for key, value in (hyperparameters or {}).items()},
        frozen=tuple(frozen),
        clip=None if clip is None else positive(clip, "clip"),
        accumulate=whole(accumulate, "accumulate"),
        lowering=None if lowering is None else one_of(lowering, get_args(StepLowering), "lowering"),
        output=output,
        steps=None if steps is None else whole(steps, "steps"),
        epochs=None if epochs is None else whole(epochs, "epochs"),
        target=optional(parse_target, target, "target"),
        patience=None if patience is None else whole(patience, "patience"),
        shuffle=shuffle,
    )
    if shuffle and not training.is_run:
        raise SettingsError(f"An argument of the energy fixture: {SHUFFLE_WITHOUT_RUN}")
    return training


def optional(parse: Callable[[str], Value], text: str | None, argument: str) -> Value | None:
    """Read a text where one is given.

    Raises:
        SettingsError: It cannot be read.
    """
    return None if text is None else read_argument(parse, text, argument)


def read_argument(parse: Callable[[str], Value], text: str, argument: str) -> Value:
    """Read a text, which must be as its parser wants it.

    Raises:
        SettingsError: It is not.
    """
    try:
        return parse(text)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"The argument {argument} of the energy fixture: {error}.") from error


def provider_options_of(options: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the options of a provider, each of which must be two texts.

    Raises:
        SettingsError: It is not.
    """
    for name, value in (options or {}).items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise SettingsError(
                f"The argument provider_options of the energy fixture: {name!r}: {value!r} must be two texts."
            )
    return dict(options or {})


def positive(number: float, argument: str) -> float:
    """Return a number that must be more than 0.

    Raises:
        SettingsError: It is not.
    """
    unit = " seconds" if argument == "time" else ""
    if not number > 0:
        raise SettingsError(
            f"The argument {argument} of the energy fixture: {number!r} must be more than 0{unit}."
        )
    return float(number)


def one_of(name: str, known: Sequence[str], argument: str) -> Any:
    """Return a name that must be among the known ones.

    Raises:
        SettingsError: It is not.
    """
    if name not in known:
        raise SettingsError(
            f"The argument {argument} of the energy fixture: there is no {name!r}, but {', '.join(known)}."
        )
    return name


def whole(number: int, argument: str) -> int:
    """Return a number that must be whole and 1 or more.

    Raises:
        SettingsError: It is not.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise SettingsError(
            f"The argument {argument} of the energy fixture: {number!r} must be a whole number of 1 or more."
        )
    return number
