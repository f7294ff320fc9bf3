"""Cases of convolution, pooling and normalisation."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(6)
normal = random.standard_normal


def conv(x, w, *, free=(), bias=True, operator="Conv", **attributes):
    outputs = w[0] if operator == "Conv" else w[1] * attributes.get("group", 1)
    inputs = (normal(x), normal(w), *([normal(outputs)] if bias else []))
    return Case(operator=operator, inputs=inputs, attributes=attributes, free=free)


def transposed(x, w, **more):
    return conv(x, w, operator="ConvTranspose", **more)


def distinct(*shape):
    """Return numbers of which no two are nearly equal."""
    return random.permutation(np.arange(np.prod(shape), dtype=np.float64)).reshape(shape) / 10


def pool(operator, x, **attributes):
    free = attributes.pop("free", ())
    return Case(operator=operator, inputs=(distinct(*x),), attributes=attributes, free=free)


def norm(operator, x, *vectors, **attributes):
    opset = attributes.pop("opset", 18)
    constants = (3, 4) if operator == "BatchNormalization" else ()
    return Case(
        operator=operator,
        inputs=(normal(x), *(random.uniform(0.5, 2, size) for size in vectors)),
        attributes=attributes,
        opset=opset,
        constant=constants,
    )


K3 = {"kernel_shape": [3, 3]}

CASES = {
    "Conv": conv((2, 6, 5, 6), (4, 6, 3, 3), pads=[1, 1, 1, 1]),
    "Conv without bias": conv((2, 6, 5, 5), (4, 6, 3, 3), bias=False),
    "Conv of few channels": conv((2, 3, 6, 7), (4, 3, 3, 3), pads=[1, 0, 1, 2], strides=[2, 2]),
    "Conv strided": conv((2, 6, 7, 8), (4, 6, 3, 3), strides=[2, 3], pads=[1, 1, 0, 0]),
    "Conv dilated": conv((2, 5, 8, 9), (4, 5, 3, 3), dilations=[2, 2], pads=[2, 2, 2, 2]),
    "Conv dilated and strided": conv((1, 2, 9, 9), (3, 2, 2, 3), dilations=[2, 2], strides=[2, 2]),
    "Conv padded by more than its kernel": conv((1, 5, 4, 4), (3, 5, 2, 2), pads=[2, 3, 2, 1]),
    "Conv of single points": conv((2, 6, 3, 4), (4, 6, 1, 1)),
    "Conv of single points, strided": conv((2, 6, 5, 4), (4, 6, 1, 1), strides=[2, 2]),
    "Conv of groups": conv((2, 6, 5, 5), (4, 3, 3, 3), group=2, pads=[1, 1, 1, 1]),
    "Conv of groups, strided": conv((2, 6, 6, 6), (4, 3, 3, 3), group=2, strides=[2, 2]),
    "Conv of groups of single points": conv((2, 6, 3, 3), (8, 3, 1, 1), group=2),
    "Conv by depth": conv((2, 5, 5, 6), (5, 1, 3, 3), group=5, pads=[1, 1, 1, 1]),
    "Conv by depth, strided": conv((2, 5, 6, 6), (5, 1, 3, 3), group=5, strides=[2, 2], pads=[1, 1, 1, 1]),
    "Conv by depth, twice": conv((2, 3, 5, 5), (6, 1, 3, 3), group=3),
    "Conv in one dimension": conv((2, 5, 9), (4, 5, 3), strides=[2], pads=[1, 1]),
    "Conv in three dimensions": conv((1, 5, 4, 4, 3), (2, 5, 2, 2, 2), strides=[1, 2, 1]),
    "Conv padded automatically": conv((2, 5, 6, 7), (4, 5, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"),
    "Conv padded automatically below": conv((2, 5, 6, 7), (4, 5, 2, 2), auto_pad="SAME_LOWER"),
    "Conv of a free batch": conv((2, 6, 5, 6), (4, 6, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2], free=(0,)),
    "ConvTranspose": transposed((2, 4, 3, 4), (4, 5, 3, 3), strides=[2, 2], pads=[1, 1, 0, 1]),
    "ConvTranspose with more behind": transposed(
        (1, 4, 3, 3), (4, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1]
    ),
    "ConvTranspose of groups": transposed((2, 4, 3, 4), (4, 3, 3, 2), group=2, strides=[2, 2]),
    "ConvTranspose by depth": transposed(
        (2, 4, 3, 3), (4, 1, 3, 3), group=4, strides=[2, 2], pads=[1, 1, 1, 1]
    ),
    "ConvTranspose dilated": transposed((1, 3, 3, 3), (3, 5, 2, 2), dilations=[2, 2], strides=[2, 1]),
    "ConvTranspose dense": transposed((1, 4, 3, 3), (4, 2, 2, 2), bias=False),
    "MaxPool": pool("MaxPool", (2, 3, 6, 6), kernel_shape=[2, 2], strides=[2, 2]),
    "MaxPool overlapping": pool("MaxPool", (2, 3, 7, 7), **K3, strides=[2, 2], pads=[1, 1, 1, 1]),
    "MaxPool dense": pool("MaxPool", (1, 2, 5, 6), **K3, pads=[1, 1, 1, 1]),
    "MaxPool dilated": pool("MaxPool", (1, 2, 7, 7), **K3, dilations=[2, 2]),
    "MaxPool rounded up": pool("MaxPool", (1, 2, 6, 7), **K3, strides=[2, 2], ceil_mode=1),
    "MaxPool that leaves a rest": pool("MaxPool", (1, 2, 7, 8), kernel_shape=[2, 2], strides=[3, 3]),
    "MaxPool padded automatically, free sizes": pool(
        "MaxPool", (2, 3, 5, 5), kernel_shape=[2, 2], auto_pad="SAME_UPPER", free=(0,)
    ),
    "MaxPool in one dimension": pool("MaxPool", (2, 3, 8), kernel_shape=[3], strides=[2]),
    "MaxPool of a free batch": pool("MaxPool", (2, 3, 6, 6), **K3, strides=[2, 2], free=(0,)),
    "AveragePool": pool("AveragePool", (2, 3, 6, 6), kernel_shape=[2, 2], strides=[2, 2]),
    "AveragePool padded": pool("AveragePool", (2, 3, 5, 6), **K3, strides=[2, 2], pads=[1, 1, 1, 0]),
    "AveragePool that counts padding": pool(
        "AveragePool", (2, 3, 5, 6), **K3, pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "AveragePool rounded up": pool("AveragePool", (1, 2, 6, 6), **K3, strides=[2, 2], ceil_mode=1),
    "AveragePool of a free batch": pool("AveragePool", (2, 3, 5, 5), **K3, pads=[1, 1, 1, 1], free=(0,)),
    "LpPool": pool("LpPool", (1, 2, 5, 5), kernel_shape=[2, 2], strides=[1, 1], p=3),
    "GlobalAveragePool": pool("GlobalAveragePool", (2, 3, 4, 5)),
    "GlobalMaxPool": pool("GlobalMaxPool", (2, 3, 4, 5)),
    "BatchNormalization": norm("BatchNormalization", (3, 4, 5, 2), 4, 4, 4, 4),
    "BatchNormalization of vectors": norm("BatchNormalization", (6, 4), 4, 4, 4, 4),
    "InstanceNormalization": norm("InstanceNormalization", (2, 3, 4, 5), 3, 3),
    "LayerNormalization": norm("LayerNormalization", (2, 3, 4), 4, 4),
    "LayerNormalization without bias": norm("LayerNormalization", (2, 3, 4), (3, 4), axis=1),
    "LRN": norm("LRN", (2, 6, 3, 3), size=3, alpha=0.5, beta=0.75, bias=2.0),
    "LRN of an even size": norm("LRN", (2, 6, 3, 3), size=4, alpha=0.5),
}
