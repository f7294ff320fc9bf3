"""Pairs of workers that take turns, and interpreters that are found, checked and named in faults."""

import sys
from pathlib import Path

import psutil
import pytest

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.environment import detect_machine
from pytest_energy.errors import ModelError, UsageError
from pytest_energy.footprint.pue import pue_of
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.environments import Side, judge_environments, runs_alike, take_turns
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, other_interpreter
from pytest_energy.runtime.job import GO, STOP, Job, Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.suite import model_entry

MODEL = Path(__file__).parents[2] / "models/digits-cnn.onnx"
PATIENCE = Limits(silence_s=60.0)
SHORT = Plan(time_s=0.05, least_rounds=4)
HERE = Path(sys.prefix)


@pytest.fixture
def setup():
    conditions = find_conditions(
        detect_machine(), {}, profile="generic-cpu", region=None, intensity=100.0, pue=pue_of("1")
    )
    return Setup(conditions=conditions, limits=PATIENCE, plan=SHORT)


@pytest.fixture
def other(tmp_path):
    with other_interpreter(str(HERE), tmp_path, PATIENCE) as found:
        yield found


def job(model=MODEL):
    subject = Subject(model=str(model), provider="cpu", batch=1, threads=1)
    return Job(subjects=(subject,), process=1, plan=SHORT, stepwise=True)


def entry(model=MODEL):
    (only,) = model_entry(Path(model), Path(model).name)
    return only


class TestStepwise:
    @pytest.fixture
    def worker(self):
        with WorkerProcess(PATIENCE) as worker:
            worker.wait_until_ready()
            yield worker

    def test_a_worker_takes_a_round_for_every_go_until_it_is_stopped(self, worker):
        told = []
        for event in worker.run(job()):
            told.append(event["event"])
            if event["event"] == "turn":
                worker.reply(GO if told.count("turn") <= 7 else STOP)
        assert told.count("turn") == 8
        (samples,) = event["samples"]
        assert len(samples["step_cpu_s"]) == 7

    def test_it_does_nothing_while_it_waits(self, worker):
        events = worker.run(job())
        while next(events)["event"] != "turn":
            pass
        process = psutil.Process(worker._process.pid)
        before = process.cpu_times()
        assert process.status() in {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING}
        psutil.wait_procs([process], timeout=0.3)
        after = process.cpu_times()
        assert after.user + after.system - before.user - before.system <= 0.02

    def test_it_takes_no_round_when_nobody_is_there_to_answer(self, worker):
        events = worker.run(job())
        while next(events)["event"] != "turn":
            pass
        worker._stdin.close()
        (last,) = events
        assert last["samples"][0]["step_cpu_s"] == []


class TestPair:
    def test_two_workers_take_as_many_rounds_as_one_another(self):
        with WorkerProcess(PATIENCE) as one, WorkerProcess(PATIENCE) as two:
            sides = [Side(worker, job(), THIS_INTERPRETER) for worker in (one, two)]
            for side in sides:
                side.wait_until_ready()
            take_turns(sides, SHORT, seed=1, clock=SystemClock())
            samples = [side.sampled().samples for side in sides]
        lengths = {len(each.step_cpu_s) for each in samples}
        assert len(lengths) == 1
        assert lengths.pop() >= SHORT.least_rounds
        assert samples[0].step_cpu_s != samples[1].step_cpu_s

    def test_equal_environments_run_alike(self, other, setup):
        assert runs_alike(entry(), other, setup)

    def test_a_benchmark_is_judged_by_pairs(self, other, setup):
        origin = Provenance(commit=None, date="2026-01-01")
        verdict = judge_environments(entry(), other, origin, Policy(tolerance=10.0), setup)
        assert verdict.kind is Kind.PASSED
        assert verdict.paired
        assert len(verdict.result.processes) == len(verdict.baseline.processes) == 4
        assert verdict.factors == ()

    def test_a_fault_names_its_environment(self, setup, other, tmp_path):
        broken = tmp_path / "broken.onnx"
        broken.write_bytes(b"\x08\x01")
        with pytest.raises(ModelError, match=r"^In this environment: The model"):
            runs_alike(entry(broken), other, setup)
        with WorkerProcess(PATIENCE) as worker, pytest.raises(ModelError) as caught:
            Side(worker, job(broken), other).warm_up(SystemClock())
        assert str(caught.value).startswith(f"In the environment {HERE}: The model {broken}")


