"""External data: weights that lie in files beside a model, found without parsing it.

A tensor with external data holds a pair of strings, ``location`` and the path of a file relative to the
model's folder. How protobuf writes the beginning of such a pair is fixed, so it can be searched for.
https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

_CHUNK = 1 << 20
_LONGEST_PATH = 4096
# In the order of the file: field 13 of a tensor (external_data) and its length; field 1 (the key) with 8
# bytes; field 2 (the value) and its length. Lengths are in groups of 7 bits, the lowest first.
_KEY = b"\x0a\x08location\x12"
_PAIR = re.compile(
    rb"\x6a(?:[\x80-\xff][\x01-\x7f]|[\x00-\x7f])"
    + re.escape(_KEY)
    + rb"(?:([\x80-\xff])([\x01-\x7f])|([\x00-\x7f]))"
)
_OVERLAP = _LONGEST_PATH + 32


def external_locations(model: Path) -> tuple[str, ...]:
    """Return where a model looks for its external data, in the order of the alphabet.

    Returns:
        Paths relative to the model's folder, with forward slashes. One that leads out of the folder is left
        out: ONNX Runtime refuses it.

    Raises:
        OSError: The model cannot be read.
    """
    with model.open("rb") as stream:
        return locations_in(iter(lambda: stream.read(_CHUNK), b""))


def locations_in(chunks: Iterable[bytes]) -> tuple[str, ...]:
    """Do the same for a model that comes in chunks: it may be larger than memory."""
    written: set[bytes] = set()
    tail = b""
    for chunk in chunks:
        read = tail + chunk
        if _KEY in read:
            written.update(_values(read))
        tail = read[-_OVERLAP:]
    return tuple(sorted(filter(None, map(_within, written))))


def external_files(model: Path) -> dict[str, Path]:
    """Return the external data of a model that is there: regular files that really lie in its folder.

    Raises:
        OSError: The model cannot be read.
    """
    folder = model.parent.resolve()
    found = {location: (folder / location).resolve() for location in external_locations(model)}
    return {
        location: path for location, path in found.items() if path.is_file() and path.is_relative_to(folder)
    }


def _values(read: bytes) -> Iterator[bytes]:
    """Yield every location that stands in full in what was read."""
    for pair in _PAIR.finditer(read):
        low, high, short = pair.groups()
        length = short[0] if short else (low[0] & 0x7F) + (high[0] << 7)
        value = read[pair.end() : pair.end() + length]
        if len(value) == length <= _LONGEST_PATH:
            yield value


def _within(written: bytes) -> str | None:
    """Return a location in its shortest form; None where it does not stay in the folder."""
    path = PurePath(os.fsdecode(written))
    location = posixpath.normpath(path.as_posix())
    if path.is_absolute() or location.split("/")[0] in {".", ".."} or "\0" in location:
        return None
    return location
