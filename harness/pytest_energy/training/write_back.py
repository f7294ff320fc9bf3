"""The writer: a process that puts what was trained into the inference model, writes that, and ends.

Started as ``python -P -m pytest_energy.training.write_back``, it reads a request, one line of JSON, from
stdin. It prints ``{}``, or ``{"failed": KIND, "message": TEXT}``.
"""

import json
import sys
from pathlib import Path

import onnx

from pytest_energy.errors import HarnessError, UsageError
from pytest_energy.training.build import read_model
from pytest_energy.training.step_file import LARGEST
from pytest_energy.training.trained_model import trained_model
from pytest_energy.training.write_request import WriteRequest, load_values, request_from_json


def main() -> None:
    """Write what is asked for."""
    try:
        write(request_from_json(sys.stdin.readline()))
        print("{}")  # noqa: T201 - the answer
    except HarnessError as error:
        print(json.dumps({"failed": type(error).__name__, "message": str(error)}))  # noqa: T201 - the answer


def write(request: WriteRequest) -> None:
    """Write the model with its new values; the same values give the same bytes.

    Raises:
        ModelError: The model cannot be read, or the values have no place in it.
        UsageError: The file cannot be written.
    """
    model = trained_model(read_model(Path(request.model)), load_values(request.values), request.copies)
    try:
        if model.ByteSize() >= LARGEST:
            onnx.save(model, request.output, save_as_external_data=True, location=request.data)
        else:
            Path(request.output).write_bytes(model.SerializeToString(deterministic=True))
    except OSError as error:
        raise UsageError(f"{request.output} cannot be written: {error.strerror}. Make room there.") from error


if __name__ == "__main__":
    main()
