"""The installation: which ONNX Runtime an interpreter has, found out without importing it here."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from pytest_energy.runtime.worker_process import worker_variables

_PACKAGE = "onnxruntime"
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A wheel that holds the package ``onnxruntime``.

    Attributes:
        name: Its name, e.g. ``onnxruntime-gpu``.
        version: Its version.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What importing ONNX Runtime shows.

    Attributes:
        version: Its version; None where it cannot be used.
        providers: ONNX Runtime's names of the execution providers that this build has.
        fault: Why it cannot be used, and what to do; None where it can.
    """

    version: str | None
    providers: tuple[str, ...] = ()
    fault: str | None = None


def runtime_distributions(path: Sequence[str] | None = None) -> tuple[Distribution, ...]:
    """Return every installed wheel that holds the package ``onnxruntime``: all write to the same files.

    Args:
        path: Folders to look in; None for those of this interpreter.
    """
    found = metadata.distributions() if path is None else metadata.distributions(path=list(path))
    owners = {_name(each): each.version for each in found if _name(each).startswith(_PACKAGE) and _owns(each)}
    return tuple(Distribution(name=name, version=owners[name]) for name in sorted(owners))


def probe(python: str = sys.executable) -> Installation:
    """Import ONNX Runtime in a process of its own, with the variables of a worker.

    Args:
        python: The interpreter.
    """
    try:
        ended = subprocess.run(
            [python, "-P", "-m", "pytest_energy.runtime.probe"],
            env=worker_variables(os.environ),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        found = json.loads(ended.stdout.splitlines()[-1])
        return Installation(**found | {"providers": tuple(found["providers"])})
    except subprocess.TimeoutExpired:
        return _unusable(python, f"takes longer than {_TIMEOUT_S:g} s")
    except subprocess.CalledProcessError as error:
        return _unusable(python, f"ends with exit code {error.returncode}: {_last_line(error.stderr)}")
    except (OSError, ValueError, LookupError, TypeError) as error:
        return _unusable(python, f"is not possible: {error}")


def _unusable(python: str, why: str) -> Installation:
    fault = (
        f"Importing ONNX Runtime with {python} {why}. Try it by hand: {python} -c 'import onnxruntime', and "
        "install it again."
    )
    return Installation(version=None, fault=fault)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it printed nothing"


def _name(distribution: metadata.Distribution) -> str:
    # The metadata of a half-removed wheel may be gone.
    return str(distribution.metadata["Name"] or "").lower().replace("_", "-")


def _owns(distribution: metadata.Distribution) -> bool:
    """Whether a wheel writes to the package; others only share the beginning of its name."""
    files = distribution.files
    if files is None:
        return distribution.read_text("top_level.txt") in {None, _PACKAGE, f"{_PACKAGE}\n"}
    return any(file.parts[:2] == (_PACKAGE, "__init__.py") for file in files)
