"""The provenance of a new baseline: which commit, when, and why."""

import os
import subprocess
from pathlib import Path

from pytest_energy.baselines.baseline import Provenance

_TIMEOUT_S = 10
# What git itself sets for its hooks: a run from a hook must look at its own folder, not at the hook's.
_SET_FOR_HOOKS = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_WORK_TREE",
    }
)


def current_provenance(folder: Path, reason: str | None, date: str) -> Provenance:
    """Say where figures that are taken now come from.

    Args:
        folder: Folder of the baselines; it need not exist. Changes below it are the point of an update, and
            do not count as changes of the work tree.
        reason: Why a regression is accepted; None where nothing regressed.
        date: ISO date (UTC).

    Returns:
        The provenance; its commit is None outside git, without git, and before the first commit.
    """
    existing = next(each for each in (folder, *folder.parents) if each.is_dir())
    return Provenance(commit=_commit(existing, folder.relative_to(existing)), date=date, reason=reason)


def _commit(folder: Path, baselines: Path) -> str | None:
    commit = _git(folder, "rev-parse", "--short", "--verify", "HEAD")
    if not commit:
        return None
    everything_else = (":(top)", f":(exclude,literal){baselines.as_posix()}")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", *everything_else)
    # What git could not tell in time counts as changed: the commit alone would claim too much.
    return commit if changed == "" else f"{commit}+dirty"


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git says, or None where it fails; it only reads, asks nobody, and runs no hooks."""
    command = ("git", "-C", str(folder), "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
    variables = {name: value for name, value in os.environ.items() if name not in _SET_FOR_HOOKS}
    try:
        done = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=variables | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
