"""The provider probe: a process that tries out one execution provider, and says in JSON how it went.

Started as ``python -P -m pytest_energy.runtime.provider_probe NAME [LIBRARY]``: a provider that crashes takes
nothing else with it.
"""

import json
import sys
from importlib import resources

from pytest_energy.errors import HarnessError
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.loaded import found_provider
from pytest_energy.runtime.provider_library import described
from pytest_energy.runtime.session import runtime_fault
from pytest_energy.runtime.verification import verify


def main(provider: str, library: str | None = None) -> None:
    """Run one product of matrices on a provider, and print what became of it."""
    print(json.dumps(_tried(provider, library)))  # noqa: T201


def _tried(provider: str, library: str | None) -> dict[str, object]:
    fault = runtime_fault()
    if fault:
        return {"reason": fault}
    with resources.as_file(resources.files("pytest_energy.runtime").joinpath("probe.onnx")) as path:
        subject = Subject(model=str(path), provider=provider, batch=1, threads=1, library=library)
        try:
            factors = verify(subject, seed=0, clock=SystemClock()).factors
            found = found_provider(subject)
        except HarnessError as error:
            return {"reason": str(error)}
    return {
        "device": factors.device,
        "software_device": factors.software_device,
        "plugin_version": factors.provider_version,
        "devices": [*map(described, found.devices), *found.others],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
