"""Whatever bytes a file holds, pytest's own process hashes it or says what is wrong with it."""

import re

import onnx
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.errors import ModelError
from pytest_energy.workloads.model import read_model_hash

TENSOR = onnx.TensorProto(name="w", data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)


def hash_or_refusal(path):
    try:
        return read_model_hash(path)
    except ModelError as error:
        return str(error)


@given(data=st.binary(max_size=2000))
def test_any_bytes_are_hashed_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "m.onnx"
    path.write_bytes(data)
    said = hash_or_refusal(path)
    assert re.fullmatch("[0-9a-f]{64}", said) or said.startswith(f"The model {path} ")


@given(location=st.text(max_size=300), before=st.binary(max_size=30))
def test_whatever_location_a_tensor_names_nothing_outside_its_folder_is_read(
    tmp_path_factory, location, before
):
    folder = tmp_path_factory.mktemp("located")
    (folder / "secret").write_bytes(b"1")
    (folder / "models").mkdir()
    tensor = onnx.TensorProto()
    tensor.CopyFrom(TENSOR)
    tensor.external_data.add(key="location", value=location)
    path = folder / "models/m.onnx"
    path.write_bytes(b"\x08\x0a" + before + tensor.SerializeToString())
    first = hash_or_refusal(path)
    (folder / "secret").write_bytes(b"2")
    assert hash_or_refusal(path) == first
