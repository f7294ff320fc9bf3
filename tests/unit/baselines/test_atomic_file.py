import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_energy.baselines.atomic_file import is_leftover, write_atomically
from pytest_energy.errors import BaselineError, HarnessError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
LEFTOVER = ".pytest-energy-0123456789abcdef.tmp"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def failing(path, text="new", fault=HarnessError):
    with pytest.raises(fault) as caught:
        write_atomically(path, text, fault)
    said = str(caught.value)
    assert said.startswith(f"{path} could not be written: ")
    return said


def test_a_file_is_written_with_its_folders_and_nothing_else(tmp_path):
    path = tmp_path / "a/b/c.json"
    write_atomically(path, "é\n")
    assert path.read_bytes() == "é\n".encode()
    assert names(path.parent) == ["c.json"]


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old and much longer than what comes")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.json"]


def test_a_file_that_holds_the_text_already_is_not_touched(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, "same")
    before = path.stat()
    write_atomically(path, "same")
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "a.json", "new")
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == mode


@posix
def test_a_replaced_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


@posix
def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    path = tmp_path / "link.json"
    path.symlink_to("real/a.json")
    for text in ("first", "second"):
        write_atomically(path, text)
        assert path.is_symlink()
        assert (tmp_path / "real/a.json").read_text() == text
    assert names(tmp_path / "real") == ["a.json"]


@linux
def test_a_pipe_is_written_to_and_never_replaced():
    reading, writing = os.pipe()
    try:
        write_atomically(Path(f"/dev/fd/{writing}"), "text")
        assert os.read(reading, 10) == b"text"
    finally:
        os.close(reading)
        os.close(writing)


@linux
def test_a_full_device_is_told():
    assert "No space left on device. Free some space" in failing(Path("/dev/full"))


@linux
def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "a.json"
    write_atomically(path, "old")
    program = (
        "from pathlib import Path\n"
        "from pytest_energy.baselines.atomic_file import write_atomically\n"
        "from pytest_energy.errors import BaselineError\n"
        "try:\n"
        f"    write_atomically(Path({str(path)!r}), 'x' * 100_000, BaselineError)\n"
        "except BaselineError as error:\n"
        "    print(error)\n"
    )
    # -B: compiled code would be cut off as well, and stay.
    # A limit on the size of files stands for a full disk: a part is written, then comes the error.
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{path} could not be written: File too large.")
    assert "What was there before is unchanged." in done.stdout
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.json"]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "baselines").write_text("a file")
    assert "A part of the path is a file" in failing(tmp_path / "baselines/a.json")
    assert "A part of the path is a file" in failing(tmp_path / "baselines/e/a.json")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / "a.json").mkdir()
    assert "move it away" in failing(tmp_path / "a.json")


def test_a_name_that_is_too_long_is_told(tmp_path):
    assert "Name a shorter path." in failing(tmp_path / ("x" * 300))
    assert names(tmp_path) == []


@posix
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission_is_told(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "Check who may write there" in failing(tmp_path / "a.json")
    finally:
        tmp_path.chmod(0o700)


@posix
def test_a_link_to_itself_is_told(tmp_path):
    path = tmp_path / "a.json"
    path.symlink_to("a.json")
    assert "symbolic links" in failing(path)
    assert names(tmp_path) == ["a.json"]


def test_the_caller_chooses_the_kind_of_error(tmp_path):
    (tmp_path / "a").write_text("")
    failing(tmp_path / "a/b", fault=BaselineError)


@posix
def test_what_a_killed_writer_left_is_cleared_up_by_the_next(tmp_path):
    (tmp_path / LEFTOVER).write_text("half a basel")
    write_atomically(tmp_path / "a.json", "new")
    assert names(tmp_path) == ["a.json"]


@posix
def test_what_a_living_writer_uses_is_left_alone(tmp_path):
    import fcntl  # noqa: PLC0415 - not on Windows

    (tmp_path / LEFTOVER).write_text("half a basel")
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH)
        write_atomically(tmp_path / "a.json", "new")
    finally:
        os.close(folder)
    assert names(tmp_path) == [LEFTOVER, "a.json"]


def test_text_that_no_encoding_holds_is_written_visibly(tmp_path):
    write_atomically(tmp_path / "a.md", "\udc80")
    assert (tmp_path / "a.md").read_text() == "\\udc80"


def test_only_the_names_of_temporary_files_are_leftovers():
    assert is_leftover(Path("x") / LEFTOVER)
    assert not is_leftover(Path("a.json"))
    assert not is_leftover(Path("pytest-energy-0.tmp"))
