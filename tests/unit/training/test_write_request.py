"""Values on their way from a worker to the model: any names, and requests on one line."""

import numpy as np
import pytest

from pytest_energy.training.step_description import Copied
from pytest_energy.training.write_request import (
    WriteRequest,
    load_values,
    request_from_json,
    request_to_json,
    save_values,
)


@pytest.mark.parametrize(
    "names", [["file", "allow_pickle", "names", "a/b c", "\N{GREEK SMALL LETTER MU}"], []]
)
def test_names_need_not_be_names_of_files(tmp_path, names):
    values = {name: np.full((2, number), number, np.float32) for number, name in enumerate(names)}
    path = str(tmp_path / "values.npz")
    save_values(path, values)
    loaded = load_values(path)
    assert list(loaded) == names
    for name, value in values.items():
        np.testing.assert_array_equal(loaded[name], value)


def test_a_request_travels_on_one_line():
    copies = (Copied(name="scale/1", node_output="y", index=2),)
    request = WriteRequest(model="a\nb.onnx", values="v.npz", copies=copies, output="o.onnx", data="o.data")
    line = request_to_json(request)
    assert "\n" not in line
    assert request_from_json(line) == request
