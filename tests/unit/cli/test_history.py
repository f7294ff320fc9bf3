import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from pytest_energy.baselines.history import History, HistoryEntry
from pytest_energy.environment import detect_machine

HERE = detect_machine().environment.id
WIGGLE = (0, 1, -1, 0.5, -0.5, 0.7, -0.7)  # stands in for noise, in per cent


@pytest.fixture
def record(project):
    """Write one run per cost, a day apart, and return the file."""

    def write(costs, name="small--cpu-b1", *, environment=HERE, file="h.db", factors=None, **parts):
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        for day, cost in enumerate(costs):
            entry = {
                "time": (begin + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "commit": f"c{day:06}",
                "environment": environment,
                "benchmark": name,
                "verdict": "PASSED",
                "cost": cost,
                "cpu_s": cost * 1e-3,
                "duration_s": cost * 1e-3,
                "energy_j": cost * 4e-3,
                "random_j": cost * 4e-5,
                "carbon_g": cost * 1e-6,
                "profile": "generic-cpu",
                "intensity_g_per_kwh": 458.0,
                "change": cost - 1,
                "change_low": cost - 1.02,
                "change_high": cost - 0.98,
                "tolerance": 0.05,
                "processes": 4,
                "factors": {"reference": "sgemm"} | (factors(day) if factors else {}),
            } | parts
            History(project / file).append([HistoryEntry(**entry)])
        return project / file

    return write


def wiggled(*levels):
    return [level * (1 + WIGGLE[number % 7] / 100) for number, level in enumerate(levels)]


JUMP = wiggled(*[1.0] * 8, *[1.2] * 6)


def upgraded(day):
    return {"onnxruntime": "1.31.0" if day < 8 else "1.32.0"}


def words(text):
    return re.sub(r"\s+", " ", text)


def test_the_table_has_a_line_per_benchmark(record, command):
    record(JUMP)
    record(wiggled(*[1.0] * 3), "other")
    code, out, err = command("history", "h.db")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"{HERE} (this machine)"
    assert [line.split()[:2] for line in lines if "cpu-b1" in line or "other" in line] == [
        ["other", "3"],
        ["small--cpu-b1", "14"],
    ]
    (small,) = [line for line in lines if "small" in line]
    assert re.search(r"2026-01-01 +4\.\d\d mJ +\+20\.\d±\d\.\d % +\+20\.\d %", small)
    assert "2026-01-14" in out
    assert "c000008" in out
    assert "98 % interval" in words(out)


def test_environments_are_told_apart(record, command):
    record([1.0])
    record([1.0], environment="linux-other")
    _, out, _ = command("history", "h.db")
    assert f"{HERE} (this machine)" in out
    assert "\nlinux-other\n" in out or out.startswith("linux-other\n")
    _, out, _ = command("history", "h.db", "--environment", "linux-other")
    assert "this machine" not in out


def test_runs_in_units_of_another_reference_are_not_joined(record, command):
    record(JUMP, factors=lambda day: {"reference": "old" if day < 8 else "new"})
    _, out, _ = command("history", "h.db")
    assert [line.split()[1] for line in out.splitlines() if "small--cpu-b1  " in line] == ["8", "6"]
    assert "one line per reference (old, then new)" in words(out)
    assert words(out).count(" none") == 2
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert "in units of the reference old" in out
    assert "in units of the reference new" in out


def test_a_benchmark_is_told_run_by_run(record, command):
    record(JUMP, factors=upgraded)
    code, out, err = command("history", "h.db", "small--cpu-b1")
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines() if re.search(r" 2026-01-\d\d  c0", line)]
    assert len(rows) == 14
    assert rows[0][:4] == ["2026-01-01", "c000000", "4.00±0.04", "mJ"]
    assert rows[0][-1] == "PASSED"
    assert [row[1:3] for row in rows if row[0] == ">"] == [["2026-01-09", "c000008"]]
    said = words(out)
    assert re.search(r"drift since 2026-01-01, commit c000000: \+\d+\.\d % \(98 % interval", said)
    assert re.search(
        r"> \+20\.\d % from 2026-01-09 on, commit c000008; changed around then: "
        r"onnxruntime 1\.31\.0 -> 1\.32\.0",
        said,
    )


def test_the_plot_shows_the_least_and_the_most(record, command):
    record([1.0, 3.0, 2.0])
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert re.findall(r"\.*o\.*(?= )", out.partition("drift")[0])[-3:] == [
        "o...........",
        "...........o",
        "......o.....",
    ]


def test_a_change_without_a_recorded_reason_says_so(record, command):
    record(JUMP)
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert "nothing recorded changed around then" in words(out)


def test_few_runs_say_that_they_are_few(record, command):
    record([1.0])
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert "unknown after one run" in words(out)
    assert "no change point; 8 runs are the fewest that can tell" in words(out)
    record([1.0, 1.1], "two")
    _, out, _ = command("history", "h.db", "two")
    assert "+10.0 % (interval unknown)" in words(out)


