"""External data: weights that lie in files beside a model, found without parsing it.

A tensor with external data holds a pair of strings, ``location`` and the path of a file relative to the
model's folder. How protobuf writes the beginning of such a pair is fixed, so it can be searched for.
https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
    return tuple(sorted(filter(None, map(_within, _written_in(chunks)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalData:
    """What lies beside a model.

    Attributes:
        files: The regular files in its folder, by their location.
        refused: Why a location is not followed, by the location as it is written.
    """

    files: Mapping[str, Path]
    refused: Mapping[str, str]


def external_data(model: Path) -> ExternalData:
    """Return the external data of a model: what is there, and what leads elsewhere.

    Raises:
        OSError: The model cannot be read.
    """
    with model.open("rb") as stream:
        written = _written_in(iter(lambda: stream.read(_CHUNK), b""))
    folder = model.parent.resolve()
    faults = {os.fsdecode(each): _fault(folder, each) for each in sorted(written)}
    locations = sorted(filter(None, map(_within, written)))
    return ExternalData(
        files={
            each: path
            for each in locations
            if (path := _real(folder, each)).is_file() and _lies_in(path, folder)
        },
        refused={location: fault for location, fault in faults.items() if fault},
    )


def _fault(folder: Path, written: bytes) -> str | None:
    """Say why a location must not be followed; one where nothing lies is left to ONNX Runtime."""
    location = _within(written)
    if location is None:
        return "leads out of its folder"
    path = _real(folder, location)
    if not _lies_in(path, folder):
        return f"is a link that leads out of its folder, to {path}"
    if path.exists() and not path.is_file():
        return "is no regular file"
    return None


def _real(folder: Path, location: str) -> Path:
    return (folder / location).resolve()


def _lies_in(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder)


def _written_in(chunks: Iterable[bytes]) -> set[bytes]:
    written: set[bytes] = set()
    tail = b""
    for chunk in chunks:
        read = tail + chunk
        if _KEY in read:
            written.update(_values(read))
        tail = read[-_OVERLAP:]
    return written


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
