"""``pytest-energy inspect``: what a person reads, and what a program does."""

import json
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from pytest_energy.cli.main import main

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture
def inspected(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, code=0):
        assert main(["inspect", *map(str, arguments)]) == code
        return capsys.readouterr()

    return run


def test_a_person_reads_what_a_model_is_and_what_would_be_fed(inspected):
    text = inspected(MODELS / "digits-transformer.onnx", "--batch", 8).out
    assert "IR version 10, opset ai.onnx 18" in text
    assert "41.9 M multiply-accumulates" in text
    assert "tokens  tensor(int64)  [batch, 64]" in text
    assert "tokens [8, 64]: < 17: Gather on `words.1.weight`" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_program_reads_the_same(inspected):
    found = json.loads(inspected(MODELS / "digits-cnn-int8.onnx", "--json").out)
    assert found["quantization"].startswith(("QDQ", "QOperator"))
    assert found["work"]["macs"] > 0
    assert found["work"]["bytes"] > found["work"]["least_bytes"] > 0
    assert found["plan"]["inputs"][0]["reason"]


def test_a_scalar_is_told_apart_from_an_unknown_rank(inspected, tmp_path):
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("a", []), ("b", None))
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([helper.make_node("Add", ["a", "b"], ["y"])], "g", inputs, outputs)
    path = tmp_path / "ranks.onnx"
    path.write_bytes(helper.make_model(graph, ir_version=9).SerializeToString())
    text = inspected(path).out
    assert "a  tensor(float)  scalar" in text
    assert "b  tensor(float)  unknown rank" in text


def test_names_cannot_do_harm_on_a_terminal(inspected, tmp_path):
    name = "\x1b[31m/a:b\n::error::x"
    info = [helper.make_tensor_value_info(each, TensorProto.FLOAT, [1]) for each in (name, "y")]
    graph = helper.make_graph([helper.make_node("Neg", [name], ["y"])], "g", info[:1], info[1:])
    path = tmp_path / "name.onnx"
    path.write_bytes(helper.make_model(graph, ir_version=9).SerializeToString())
    text = inspected(path).out
    assert "\x1b" not in text
    assert r"\x1b[31m/a:b\n" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "is missing"), (b"", "is empty"), (b"# text", "is text"), (b"\x08\xff", "cannot be read")],
)
def test_what_is_no_model_is_one_sentence(inspected, tmp_path, content, said):
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    complaint = inspected(path, code=2).err
    assert said in complaint
    assert complaint.count("\n") == 1


def test_a_batch_must_be_a_number(inspected):
    assert "whole number" in inspected("model.onnx", "--batch", "0", code=2).err
