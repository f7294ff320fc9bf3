"""An ONNX Runtime session whose settings are explicit, and whose faults speak plainly."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pytest_energy.errors import PlacementError, ProviderOptionError, ProviderUnavailable
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.log_line import LogLine, captured_log, reasons
from pytest_energy.runtime.provider_fault import device_fault
from pytest_energy.runtime.provider_library import FoundProvider
from pytest_energy.runtime.runtime_errors import explained, first_words, runtime_errors, runtime_version
from pytest_energy.runtime.telemetry import WITHOUT_TELEMETRY

_CPU = "CPUExecutionProvider"
_LEVELS = {
    "all": "ORT_ENABLE_ALL",
    "extended": "ORT_ENABLE_EXTENDED",
    "basic": "ORT_ENABLE_BASIC",
    "disabled": "ORT_DISABLE_ALL",
}
_NO_FALLBACK = "session.disable_cpu_ep_fallback"
_SAID_NO_FALLBACK = "fallback to cpu ep has been explicitly disabled"
_VERBOSE, _ERRORS = 0, 3


def opened(subject: Subject, found: FoundProvider, profile: str | None = None) -> tuple[Any, list[LogLine]]:
    """Create an inference session with nothing left to defaults that differ from machine to machine.

    The CPU provider is listed behind the requested one for what that cannot run, unless the session's entries
    disable this fallback.

    Args:
        subject: The model, and how it is run.
        found: Where it must run.
        profile: First part of the path of a profile to write, which slows every step; None for none.

    Returns:
        The session, and what was logged meanwhile: with a profile everything, else faults only.

    Raises:
        ModelError: ONNX Runtime cannot load the model.
        ProviderUnavailable: The provider, or its device, cannot be used here.
        ProviderOptionError: An option of the provider or of the session is refused.
        PlacementError: The fallback is disabled, and the provider does not take every node.
    """
    import onnxruntime

    with _told(subject, found) as lines, captured_log() as printed:
        try:
            options = _session_options(subject, profile)
            kwargs = _provider_arguments(subject, found, options)
            # Without the fallback, which would try again on the CPU alone, and print that it did.
            session = onnxruntime.InferenceSession(subject.file, options, enable_fallback=0, **kwargs)
        finally:
            lines.append(printed)
    _require_listed(session, found, printed)
    return session, printed


def _session_options(subject: Subject, profile: str | None) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = subject.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS if profile is None else _VERBOSE
    level = _LEVELS[subject.session.optimization]
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.enable_mem_pattern = subject.session.memory_pattern
    entries = dict(subject.session.entries) | {
        "session.intra_op.allow_spinning": "1" if subject.spinning else "0",
        # Between steps threads never spin, since what runs next would be billed for it; unless steps arrive
        # at a pace, where that is what is asked.
        "session.force_spinning_stop": "1" if subject.pace_s is None else "0",
        "session.inter_op.allow_spinning": "0",
        "session.record_ep_graph_assignment_info": "1",
    }
    for key, value in entries.items():
        options.add_session_config_entry(key, value)
    if subject.step is not None and (symbol := subject.step.pinned_batch) is not None:
        options.add_free_dimension_override_by_name(symbol, subject.batch)
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    return options


def _provider_arguments(subject: Subject, found: FoundProvider, options: Any) -> dict[str, Any]:
    """Say where to run: devices of a plugin are added to the options, a built-in provider is an argument."""
    own = provider_options(subject, found)
    if found.devices:
        options.add_provider_for_devices(list(found.devices), own)
        return {}
    listed = [(found.provider.name, own)]
    if found.provider.name != _CPU and subject.session.entries.get(_NO_FALLBACK) != "1":
        listed.append((_CPU, {}))
    return {"providers": listed}


def provider_options(subject: Subject, found: FoundProvider) -> dict[str, str]:
    """Return the options that a provider is given: the user's, and the threads where it has its own pool."""
    option = found.provider.threads_option
    threads = {option: str(subject.threads)} if option else {}
    return threads | dict(subject.session.provider_options)


