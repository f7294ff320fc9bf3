"""The parent's end of the writer of trained models, which runs in a process of its own: it parses models."""

from pytest_energy.runtime.onnx_process import answer_of
from pytest_energy.training.write_request import WriteRequest, request_to_json


def write_weights(request: WriteRequest) -> None:
    """Write a model with what was trained, in another process.

    Raises:
        ModelError: The model cannot be read, or the values have no place in it.
        UsageError: The file cannot be written.
    """
    answer_of("pytest_energy.training.write_back", request_to_json(request), f"Writing {request.model}")
