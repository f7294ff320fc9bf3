import os

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.errors import ModelError
from pytest_energy.workloads.external_data import external_data, external_locations, locations_in
from pytest_energy.workloads.model import read_model_hash

HEAD = b"\x08\x0a\x12\x07pytorch"


def varint(number):
    return bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])


def external(location):
    """What protobuf writes into a tensor whose data lies elsewhere."""
    value = location if isinstance(location, bytes) else location.encode()
    pair = b"\x0a\x08location\x12" + varint(len(value)) + value
    return b"\x6a" + varint(len(pair)) + pair


def write(folder, *locations, name="model.onnx"):
    path = folder / name
    path.write_bytes(HEAD + b"".join(map(external, locations)) + b"\x70\x01")
    return path


def test_a_model_that_onnx_wrote_names_its_files(tmp_path):
    weights = [
        onnx.numpy_helper.from_array(np.ones(600, np.float32), f"{'layer/' * size}w") for size in (1, 40)
    ]
    graph = onnx.helper.make_graph([], "g", [], [], weights)
    model = onnx.helper.make_model(graph)
    onnx.external_data_helper.convert_model_to_external_data(model, location="größen und mehr.bin")
    onnx.save(model, tmp_path / "one.onnx")
    assert external_locations(tmp_path / "one.onnx") == ("größen und mehr.bin",)


def test_one_file_per_tensor(tmp_path):
    names = [f"onnx__MatMul_{number}" for number in range(300)]
    assert external_locations(write(tmp_path, *names)) == tuple(sorted(names))


def test_a_model_with_its_weights_inside_names_none(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(HEAD + bytes(range(256)) * 10_000)
    assert external_locations(path) == ()


def test_a_location_in_the_metadata_is_none(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(HEAD + b"\x72\x12" + external("Berlin")[2:])
    assert external_locations(path) == ()


@given(
    before=st.binary(max_size=40),
    locations=st.lists(st.text("abc/ü", min_size=1, max_size=200).map(lambda text: f"x{text}y"), max_size=3),
    size=st.integers(1, 60),
)
def test_chunks_may_end_anywhere(before, locations, size):
    content = before + b"".join(map(external, locations)) + b"\x70\x01"
    whole = locations_in([content])
    assert locations_in(content[at : at + size] for at in range(0, len(content), size)) == whole
    assert len(whole) <= len(set(locations))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("./weights.bin", "weights.bin"),
        ("a//b/../weights.bin", "a/weights.bin"),
        ("..weights", "..weights"),
        ("x" * 4000, "x" * 4000),
        (b"not utf-8 \xff", "not utf-8 \udcff"),
    ],
)
def test_a_location_is_read_in_its_shortest_form(written, read):
    assert locations_in([external(written)]) == (read,)


@pytest.mark.parametrize("written", ["", ".", "..", "../secret", "a/../../secret", "/etc/passwd", "a\0b"])
def test_a_location_that_leaves_the_folder_is_left_out(written):
    assert locations_in([external(written)]) == ()


def test_a_location_that_is_cut_off_is_none():
    assert locations_in([external("weights.bin")[:-1]]) == ()


def test_only_regular_files_that_really_lie_in_the_folder_count(tmp_path):
    folder = tmp_path / "models"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/weights.bin").write_bytes(b"1")
    (tmp_path / "outside").write_bytes(b"1")
    (folder / "leaves").symlink_to(tmp_path / "outside")
    (folder / "stays").symlink_to("sub/weights.bin")
    model = write(folder, "sub/weights.bin", "leaves", "stays", "sub", "missing")
    data = external_data(model)
    assert sorted(data.files) == ["stays", "sub/weights.bin"]
    assert data.refused == {
        "leaves": f"is a link that leads out of its folder, to {tmp_path / 'outside'}",
        "sub": "is no regular file",
    }


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("../weights.bin", "leads out of its folder"),
        ("/etc/passwd", "leads out of its folder"),
        ("link", "is a link that leads out of its folder"),
        ("folder/weights.bin", "is a link that leads out of its folder"),
        ("pipe", "is no regular file"),
    ],
)
def test_a_model_that_reads_elsewhere_is_refused(tmp_path, location, why):
    (tmp_path / "models").mkdir()
    (tmp_path / "weights.bin").write_bytes(b"1")
    (tmp_path / "models/link").symlink_to(tmp_path / "weights.bin")
    (tmp_path / "models/folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "models/pipe")
    with pytest.raises(ModelError) as caught:
        read_model_hash(write(tmp_path / "models", location))
    assert f"keeps weights in {location!r}, which {why}" in str(caught.value)
    assert "Export the model with its weights beside it." in str(caught.value)


def test_the_hash_covers_contents_and_names(tmp_path):
    model = write(tmp_path, "weights.bin", "more.bin")
    (tmp_path / "unrelated.bin").write_bytes(b"1")
    hashes = [read_model_hash(model)]
    for name, content in [("weights.bin", b"1"), ("weights.bin", b"2"), ("more.bin", b"2")]:
        (tmp_path / name).write_bytes(content)
        hashes.append(read_model_hash(model))
    (tmp_path / "weights.bin").unlink()
    hashes.append(read_model_hash(model))
    assert len(set(hashes)) == len(hashes)
    (tmp_path / "unrelated.bin").write_bytes(b"2")
    assert read_model_hash(model) == hashes[-1]


def test_the_hash_does_not_depend_on_the_folder(tmp_path):
    hashes = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights.bin").write_bytes(b"1")
        hashes.add(read_model_hash(write(tmp_path / name, "weights.bin")))
    assert len(hashes) == 1


def test_external_data_that_cannot_be_read_is_named(tmp_path):
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"1")
    weights.chmod(0)
    try:
        weights.read_bytes()
    except PermissionError:
        with pytest.raises(ModelError, match=r"Permission denied \(.*weights\.bin\)"):
            read_model_hash(write(tmp_path, "weights.bin"))
    else:
        pytest.skip("this user may read every file")
