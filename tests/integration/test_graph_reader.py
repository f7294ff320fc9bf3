"""The process that reads graphs: what it answers, and how it ends."""

import os
from pathlib import Path

import pytest

from pytest_energy.errors import ModelError
from pytest_energy.runtime import graph_reader
from pytest_energy.runtime.graph_reader import read_graph

MODELS = Path(__file__).parents[2] / "models"


def test_a_model_is_read():
    found = read_graph(MODELS / "digits-transformer.onnx", 2)
    (tokens,) = found.plan.inputs
    assert tokens.fill.high == 17
    assert found.plan.batch == 2
    assert found.work.macs == 10_487_040


def test_a_model_is_read_once_as_long_as_it_stays(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes((MODELS / "digits-cnn.onnx").read_bytes())
    first = read_graph(path, 1)
    assert read_graph(path, 1) is first
    os.utime(path, ns=(1, 1))
    assert read_graph(path, 1) is not first


def test_what_is_no_model_is_read_once_too(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(ModelError) as first:
        read_graph(path, 1)
    with monkeypatch.context() as nothing_runs:
        nothing_runs.setattr(graph_reader.sys, "executable", str(tmp_path / "nowhere"))
        with pytest.raises(ModelError) as second:
            read_graph(path, 1)
    assert str(second.value) == str(first.value)
    path.write_bytes((MODELS / "digits-cnn.onnx").read_bytes())
    assert read_graph(path, 1).work


@pytest.mark.parametrize("content", [b"", b"\x08\x0a", b"\xff" * 100, b"no model at all"])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"graph of the model .*model\.onnx cannot be read"):
        read_graph(path, 1)


@pytest.mark.parametrize("name", [b"tokens", b"logits"])
def test_a_name_that_is_no_text_is_told(tmp_path, name):
    content = (MODELS / "digits-transformer.onnx").read_bytes()
    assert name in content
    path = tmp_path / "model.onnx"
    path.write_bytes(content.replace(name, b"\xff" * len(name)))
    with pytest.raises(ModelError, match="a name in its graph is not text in UTF-8"):
        read_graph(path, 1)


def test_a_missing_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="Check the path"):
        read_graph(tmp_path / "none.onnx", 1)


def test_a_reader_that_hangs_is_killed():
    with pytest.raises(ModelError, match=r"took longer than 0\.001 s and was stopped"):
        read_graph(MODELS / "digits-cnn.onnx", 1, timeout_s=0.001)


def test_a_reader_that_dies_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(graph_reader.sys, "executable", _interpreter(tmp_path, "kill -SEGV $$"))
    with pytest.raises(ModelError, match="ended by SIGSEGV"):
        read_graph(MODELS / "digits-cnn.onnx", 1, timeout_s=50)


def test_a_reader_that_answers_nonsense_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(graph_reader.sys, "executable", _interpreter(tmp_path, "echo hello"))
    with pytest.raises(ModelError, match="answered b'hello"):
        read_graph(MODELS / "digits-cnn.onnx", 1, timeout_s=51)


def _interpreter(folder, script):
    path = folder / "interpreter"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)
