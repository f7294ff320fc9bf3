"""The provenance of a new baseline: which commit, when, and why."""

from pathlib import Path

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.git.command import ask_git

_TIMEOUT_S = 10


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
    """Return what git says, or None where it fails."""
    answer = ask_git(folder, *arguments, timeout_s=_TIMEOUT_S)
    return None if answer.fault else answer.output.decode("utf-8", "replace").strip()
