"""Log lines: what ONNX Runtime, its providers and their libraries print while a session is made."""

import os
import re
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_energy.runtime.runtime_errors import first_words

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# 2026-01-01 00:00:00.000000000 [W:onnxruntime:Default, file.cc:12 Function] message
_LINE = re.compile(r"^\S+ \S+ \[([VIWEF]):onnxruntime:[^,\]]*, ([^\]]*)\] (.*)$")
_PLACED = re.compile(r"placed on \[([^\]]+)\]\. Number of nodes: (\d+)")
_GRAVE = frozenset("WEF")
_MOST = 3
_VAGUE = "Failed to create"  # what follows on a line that says why
# As ONNX Runtime says it of single nodes (core/framework/fallback_cpu_capability.cc in its source), and what
# providers print that check node by node.
_SIGNS = ("fallback", "not supported", "unsupported", "kernel not found", "rejected", "can't be", "cannot be")
_KEPT_BYTES = 4096  # what an obituary may quote


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line.

    Attributes:
        level: ``V``, ``I``, ``W``, ``E`` or ``F``; empty for what was not logged but printed.
        origin: Where in the source of ONNX Runtime or of a plugin it comes from.
        message: What it says.
    """

    level: str
    origin: str
    message: str


@contextmanager
def captured_log() -> Iterator[list[LogLine]]:
    """Gather what is printed to the standard error of this process, native code included.

    The list is filled when the block is left; all that was printed goes on to where it would have gone.
    """
    lines: list[LogLine] = []
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)
        try:
            yield lines
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            printed.seek(0)
            text = printed.read()
            lines += parse_log(text.decode(errors="replace"))
            os.write(2, text[-_KEPT_BYTES:])


def parse_log(text: str) -> list[LogLine]:
    """Split what was printed into lines; what is no line of a log is kept as it is."""
    return [_parsed(line) for line in _COLOUR.sub("", text).splitlines() if line.strip()]


def _parsed(line: str) -> LogLine:
    match = _LINE.match(line.strip())
    if not match:
        return LogLine(level="", origin="", message=line.strip())
    return LogLine(level=match[1], origin=match[2], message=match[3].strip())


def logged_nodes(lines: Iterable[LogLine]) -> dict[str, int]:
    """Return the nodes per provider that a verbose log tells of; empty where it tells nothing."""
    counts: dict[str, int] = {}
    for line in lines:
        match = _PLACED.search(line.message)
        if match:
            counts[match[1]] = counts.get(match[1], 0) + int(match[2])
    return counts


def reasons(lines: Iterable[LogLine], about: Collection[str], nodes: Collection[str] = ()) -> tuple[str, ...]:
    """Pick what explains why nodes fell back, or why a provider could not be made; a few lines at most.

    Args:
        lines: The log.
        about: Words of which a warning must hold one: names of the provider and of its package.
        nodes: Names of the nodes that fell back; a line of any level that names one explains it.
    """
    words = [word.lower() for word in about]
    found: dict[str, str] = {}
    for line in lines:
        named = _named(line, nodes)
        grave = line.level in _GRAVE and any(
            word in f"{line.origin} {line.message}".lower() for word in words
        )
        if named or grave:
            # What is said of many nodes in the same words is told once.
            found.setdefault(line.message.replace(named, ""), first_words(line.message))
    specific = [said for said in found.values() if not said.startswith(_VAGUE)]
    return tuple(specific or found.values())[:_MOST]


def _named(line: LogLine, nodes: Collection[str]) -> str:
    """Return the node of which a line says that it is not taken; empty where it says that of none."""
    told = line.message.lower()
    if not any(sign in told for sign in _SIGNS):
        return ""
    return max((name for name in nodes if name in line.message), key=len, default="")
