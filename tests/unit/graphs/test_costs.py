"""Multiply-accumulates and bytes, against what is known or computed by hand."""

import numpy as np
import pytest
from onnx import numpy_helper

from pytest_energy.graphs.costs import work_of


@pytest.fixture
def work(planned):
    return lambda text, **parts: work_of(planned(text, **parts).sized.view)


def test_a_matrix_product(work):
    done = work("g (float[batch, 3, 8] x) => (float[batch, 3, 5] y) { y = MatMul(x, w) }", batch=2, w=(8, 5))
    assert done.macs == 2 * 3 * 8 * 5
    assert done.bytes == done.least_bytes == 4 * (2 * 3 * 8 + 8 * 5 + 2 * 3 * 5)
    assert not done.unknown


@pytest.mark.parametrize("transposed", [0, 1])
def test_a_general_product(work, transposed):
    shape = "float[7, 4]" if transposed else "float[4, 7]"
    text = f"g ({shape} x) => (float[4, 5] y) {{ y = Gemm <transA = {transposed}> (x, w) }}"
    assert work(text, w=(7, 5)).macs == 4 * 7 * 5


def test_a_convolution(work):
    text = """g (float[batch, 6, 8, 8] x) => (y) {
        y = Conv <group = 2, kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]> (x, w)
    }"""
    assert work(text, w=(4, 3, 3, 3)).macs == 4 * 4 * 4 * 3 * 9


def test_a_transposed_convolution(work):
    text = "g (float[1, 4, 5, 5] x) => (y) { y = ConvTranspose(x, w) }"
    assert work(text, w=(4, 2, 3, 3)).macs == 4 * 25 * 2 * 9


@pytest.mark.parametrize(("cell", "gates"), [("RNN", 1), ("GRU", 3), ("LSTM", 4)])
def test_recurrent_cells(work, cell, gates):
    text = f"g (float[10, batch, 8] x) => (y) {{ y = {cell} <hidden_size = 6> (x, w, r) }}"
    done = work(text, batch=2, w=(1, gates * 6, 8), r=(1, gates * 6, 6))
    assert done.macs == 10 * 2 * gates * 6 * (8 + 6)


def test_an_einstein_sum(work):
    text = 'g (float[2, 3, 4] a, float[2, 4, 5] b) => (y) { y = Einsum <equation = "bij,bjk->bik"> (a, b) }'
    assert work(text).macs == 2 * 3 * 4 * 5


def test_what_only_renames_moves_nothing(work):
    done = work("g (float[4, 6] x) => (float[24] y) { y = Reshape(x, s) }", s=[24])
    assert (done.macs, done.bytes) == (0, 0)


def test_a_table_is_read_as_far_as_it_is_used(work):
    done = work("g (int64[1, 3] i) => (float[1, 3, 8] y) { y = Gather(t, i) }", t=(1000, 8))
    assert done.bytes == 3 * 8 + 2 * 3 * 8 * 4


def test_half_precision_and_int8_weigh_less(work):
    half = np.zeros((8, 5), np.float16)
    assert work("g (float16[2, 8] x) => (float16[2, 5] y) { y = MatMul(x, w) }", w=half).bytes == 2 * (
        16 + 40 + 10
    )
    bytes_of_integers = work(
        "g (uint8[2, 8] x) => (int32[2, 5] y) { y = MatMulInteger(x, w) }", w=np.zeros((8, 5), np.int8)
    )
    assert bytes_of_integers.bytes == 16 + 40 + 4 * 10


def test_what_has_no_shape_is_told(work):
    text = "g (float[4, 4] x) => (y) { a = NonZero(x) b = Cast <to = 1> (a) y = MatMul(b, x) }"
    assert work(text).unknown["MatMul"] == 1


def resnet50(parsed):
    """ResNet-50 as in He et al. 2015, table 1: its convolutions and its classifier."""
    weights, lines = {}, []
    count = 0

    def conv(taken, channels, width, kernel, stride):
        nonlocal count
        count += 1
        weights[f"w{count}"] = np.broadcast_to(np.float32(0), (width, channels, kernel, kernel))
        pad = kernel // 2
        lines.append(
            f"v{count} = Conv <strides = [{stride}, {stride}], pads = [{pad}, {pad}, {pad}, {pad}]>"
            f" ({taken}, w{count})"
        )
        return f"v{count}"

    now, channels = conv("x", 3, 64, 7, 2), 64
    lines.append(f"p = MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> ({now})")
    now = "p"
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)]):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            short = conv(now, channels, 4 * width, 1, stride) if not block else now
            inner = conv(now, channels, width, 1, 1)
            inner = conv(inner, width, width, 3, stride)
            inner = conv(inner, width, 4 * width, 1, 1)
            lines.append(f"s{stage}_{block} = Add({inner}, {short})")
            now, channels = f"s{stage}_{block}", 4 * width
    lines += [f"g = GlobalAveragePool({now})", "f = Flatten(g)", "y = MatMul(f, wf)"]
    made = parsed(f"g (float[batch, 3, h, w] x) => (y) {{ {' '.join(lines)} }}")
    weights["wf"] = np.broadcast_to(np.float32(0), (2048, 1000))
    for name, array in weights.items():
        tensor = numpy_helper.from_array(np.zeros(1, np.float32), name)
        tensor.ClearField("raw_data")
        tensor.dims[:] = array.shape
        made.graph.initializer.append(tensor)
    return made


def test_resnet50_takes_4_1_billion(parsed, planned_model):
    plan = planned_model(resnet50(parsed))
    assert plan.shape("x") == (1, 3, 224, 224)
    # torchvision lists 4.09 GMAC for resnet50 (version 1.5, with the stride on the 3 x 3 convolution).
    assert work_of(plan.sized.view).macs == pytest.approx(4.09e9, rel=0.005)
