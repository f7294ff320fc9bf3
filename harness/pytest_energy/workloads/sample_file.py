"""Sample files: arrays as ``.npz``, read without running anything that they may hold."""

import math
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import InputsError

MOST_BYTES = 1 << 30
"""The most that the arrays of a file may have: a small archive may unpack to any size."""

GivenFeeds = Mapping[str, npt.ArrayLike] | Sequence[Mapping[str, npt.ArrayLike]]
"""One feed, or several, each with arrays by the names of inputs."""

_ENDING = ".npy"


@contextmanager
def written_feeds(feeds: GivenFeeds | None) -> Iterator[tuple[str, ...]]:
    """Write feeds to files, one each, which are gone when the block is left; None gives no file.

    Raises:
        InputsError: A value is no array.
    """
    several = [] if feeds is None else [feeds] if isinstance(feeds, Mapping) else list(feeds)
    with tempfile.TemporaryDirectory(prefix="pytest-energy-") as folder:
        files = [Path(folder) / f"feed-{number}.npz" for number in range(len(several))]
        for file, feed in zip(files, several, strict=True):
            _write(file, feed)
        yield tuple(map(str, files))


def _write(file: Path, feed: Mapping[str, npt.ArrayLike]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, value in feed.items():
            array = np.asarray(value)
            if array.dtype.kind == "O" and all(isinstance(each, str) for each in array.flat):
                array = array.astype(np.str_)
            if array.dtype.hasobject:
                raise InputsError(
                    f"What is given for the input {name!r} is no array of numbers, booleans or texts, but "
                    f"{type(value).__name__}. A sequence can be given by a suite, with "
                    'inputs = "module:function".'
                )
            with archive.open(f"{name}{_ENDING}", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_sample(path: Path, most_bytes: int = MOST_BYTES) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a file by name.

    Nothing is unpickled, so nothing in it can run, and nothing is unpacked to disk.

    Args:
        path: An ``.npz`` file, as ``numpy.savez`` writes it.
        most_bytes: The most that all arrays together may have.

    Raises:
        InputsError: It is missing, damaged, too large, or holds something else than arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            size = sum(each.file_size for each in members)
            if size > most_bytes:
                raise InputsError(
                    f"{path} unpacks to {size:,} bytes; at most {most_bytes:,} are read. Keep in it what one "
                    "step needs."
                )
            return {
                each.filename.removesuffix(_ENDING): _array(
                    archive.open(each), each.file_size, path, each.filename
                )
                for each in members
            }
    except OSError as error:
        raise InputsError(
            f"{path} cannot be read: {error.strerror or error}. Check the path of the inputs."
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputsError(f"{path} is no .npz file, or a damaged one: {error}. {_SAVE}") from error


def _array(stream: IO[bytes], size: int, path: Path, name: str) -> npt.NDArray[Any]:
    with stream:
        try:
            return _read_array(stream, size)
        except ValueError as error:
            raise InputsError(f"{path}: {name!r} is no array: {error}. {_SAVE}") from error


def _read_array(stream: IO[bytes], size: int) -> npt.NDArray[Any]:
    """Read one member of so many bytes, more than which its header may not promise.

    Raises:
        ValueError: It is no array.
    """
    version = np.lib.format.read_magic(stream)
    read_header = (
        np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    )
    shape, fortran, dtype = read_header(stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never unpickled; texts need a dtype such as 'U'")
    count = math.prod(shape)
    if count * dtype.itemsize > size:
        raise ValueError(f"its shape {shape} asks for more than it holds")
    data = stream.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C")


_SAVE = "Write it with numpy.savez(path, **{name of the input: array})."