def test_what_is_unknown_is_told(record, command):
    record([1.0], commit=None, change=None, change_low=None, change_high=None, random_j=None)
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert re.search(r"2026-01-01 +unknown +4\.00 mJ ± unknown +\S+ +unknown +PASSED", out)


def test_another_power_profile_is_told(record, command):
    record([1.0])
    record([1.0], time="2026-02-01T00:00:00Z", profile="mine")
    _, out, _ = command("history", "h.db", "small--cpu-b1")
    assert "power profile generic-cpu -> mine" in words(out)


@pytest.mark.parametrize("name", ["small--cpu-b1", "x" * 80 + "--12345678"])
def test_all_fits_80_columns(record, command, name):
    record(JUMP, name, factors=upgraded, commit="1a2b3c4d5e+dirty", verdict="INCONCLUSIVE")
    for arguments in (("h.db",), ("h.db", name)):
        _, out, _ = command("history", *arguments)
        assert max(map(len, out.splitlines())) <= 80


def test_json_holds_all(record, command):
    record(JUMP, factors=upgraded)
    code, out, _ = command("history", "h.db", "--json")
    (series,) = json.loads(out)["series"]
    assert code == 0
    assert (series["benchmark"], series["environment"], series["runs"]) == ("small--cpu-b1", HERE, 14)
    assert series["drift"]["low"] < series["drift"]["point"] < series["drift"]["high"]
    (change,) = series["change_points"]
    assert (change["commit"], change["time"]) == ("c000008", "2026-01-09T00:00:00Z")
    assert change["factors_changed"] == [{"name": "onnxruntime", "before": "1.31.0", "after": "1.32.0"}]
    assert "entries" not in series
    _, out, _ = command("history", "h.db", "small--cpu-b1", "--json")
    (series,) = json.loads(out)["series"]
    assert [one["cost"] for one in series["entries"]] == JUMP


def test_the_file_of_the_settings_is_the_default(project, record, command):
    record([1.0], file="kept/h.db")
    (project / "pyproject.toml").write_text('[tool.pytest-energy]\nhistory = "kept/h.db"\n')
    assert "small--cpu-b1" in command("history")[1]
    assert "2026-01-01" in command("history", "small--cpu-b1")[1]
    record([1.0], "there", file="other.db")
    assert "there" in command("history", "other.db")[1]
    code, _, err = command("history", "smal--cpu-b1")
    assert code == 2
    assert "Did you mean small--cpu-b1?" in err


def test_an_unknown_benchmark_is_2_with_the_nearest(record, command):
    record([1.0])
    code, out, err = command("history", "h.db", "smll--cpu-b1")
    assert (code, out) == (2, "")
    assert "Did you mean small--cpu-b1?" in err
    code, _, err = command("history", "h.db", "\x1b]0;zzz")
    assert code == 2
    assert "\x1b" not in err


def test_an_unknown_environment_is_2_with_what_there_is(record, command):
    record([1.0])
    code, _, err = command("history", "h.db", "--environment", "mars")
    assert code == 2
    assert HERE in err


def test_one_of_several_environments_must_be_named(record, command):
    record([1.0], environment="a")
    record([1.0], environment="b")
    code, _, err = command("history", "h.db", "small--cpu-b1")
    assert code == 2
    assert "--environment: a, b" in err
    assert command("history", "h.db", "small--cpu-b1", "--environment", "b")[0] == 0
    record([1.0])
    assert HERE in command("history", "h.db", "small--cpu-b1")[1]


@pytest.mark.usefixtures("project")
def test_a_file_that_is_not_there_is_2(command):
    code, _, err = command("history")
    assert code == 2
    assert "Name its file" in err
    code, _, err = command("history", "nowhere.db")
    assert code == 2
    assert "nowhere.db" in err
    assert command("history", "h.db", "b", "more")[0] == 2


def test_a_file_that_is_no_history_is_2(project, command):
    (project / "h.db").write_text("hello")
    code, out, err = command("history", "h.db")
    assert (code, out) == (2, "")
    assert "not a database" in err


def test_an_empty_history_is_told(project, command):
    (project / "h.db").touch()
    code, out, _ = command("history", "h.db")
    assert code == 0
    assert out.startswith("No run in ")


def test_ascii_is_enough(record):
    path = record(JUMP)
    for more in ((), ("small--cpu-b1",)):
        ran = subprocess.run(
            [sys.executable, "-m", "pytest_energy", "history", str(path), *more],
            env=os.environ | {"PYTHONIOENCODING": "ascii:strict"},
            capture_output=True,
            check=True,
        )
        assert b"\\u" not in ran.stdout
        assert b"\x1b" not in ran.stdout
        assert b"+-" in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
def test_a_reader_that_went_away_is_no_fault(record):
    path = record([1.0] * 3)
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest_energy", "history", str(path)],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (141, b"")
