"""A difference between two ways as text: in percent, or as a factor, with no more digits than it can bear."""

from pytest_energy.gate.verdict import Change
from pytest_energy.quantities import format_change, format_number

_DOUBLE = 1.0  # from here on a factor says more than percent do
_COARSE = 0.1  # half-width of an interval in which tenths of a percent are noise
_FEWEST = 2  # digits of a factor, however unsure


def told(change: Change) -> str:
    """Return the difference and its interval: ``+7.4 % [+5.1..+9.8]``, ``345 times [152..782]``."""
    ends = _ends(change)
    return f"{_point(change)} [{'..'.join(ends) if ends else 'unknown'}]"


def tied(change: Change) -> str:
    """Return the interval of what is no sure difference: ``tie [-48..+113]`` in percent."""
    ends = _ends(change)
    unit = " times" if _is_factor(change) else ""
    return f"tie [{'..'.join(ends)}{unit}]" if ends else "tie [unknown]"


def _is_factor(change: Change) -> bool:
    return change.point >= _DOUBLE


def _point(change: Change) -> str:
    if _is_factor(change):
        return f"{_factor(change.point, change)} times"
    return format_change(change.point, _decimals(change))


def _ends(change: Change) -> tuple[str, ...]:
    if change.low is None or change.high is None:
        return ()
    if _is_factor(change):
        return _factor(change.low, change), _factor(change.high, change)
    return tuple(
        format_change(end, _decimals(change)).removesuffix(" %") for end in (change.low, change.high)
    )


def _factor(more: float, change: Change) -> str:
    return format_number(1 + more, _half(change), fewest=_FEWEST)


def _decimals(change: Change) -> int:
    return 0 if _half(change) >= _COARSE else 1


def _half(change: Change) -> float:
    """Return half the width of the interval; 0 where there is none."""
    return 0.0 if change.low is None or change.high is None else (change.high - change.low) / 2
