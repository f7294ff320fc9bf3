import pytest

from pytest_energy.gate.family import family_of


@pytest.mark.parametrize(
    ("name", "family", "precision"),
    [
        ("digits-cnn", "digits-cnn", ""),
        ("digits-cnn-int8", "digits-cnn", "int8"),
        ("resnet50_fp16", "resnet50", "fp16"),
        ("bert.Float32", "bert", "float32"),
        ("bert-int8-qdq", "bert", "int8-qdq"),
        ("whisper-bfloat16", "whisper", "bfloat16"),
        ("mixed-precision", "mixed-precision", ""),
        ("paint8", "paint8", ""),
        ("-int8", "-int8", ""),
        ("int8", "int8", ""),
        ("int8-decoder", "int8-decoder", ""),
    ],
)
def test_precision_is_what_a_name_ends_in(name, family, precision):
    assert family_of(name) == (family, precision)
