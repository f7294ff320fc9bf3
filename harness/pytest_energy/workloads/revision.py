"""A git revision: benchmarks as they stood then, their models in a temporary folder."""

import contextlib
import os
import posixpath
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pytest_energy.errors import ModelError, RevisionError, SuiteError
from pytest_energy.git.repository import Commit, Repository, open_repository
from pytest_energy.git.tree import Tree
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.workloads.external_data import external_locations
from pytest_energy.workloads.given_feeds import module_path
from pytest_energy.workloads.model import HEAD, fault_of_head
from pytest_energy.workloads.suite import SuiteEntry, read_suite
from pytest_energy.workloads.suite_inputs import InputsWritten
from pytest_energy.workloads.suite_table import read_tables

_NO_LIBRARIES: Mapping[str, Path] = MappingProxyType({})

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_LFS_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """There was no such benchmark.

    Attributes:
        reason: Why, as a sentence without its full stop.
    """

    reason: str


class Revision:
    """One commit, and what was taken from it. The work tree and all that git keeps stay as they are.

    Attributes:
        name: The revision as the user wrote it.
        shown: What a person calls it: ``origin/main (1a2b3c4)``.
        commit: Full name of the commit.
        short: Its abbreviated name.
        date: Day on which it was made, as an ISO date (UTC).
    """

    def __init__(self, repository: Repository, commit: Commit, folder: Path) -> None:
        """Take nothing yet.

        Args:
            repository: Where the commit is.
            commit: Whose files are wanted.
            folder: An empty folder for what is taken; it is removed at the end.
        """
        self.name, self.shown = commit.name, str(commit)
        self.commit, self.short, self.date = commit.oid, commit.short, commit.date
        self._repository = repository
        self._tree = Tree(repository, commit)
        self._folder = folder
        # Both are laid out as the repository is.
        self._files = folder / "files"
        self._suites = folder / "suites"
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._taken: set[Path] = set()
        self._read: dict[tuple[str, str | None], dict[str, SuiteEntry]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was taken; at the end of the process that happens by itself."""
        self._remove()

    def entry(
        self, entry: SuiteEntry, suite: Path | None, libraries: Mapping[str, Path] = _NO_LIBRARIES
    ) -> SuiteEntry | Absent:
        """Return a benchmark as it stood then, with its model and external data in the temporary folder.

        Args:
            entry: The benchmark of today.
            suite: The suite that declares it: what that said then decides, save for the provider, which may
                be new. None for a model that was named by itself or in a test: its path is the same.
            libraries: Plugin libraries of today, by the names that the user gave them.

        Raises:
            RevisionError: A path lies outside the repository, or git cannot read what is there.
            SuiteError: The suite was broken then.
            ModelError: The model was none, or a part of it is not in git.
        """
        if suite is None:
            return self._with_model(entry, self._path_of(entry.model_path))
        path = self._path_of(suite)
        if not self._take(path, self._suites):
            return self._absent(f"the suite {path} did not exist")
        then = self._entries(path, entry.benchmark.provider, libraries) | self._entries(path, None, libraries)
        found = then.get(entry.benchmark.id)
        if found is None:
            return self._absent(f"the suite {path} had no benchmark {entry.benchmark.id!r}")
        missing = self._missing_inputs(found.inputs)
        if missing:
            return self._absent(f"the inputs {missing} did not exist")
        return self._with_model(
            replace(found, inputs=self._with_files(found.inputs)), self._path_of(found.model_path)
        )

    def readable(self, text: str) -> str:
        """Write ``REVISION:path`` for every temporary path in a text."""
        for folder in (self._suites, self._files):
            text = text.replace(f"{folder}{os.sep}", f"{self.name}:")
        return text

    def _missing_inputs(self, given: GivenInputs) -> str | None:
        """Take the files of inputs, and name the first that did not exist."""
        paths = [self._path_of(Path(file)) for file in given.files]
        return next((path for path in paths if not self._take(path, self._files)), None)

    def _with_files(self, given: GivenInputs) -> GivenInputs:
        """Return inputs whose files, and whose function's module, are those that were taken."""
        files = tuple(
            str(self._files / posixpath.normpath(self._path_of(Path(file)))) for file in given.files
        )
        folder = given.folder
        if given.function is not None and self._take(self._path_of(module_path(given)), self._files):
            folder = str(self._files / posixpath.normpath(self._path_of(Path(given.folder))))
        return replace(given, files=files, folder=folder)

    def _absent(self, what: str) -> Absent:
        return Absent(reason=f"{what} at {self.shown}")

    def _path_of(self, path: Path) -> str:
        """Return a path from the top of the repository, be it one of today or one in the temporary folder."""
        if path.is_relative_to(self._suites):
            return path.relative_to(self._suites).as_posix()
        found = self._repository.path_of(path.absolute())
        if found is None:
            raise RevisionError(
                f"{path} lies outside the git repository {self._repository.top}, so there is nothing of "
                f"{self.shown} to compare it with. Leave it out of this run, or move it into the repository."
            )
        return found

    def _entries(
        self, suite: str, provider: str | None, libraries: Mapping[str, Path]
    ) -> dict[str, SuiteEntry]:
        """Return the benchmarks of a suite by id, all put on ``provider`` where one is given."""
        if (suite, provider) not in self._read:
            path = self._suites / posixpath.normpath(suite)
            try:
                self._stand_in_for_models(path, libraries)
                entries = read_suite(path, [provider] if provider else [], libraries=libraries)
            except SuiteError as error:
                raise SuiteError(
                    f"{self.readable(str(error))} That is how the suite stood at {self.shown}: compare with "
                    "a revision at which it is whole."
                ) from error
            self._read[suite, provider] = {entry.benchmark.id: entry for entry in entries}
        return self._read[suite, provider]

    def _stand_in_for_models(self, suite: Path, libraries: Mapping[str, Path]) -> None:
        """Put empty files where a suite looks for some: one that is not in git must not spoil the rest."""
        for table in read_tables(suite, libraries):
            inputs: InputsWritten = table.values.get("inputs", InputsWritten())
            for written in (table.values["model"], *inputs.files):
                path = suite.parent / written.replace("\\", "/")
                if Path(os.path.normpath(path)).is_relative_to(self._suites):
                    with contextlib.suppress(
                        OSError, ValueError
                    ):  # the suite's reader says what is wrong with it
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.touch()

    def _with_model(self, entry: SuiteEntry, path: str) -> SuiteEntry | Absent:
        if not self._take(path, self._files):
            return self._absent(f"the model {posixpath.normpath(path)} did not exist")
        model = self._files / posixpath.normpath(path)
        with model.open("rb") as stream:
            fault = fault_of_head(stream.read(HEAD))
        if fault:
            raise ModelError(f"The model {self.readable(str(model))} {fault}.")
        for location in external_locations(model):
            if not self._take(posixpath.join(posixpath.dirname(path), location), self._files):
                raise ModelError(
                    f"The model {self.readable(str(model))} keeps weights in {location!r}, which is not in "
                    f"git at {self.shown}. Compare with a revision that has them."
                )
        return replace(entry, model_path=model)

    def _take(self, path: str, folder: Path) -> bool:
        """Write a file as it stood then into a folder, once; return whether there was one."""
        target = folder / posixpath.normpath(path)
        if target in self._taken:
            return True
        oid = self._tree.find(path)
        if oid is None:
            return False
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                fault = self._repository.copy(oid, stream)
            if fault:
                raise RevisionError(f"{self.readable(str(target))} {self._repository.unread(oid, fault)}.")
            self._fill_in(target)
        except OSError as error:
            raise RevisionError(
                f"{self.readable(str(target))} cannot be written to {self._folder}: "
                f"{error.strerror}. Make room there, or choose another folder with TMPDIR."
            ) from error
        self._taken.add(target)
        return True

    def _fill_in(self, target: Path) -> None:
        """Put what a Git LFS pointer points to in its place, if it was fetched."""
        with target.open("rb") as stream:
            pointer = _LFS_POINTER.match(stream.read(HEAD))
        if not pointer:
            return
        kept = self._repository.lfs_object(pointer[1].decode())
        if not kept.is_file() or kept.stat().st_size != int(pointer[2]):
            raise RevisionError(
                f"{self.readable(str(target))} is a Git LFS pointer, and what it points to is not here: run "
                f"'git lfs fetch origin {self.commit}'."
            )
        shutil.copyfile(kept, target)


def open_revision(root: Path, name: str, folder: Path | None = None) -> Revision:
    """Find a revision of the project; close it when what was taken from it is no longer needed.

    Args:
        root: A folder of the project, at the top of its repository or below.
        name: A branch, a tag or a commit.
        folder: Folder in which the temporary one is made; the system's by default. Models are as large there
            as they are in the repository.

    Raises:
        RevisionError: There is no such revision, no repository or no git; the message says how to get it.
    """
    repository = open_repository(root)
    commit = repository.commit(name)
    try:
        temporary = tempfile.mkdtemp(prefix="pytest-energy-", dir=folder)
    except OSError as error:
        raise RevisionError(
            f"No temporary folder for the models of {commit} can be made: {error}. Choose one with TMPDIR."
        ) from error
    return Revision(repository, commit, Path(temporary))
