"""The model file: whether it can be an ONNX model at all, and the hash of its bytes."""

import codecs
import difflib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from pytest_energy.errors import ModelError
from pytest_energy.workloads.external_data import external_data

_BESIDE = "it is not read. Export the model with its weights beside it"
HEAD = 512  # as many first bytes tell what a file is
# What lies where a model is expected, by its first bytes, and what to do about it.
_NOT_A_MODEL = {
    b"version https://git-lfs": "is a Git LFS pointer, not the model itself: run 'git lfs pull'",
    b"PK\x03\x04": "is a zip archive: unpack it and name the .onnx file inside",
    b"\x1f\x8b": "is a gzip archive: unpack it and name the .onnx file inside",
}


def read_model_hash(path: Path) -> str:
    """Return a SHA-256 of a model in hexadecimal: of its bytes, or of these and its external data.

    Only what is plainly no model is refused here, and one whose external data lies elsewhere; a damaged one
    is left to ONNX Runtime, and so is one whose external data is missing.

    Raises:
        ModelError: The file is missing, unreadable, empty, or holds something else than a model; or its
            external data is unreadable.
    """
    _refuse(path, fault_of_path(path))
    try:
        with path.open("rb") as stream:
            _refuse(path, fault_of_head(stream.read(HEAD)))
        data = external_data(path)
        for location, fault in data.refused.items():
            _refuse(path, f"keeps weights in {location!r}, which {fault}: {_BESIDE}")
        own, beside = _sha256(path), data.files
        return _combined(own, {name: _sha256(file) for name, file in beside.items()}) if beside else own
    except OSError as error:
        raise ModelError(
            f"The model {path} cannot be read: {error.strerror}{_elsewhere(path, error)}. "
            "Check its permissions."
        ) from error


def require_model(path: Path, shown: str) -> None:
    """Refuse a file that plainly is no model, before anything is started for it.

    Args:
        path: The file.
        shown: What it is called in messages.

    Raises:
        ModelError: The file is missing, unreadable, empty, or holds something else.
    """
    try:
        fault = fault_of_path(path)
        if fault is None:
            with path.open("rb") as stream:
                fault = fault_of_head(stream.read(HEAD))
    except OSError as error:
        fault = f"cannot be read: {error.strerror}. Check its permissions"
    if fault:
        raise ModelError(f"The model {shown} {fault}.")


def fault_of_path(path: Path) -> str | None:
    """Say why no file can be read at ``path`` and what may be meant; None where there is a file."""
    if path.is_file():
        return None
    if path.is_dir():
        return f"is a folder: name a file in it{_offer(sorted(path.glob('*.onnx')))}"
    if not path.parent.is_dir():
        return f"is missing, for there is no folder {path.parent}: check the path"
    return f"is missing: check the path, or export the model first{_offer(_near(path))}"


def _refuse(path: Path, fault: str | None) -> None:
    if fault:
        raise ModelError(f"The model {path} {fault}.")


def fault_of_head(head: bytes) -> str | None:
    """Say what a file is that cannot be an ONNX model, judged by its first bytes."""
    if not head:
        return "is empty: export or download it again"
    for signature, fault in _NOT_A_MODEL.items():
        if head.startswith(signature):
            return fault
    if _is_text(head):
        return f"is text, not ONNX: it begins with {_excerpt(head)!r}. Export or download it again"
    return None


def _is_text(head: bytes) -> bool:
    """Whether there is no control character, of which the first field of every ONNX file has one."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character may be cut off at the end
    except UnicodeDecodeError:
        return False
    return not any(byte < ord(" ") and byte not in b"\t\n\r\f" for byte in head)


def _excerpt(head: bytes) -> str:
    return " ".join(head.decode("utf-8", errors="replace").split())[:40]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _combined(own: str, beside: Mapping[str, str]) -> str:
    """Hash the hashes of a model and of its external data, with the names of these."""
    digest = hashlib.sha256(own.encode())
    for name, content in sorted(beside.items()):
        digest.update(f"\0{name}\0{content}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _elsewhere(path: Path, error: OSError) -> str:
    """Name the file that could not be read, where that is not the model itself."""
    return "" if str(error.filename) in {"None", str(path)} else f" ({error.filename})"


def _near(path: Path) -> list[Path]:
    """Return the models beside ``path`` that have a similar name, or all where none has."""
    beside = {each.stem: each for each in sorted(path.parent.glob("*.onnx"))}
    similar = difflib.get_close_matches(path.stem, beside, n=3, cutoff=0.5)
    return [beside[stem] for stem in similar] or list(beside.values())


def _offer(models: list[Path]) -> str:
    return f" (there are: {', '.join(model.name for model in models[:3])})" if models else ""
