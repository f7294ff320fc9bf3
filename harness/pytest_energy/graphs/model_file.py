"""The model file, read once and without its weights: what is left fits in memory whatever the model weighs.

ONNX is protobuf. Fields that hold the elements of large tensors are skipped while the file is mapped, so they
are never copied, nor is external data opened. https://protobuf.dev/programming-guides/encoding/
"""

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

LARGEST_KEPT = 4096
"""Tensors of more bytes lose their elements; shapes, axes and bounds are far smaller."""

_VARINT, _WORD, _BYTES, _HALF_WORD = 0, 1, 2, 5
_DEEPEST = 32  # subgraphs in subgraphs

# Numbers of onnx.proto: of each message that may hold a tensor, the fields that lead there.
_MODEL = {7: "graph", 25: "function"}
_INSIDE: Mapping[str, Mapping[int, str]] = {
    "graph": {1: "node", 5: "tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
}
# Elements by type: float_data, int32_data, string_data, int64_data, raw_data, double_data, uint64_data.
_ELEMENTS = frozenset({4, 5, 6, 7, 9, 10, 11})


def read_model(path: Path) -> onnx.ModelProto:
    """Read a model; large tensors keep name, type and dimensions only.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no protobuf, or no ONNX model.
    """
    with path.open("rb") as stream:
        # Closed with its last view: an error that holds one would be hidden by a complaint about that.
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    thin = without_weights(memoryview(mapped))
    model = onnx.ModelProto()
    try:
        model.ParseFromString(thin)
    except DecodeError as error:
        raise ValueError(f"no ONNX model: {error}") from error
    return model


def without_weights(model: memoryview) -> bytes:
    """Return the bytes of a model without the elements of its large tensors.

    Raises:
        ValueError: The bytes are no protobuf.
    """
    return b"".join(_thinned(model, _MODEL, 0))


def _thinned(message: memoryview, inside: Mapping[int, str], depth: int) -> Iterator[bytes | memoryview]:
    if depth > _DEEPEST:
        raise ValueError(f"graphs are nested more than {_DEEPEST} deep")
    for number, start, begin, end in _fields(message):
        kind = inside.get(number)
        if kind is None or end - begin <= LARGEST_KEPT:
            yield message[start:end]
            continue
        if kind == "tensor":
            content = b"".join(_without_elements(message[begin:end]))
        else:
            content = b"".join(_thinned(message[begin:end], _INSIDE[kind], depth + 1))
        yield _varint_bytes(number << 3 | _BYTES) + _varint_bytes(len(content))
        yield content


def _without_elements(tensor: memoryview) -> Iterator[memoryview]:
    for number, start, _, end in _fields(tensor):
        if number not in _ELEMENTS:
            yield tensor[start:end]


def _fields(message: memoryview) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, start, and begin and end of the content of each field."""
    start = 0
    while start < len(message):
        tag, begin = _varint(message, start)
        wire = tag & 7
        if wire == _VARINT:
            _, end = _varint(message, begin)
        elif wire == _BYTES:
            length, begin = _varint(message, begin)
            end = begin + length
        elif wire in {_WORD, _HALF_WORD}:
            end = begin + (8 if wire == _WORD else 4)
        else:
            raise ValueError(f"no protobuf: wire type {wire} at byte {start}")
        if end > len(message):
            raise ValueError(f"truncated: a field at byte {start} is longer than what is left")
        yield tag >> 3, start, begin, end
        start = end


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for position in range(at, min(at + 10, len(message))):
        byte = message[position]
        value |= (byte & 0x7F) << 7 * (position - at)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return value, position + 1
    raise ValueError(f"no protobuf: no number at byte {at}")


def _varint_bytes(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what fits into one byte
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