@contextmanager
def _told(subject: Subject, found: FoundProvider) -> Iterator[list[list[LogLine]]]:
    """Turn what ONNX Runtime raises while a session is made into an error that says whose fault it is."""
    lines: list[list[LogLine]] = []
    where = "" if found.provider.name == _CPU else f" on {found.provider.short}"
    with explained(f"The model {subject.model} cannot be loaded{where}"):
        try:
            yield lines
        except runtime_errors() as error:
            printed = [line for each in lines for line in each]
            _blame(subject, found, first_words(str(error)), printed, error)
            raise


def _blame(
    subject: Subject, found: FoundProvider, said: str, printed: Sequence[LogLine], error: BaseException
) -> None:
    """Raise where it is not the model's fault."""
    provider = found.provider
    if _SAID_NO_FALLBACK in said.lower():
        raise PlacementError(
            f"{provider.short} does not take every node of {subject.model}, and the session's entry "
            f"{_NO_FALLBACK} forbids the CPU provider. Take it out, and set how much must run there with "
            'placement = "90%".'
        ) from error
    option = _refused_option(subject, said)
    if option is not None:
        raise ProviderOptionError(
            f"{option} of {provider.short} is refused. ONNX Runtime {runtime_version()} said: {said}. "
            "Correct it, or take it out, where the benchmark sets it."
        ) from error
    fault = device_fault(provider, said, printed)
    if fault is not None:
        raise ProviderUnavailable(fault) from error


def _refused_option(subject: Subject, said: str) -> str | None:
    """Name the option that a message is about; None where it is about something else."""
    settings = subject.session
    for kind, options in (("The option", settings.provider_options), ("The entry", settings.entries)):
        for name in options:
            if name in said:
                return f"{kind} {name}"
    if settings.provider_options and "option" in said.lower():
        return f"One of the options {', '.join(settings.provider_options)}"
    return None


def _require_listed(session: Any, found: FoundProvider, printed: Sequence[LogLine]) -> None:
    """Refuse a session that was made without its provider, as happens where its device is missing.

    Raises:
        ProviderUnavailable: The provider is not in use.
    """
    provider = found.provider
    if provider.name in session.get_providers():
        return
    said = reasons(printed, [provider.name, provider.short])
    why = "; ".join(said) or "nothing was said of why"
    raise ProviderUnavailable(
        device_fault(provider, why, printed)
        or f"{provider.short} could not be used: {why}. ONNX Runtime {runtime_version()} fell back to "
        f"{', '.join(session.get_providers())} and did not raise. {_needs(found)}"
    )


def _needs(found: FoundProvider) -> str:
    needs = found.provider.needs
    return f"It needs {needs}." if needs else "Leave the provider out with --energy-provider cpu."


def runtime_fault() -> str | None:
    """Say why ONNX Runtime cannot be used by this interpreter; None where it can."""
    try:
        import onnxruntime
    except ImportError as error:
        return _unusable(f"cannot be imported by {sys.executable} ({error})")
    # Wheels overwrite each other: where one was removed, what is left of the others may be an empty folder.
    if not hasattr(onnxruntime, "InferenceSession"):
        return _unusable(f"is damaged for {sys.executable}: its wheels overwrite each other. Remove them all")
    if not hasattr(onnxruntime.InferenceSession, "get_provider_graph_assignment_info"):
        return _unusable(f"{runtime_version()} is too old: it does not tell where nodes run. 1.24 does")
    return None


def _unusable(why: str) -> str:
    return (
        f"ONNX Runtime {why}. Install one of its wheels: "
        'pip install "pytest-energy[cpu]", or [gpu], [openvino], [webgpu].'
    )


def thread_variables() -> dict[str, str]:
    """Return the variables of this process that change how ONNX Runtime, OpenMP and OpenBLAS run."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(("ORT_", "OMP_", "OPENBLAS_", "MKL_")) and name not in WITHOUT_TELEMETRY
    }