class TestOtherInterpreter:
    @pytest.fixture
    def refused(self, tmp_path):
        """A factory: what is said of an environment that cannot be used."""

        def message(named):
            with pytest.raises(UsageError) as caught, other_interpreter(str(named), tmp_path, PATIENCE):
                pytest.fail("it was accepted")
            assert str(caught.value).count("\n") == 0
            return str(caught.value)

        return message

    @pytest.fixture
    def answering(self, tmp_path):
        """A factory: a program that answers every question with one line."""

        def make(line):
            path = tmp_path / "env/bin/python"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"#!/bin/sh\necho '{line}'\n", encoding="utf-8")
            path.chmod(0o755)
            return path

        return make

    @pytest.mark.parametrize("named", [HERE, sys.executable])
    def test_a_folder_or_an_executable_will_do(self, named, tmp_path):
        with other_interpreter(str(named), tmp_path, PATIENCE) as found:
            assert Path(found.python).parent == Path(sys.executable).parent
            assert "onnxruntime" in found.versions
            assert [path.name for path in found.only_path.iterdir()] == ["pytest_energy"]
        assert not found.only_path.exists()

    def test_a_relative_path_is_relative_to_the_folder(self):
        with other_interpreter(HERE.name, HERE.parent, PATIENCE) as found:
            assert Path(found.python).parent == HERE / "bin"

    def test_one_that_is_not_there(self, refused):
        assert "nowhere, which --python names, does not exist" in refused("nowhere")

    def test_a_folder_that_is_no_environment(self, refused, tmp_path):
        assert "is a folder without bin/python" in refused(tmp_path)

    def test_a_file_that_cannot_be_executed(self, refused):
        assert "cannot be executed" in refused(MODEL)

    def test_a_program_that_is_no_program(self, refused, tmp_path):
        path = tmp_path / "python"
        path.write_bytes(b"\x00\x01")
        path.chmod(0o755)
        assert "cannot be started" in refused(path)

    def test_a_program_that_is_no_python(self, refused, answering):
        assert "is no Python interpreter" in refused(answering("hello"))
        assert "is no Python interpreter" in refused(answering("[1, 2]"))

    def test_a_python_that_is_too_old(self, refused, answering):
        path = answering('{"python": [3, 10, 4], "numpy": null, "onnxruntime": null}')
        assert "has Python 3.10.4, which is too old: 3.11 is needed" in refused(path)

    @pytest.mark.parametrize("missing", ["numpy", "onnxruntime"])
    def test_one_that_lacks_a_library(self, refused, answering, missing):
        versions = {"numpy": '"2.3.0"', "onnxruntime": '"1.31.0"', missing: "null"}
        fields = ", ".join(f'"{name}": {version}' for name, version in versions.items())
        path = answering(f'{{"python": [3, 12, 1], {fields}}}')
        message = refused(path.parents[1])
        assert f"The environment {path.parents[1]}, which --python names, has Python 3.12.1" in message
        assert f"but no {missing}: install it there: {path} -m pip install {missing}" in message

    def test_a_library_that_cannot_be_imported(self, refused, answering):
        path = answering('{"python": [3, 12, 1], "numpy": "fault: no BLAS", "onnxruntime": null}')
        assert "a numpy that cannot be imported (no BLAS)" in refused(path)

    def test_a_numpy_that_is_too_old(self, refused, answering):
        path = answering('{"python": [3, 12, 1], "numpy": "1.24.4", "onnxruntime": "1.31.0"}')
        assert "has numpy 1.24.4, which is too old: 1.26 is needed" in refused(path)

    def test_one_in_which_no_worker_starts(self, refused, answering):
        path = answering('{"python": [3, 12, 1], "numpy": "2.3.0", "onnxruntime": "1.31.0"}')
        assert refused(path).startswith(f"In the environment {path}: The worker ended")
