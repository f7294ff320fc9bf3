"""What is to be written back into a model: a record that travels as JSON, for processes that know no ONNX."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from pytest_energy.training.step_description import Copied

NAMES = "names"
"""Key of an archive of values under which their names stand; the array of a name has its number as key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """Which values go into which model.

    Attributes:
        model: Path of the inference model that was trained.
        values: Path of an archive that ``save_values`` wrote.
        copies: Constants that trained apart though the model holds them once.
        output: Path of the model to write.
        data: Name of the file beside it for the weights, should they not fit into one.
    """

    model: str
    values: str
    copies: tuple[Copied, ...]
    output: str
    data: str


def request_to_json(request: WriteRequest) -> str:
    """Write a request as one line of JSON."""
    return json.dumps(asdict(request))


def request_from_json(line: str) -> WriteRequest:
    """Read what ``request_to_json`` wrote."""
    fields = json.loads(line)
    return WriteRequest(**fields | {"copies": tuple(Copied(**each) for each in fields["copies"])})


def save_values(path: str, values: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write arrays under any names, which need not be names of files."""
    names = np.asarray(list(values), dtype=str)
    np.savez(path, *values.values(), allow_pickle=False, **{NAMES: names})


def load_values(path: str) -> dict[str, npt.NDArray[np.generic]]:
    """Read what ``save_values`` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        return {str(name): archive[f"arr_{number}"] for number, name in enumerate(archive[NAMES])}
