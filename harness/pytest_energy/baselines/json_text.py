"""JSON as baselines are written in it: laid out for a reviewer's diff, and read without any leniency."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})", re.MULTILINE)
_LONGEST_WHOLE_NUMBER = 18


def lay_out(document: Any) -> str:
    """Write a document in ASCII, one key per line, and every element of a list on one line of its own.

    Raises:
        ValueError: A figure is NaN or infinite, which JSON cannot say.
    """
    return _laid_out(document, "") + "\n"


def parse(text: str) -> Any:
    """Read a document.

    Raises:
        ValueError: It is no JSON, a key stands twice in one object, or a figure is not finite.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def has_conflict_markers(text: str) -> bool:
    """Whether a line begins as the lines do that git leaves in a file that it could not merge."""
    return _CONFLICT.search(text) is not None


def _laid_out(value: Any, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(key)}: {_laid_out(each, inner)}" for key, each in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "[\n" + ",\n".join(inner + _in_one_line(each) for each in value) + f"\n{margin}]"
    return _in_one_line(value)


def _in_one_line(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in document if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no figure")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:_LONGEST_WHOLE_NUMBER]} is too large a figure")
    return value


def _whole(text: str) -> int:
    # Longer ones are no counts, and might not even become floats.
    if len(text) > _LONGEST_WHOLE_NUMBER:
        raise ValueError(f"{text[:_LONGEST_WHOLE_NUMBER]}... is too large a figure")
    return int(text)
