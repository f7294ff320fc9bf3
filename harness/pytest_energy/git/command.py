"""One question to git, asked so that it changes nothing, runs no program, fetches nothing and asks nobody."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_LONGEST = 400
# What git itself sets for its hooks: a run from a hook must look at its own folder, not at the hook's.
_SET_FOR_HOOKS = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # says to a git that does not know the next one: nothing is fetched
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question.

    Attributes:
        output: What git wrote; empty where it went into a file.
        fault: Why there is no answer, on one line; None where there is one.
        code: Exit code of git; None where it could not be started or did not end in time.
    """

    output: bytes = b""
    fault: str | None = None
    code: int | None = None

    @property
    def line(self) -> str:
        """The output without the end of its last line; what is not UTF-8 in a path survives."""
        return os.fsdecode(self.output).removesuffix("\n")


def ask_git(folder: Path, *arguments: str, timeout_s: float, into: BinaryIO | None = None) -> Answer:
    """Ask git something that it can answer by reading.

    Args:
        folder: Where git looks for the repository, from there upwards.
        arguments: A command of git and its arguments.
        timeout_s: How long to wait, in s.
        into: An open file that the output goes to, past this process.
    """
    settings = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
    variables = {name: value for name, value in os.environ.items() if name not in _SET_FOR_HOOKS}
    try:
        done = subprocess.run(
            ["git", "--no-pager", "-C", str(folder), *settings, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if into is None else into,
            stderr=subprocess.PIPE,
            env=variables | _VARIABLES,
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError:
        return Answer(fault="git is not installed, or not on the PATH")
    except subprocess.TimeoutExpired:
        return Answer(fault=f"git did not answer within {timeout_s:g} s")
    except OSError as error:
        return Answer(fault=f"git cannot be started: {error.strerror}")
    return Answer(output=done.stdout or b"", fault=_fault(done.returncode, done.stderr), code=done.returncode)


def _fault(code: int, said: bytes) -> str | None:
    if code == 0:
        return None
    words = " ".join(said.decode("utf-8", "replace").split())[:_LONGEST]
    return f"git said: {words}" if words else f"git ended with exit code {code}"
