"""The probe: a process that imports ONNX Runtime, says as one line of JSON what it found, and ends.

Started as ``python -P -m pytest_energy.runtime.probe``.
"""

import json

from pytest_energy.runtime.session import runtime_fault


def main() -> None:
    """Print version, providers and fault; the first two are null where there is a fault."""
    fault = runtime_fault()
    print(json.dumps({"version": None, "providers": [], "fault": fault} if fault else _found()))  # noqa: T201


def _found() -> dict[str, object]:
    import onnxruntime

    return {
        "version": onnxruntime.__version__,
        "providers": onnxruntime.get_available_providers(),
        "fault": None,
    }


if __name__ == "__main__":
    main()
