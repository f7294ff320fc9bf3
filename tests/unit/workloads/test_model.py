import hashlib

import pytest

from pytest_energy.errors import ModelError
from pytest_energy.workloads.model import read_model_hash

ONNX_HEAD = b"\x08\x0a\x12\x07pytorch"


def refusal(path):
    with pytest.raises(ModelError) as caught:
        read_model_hash(path)
    return str(caught.value)


def test_the_hash_is_the_sha256_of_all_bytes(tmp_path):
    path = tmp_path / "model.onnx"
    content = ONNX_HEAD + bytes(range(256)) * 10_000
    path.write_bytes(content)
    assert read_model_hash(path) == hashlib.sha256(content).hexdigest()


def test_one_changed_byte_changes_the_hash(tmp_path):
    one, other = tmp_path / "one.onnx", tmp_path / "other.onnx"
    one.write_bytes(ONNX_HEAD + b"a")
    other.write_bytes(ONNX_HEAD + b"b")
    assert read_model_hash(one) != read_model_hash(other)


def test_a_missing_model_is_refused_and_a_similar_name_is_offered(tmp_path):
    (tmp_path / "digits-cnn.onnx").write_bytes(ONNX_HEAD)
    (tmp_path / "speech.onnx").write_bytes(ONNX_HEAD)
    message = refusal(tmp_path / "digits_cnn.onnx")
    assert str(tmp_path / "digits_cnn.onnx") in message
    assert "is missing" in message
    assert "there are: digits-cnn.onnx)" in message


def test_a_missing_model_without_a_similar_one_is_answered_with_all_that_lie_there(tmp_path):
    (tmp_path / "speech.onnx").write_bytes(ONNX_HEAD)
    assert "speech.onnx" in refusal(tmp_path / "qqq")


def test_a_missing_folder_is_named(tmp_path):
    assert f"there is no folder {tmp_path / 'nowhere'}" in refusal(tmp_path / "nowhere" / "model.onnx")


def test_a_folder_is_refused_and_the_models_in_it_are_offered(tmp_path):
    (tmp_path / "speech.onnx").write_bytes(ONNX_HEAD)
    message = refusal(tmp_path)
    assert "is a folder" in message
    assert "speech.onnx" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"<!DOCTYPE html>\n<html>", "it begins with '<!DOCTYPE html> <html>'"),
        (b'\n{"error": "not found"}', "is text, not ONNX"),
        (b"404: Not Found", "'404: Not Found'"),
        ("<p>größer</p>".encode(), "is text, not ONNX"),
        (b"PK\x03\x04\x14\x00", "zip archive"),
        (b"\x1f\x8b\x08\x00", "gzip archive"),
    ],
)
def test_what_is_plainly_no_model_is_named_for_what_it_is(tmp_path, content, said):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"The model {path} ")
    assert said in message
    assert "\n" not in message


def test_a_damaged_model_is_left_to_onnx_runtime(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(ONNX_HEAD[:3])
    assert len(read_model_hash(path)) == 64


def test_an_unreadable_model_says_why(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(ONNX_HEAD)
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        assert "Permission denied" in refusal(path)
    else:
        pytest.skip("this user may read every file")
