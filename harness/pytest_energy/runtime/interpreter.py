"""An interpreter that workers run in: this one, or that of another environment, found and checked."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_energy
from pytest_energy.errors import HarnessError, UsageError
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess, worker_variables

_PACKAGE = Path(pytest_energy.__file__).parent
_PROBE_TIMEOUT_S = 120.0
_OLDEST_PYTHON = (3, 11)
_OLDEST_NUMPY = (1, 26)
_PLACES = ("bin/python", "bin/python3", "Scripts/python.exe")
# Every Python understands it, also one that is too old.
_PROBE = """
import json, sys
found = {"python": list(sys.version_info[:3])}
for name in ("numpy", "onnxruntime"):
    try:
        found[name] = getattr(__import__(name), "__version__", "")
    except ImportError:
        found[name] = None
    except Exception as error:
        found[name] = "fault: %s" % error
print("\\n" + json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python that can run workers.

    Attributes:
        python: Path of the executable.
        shown: What a person calls its environment.
        only_path: The folder that alone is on the PYTHONPATH of its workers; None for this process's own.
        versions: The versions that matter, in words; empty for this interpreter.
    """

    python: str
    shown: str
    only_path: Path | None = None
    versions: str = ""

    def worker(self, limits: Limits) -> WorkerProcess:
        """Start a worker; see there for ``limits``."""
        return WorkerProcess(limits, self.python, self.only_path)

    @contextmanager
    def named(self) -> Iterator[None]:
        """Say in whose environment a fault was found.

        Raises:
            HarnessError: The fault, of the class that it had.
        """
        try:
            yield
        except HarnessError as error:
            raise type(error)(f"In {self.shown}: {error}") from error


THIS_INTERPRETER = Interpreter(python=sys.executable, shown="this environment")
"""The one that runs this."""


@contextmanager
def other_interpreter(named: str, folder: Path, limits: Limits) -> Iterator[Interpreter]:
    """Find the interpreter of another environment, and see that workers can run there.

    Of this environment its workers see nothing but this package: a temporary folder holds a link to it.

    Args:
        named: A Python executable, or the folder of an environment.
        folder: What a relative path is relative to.
        limits: What a worker may take before it is killed.

    Raises:
        UsageError: There is no such interpreter, or it lacks what a worker needs.
    """
    python = _executable(named, folder)
    with tempfile.TemporaryDirectory(prefix="pytest-energy-") as only_path:
        _link(Path(only_path) / _PACKAGE.name)
        found = _probed(python, named, Path(only_path))
        _require(found, python, named)
        other = Interpreter(
            python=str(python),
            shown=f"the environment {named}",
            only_path=Path(only_path),
            versions=(
                f"Python {_dotted(found['python'])}, numpy {found['numpy']}, "
                f"onnxruntime {found['onnxruntime']}"
            ),
        )
        _require_worker(other, limits)
        yield other


def _executable(named: str, folder: Path) -> Path:
    """Return the path of the executable, links kept: an environment's own is a link to the one behind it."""
    path = folder / named
    if path.is_dir():
        inside = [path / place for place in _PLACES if (path / place).is_file()]
        if not inside:
            raise _unusable(named, "is a folder without bin/python: name the folder of an environment")
        path = inside[0]
    if not path.exists():
        on_path = shutil.which(named)
        if on_path is None:
            raise _unusable(named, "does not exist: name a Python executable, or an environment's folder")
        path = Path(on_path)
    if not os.access(path, os.X_OK):
        raise _unusable(named, f"cannot be executed ({path}): name a Python executable")
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _link(target: Path) -> None:
    try:
        target.symlink_to(_PACKAGE, target_is_directory=True)
    except OSError as error:
        raise UsageError(
            f"This package cannot be linked to from {target} for the other environment: {error.strerror}. "
            "Choose another folder for temporary files with TMPDIR."
        ) from error


def _probed(python: Path, named: str, only_path: Path) -> Mapping[str, Any]:
    """Ask an executable for the versions that it has."""
    try:
        ran = subprocess.run(
            [python, "-c", _PROBE],
            cwd=only_path,  # which is on its path: nothing but this package must be there
            env=worker_variables(os.environ, only_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
        lines = ran.stdout.decode(errors="replace").splitlines() or [""]
        found = json.loads(lines[-1])
    except subprocess.TimeoutExpired as error:
        raise _unusable(named, f"did not answer within {_PROBE_TIMEOUT_S:g} s ({python})") from error
    except OSError as error:
        raise _unusable(named, f"cannot be started ({python}): {error.strerror}") from error
    except ValueError as error:
        raise _unusable(named, f"is no Python interpreter ({python}), or a broken one") from error
    if not isinstance(found, dict) or "python" not in found:
        raise _unusable(named, f"is no Python interpreter ({python})")
    return found


def _require(found: Mapping[str, Any], python: Path, named: str) -> None:
    version = _dotted(found["python"])
    if tuple(found["python"]) < _OLDEST_PYTHON:
        raise _unusable(named, f"has Python {version}, which is too old: {_dotted(_OLDEST_PYTHON)} is needed")
    for name in ("numpy", "onnxruntime"):
        has = found[name]
        install = f"install it there: {python} -m pip install {name}"
        if has is None:
            raise _unusable(named, f"has Python {version}, but no {name}: {install}")
        if has.startswith("fault: "):
            raise _unusable(named, f"has a {name} that cannot be imported ({has[7:]}): {install}")
    if _numbers(found["numpy"]) < _OLDEST_NUMPY:
        raise _unusable(
            named, f"has numpy {found['numpy']}, which is too old: {_dotted(_OLDEST_NUMPY)} is needed"
        )


def _require_worker(other: Interpreter, limits: Limits) -> None:
    """See that a worker starts there: it knows best which ONNX Runtime it can use."""
    try:
        with other.named(), other.worker(limits) as worker:
            worker.wait_until_ready()
    except UsageError:
        raise
    except HarnessError as error:
        raise UsageError(str(error)) from error


def _unusable(named: str, why: str) -> UsageError:
    return UsageError(f"The environment {named}, which --python names, {why}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
