import re

import pytest

from pytest_energy.environment import detect_machine

HERE = detect_machine().environment.id


def blocks(out):
    """The list by environment: heading to lines."""
    return {lines[0]: lines[1:] for lines in (block.splitlines() for block in out.split("\n\n"))}


def test_the_list_is_grouped_by_environment_and_marks_this_machine(record, command):
    record("b")
    record("a")
    record("a", cpu="Other 9000")
    code, out, err = command("baselines", "list")
    assert (code, err) == (0, "")
    shown = blocks(out)
    mine = shown[f"{HERE} (this machine)"]
    assert mine[0].split() == ["benchmark", "energy/step", "commit", "date"]
    assert mine[-1] == "  energy: as the power profile generic-cpu gives it"
    assert [line.split() for line in mine[1:-1]] == [
        ["a--cpu-b1", "12.4", "mJ", "1a2b3c4", "2026-05-04"],
        ["b--cpu-b1", "12.4", "mJ", "1a2b3c4", "2026-05-04"],
    ]
    assert any("other-9000" in heading and "machine" not in heading for heading in shown)
    assert out.rstrip().splitlines()[-1].startswith("3 in ")
    assert out.rstrip().endswith("2 of them for this machine")


def test_the_list_shows_reasons_and_what_is_unknown(record, command):
    record(reason="accuracy \x1b[31mfirst", commit=None)
    _, out, _ = command("baselines", "list")
    assert "reason" in out
    assert "unknown" in out
    assert re.sub(r"\s+", " ", out).count(r"accuracy \x1b[31mfirst") == 1


@pytest.mark.parametrize("name", ["x" * 78, "tests/test_a.py::test_b[" + "y" * 200])
def test_the_list_fits_80_columns(record, command, name):
    record(name, reason="because of " + "many words " * 30, commit="1a2b3c4d5e+dirty")
    _, out, _ = command("baselines", "list")
    assert max(len(line) for line in out.splitlines() if "/" not in line) <= 80


def test_a_broken_file_does_not_hide_the_others(record, command):
    record("b")
    broken = record("a")
    broken.write_text("{")
    code, out, err = command("baselines", "list")
    assert code == 1
    assert "b--cpu-b1" in out
    assert err.startswith(f"pytest-energy: {broken} is no JSON")


@pytest.mark.usefixtures("project")
def test_an_empty_folder_is_told_with_the_next_step(command):
    code, out, _ = command("baselines", "list")
    assert code == 0
    assert out.endswith("Record some with pytest --energy --energy-update.\n")


def test_a_missing_folder_is_2(project, command):
    (project / "baselines").rmdir()
    for part in (["list"], ["verify"], ["show", "a"]):
        code, out, err = command("baselines", *part)
        assert (code, out) == (2, "")
        assert "There is no folder of baselines" in err


def test_another_folder_may_be_named(record, command):
    record(folder="elsewhere")
    code, out, _ = command("baselines", "verify", "--baselines", "elsewhere")
    assert (code, out.split()[0]) == (0, "1")


def test_show_holds_everything(record, command):
    path = record(reason="accuracy first")
    code, out, err = command("baselines", "show", "digits-cnn--cpu-b1")
    assert (code, err) == (0, "")
    words = re.sub(r"\s+", " ", out)
    for said in (
        f"environment {HERE} (this machine)",
        "energy 12.4 mJ per step, the gated figure",
        "emissions 1.89 mg CO2e per 1000 steps",
        "commit 1a2b3c4",
        "reason accuracy first",
        "core_power_w 4.1",
        "intensity.g_per_kwh 458",
        "onnxruntime 1.31.0",
        "variables.OMP_NUM_THREADS 1",
        "spinning no",
        "12 3.05 ms 3.11 ms 1.01 ms 3.010",
    ):
        assert said in words
    for key in re.findall(r'"(\w+)": ', path.read_text()):
        assert key in out or key in {
            "schema_version",
            "energy_j",
            "provenance",
            "cpu_s",
            "duration_s",
            "reference_cpu_s",
        }
    assert max(len(line) for line in out.splitlines()) <= 80


def test_show_takes_this_machine_s_of_several(record, command):
    record(cpu="Other 9000")
    record()
    _, out, _ = command("baselines", "show", "digits-cnn--cpu-b1")
    assert "(this machine)" in out


def test_show_takes_the_only_one(record, command):
    path = record(cpu="Other 9000")
    code, out, _ = command("baselines", "show", "digits-cnn--cpu-b1")
    assert code == 0
    assert path.parent.name in out


def test_show_takes_the_one_that_is_named(record, command):
    record()
    path = record(cpu="Other 9000")
    _, out, _ = command("baselines", "show", "digits-cnn--cpu-b1", "--environment", path.parent.name)
    assert path.parent.name in out
    assert "(this machine)" not in out


def test_show_asks_which_one_where_there_are_several(record, command):
    one, two = record(cpu="Other 1"), record(cpu="Other 2")
    for more in ((), ("--environment", "cpu")):
        code, _, err = command("baselines", "show", "digits-cnn--cpu-b1", *more)
        assert code == 2
        assert one.parent.name in err
        assert two.parent.name in err
        assert "--environment" in err


def test_an_unknown_id_is_2_with_the_nearest(record, command):
    record("digits-cnn")
    record("resnet")
    code, _, err = command("baselines", "show", "digts-cnn--cpu-b1")
    assert code == 2
    assert "Did you mean digits-cnn--cpu-b1" in err
    code, _, err = command("baselines", "show", "\x1b]0;zzz")
    assert code == 2
    assert "pytest-energy baselines list" in err
    assert "\x1b" not in err


def test_a_broken_baseline_is_not_shown(record, command):
    record().write_text("")
    code, out, err = command("baselines", "show", "digits-cnn--cpu-b1")
    assert (code, out) == (2, "")
    assert "it is empty" in err


def test_verify_counts_whole_files(record, command):
    record("a")
    record("b", cpu="Other 9000")
    code, out, err = command("baselines", "verify")
    assert (code, err) == (0, "")
    assert out.startswith("2 baselines checked in ")
    assert out.endswith(", no faults\n")


def test_verify_tells_every_fault_in_a_line(record, command, project):
    record("whole")
    edited = record("edited")
    edited.write_text(re.sub(r'"energy_j": \S+,', '"energy_j": 0.01,', edited.read_text()))
    copied = edited.with_name("copied.json")
    copied.write_bytes(record("whole", cpu="Other 9000").read_bytes())
    (project / "baselines/stray.json").write_text("{}")
    (edited.parent / ".pytest-energy-0.tmp").write_text("half")
    code, out, _ = command("baselines", "verify")
    lines = out.splitlines()
    assert code == 1
    assert [line.split()[0] for line in lines[:4]] == [
        str(copied),
        str(edited),
        str(edited.parent / ".pytest-energy-0.tmp"),
        str(project / "baselines/stray.json"),
    ]
    assert "edited by hand" in lines[1]
    assert lines[4].startswith("4 baselines checked in ")
    assert out.endswith(", 4 faults\n")
