import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pytest_energy.errors import InputsError
from pytest_energy.workloads.sample_file import read_sample, written_feeds


def refusal(path, **options):
    with pytest.raises(InputsError) as caught:
        read_sample(path, **options)
    return str(caught.value)


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path):
    def write(**members):
        path = tmp_path / "sample.npz"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)
        return path

    return write


@given(
    array=arrays.arrays(
        dtype=st.sampled_from(["float32", "float16", "int64", "uint8", "bool", "U5", "<i4", ">f8"]),
        shape=arrays.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
def test_what_numpy_wrote_is_read_back(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("sample") / "sample.npz"
    np.savez_compressed(path, **{"a/b:0": array, "order": np.asfortranarray(array)})
    read = read_sample(path)
    assert read.keys() == {"a/b:0", "order"}
    np.testing.assert_array_equal(read["a/b:0"], array)
    np.testing.assert_array_equal(read["order"], array)
    assert read["a/b:0"].dtype == array.dtype


def test_a_pickle_in_it_is_never_run(tmp_path, archive):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    objects = np.array([Bomb()], dtype=object)
    message = refusal(archive(x=npy(objects, allow_pickle=True)))
    assert "never unpickled" in message
    assert not (tmp_path / "ran").exists()


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(archive):
    path = archive(x=npy(np.zeros(1_000_000)))
    assert path.stat().st_size < 20_000
    assert "unpacks to 8,000,128 bytes; at most 1,000,000 are read" in refusal(path, most_bytes=1_000_000)


def test_a_header_cannot_promise_more_than_there_is(archive):
    lying = npy(np.zeros(10)).replace(b"(10,), }        ", b"(10000000000,), }")
    assert "asks for more than it holds" in refusal(archive(x=lying))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "sample.npz"
    path.write_bytes(content)
    if content.endswith(bytes(18)):
        assert read_sample(path) == {}
    else:
        assert "numpy.savez" in refusal(path)


def test_a_damaged_one_is_refused(archive):
    path = archive(x=npy(np.arange(1000.0)))
    data = bytearray(path.read_bytes())
    for place in range(60, 400, 7):
        data[place] ^= 0xFF
    path.write_bytes(data)
    assert str(path) in refusal(path)


def test_a_missing_one_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "gone.npz")


def test_what_is_no_array_is_refused(archive):
    assert "'notes.txt' is no array" in refusal(archive(**{"notes.txt": b"hello"}))


def test_given_feeds_are_written_and_gone_afterwards():
    with written_feeds([{"x": [[1, 2]]}, {"x": np.array([["a", "bc"]], dtype=object)}]) as files:
        first, second = map(read_sample, files)
    assert first["x"].tolist() == [[1, 2]]
    assert second["x"].dtype == np.dtype("U2")
    with pytest.raises(InputsError):
        read_sample(files[0])


def test_nothing_given_writes_nothing():
    with written_feeds(None) as files:
        assert files == ()


def test_what_is_no_array_is_not_written():
    with pytest.raises(InputsError, match="'x' is no array"), written_feeds({"x": [{1}]}):
        pass
