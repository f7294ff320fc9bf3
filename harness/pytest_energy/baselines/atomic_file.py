"""Atomic files: a reader finds the old content or the new, whatever happens to the writer and when."""

import errno
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from pytest_energy.errors import HarnessError

if sys.platform != "win32":
    import fcntl

_PREFIX, _SUFFIX = ".pytest-energy-", ".tmp"

PROBE = f"{_PREFIX}probe{_SUFFIX}"
"""Name of a file that is written only to see whether it can be."""

_FREE_SPACE = "Free some space there, then run again."
_CHECK_RIGHTS = "Check who may write there, or name another place."
_CHECK_PATH = "A part of the path is a file, or the whole is a folder: move it away, or name another place."
_NEXT: Mapping[int | None, str] = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f), then run again.",
    errno.EROFS: "Mount it writable, or name another place.",
    errno.EACCES: _CHECK_RIGHTS,
    errno.EPERM: _CHECK_RIGHTS,
    errno.ENOTDIR: _CHECK_PATH,
    errno.EISDIR: _CHECK_PATH,
    errno.EEXIST: _CHECK_PATH,
    errno.ENAMETOOLONG: "Name a shorter path.",
}
_OTHERWISE = "Put that right, or name another place, then run again."


def write_atomically(path: Path, text: str | bytes, fault: type[HarnessError] = HarnessError) -> None:
    """Write a file whole or not at all, together with the folders that it needs.

    A file that holds the text already is not touched. Where one is replaced, its permissions stay; a link is
    followed. What is no regular file, such as a pipe or ``/dev/stdout``, is written to, never replaced.

    Args:
        path: The file.
        text: What it shall hold; a text in UTF-8.
        fault: The kind of error that is raised.

    Raises:
        HarnessError: It could not be written, and why. What was there before is unchanged.
    """
    content = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        elif not _holds(path, content):
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise fault(_explained(path, error)) from error


def require_place(path: Path, fault: type[HarnessError] = HarnessError) -> None:
    """Refuse a place where no file can be made, before time is spent on what it should hold.

    A file without a name is made in the nearest folder that exists, for rights alone do not tell of file
    systems that are read-only or full. Nothing is left there.

    Args:
        path: The file, or the folder, that will be written.
        fault: The kind of error that is raised.

    Raises:
        HarnessError: It cannot be written, and why.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        return  # a pipe or a device: opened when there is something to write
    nearest = next(each for each in (path, *path.parents) if each.exists())
    folder = path.parent if nearest == path and path.is_file() else nearest
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise fault(_explained(path, error)) from error


def is_leftover(path: Path) -> bool:
    """Whether a file is the temporary file of a writer: of a live one, or of one that was killed."""
    return path.name.startswith(_PREFIX) and path.name.endswith(_SUFFIX)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False  # writing will tell why


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    with _held(path.parent) as folder:
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                temporary.chmod(S_IMODE(path.stat().st_mode))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        if folder is not None:
            with suppress(OSError):  # the file is in place; some file systems cannot sync a folder
                os.fsync(folder)


@contextmanager
def _held(folder: Path) -> Iterator[int | None]:
    """Hold a folder as one of its writers; yield its descriptor, or None where folders cannot be opened."""
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        if descriptor is not None:
            with suppress(OSError):  # some network file systems have no locks
                _join_writers(folder, descriptor)
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _join_writers(folder: Path, descriptor: int) -> None:
    """Take the lock that writers share; who can have it alone clears up after those that were killed."""
    if sys.platform == "win32":
        return
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in filter(is_leftover, list(folder.iterdir())):
            with suppress(OSError):
                path.unlink()
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def _explained(path: Path, error: OSError) -> str:
    why = error.strerror or str(error)
    next_step = _NEXT.get(error.errno, _OTHERWISE)
    return f"{path} could not be written: {why}. {next_step} What was there before is unchanged."
