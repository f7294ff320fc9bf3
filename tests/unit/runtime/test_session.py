import pytest

from pytest_energy.runtime.runtime_errors import first_words
from pytest_energy.runtime.session import thread_variables


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Protobuf parsing failed.", "Protobuf parsing failed."),
        ("on\n  two lines", "on two lines"),
        (
            "failed:/onnxruntime_src/core/graph/model.cc:256 Model::Model(Map<string, int>&) Unsupported IR",
            "failed:Unsupported IR",
        ),
        (
            "/onnxruntime/core/webgpu_context.cc:65 f(x)::<lambda()> status == Success was false. No adapter",
            "No adapter",
        ),
        ("x" * 5000, "x" * 400),
    ],
)
def test_a_message_is_cut_down_to_what_it_says(message, said):
    assert first_words(message) == said


def test_variables_that_change_threads_are_found(monkeypatch):
    monkeypatch.setenv("ORT_INTRA_OP_NUM_THREADS", "2")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("PORT_NUMBER", "80")
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "1")
    variables = thread_variables()
    assert variables["ORT_INTRA_OP_NUM_THREADS"] == "2"
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert "PORT_NUMBER" not in variables
    assert "ORT_DISABLE_TELEMETRY" not in variables  # it is the same for all
