"""The repository that a project lies in: its commits, its objects, and what a path is called in it."""

import os
import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pytest_energy.errors import RevisionError
from pytest_energy.git.command import Answer, ask_git

_TIMEOUT_S = 60.0
_CONTENT_TIMEOUT_S = 900.0  # a model of several GB, from a slow disk
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Revisions that name others by their distance or their place: only the history itself can answer them.
_NEEDS_HISTORY = re.compile(r"[~^@:]|^HEAD$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit.

    Attributes:
        name: The revision as the user wrote it.
        oid: Full name of the commit.
        short: Its abbreviated name.
        date: Day on which it was made, as an ISO date (UTC).
        tree: Full name of its tree.
    """

    name: str
    oid: str
    short: str
    date: str
    tree: str

    def __str__(self) -> str:
        return self.name if self.oid.startswith(self.name) else f"{self.name} ({self.short})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A git repository, seen from a folder of its work tree.

    Attributes:
        folder: The folder, absolute.
        top: The top of the work tree.
        prefix: Path of ``folder`` from the top, with forward slashes; empty at the top.
    """

    folder: Path
    top: Path
    prefix: str

    def commit(self, name: str) -> Commit:
        """Find the commit that a revision names.

        Raises:
            RevisionError: There is none, or git cannot tell.
        """
        if not name or name.startswith("-") or "\0" in name:
            raise RevisionError(
                f"{name!r} is no revision: name a branch, a tag or a commit, such as origin/main."
            )
        answer = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not _OID.fullmatch(answer.line):
            raise RevisionError(self._unknown(name, answer))
        described = self.ask("rev-list", "--max-count=1", "--format=%h %ct %T", answer.line)
        if described.fault:
            raise RevisionError(f"The revision {name!r} in {self.top} cannot be read: {described.fault}.")
        short, seconds, tree = described.line.splitlines()[-1].split()
        day = datetime.fromtimestamp(int(seconds), UTC).date()
        return Commit(name=name, oid=answer.line, short=short, date=day.isoformat(), tree=tree)

    def path_of(self, path: Path) -> str | None:
        """Return a path as it is called from the top, with forward slashes; None where it lies outside.

        The path is taken as it is written, for links of today need not have been there before. Only one that
        does not lie below the folder is looked for by where it really lies.
        """
        if path.is_relative_to(self.folder):
            return self.prefix + path.relative_to(self.folder).as_posix()
        real = Path(os.path.realpath(path.parent), path.name)
        top = os.path.realpath(self.top)
        return real.relative_to(top).as_posix() if real.is_relative_to(top) else None

    def copy(self, oid: str, into: BinaryIO) -> str | None:
        """Write a file's content past this process' memory; return why that failed, None if it did not."""
        return self.ask("cat-file", "blob", oid, timeout_s=_CONTENT_TIMEOUT_S, into=into).fault

    def unread(self, oid: str, fault: str) -> str:
        """Say why an object cannot be read, and what to do about it."""
        promised = self.ask("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
        if promised.output:
            return (
                "is not in this partial clone, and nothing is fetched while energy is measured: run "
                f"'git cat-file -s {oid}' to fetch it, or clone without --filter"
            )
        return f"cannot be read from git: {fault}. Run 'git fsck' to see what is damaged"

    def lfs_object(self, oid: str) -> Path:
        """Return where Git LFS keeps an object that it has fetched; it need not be there."""
        common = self.ask("rev-parse", "--git-common-dir").line
        storage = self.ask("config", "--type=path", "--get", "lfs.storage").line or "lfs"
        return Path(self.folder, common, storage, "objects", oid[:2], oid[2:4], oid)

    def ask(self, *arguments: str, timeout_s: float = _TIMEOUT_S, into: BinaryIO | None = None) -> Answer:
        """Ask git in this repository."""
        return ask_git(self.folder, *arguments, timeout_s=timeout_s, into=into)

    def _unknown(self, name: str, answer: Answer) -> str:
        """Say why a revision is not found, and how to get it."""
        if answer.code is None:
            return f"The revision {name!r} cannot be looked up in {self.top}: {answer.fault}. Try again."
        if self.ask("rev-parse", "--is-shallow-repository").line == "true":
            return (
                f"The revision {name!r} is not in {self.top}, which is a shallow clone. "
                f"{self._how_to_fetch(name)} With actions/checkout, 'fetch-depth: 0' gets the whole history."
            )
        return (
            f"There is no revision {name!r} in the git repository {self.top}. See 'git branch --all' and "
            "'git tag' for what there is; what only the server has comes with 'git fetch'."
        )

    def _how_to_fetch(self, name: str) -> str:
        remote, _, branch = name.partition("/")
        if _NEEDS_HISTORY.search(name):
            return "Fetch the history with 'git fetch --unshallow'."
        if branch and remote in self.ask("remote").line.splitlines():
            where = shlex.quote(f"{branch}:refs/remotes/{name}")
            return f"Fetch it with 'git fetch --depth=1 {remote} {where}'."
        return (
            f"Fetch it with 'git fetch --depth=1 origin {shlex.quote(name)}', then compare with FETCH_HEAD."
        )


def open_repository(folder: Path) -> Repository:
    """Find the repository that a folder lies in.

    Raises:
        RevisionError: It lies in none, or git is missing or refuses.
    """
    folder = folder.absolute()
    top = ask_git(folder, "rev-parse", "--show-toplevel", timeout_s=_TIMEOUT_S)
    prefix = ask_git(folder, "rev-parse", "--show-prefix", timeout_s=_TIMEOUT_S)
    if fault := top.fault or prefix.fault:
        raise RevisionError(
            f"No revision can be read in {folder}: {fault}. Comparing with a revision needs git, and the "
            "project in a clone of its repository."
        )
    return Repository(folder=folder, top=Path(top.line), prefix=prefix.line)
