"""Availability: which execution providers run here, on what, and what it takes where they do not."""

import importlib.util
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_energy.providers import PROVIDERS, ExecutionProvider, provider_named
from pytest_energy.runtime.installation import Distribution, Installation
from pytest_energy.runtime.provider_library import remedy
from pytest_energy.runtime.worker_process import worker_variables

_TIMEOUT_S = 120.0
_SYSTEMS = {"Darwin": "macOS", "Emscripten": "web pages"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """One provider on this machine.

    Attributes:
        provider: Its short name.
        name: ONNX Runtime's name.
        available: Whether a model really ran on it.
        reason: Why not, and what to do; None where it is available.
        device: What it computes on; None for the processor, or where it is unknown.
        software_device: Whether that is a program on the processor; None where it is unknown.
        devices: All devices that a plugin lists.
        plugin_version: Version of the plugin that brings it; None where it is built in.
    """

    provider: str
    name: str
    available: bool
    reason: str | None = None
    device: str | None = None
    software_device: bool | None = None
    devices: tuple[str, ...] = ()
    plugin_version: str | None = None


Try = Callable[[str, str | None], Mapping[str, object]]
"""Tries out a provider, given its short name and the path of its library or None; tells what it found."""


def availabilities(
    installation: Installation,
    distributions: Sequence[Distribution],
    libraries: Mapping[str, Path],
    *,
    system: str = platform.system(),
    try_out: Try | None = None,
) -> Iterator[Availability]:
    """Yield what is known of each provider; those that are here are tried out, one process each.

    Args:
        installation: What importing ONNX Runtime shows.
        distributions: The installed wheels that hold it.
        libraries: Plugin libraries that the user named.
        system: What ``platform.system()`` says.
        try_out: Tries out a provider; None for a process of its own.
    """
    attempt = try_out or tried_out
    named = [provider_named(name, libraries) for name in libraries]
    for provider in dict.fromkeys([*PROVIDERS, *named]):
        library = libraries.get(provider.short)
        why = None if library else _absence(provider, installation, distributions, system)
        found = {"reason": why} if why else attempt(provider.short, None if library is None else str(library))
        yield _judged(provider, found)


def tried_out(provider: str, library: str | None = None) -> Mapping[str, object]:
    """Try out a provider in a process of its own, with the variables of a worker."""
    command = [sys.executable, "-P", "-m", "pytest_energy.runtime.provider_probe", provider]
    try:
        ended = subprocess.run(
            command + ([library] if library else []),
            env=worker_variables(os.environ),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        found: Mapping[str, object] = json.loads(ended.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"reason": f"It did not run a product of two matrices within {_TIMEOUT_S:g} s."}
    except subprocess.CalledProcessError as error:
        return {"reason": f"It crashed (exit code {error.returncode}): {_last_line(error.stderr)}"}
    except (OSError, ValueError, LookupError) as error:
        return {"reason": f"It could not be tried out: {error}."}
    return found


def _absence(
    provider: ExecutionProvider,
    installation: Installation,
    distributions: Sequence[Distribution],
    system: str,
) -> str | None:
    """Say why there is no point in trying a provider; None where it is here."""
    if installation.version is None:
        return installation.fault or "There is no ONNX Runtime."
    if provider.name in installation.providers:
        return None
    if provider.plugin and importlib.util.find_spec(provider.plugin.module):
        return None
    if provider.systems and system not in provider.systems:
        systems = (_SYSTEMS.get(name, name) for name in provider.systems)
        return f"It exists on {' and '.join(systems)} only."
    overwritten = _overwritten(provider, distributions)
    if overwritten:
        return overwritten
    needs = f" It needs {provider.needs}." if provider.needs else ""
    return f"It is not in this build of ONNX Runtime ({installation.version}). {remedy(provider)}.{needs}"


def _overwritten(provider: ExecutionProvider, distributions: Sequence[Distribution]) -> str | None:
    """Say that its wheel is installed, but that another one was written over it."""
    names = [each.name for each in distributions]
    if provider.package not in names or len(names) == 1:
        return None
    others = " and ".join(name for name in names if name != provider.package)
    return (
        f"{provider.package} is installed, but {others} was written over it: their files are the same. "
        f"Remove all and install one: {sys.executable} -m pip uninstall -y {' '.join(names)} && "
        f"{sys.executable} -m pip install {provider.package}"
    )


def _judged(provider: ExecutionProvider, found: Mapping[str, object]) -> Availability:
    reason, device, software = found.get("reason"), found.get("device"), found.get("software_device")
    version, devices = found.get("plugin_version"), found.get("devices")
    return Availability(
        provider=provider.short,
        name=provider.name,
        available=reason is None,
        reason=None if reason is None else str(reason),
        device=None if device is None else str(device),
        software_device=None if software is None else bool(software),
        devices=tuple(map(str, devices)) if isinstance(devices, Iterable) else (),
        plugin_version=None if version is None else str(version),
    )


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it printed nothing"
