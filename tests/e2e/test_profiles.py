"""``pytest-energy profiles`` as a user runs it."""

import os
import subprocess
import sys
import threading
import time
import tomllib

import psutil
import pytest

from pytest_energy.power.meters.powercap_tree import PowercapTree

IDLE_W, PER_CORE_W = 10.0, 20.0


def command(*arguments):
    return [sys.executable, "-m", "pytest_energy", "profiles", *map(str, arguments)]


def run(*arguments):
    ran = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
    return ran.returncode, " ".join((ran.stdout + ran.stderr).split())


class CountedPower:
    """Moves the counters of a powercap tree as a processor would: idle power, and more for each busy core.

    What counts as busy is the CPU time of one process and of all that it starts, and nothing else.
    """

    def __init__(self, tree, process):
        self._tree, self._process = tree, process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _run(self):
        began, cpu_s = time.perf_counter(), {}
        while not self._ended.wait(0.01):
            for one in self._family():
                try:
                    spent = one.cpu_times()
                except psutil.Error:
                    continue
                cpu_s[one.pid] = spent.user + spent.system
            joules = IDLE_W * (time.perf_counter() - began) + PER_CORE_W * sum(cpu_s.values())
            file = self._tree.root / "intel-rapl:0/energy_uj"
            fresh = file.with_name("fresh")
            fresh.write_text(f"{round(joules * 1e6)}\n", encoding="ascii")
            fresh.replace(file)  # a reader never finds it half written

    def _family(self):
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return []


@pytest.fixture
def tree(tmp_path):
    tree = PowercapTree(root=tmp_path / "powercap")
    tree.add("intel-rapl:0", "package-0")
    return tree


def test_a_profile_is_calibrated_and_used(tree, project):
    output = project.folder / "mine.toml"
    model = project.model(width=256)
    arguments = ("calibrate", "-o", output, "--time", "0.8", "--powercap", tree.root, "--model", model)
    with (
        subprocess.Popen(
            command(*arguments), stdout=subprocess.PIPE, text=True, cwd=project.folder
        ) as process,
        CountedPower(tree, process),
    ):
        said = " ".join(process.communicate()[0].split())
    assert process.returncode == 0, said
    assert "measured RAPL package; band x" in said
    assert f"Use it with --energy-profile {output}" in said
    fitted = tomllib.loads(output.read_text(encoding="utf-8"))
    curve, cores = fitted["power"]["curve"], fitted["cpu"]["units"]
    # The counters move by what the loads really spent, however busy the machine is.
    assert curve[0][1] == pytest.approx(IDLE_W, rel=0.25)
    assert curve[-1][1] == pytest.approx(IDLE_W + PER_CORE_W * cores, rel=0.25)
    steps = fitted["calibration"]["steps"]
    assert [one["name"] for one in steps[:2]] == ["idle", "compute on 1"]
    assert "model small.onnx" in [one["name"] for one in steps]
    assert run("validate", output)[0] == 0
    ran = project.energy("--energy-profile", str(output), str(model))
    assert "energy: modelled, mine x" in project.said(ran)


def test_a_baseline_keeps_its_profile_whatever_is_found_later(project):
    project.model()
    project.record("--energy-profile", "generic-cpu", "small.onnx")
    before = project.contents()
    # A core of this one draws seven times as much: at its own power the figure would have regressed.
    ran = project.energy("--energy-profile", "intel-xeon-platinum-8151", "small.onnx")
    assert ran.ret == 0, ran.stdout.str()
    assert project.contents() == before


def test_without_a_meter_nothing_is_calibrated(tmp_path):
    code, said = run("calibrate", "-o", tmp_path / "mine.toml", "--powercap", tmp_path / "nowhere")
    assert code == 1
    assert "No energy counter of this machine's processor can be read" in said
    assert not (tmp_path / "mine.toml").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-o", "mine.txt"), "must end with .toml"),
        (("-o", "nowhere/mine.toml"), "There is no folder nowhere"),
        (("-o", "mine.toml", "--time", "0"), "--time 0 is too short"),
        (("-o", "Mine Own.toml"), 'id is "mine own", but it must be a short name'),
        (("-o", "mine.toml", "--id", "nvidia t4"), "Give another with --id"),
        (("-o", "mine.toml", "--model", "nowhere.onnx"), "The model nowhere.onnx"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_measured(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    code, said = run("calibrate", *options)
    assert (code, words in said) == (2, True), said


def test_a_file_that_is_no_profile_is_not_overwritten(tmp_path):
    precious = tmp_path / "pyproject.toml"
    precious.write_text("[project]\n", encoding="utf-8")
    code, said = run("calibrate", "-o", precious)
    assert code == 2
    assert "pyproject.toml" in said
    assert precious.read_text(encoding="utf-8") == "[project]\n"


def test_no_colour_and_no_folding_surprise_a_pipe():
    ran = subprocess.run(
        command("list", "nvidia"),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert "\x1b" not in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_a_gone_reader_is_no_fault():
    with subprocess.Popen(command("list"), stdout=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait() in {0, 141}
