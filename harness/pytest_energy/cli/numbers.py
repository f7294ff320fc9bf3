"""Numbers that are typed: 2e6, 2_000_000 or 2,000,000."""

import math

from pytest_energy.errors import UsageError


def number(text: str, flag: str, most: float) -> float:
    """Read a number above 0.

    Args:
        text: What was typed.
        flag: Behind which option.
        most: The highest that can be meant.

    Raises:
        UsageError: It is none, or out of range.
    """
    value = figure(text, flag)
    if not 0 < value <= most:
        raise UsageError(f"{flag}: {text} must be above 0 and at most {most:g}.")
    return value


def figure(text: str, flag: str) -> float:
    """Read any number.

    Raises:
        UsageError: It is none.
    """
    try:
        value = float(text.replace("_", "").replace(",", ""))
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise UsageError(f"{flag}: {text!r} must be a number, such as 2e6.")
    return value
