import signal
from pathlib import Path

import pytest

from pytest_energy.errors import InputsError, WorkerDied
from pytest_energy.runtime.worker_process import (
    _cause,
    _event_from_line,
    _raise_if_failed,
    worker_variables,
)


def test_a_worker_keeps_the_users_environment():
    kept = {"HOME": "/home/me", "PATH": "/bin", "PYTHONPATH": "src", "ORT_INTRA_OP_NUM_THREADS": "2"}
    assert kept.items() <= worker_variables(kept).items()


@pytest.mark.parametrize(
    "name",
    [
        "ORT_LOAD_CONFIG_FROM_MODEL",  # a model may not set its own threads
        "COV_CORE_SOURCE",
        "COVERAGE_PROCESS_START",
        "PYTHONDEVMODE",
        "PYTHONMALLOC",
        "PYTHONTRACEMALLOC",
        "PYTHONWARNINGS",  # a run under -W error must not fail for a warning of onnxruntime
    ],
)
def test_a_worker_does_not_inherit_what_would_change_the_figure(name):
    assert name not in worker_variables({name: "1"})


def test_a_worker_has_one_blas_thread_whatever_the_user_set():
    assert worker_variables({"OPENBLAS_NUM_THREADS": "8"})["OPENBLAS_NUM_THREADS"] == "1"


def test_onnx_runtime_sends_nothing_home_from_a_worker():
    assert worker_variables({"ORT_DISABLE_TELEMETRY": "0"})["ORT_DISABLE_TELEMETRY"] == "1"


def test_a_worker_of_another_environment_sees_one_folder_only():
    here = {"PYTHONPATH": "/ours", "PYTHONHOME": "/ours", "HOME": "/home/me"}
    variables = worker_variables(here, Path("/theirs"))
    assert variables["PYTHONPATH"] == "/theirs"
    assert "PYTHONHOME" not in variables
    assert variables["HOME"] == "/home/me"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGKILL, "memory ran out"),
        (-signal.SIGSEGV, "crashed in native code (SIGSEGV)"),
        (3, "ended with exit code 3"),
    ],
)
def test_an_exit_code_is_told_in_words(code, words):
    assert words in _cause(code)


@pytest.mark.parametrize("line", [b"hello", b"\xff\xfe", b"[1, 2]", b"{}", b'{"event": 3}', b""])
def test_what_is_no_event_is_not_taken_for_one(line):
    with pytest.raises(WorkerDied, match="no event"):
        _event_from_line(line)


def test_a_fault_that_the_worker_found_is_raised_here():
    with pytest.raises(InputsError, match="no feed"):
        _raise_if_failed({"event": "failed", "kind": "InputsError", "message": "no feed"})


def test_a_fault_of_a_kind_that_is_unknown_here_is_raised_nevertheless():
    with pytest.raises(WorkerDied, match="from the future"):
        _raise_if_failed({"event": "failed", "kind": "FutureError", "message": "from the future"})
