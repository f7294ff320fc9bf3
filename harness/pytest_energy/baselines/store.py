"""The store: where baselines lie, one file per environment and benchmark."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_energy.baselines.atomic_file import PROBE, is_leftover, write_atomically
from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.schema import RESTORE, from_text, to_text
from pytest_energy.errors import BaselineError, SchemaError

_SUFFIX = ".json"


class BaselineStore:
    """A folder of baselines: ``<environment id>/<benchmark id>.json``."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; it need not exist yet."""
        self.folder = folder

    def path(self, environment_id: str, benchmark_id: str) -> Path:
        """Return where a baseline lies, or would lie."""
        return self.folder / environment_id / f"{benchmark_id}{_SUFFIX}"

    def read(self, benchmark_id: str, environment_id: str) -> Baseline | None:
        """Return the baseline of a benchmark in an environment; None where there is none.

        Raises:
            BaselineError: There is a file, and it cannot be used.
        """
        return self._read(self.path(environment_id, benchmark_id))

    def others(self, benchmark_id: str, environment_id: str) -> list[Baseline]:
        """Return the baselines of a benchmark in all other environments, in the order of their names.

        Raises:
            BaselineError: One of the files cannot be used; a fault in any environment is a fault in all.
        """
        elsewhere = (folder.name for folder in self._environments() if folder.name != environment_id)
        found = (self.read(benchmark_id, other) for other in elsewhere)
        return [baseline for baseline in found if baseline is not None]

    def write(self, baseline: Baseline) -> None:
        """Write a baseline, whole or not at all; a file that holds it already is not touched.

        Raises:
            BaselineError: It could not be written, or could not be read back; the old file stays.
        """
        path = self.path(baseline.environment.id, baseline.benchmark.id)
        try:
            text = to_text(baseline)
            from_text(text, str(path))
        except (ValueError, SchemaError) as error:
            raise BaselineError(f"{path} was not written, for it could not be read back: {error}") from error
        write_atomically(path, text, BaselineError)

    def require_writable(self) -> None:
        """Make the folder, and refuse one that cannot be written to before time is spent on measuring.

        Raises:
            BaselineError: The folder cannot be made or cannot be written to.
        """
        probe = self.folder / PROBE
        write_atomically(probe, "", BaselineError)
        probe.unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """Return every file that is a baseline by its place, in a stable order.

        Raises:
            BaselineError: A folder cannot be listed.
        """
        return [path for folder in self._environments() for path in _baselines_in(folder)]

    def benchmarks(self, environment_id: str) -> Mapping[str, Path]:
        """Return the files of one environment by the id of their benchmark, unread.

        Raises:
            BaselineError: The folder cannot be listed.
        """
        return {path.stem: path for path in _baselines_in(self.folder / environment_id)}

    def load(self, path: Path) -> Baseline:
        """Read one of ``files``.

        Raises:
            BaselineError: It cannot be used, it is gone, or it lies where another baseline belongs.
        """
        baseline = self._read(path)
        if baseline is None:
            raise BaselineError(f"{path} is gone. {RESTORE}")
        return baseline

    def strays(self) -> Iterator[tuple[Path, str]]:
        """Yield what lies in the folder but is not read as a baseline, each with what to do about it.

        Raises:
            BaselineError: A folder cannot be listed.
        """
        known = set(self.files())
        for path in sorted(self.folder.rglob("*")):
            if is_leftover(path):
                yield path, f"{path} is left over from a run that was killed. Delete it, if none is running."
            elif path.suffix == _SUFFIX and path not in known and not _hidden(path):
                yield path, f"{path} is never read: baselines lie in {self.folder}/ENVIRONMENT/. Move it."

    def _environments(self) -> list[Path]:
        return [path for path, is_folder in _listed(self.folder) if is_folder]

    def _read(self, path: Path) -> Baseline | None:
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BaselineError(f"{path} cannot be read: {error.strerror}. Put that right there.") from error
        except UnicodeDecodeError as error:
            raise SchemaError(
                f"{path} is damaged: it is not UTF-8 at byte {error.start}. {RESTORE}"
            ) from error
        baseline = from_text(text, str(path))
        self._check_place(baseline, path)
        return baseline

    def _check_place(self, baseline: Baseline, path: Path) -> None:
        """Refuse a file that was copied or renamed: it would stand for what it does not hold."""
        held = (
            ("benchmark", baseline.benchmark.id, path.stem),
            ("environment", baseline.environment.id, path.parent.name),
        )
        for what, own, place in held:
            if own != place:
                belongs = self.path(baseline.environment.id, baseline.benchmark.id)
                raise SchemaError(
                    f"{path} lies in the place of another: it holds the {what} {own}, and its name says "
                    f"{place}. Move it to {belongs}, or delete it."
                )


def _baselines_in(folder: Path) -> list[Path]:
    return [path for path, _ in _listed(folder) if path.suffix == _SUFFIX]


def _listed(folder: Path) -> list[tuple[Path, bool]]:
    """Return what lies in a folder and whether it is one itself, sorted, without what is hidden."""
    try:
        with os.scandir(folder) as entries:
            return sorted((folder / one.name, one.is_dir()) for one in entries if not _hidden(Path(one.name)))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BaselineError(f"{folder} cannot be listed: {error.strerror}. Put that right there.") from error


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")
