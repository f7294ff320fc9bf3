"""Exit codes of the command line: 0 all is well, 1 something was found, 2 what is asked for cannot be done.

A file that cannot be used is the last of these, whatever is wrong with it, and every command says so alike.
"""

import shutil
import sys
from pathlib import Path

import pytest

from pytest_energy.cli.main import main

MODEL = Path(__file__).parents[2] / "harness/pytest_energy/runtime/probe.onnx"

FAULTS = {
    "missing": None,
    "folder": None,
    "empty": b"",
    "text": b"some words\n",
    "wrong.json": b'{"a": 1}\n',
    "newer.json": b'{"schema_version": 99, "tool": {"name": "pytest-energy", "version": "99"}}\n',
}

COMMANDS = (
    "baselines list --baselines",
    "baselines show x --baselines",
    "baselines verify --baselines",
    "compare",
    "compare --paired good.onnx",
    "footprint",
    "history",
    "inspect",
    "noise",
    "profiles calibrate -o own.toml --model",
    "profiles show",
    "profiles validate",
    "report",
    "run good.onnx --python",
    f"run --python {sys.prefix}",
    "train -o trained.onnx --inputs rows.npz --epochs 1",
    "train good.onnx -o trained.onnx --epochs 1 --inputs",
    "train-graph -o step.onnx",
)

# What is no fault: a folder without baselines, a history that was only just begun; and what is looked for.
OTHERWISE = {
    ("baselines list --baselines", "folder"): 0,
    ("baselines verify --baselines", "folder"): 0,
    ("history", "empty"): 0,
    **{("profiles validate", name): 1 for name, content in FAULTS.items() if content is not None},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(MODEL, "good.onnx")
    Path("folder").mkdir()
    for name, content in FAULTS.items():
        if content is not None:
            Path(name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.replace(sys.prefix, "HERE"))
def test_a_file_that_cannot_be_used_is_a_usage_error(folder, capsys, command, fault):
    before = sorted(folder.rglob("*"))
    code = main([*command.split(), fault])
    told = capsys.readouterr()
    said = " ".join((told.out + told.err).split())
    assert code == OTHERWISE.get((command, fault), 2), said
    assert fault in said or command.startswith("baselines show")
    assert sorted(folder.rglob("*")) == before


def test_every_command_is_tried(capsys):
    assert main(["--help"]) == 0
    known = [
        line.split()[0]
        for line in capsys.readouterr().out.partition("commands:")[2].partition("examples:")[0].splitlines()
        if line.startswith("    ") and not line.startswith("     ")
    ]
    without_files = {"doctor", "providers", "COMMAND"}
    assert set(known) - without_files == {command.split()[0] for command in COMMANDS}


@pytest.mark.parametrize("words", ["", "nonsense", "compare --nonsense", "inspect", "baselines", "profiles"])
def test_a_command_that_cannot_be_understood_is_a_usage_error(capsys, words):
    assert main(words.split()) == 2
    assert "usage:" in capsys.readouterr().err
