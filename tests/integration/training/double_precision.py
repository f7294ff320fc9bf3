"""Operators in double precision that ONNX's reference gets wrong or slowly and ONNX Runtime has not."""

import numpy as np
from onnx.reference.op_run import OpRun
from scipy.special import erf


class Erf(OpRun):
    """ONNX's reference computes it in single precision."""

    def _run(self, x):
        return (erf(x),)


class Gelu(OpRun):
    """By the error function above."""

    def _run(self, x, approximate=None):
        assert approximate == "none"
        return (x * (1 + erf(x / np.sqrt(2))) / 2,)


class LRN(OpRun):
    """As the specification has it; ONNX's reference takes other neighbours."""

    def _run(self, x, alpha=None, beta=None, bias=None, size=None):
        squares = np.zeros_like(x)
        before, after = (size - 1) // 2, size - 1 - (size - 1) // 2
        for channel in range(x.shape[1]):
            near = slice(max(0, channel - before), min(x.shape[1], channel + after + 1))
            squares[:, channel] = (x[:, near] ** 2).sum(axis=1)
        return (x / (bias + alpha / size * squares) ** beta,)


def geometry(rank, size, kernel, attributes):
    """Return strides, dilations, and padding before and after each axis of space."""
    strides = attributes["strides"] or [1] * rank
    dilations = attributes["dilations"] or [1] * rank
    pads = attributes["pads"] or [0] * (2 * rank)
    before, after = list(pads[:rank]), list(pads[rank:])
    if attributes["auto_pad"].startswith("SAME"):
        for axis in range(rank):
            places = -(-size[axis] // strides[axis])
            extent = (kernel[axis] - 1) * dilations[axis] + 1
            total = max(0, (places - 1) * strides[axis] + extent - size[axis])
            less, more = total // 2, total - total // 2
            upper = attributes["auto_pad"] == "SAME_UPPER"
            before[axis], after[axis] = (less, more) if upper else (more, less)
    return strides, dilations, before, after


def seen(places, offset, strides, dilations):
    """Return the slices of padded space that one tap sees."""
    return tuple(
        slice(index * gap, index * gap + (count - 1) * stride + 1, stride)
        for count, index, stride, gap in zip(places, offset, strides, dilations, strict=True)
    )


class Conv(OpRun):
    """Tap by tap; ONNX's reference goes place by place."""

    def _run(self, x, w, b=None, **attributes):
        group, kernel, rank = attributes["group"] or 1, w.shape[2:], w.ndim - 2
        strides, dilations, before, after = geometry(rank, x.shape[2:], kernel, attributes)
        wide = np.pad(x, [(0, 0), (0, 0), *zip(before, after, strict=True)])
        extents = [(size - 1) * gap + 1 for size, gap in zip(kernel, dilations, strict=True)]
        places = [
            (size - extent) // stride + 1
            for size, extent, stride in zip(wide.shape[2:], extents, strides, strict=True)
        ]
        y = np.zeros((len(x), group, w.shape[0] // group, *places))
        weights = w.reshape(group, -1, *w.shape[1:])
        for offset in np.ndindex(*kernel):
            part = wide[(slice(None), slice(None), *seen(places, offset, strides, dilations))]
            part = part.reshape(len(x), group, -1, *places)
            y += np.einsum("ngi...,goi->ngo...", part, weights[(..., *offset)])
        y = y.reshape(len(x), -1, *places)
        return (y if b is None else y + b.reshape(-1, *[1] * rank),)


class ConvTranspose(OpRun):
    """Tap by tap; ONNX's reference has no groups."""

    def _run(self, x, w, b=None, **attributes):
        group, kernel, rank = attributes["group"] or 1, w.shape[2:], w.ndim - 2
        attributes["auto_pad"] = "NOTSET"
        strides, dilations, before, after = geometry(rank, x.shape[2:], kernel, attributes)
        places, extra = x.shape[2:], attributes["output_padding"] or [0] * rank
        full = [
            (count - 1) * stride + (size - 1) * gap + 1 + more
            for count, stride, size, gap, more in zip(places, strides, kernel, dilations, extra, strict=True)
        ]
        y = np.zeros((len(x), group, w.shape[1], *full))
        parts, weights = x.reshape(len(x), group, -1, *places), w.reshape(group, -1, *w.shape[1:])
        for offset in np.ndindex(*kernel):
            where = (slice(None), slice(None), slice(None), *seen(places, offset, strides, dilations))
            y[where] += np.einsum("ngi...,gio->ngo...", parts, weights[(..., *offset)])
        y = y.reshape(len(x), -1, *full)
        inner = [slice(a, size - z) for a, z, size in zip(before, after, full, strict=True)]
        y = y[(slice(None), slice(None), *inner)]
        return (y if b is None else y + b.reshape(-1, *[1] * rank),)


class GlobalLpPool(OpRun):
    """ONNX's reference has none."""

    def _run(self, x, p=None):
        return ((np.abs(x) ** p).sum(axis=tuple(range(2, x.ndim)), keepdims=True) ** (1 / p),)


class MeanVarianceNormalization(OpRun):
    """ONNX defines it with a constant in single precision."""

    def _run(self, x, axes=None):
        along = {"axis": tuple(axes or (0, 2, 3)), "keepdims": True}
        return ((x - x.mean(**along)) / (x.std(**along) + 1e-9),)


OPERATORS = [Conv, ConvTranspose, Erf, Gelu, GlobalLpPool, LRN, MeanVarianceNormalization]
