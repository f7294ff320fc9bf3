"""Provider libraries: execution providers that come as a plugin, registered and asked for their devices."""

import importlib
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pytest_energy.errors import ProviderUnavailable
from pytest_energy.providers import ExecutionProvider, PluginPackage
from pytest_energy.runtime.log_line import captured_log, reasons
from pytest_energy.runtime.runtime_errors import first_words, runtime_errors

_OWN_FAULTS = (ImportError, OSError, RuntimeError, AttributeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProvider:
    """An execution provider as this process can use it.

    Attributes:
        provider: The provider, under the name that it has here.
        devices: What ONNX Runtime is told to use, ``OrtEpDevice``; empty where the provider is built in.
        others: Descriptions of the devices that the library lists besides.
        version: Version of the plugin; None where it is built in or does not say.
    """

    provider: ExecutionProvider
    devices: tuple[Any, ...] = ()
    others: tuple[str, ...] = ()
    version: str | None = None


def find_provider(
    provider: ExecutionProvider, library: str | None = None, device: str | None = None
) -> FoundProvider:
    """Find a provider: in a library that is named, in this build, or in an installed plugin package.

    Args:
        provider: What is wanted.
        library: Path of its plugin library; None to look for it.
        device: What the description of its device must hold; None for the first device.

    Raises:
        ProviderUnavailable: It is nowhere, its library cannot be loaded, or it lists no such device.
    """
    built_in = built_in_providers()
    if library is None and provider.name in built_in:
        return FoundProvider(provider=provider)
    path = library or (installed_library(provider.plugin) if provider.plugin else None)
    if path is None:
        raise ProviderUnavailable(_missing(provider, built_in))
    own = _own_devices(provider, registered_devices(provider.name, path), path)
    return _chosen(provider, own, device)


@cache
def built_in_providers() -> tuple[str, ...]:
    """Return what this build has. Asked once: later ONNX Runtime lists what was registered as well."""
    import onnxruntime

    return tuple(onnxruntime.get_available_providers())


def installed_library(plugin: PluginPackage) -> str | None:
    """Return the path of the library of a plugin package; None where the package is not installed.

    Raises:
        ProviderUnavailable: It is installed, but has no library for this machine.
    """
    if importlib.util.find_spec(plugin.module) is None:
        return None
    try:
        return str(getattr(importlib.import_module(plugin.module), plugin.path_function)())
    except _OWN_FAULTS as error:
        raise ProviderUnavailable(
            f"{plugin.package} is installed, but has no library for this machine: {first_words(str(error))}. "
            f"Install it again, or name a library with --energy-ep-library NAME=PATH."
        ) from error


@cache
def registered_devices(name: str, path: str) -> tuple[Any, ...]:
    """Register a library once, and return the devices that came with it.

    Raises:
        ProviderUnavailable: It cannot be loaded.
    """
    import onnxruntime

    before = len(onnxruntime.get_ep_devices())
    with captured_log() as lines:
        fault = _register(name, path)
    if fault is not None:
        said = reasons(lines, [name, path]) or (first_words(str(fault)),)
        raise ProviderUnavailable(
            f"The plugin library {path} cannot be used by ONNX Runtime {onnxruntime.__version__}: "
            f"{'; '.join(said)}. Install a version of it that is made for this one."
        ) from fault
    return tuple(onnxruntime.get_ep_devices()[before:])


def _register(name: str, path: str) -> BaseException | None:
    import onnxruntime

    try:
        onnxruntime.register_execution_provider_library(name, path)
    except runtime_errors() as error:
        return error
    return None


def _own_devices(provider: ExecutionProvider, devices: Sequence[Any], path: str) -> list[Any]:
    """Return the devices of one provider: a library may bring several, under names of its own."""
    own = [each for each in devices if each.ep_name == provider.name]
    names = sorted({each.ep_name for each in devices})
    if not own and len(names) == 1:
        own = list(devices)
    if own:
        return own
    if names:
        raise ProviderUnavailable(
            f"The plugin library {path} brings {', '.join(names)}, but no {provider.name}. Give it one of "
            "these names: --energy-ep-library NAME=PATH."
        )
    needs = (provider.plugin and provider.plugin.needs) or provider.needs
    need = f" It needs {needs}." if needs else ""
    raise ProviderUnavailable(
        f"The plugin of {provider.short} is loaded, but it lists no device on this machine.{need} Leave the "
        "provider out with --energy-provider cpu."
    )


def _chosen(provider: ExecutionProvider, devices: Sequence[Any], wanted: str | None) -> FoundProvider:
    fitting = [each for each in devices if wanted is None or wanted.lower() in described(each).lower()]
    if not fitting:
        listed = "; ".join(map(described, devices))
        raise ProviderUnavailable(
            f"{provider.short} lists no device whose description holds {wanted!r}. Listed: {listed}. Choose "
            'one of them with device = "...".'
        )
    first = fitting[0]
    return FoundProvider(
        provider=replace(provider, name=first.ep_name),
        devices=(first,),
        others=tuple(described(each) for each in devices if each is not first),
        version=dict(first.ep_metadata).get("version"),
    )


def described(device: Any) -> str:
    """Describe an ``OrtEpDevice``: its kind, its vendor, and what it says of itself."""
    hardware = device.device
    said = [value for key, value in sorted(dict(hardware.metadata).items()) if key.lower() in _TELLING]
    return " ".join(dict.fromkeys([hardware.type.name, *_words([hardware.vendor, *said])]))


_TELLING = ("description", "name", "device_name")


def _words(texts: Iterable[str]) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]


def _missing(provider: ExecutionProvider, available: Sequence[str]) -> str:
    import onnxruntime

    return (
        f"The execution provider {provider.short} ({provider.name}) is not in ONNX Runtime "
        f"{onnxruntime.__version__}, which has {', '.join(available)}. {remedy(provider)}, or leave the "
        "provider out with --energy-provider cpu."
    )


def remedy(provider: ExecutionProvider) -> str:
    """Say how a provider that is nowhere can be had, as a sentence without its full stop."""
    ways = []
    if provider.package:
        ways.append(
            f"install {provider.package} in an environment of its own (the wheels overwrite each other)"
        )
    if provider.plugin:
        ways.append(f"install its plugin {provider.plugin.package} beside onnxruntime")
    if not ways:
        ways.append("it needs a build of ONNX Runtime by its vendor")
    text = ", or ".join(ways)
    return text[0].upper() + text[1:]
