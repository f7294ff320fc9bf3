"""The files of one commit, looked up by path; symbolic links are followed within the repository."""

import os
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_energy.errors import RevisionError
from pytest_energy.git.repository import Commit, Repository

_MOST_LINKS = 40
_FOLDER, _LINK, _SUBMODULE = "040000", "120000", "160000"
_LISTED = re.compile(rb"(\d+) \w+ ([0-9a-f]+)\t([^\0]+)\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    mode: str
    oid: str


class Tree:
    """Lists a folder when a path first leads through it."""

    def __init__(self, repository: Repository, commit: Commit) -> None:
        """Look into one commit of a repository."""
        self._repository = repository
        self._commit = commit
        self._listings: dict[str, Mapping[str, _Named]] = {}

    def find(self, path: str) -> str | None:
        """Return the object that holds a file's content; None where there is no file.

        Args:
            path: From the top of the repository, with forward slashes; it may hold ``..``.

        Raises:
            RevisionError: The path leads out of the repository, into a submodule, or in circles, or a folder
                on its way cannot be read.
        """
        trail, ahead, links = [self._commit.tree], deque(path.split("/")), 0
        while ahead:
            part = ahead.popleft()
            if part == "..":
                trail.pop()
            if not trail:
                raise self._error(path, "leads out of the repository, so git does not know what was there")
            if part in {"", ".", ".."}:
                continue
            named = self._listing(trail[-1], path).get(part)
            if named is None:
                return None
            if named.mode == _LINK:
                links += 1
                ahead.extendleft(reversed(self._target(named, path, links).split("/")))
            elif named.mode == _FOLDER:
                trail.append(named.oid)
            elif named.mode == _SUBMODULE:
                raise self._error(path, f"is in the submodule {part!r}: run the benchmark in there")
            else:
                return None if ahead else named.oid
        return None

    def _listing(self, oid: str, path: str) -> Mapping[str, _Named]:
        if oid not in self._listings:
            answer = self._repository.ask("ls-tree", "--full-tree", "-z", oid)
            if answer.fault:
                raise self._error(path, self._repository.unread(oid, answer.fault))
            self._listings[oid] = {
                os.fsdecode(name): _Named(mode=mode.decode(), oid=child.decode())
                for mode, child, name in _LISTED.findall(answer.output)
            }
        return self._listings[oid]

    def _target(self, link: _Named, path: str, links: int) -> str:
        if links > _MOST_LINKS:
            raise self._error(path, "is a symbolic link that leads in circles")
        answer = self._repository.ask("cat-file", "blob", link.oid)
        if answer.fault:
            raise self._error(path, self._repository.unread(link.oid, answer.fault))
        target = os.fsdecode(answer.output)
        if target.startswith("/"):
            raise self._error(path, f"is a symbolic link to {target!r}, which leaves the repository")
        return target

    def _error(self, path: str, why: str) -> RevisionError:
        return RevisionError(f"{self._commit.name}:{path} {why}.")
