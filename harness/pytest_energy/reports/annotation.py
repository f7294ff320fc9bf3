"""An annotation: a finding that GitHub Actions shows at a line of a file, as a command to its runner."""

from dataclasses import dataclass
from typing import Literal

from pytest_energy.reports.escaping import for_html

MOST = 10
"""GitHub shows so many of each level per step and drops the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What is shown, and where.

    Attributes:
        level: ``error`` or ``warning``.
        path: The file, relative to the repository, with forward slashes; None for no place.
        line: Its line, from 1; None for the file as a whole.
        title: A few words.
        message: What is to be said, several lines perhaps.
    """

    level: Literal["error", "warning"]
    path: str | None
    line: int | None
    title: str
    message: str


def command(one: Annotation) -> str:
    """Write an annotation as a workflow command in one line; nothing in it can end it or begin another.

    Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions, and the escapes of
    the toolkit's own ``core.error``.
    """
    properties = {"file": one.path, "line": None if one.line is None else str(one.line), "title": one.title}
    given = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
    return f"::{one.level} {given}::{_data(one.message)}"


def _data(text: str) -> str:
    lines = (for_html(line) for line in text.splitlines())
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text.replace("\n", " ")).replace(":", "%3A").replace(",", "%2C")
