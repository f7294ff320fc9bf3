import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from pytest_energy.graphs.model_file import LARGEST_KEPT, read_model


@pytest.fixture
def written(tmp_path):
    """A factory: write a model, and read it back without its weights."""

    def write(made):
        path = tmp_path / "model.onnx"
        path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
        return read_model(path)

    return write


def test_small_tensors_are_kept_and_large_ones_lose_their_elements(parsed, written):
    made = parsed("g (float[4096] x) => (y) { y = Add(x, w) z = Reshape(x, s) }", w=(4096,), s=[64, 64])
    thin = written(made)
    large, small = thin.graph.initializer
    assert list(large.dims) == [4096]
    assert large.data_type == onnx.TensorProto.FLOAT
    assert not large.raw_data
    assert numpy_helper.to_array(small).tolist() == [64, 64]
    assert thin.graph.node == made.graph.node


def test_elements_are_dropped_wherever_they_stand(parsed, written):
    inner = parsed(
        """g (float[n] x, bool c) => (y) {
            y = If (c) <
                then_branch = a () => (float[n] t) {
                    k = Constant <value = float[2] {1, 2}> () t = Add(x, k)
                },
                else_branch = b () => (float[n] e) { e = Neg(x) }
            >
        }"""
    )
    constant = next(each.g for each in inner.graph.node[0].attribute if each.name == "then_branch").node[0]
    constant.attribute[0].t.CopyFrom(numpy_helper.from_array(np.ones((100, 100), np.float32)))
    inner.graph.node.add(op_type="Constant", output=["k2"]).attribute.add(
        name="value", type=onnx.AttributeProto.TENSOR
    ).t.float_data.extend([1.0] * 5000)
    thin = written(inner)
    assert thin.ByteSize() < LARGEST_KEPT
    assert [each.op_type for each in thin.graph.node] == ["If", "Constant"]


def test_a_model_without_large_tensors_stays_as_it_is(parsed, written):
    made = parsed("g (float[4] x) => (y) { y = Add(x, w) }", w=(4,))
    assert written(made) == made


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 64,  # a number that does not end
        b"\x3a\xff\xff\xff\xff\x0f",  # a field longer than the file
        b"\x3b\x00",  # a wire type of old
        b"hello, this is no model at all",
    ],
)
def test_what_is_no_model_is_refused(written, content):
    with pytest.raises(ValueError, match=r"no protobuf|truncated|no ONNX model"):
        written(content)


def test_graphs_that_are_nested_too_deep_are_refused(written):
    content = b"\x00" * (LARGEST_KEPT + 1)

    def field(number, inner):
        size, length = len(inner), bytearray()
        while size > 0x7F:
            length.append(size & 0x7F | 0x80)
            size >>= 7
        return bytes([number << 3 | 2, *length, size]) + inner

    for _ in range(20):
        content = field(1, field(5, field(6, content)))
    with pytest.raises(ValueError, match="nested"):
        written(field(7, content))
