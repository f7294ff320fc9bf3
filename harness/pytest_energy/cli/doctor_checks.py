"""The checks of ``pytest-energy doctor``: each yields a sentence per fault, with what to do about it."""

import importlib.util
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

from pytest_energy.measurement.noise_sources import NoiseSource
from pytest_energy.runtime.installation import Distribution, Installation

_PLAIN = "onnxruntime"
# Sources of noise that stand in the way of measuring at all; the others only widen intervals.
_FAULTY = ("CPUs", "CPU quota", "throttling")
# What every worker imports.
_IMPORTED = ("numpy", "pytest_energy")


def of_runtime(
    distributions: Sequence[Distribution], installation: Installation, python: str = sys.executable
) -> Iterator[str]:
    """Check that there is one ONNX Runtime, and that it can be used."""
    if len(distributions) > 1:
        yield _several(distributions, shlex.quote(python))
    elif installation.fault:  # with several of them, that is its cause
        yield installation.fault


def of_machine(sources: Iterable[NoiseSource]) -> Iterator[str]:
    """Check that the machine leaves room to measure."""
    for source in sources:
        if source.harms and source.name in _FAULTY:
            yield f"{source.name}: {source.found}. {source.remedy}"


def is_writable(path: Path) -> bool:
    """Whether files can be made in a folder."""
    return os.access(path, os.W_OK | os.X_OK)


def of_baselines(folder: Path, can_write: Callable[[Path], bool] = is_writable) -> Iterator[str]:
    """Check that the baselines can be updated, where there are some."""
    if folder.is_dir() and not can_write(folder):
        yield f"{folder} cannot be written to: --energy-update would fail. Change its permissions."


def first_steps(folder: Path) -> Iterator[str]:
    """Say what comes next in a project that is only just begun, which is no fault."""
    if not folder.is_dir():
        yield (
            f"There are no baselines yet (in {folder}), so no regression can be found. Record some with "
            "pytest --energy --energy-update, and commit them."
        )


def of_temporary_folder() -> Iterator[str]:
    """Check that workers have a place for what they print."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        yield (
            f"No temporary folder can be written to, so no worker can be started ({error.strerror}). Free "
            "space there, or set TMPDIR to a folder that can be written to."
        )


def of_compiled_code(
    modules: Sequence[str] = _IMPORTED,
    can_write: Callable[[Path], bool] = is_writable,
    *,
    keeps: bool = not sys.dont_write_bytecode,
) -> Iterator[str]:
    """Check that Python keeps compiled code: else every worker compiles all that it imports.

    Args:
        modules: Names of modules; what is not installed is passed over.
        can_write: Whether files can be made in a folder.
        keeps: Whether Python writes compiled code where it can.
    """
    specs = [spec for spec in map(importlib.util.find_spec, modules) if spec is not None]
    missing = [spec for spec in specs if not (_is_compiled(spec) or (keeps and _has_room(spec, can_write)))]
    if missing:
        folders = (str(Path(spec.origin or "").parent) for spec in missing)
        yield (
            f"Python keeps no compiled code of {', '.join(spec.name for spec in missing)}, so every worker "
            "compiles it anew. Unset PYTHONDONTWRITEBYTECODE, or compile it once: "
            f"{shlex.quote(sys.executable)} -m compileall -q {shlex.join(folders)}"
        )


def _several(distributions: Sequence[Distribution], python: str) -> str:
    names = [each.name for each in distributions]
    kept = next((name for name in names if name != _PLAIN), _PLAIN)
    shown = " and ".join(f"{each.name} {each.version}" for each in distributions)
    return (
        f"{shown} are installed side by side. They write to the same files, so what runs is a mixture. "
        "Remove them all, and install the one that you need: "
        f"{python} -m pip uninstall -y {' '.join(names)} && "
        f"{python} -m pip install '{kept}>=1.24'"
    )


def _is_compiled(spec: ModuleSpec) -> bool:
    return spec.cached is None or Path(spec.cached).is_file()


def _has_room(spec: ModuleSpec, can_write: Callable[[Path], bool]) -> bool:
    """Whether compiled code can be written: to its folder, or to the one in which that would be made."""
    folder = Path(spec.cached or "").parent
    return can_write(next((each for each in (folder, *folder.parents) if each.exists()), folder))
