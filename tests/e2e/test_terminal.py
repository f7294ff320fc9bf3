"""What a terminal shows, and what a pipe gets instead."""

import os
import re
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of Unix")

CODES = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")
COLOURS = {"31", "32", "33"}


def in_terminal(project, *options, **variables):
    """Run ``pytest --energy`` in a pseudo-terminal and return all that was written to it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--energy", "--energy-time", "0.4"]
    given = {"TERM": "xterm-256color", "COLUMNS": "100", "LANG": "C.UTF-8", "PY_COLORS": ""} | variables
    inner, outer = pty.openpty()
    process = subprocess.Popen(
        [*command, *options],
        cwd=project.folder,
        env=os.environ | given,
        stdin=outer,
        stdout=outer,
        stderr=outer,
    )
    os.close(outer)
    written = bytearray()
    with os.fdopen(inner, "rb", buffering=0) as terminal:
        while part := _part(terminal):
            written += part
    process.wait()
    return written.decode("utf-8", "replace")


def _part(terminal):
    try:
        return terminal.read(65_536)
    except OSError:  # Linux reports the end of a pseudo-terminal as an error
        return b""


def colours(text):
    codes = (code for found, letter in CODES.findall(text) if letter == "m" for code in found.split(";"))
    return COLOURS.intersection(codes)


@pytest.fixture
def two(project):
    project.model()
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\nbatch = [1, 2]\n')
    return project


def test_progress_tells_which_benchmark_runs_and_the_time_left(two):
    text = in_terminal(two, "all.energy.toml")
    assert re.search(r"1 of 2, about \d+ s left: small--cpu-b1: process 1 of 4", text)
    assert re.search(r"2 of 2, about \d+ s left: small--cpu-b2: process 4 of 4", text)
    assert "\x1b[K" in text  # it is erased again


def test_verdicts_have_colours_in_a_terminal_that_wants_them(two):
    assert "33" in colours(in_terminal(two, "all.energy.toml"))  # NEW is yellow
    plain = in_terminal(two, "all.energy.toml", NO_COLOR="1")
    assert colours(plain) == set()
    assert "left: small--cpu-b1" in plain


def test_a_dumb_terminal_gets_plain_lines(two):
    text = in_terminal(two, "all.energy.toml", TERM="dumb")
    assert "\x1b" not in text
    assert " left: " not in text
    assert "2 benchmarks: 2 NEW" in text


def test_a_pipe_gets_plain_lines(two):
    text = two.energy("all.energy.toml").stdout.str()
    assert "\x1b" not in text
    assert " left: " not in text


def test_an_ascii_terminal_gets_ascii(two):
    text = in_terminal(two, "all.energy.toml", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert text.isascii()
    assert "+-" in text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_table_fits_the_window_and_grows_with_it(two, columns):
    text = in_terminal(two, "all.energy.toml", COLUMNS=str(columns), NO_COLOR="1", TERM="dumb")
    section = text[text.index("= energy =") :]
    table = section[: section.index("notes:")].splitlines()[1:]
    assert max(map(len, table)) <= columns
    one_line = any("gCO2e/1k steps" in line for line in table)
    assert one_line == (columns >= 80)


def test_quiet_leaves_out_the_table_and_verbose_adds_the_evidence(two):
    two.record("all.energy.toml")
    quiet = two.energy("-q", "all.energy.toml").stdout.str()
    assert "2 benchmarks: " in quiet
    assert "energy/step" not in quiet
    assert "factors:" in two.energy("-v", "all.energy.toml").stdout.str()
