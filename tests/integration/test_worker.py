"""Workers with the real CPU provider: what they measure, what they refuse, and how they die."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import psutil
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import (
    InputsError,
    ModelError,
    ProviderUnavailable,
    WorkerDied,
)
from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.runtime import worker as worker_module
from pytest_energy.runtime import worker_process
from pytest_energy.runtime.job import Job, Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.described_plan import InputSpec, plan_from_specs
from pytest_energy.workloads.synthesis import synthesize

MODELS = Path(__file__).parents[2] / "models"
SHORT = Plan(time_s=0.05)
PATIENCE = Limits(silence_s=60.0)  # longer than any of this takes on the slowest machine


def value(name, kind=TensorProto.FLOAT, shape=("n", 4)):
    return helper.make_tensor_value_info(name, kind, shape)


def model(*nodes, inputs=(), outputs=(), weights=(), opset=18, ir_version=9, domains=()):  # noqa: PLR0913 - a model has so many sides
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs or [value("x")],
        outputs or [value("y")],
        [numpy_helper.from_array(array, name) for name, array in weights],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir_version)


def node(kind, taken="x", given="y", **attributes):
    return helper.make_node(kind, taken.split(), given.split(), **attributes)


@pytest.fixture
def run(tmp_path):
    """A factory: run a model in a worker, and return its events by name, the outputs under ``outputs``."""

    def in_worker(what, *, limits=PATIENCE, **job):
        path = what
        if isinstance(what, onnx.ModelProto):
            path = tmp_path / "model.onnx"
            path.write_bytes(what.SerializeToString())
        job = {"provider": "cpu", "batch": 2, "threads": 1, "plan": None, "outputs": True} | job
        subject = Subject(model=str(path), **{key: job.pop(key) for key in ("provider", "batch", "threads")})
        events, outputs = {}, {}
        with WorkerProcess(limits) as worker:
            worker.wait_until_ready()
            for event in worker.run(Job(subjects=(subject,), **job)):
                events[event["event"]] = event
                if event["event"] == "output":
                    outputs[event["name"]] = event["array"]
        return events | {"outputs": outputs}

    return in_worker


@pytest.fixture
def interpreter(tmp_path):
    """A factory: an interpreter that does what a script says instead of running the worker."""

    def make(script):
        path = tmp_path / "interpreter"
        path.write_text(
            f"#!{sys.executable}\nimport os, sys\nfd = int(sys.argv[-2])\n{script}\n", encoding="utf-8"
        )
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def shadow(tmp_path, monkeypatch):
    """A factory: put a module before all others on the path of a worker."""

    def make(name, source):
        (tmp_path / "shadow").mkdir()
        (tmp_path / "shadow" / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shadow"), prepend=os.pathsep)

    return make


def wait_until_gone(pid):
    """Wait until a process has ended; one that nobody has reaped yet counts as ended."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for _ in range(600):
            if process.status() == psutil.STATUS_ZOMBIE:
                return
            with suppress(psutil.TimeoutExpired):
                process.wait(0.1)
        pytest.fail(f"process {pid} still runs")


class TestMeasuring:
    def test_a_model_is_sampled(self, run):
        events = run(MODELS / "digits-cnn.onnx", plan=SHORT, process=3)
        samples = events["sampled"]["samples"][0]
        assert samples["process"] == 3
        assert len(samples["step_cpu_s"]) == len(samples["reference_cpu_s"]) >= SHORT.least_rounds
        assert min(samples["step_cpu_s"]) > 0
        assert events["loaded"]["load_s"] > 0
        assert events["loaded"]["finite"]

    def test_its_outputs_are_those_of_an_ordinary_session(self, run):
        path = MODELS / "digits-cnn.onnx"
        session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
        (taken,) = session.get_inputs()
        specs = [InputSpec(name=taken.name, type=taken.type, shape=tuple(taken.shape))]
        feeds = synthesize(plan_from_specs(specs, 2))
        (expected,) = session.run(None, feeds)
        (given,) = run(path)["outputs"].values()
        np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-5)

    def test_its_factors_are_those_of_the_worker(self, run, monkeypatch):
        monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
        events = run(MODELS / "digits-cnn.onnx", threads=2)
        factors = events["loaded"]["factors"]
        assert factors["onnxruntime"] == ort.__version__
        assert factors["provider"] == "CPUExecutionProvider"
        assert factors["threads"] == 2
        assert factors["variables"] == {"OMP_WAIT_POLICY": "PASSIVE"}
        assert events["loaded"]["placement"]["nodes"].keys() == {"CPUExecutionProvider"}

    def test_every_process_gets_the_same_feeds(self, run):
        hashes = {
            run(MODELS / "digits-transformer.onnx", process=number)["loaded"]["factors"]["inputs"]
            for number in (0, 1)
        }
        assert len(hashes) == 1

    def test_a_model_may_not_set_its_own_threads_or_profile_itself(self, run, tmp_path, monkeypatch):
        monkeypatch.setenv("ORT_LOAD_CONFIG_FROM_MODEL", "1")
        monkeypatch.chdir(tmp_path)
        self_willed = model(node("Identity"))
        helper.set_model_props(self_willed, {"ort_config": '{"session_options": {"enable_profiling": 1}}'})
        assert "ORT_LOAD_CONFIG_FROM_MODEL" not in run(self_willed)["loaded"]["factors"]["variables"]
        assert not list(tmp_path.glob("*.json"))

    def test_a_run_under_warnings_as_errors_does_not_fail(self, run, monkeypatch):
        monkeypatch.setenv("PYTHONWARNINGS", "error")
        assert run(model(node("Identity")))["outputs"]

    def test_what_libraries_print_does_not_get_between_the_events(self, run, shadow):
        shadow("sitecustomize", "import os\nos.write(1, b'noise without end {')")
        assert run(model(node("Identity")))["outputs"]

    def test_a_numpy_in_the_current_folder_is_not_imported(self, run, tmp_path, monkeypatch):
        (tmp_path / "numpy.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        assert run(model(node("Identity")))["outputs"]

    def test_a_worker_imports_nothing_that_only_the_parent_needs(self):
        script = (
            "import sys\n"
            "from pytest_energy.runtime import worker\n"
            "from pytest_energy.measurement.clock import SystemClock\n"
            "from pytest_energy.measurement.plan import Plan\n"
            "from pytest_energy.runtime.job import Job, Subject\n"
            "class Silent:\n"
            "    def send(self, event, **fields): pass\n"
            f"model = {str(MODELS / 'digits-cnn.onnx')!r}\n"
            "subject = Subject(model=model, provider='cpu', batch=1, threads=1)\n"
            "job = Job(subjects=(subject,), plan=Plan(time_s=0.01))\n"
            "worker.run_job(job, Silent(), SystemClock())\n"
            "print(' '.join({name.partition('.')[0] for name in sys.modules}))\n"
        )
        ran = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
        heavy = {"msgspec", "scipy", "rich", "jsonschema", "pytest", "_pytest", "threadpoolctl", "onnx"}
        assert not heavy & set(ran.stdout.split())


class TestExoticModels:
    def test_half_precision(self, run):
        half = TensorProto.FLOAT16
        events = run(model(node("Identity"), inputs=[value("x", half)], outputs=[value("y", half)]))
        assert events["outputs"]["y"].dtype == np.float16
        assert events["loaded"]["finite"]

    def test_half_precision_that_overflows_is_noticed(self, run):
        half, weights = TensorProto.FLOAT16, [("zero", np.zeros(1, np.float16))]
        dividing = model(
            node("Div", "x zero"), inputs=[value("x", half)], outputs=[value("y", half)], weights=weights
        )
        assert not run(dividing)["loaded"]["finite"]

    def test_booleans(self, run):
        boolean = TensorProto.BOOL
        events = run(model(node("Not"), inputs=[value("x", boolean)], outputs=[value("y", boolean)]))
        assert events["outputs"]["y"].dtype == np.bool_

    def test_scalars(self, run):
        scalar = model(node("Identity"), inputs=[value("x", shape=())], outputs=[value("y", shape=())])
        assert run(scalar, batch=1)["outputs"]["y"].shape == ()

    def test_no_elements_at_all(self, run):
        empty = model(node("Identity"), inputs=[value("x", shape=(0, 4))], outputs=[value("y", shape=(0, 4))])
        assert run(empty, batch=1)["outputs"]["y"].shape == (0, 4)

    @pytest.mark.parametrize(("ir_version", "opset"), [(3, 7), (9, 18)])
    def test_an_initializer_that_is_also_an_input(self, run, ir_version, opset):
        adding = model(
            node("Add", "x w"),
            inputs=[value("x"), value("w", shape=(4,))],
            weights=[("w", np.ones(4, np.float32))],
            opset=opset,
            ir_version=ir_version,
        )
        assert run(adding)["outputs"]["y"].shape == (2, 4)

    def test_no_inputs(self, run):
        graph = helper.make_graph(
            [node("Neg", "w")], "graph", [], [value("y", shape=(2,))],
            [numpy_helper.from_array(np.ones(2, np.float32), "w")],
        )  # fmt: skip
        constant = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        np.testing.assert_array_equal(run(constant, batch=1)["outputs"]["y"], [-1, -1])

    def test_strings_as_outputs(self, run):
        speaking = model(
            node("Cast", to=TensorProto.STRING), outputs=[value("y", TensorProto.STRING)], ir_version=9
        )
        assert run(speaking, plan=SHORT)["outputs"]["y"].dtype.kind == "U"

    def test_outputs_that_numpy_cannot_hold_are_measured_and_left_out(self, run):
        sequence = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
        mixed = model(
            node("Cast", given="b", to=TensorProto.BFLOAT16),
            node("SplitToSequence", given="s", axis=0),
            node("Neg"),
            outputs=[value("b", TensorProto.BFLOAT16), sequence, value("y")],
        )
        events = run(mixed, plan=SHORT)
        assert list(events["outputs"]) == ["y"]
        assert events["sampled"]["samples"][0]["step_cpu_s"]

    def test_outputs_that_would_fill_up_the_parents_memory_are_left_out(self):
        outputs = {"large": np.zeros(100), "small": np.zeros(2), "more": np.zeros(3), "last": np.zeros(1)}
        assert list(worker_module.sendable(outputs, 30)) == ["small", "last"]

    def test_the_dictionaries_of_classical_classifiers(self, run):
        zipped = onnx.ValueInfoProto(name="y")
        of_map = zipped.type.sequence_type.elem_type.map_type
        of_map.key_type = TensorProto.INT64
        of_map.value_type.tensor_type.elem_type = TensorProto.FLOAT
        zipping = node("ZipMap", domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2, 3])
        events = run(model(zipping, outputs=[zipped], domains=["ai.onnx.ml"]), plan=SHORT)
        assert events["outputs"] == {}
        assert events["sampled"]["samples"][0]["step_cpu_s"]


class TestKindsOfInputs:
    @pytest.mark.parametrize(
        "kind", [TensorProto.STRING, TensorProto.BFLOAT16, TensorProto.BOOL, TensorProto.FLOAT16]
    )
    def test_tensors_of_any_type(self, run, kind):
        events = run(model(node("Identity"), inputs=[value("x", kind)], outputs=[value("y", kind)]))
        assert events["loaded"]["finite"]

    def test_a_sequence_of_tensors(self, run):
        sequence = helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, ["n", 4])
        outputs = [value("y", TensorProto.INT64, ())]
        counted = model(node("SequenceLength"), inputs=[sequence], outputs=outputs)
        assert run(counted, batch=1)["outputs"]["y"] == 2

    def test_an_optional_input(self, run):
        kind = helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [4]))
        asked = model(
            node("OptionalHasElement"),
            inputs=[helper.make_value_info("x", kind)],
            outputs=[value("y", TensorProto.BOOL, ())],
        )
        assert not run(asked, batch=1)["outputs"]["y"]


class TestFaultsOfTheModel:
    """Each is one paragraph: what is wrong with which file, what it means, what to do next."""

    @pytest.fixture
    def refused(self, run):
        def message(what, kind=ModelError, **job):
            with pytest.raises(kind) as caught:
                run(what, **job)
            assert "\n" not in str(caught.value)
            assert "Traceback" not in str(caught.value)
            return str(caught.value)

        return message

    @pytest.mark.parametrize("kept", [0.5, 0.001])
    def test_truncated(self, refused, tmp_path, kept):
        whole = (MODELS / "digits-cnn.onnx").read_bytes()
        path = tmp_path / "truncated.onnx"
        path.write_bytes(whole[: int(len(whole) * kept)])
        message = refused(path)
        assert message.startswith(f"The model {path} cannot be loaded.")
        assert "damaged, truncated, or no ONNX model. Export or download it again." in message

    def test_not_a_model(self, refused, tmp_path):
        path = tmp_path / "noise.onnx"
        path.write_bytes(np.random.default_rng(0).bytes(4000))
        assert "no ONNX model" in refused(path)

    def test_missing(self, refused, tmp_path):
        assert str(tmp_path / "gone.onnx") in refused(tmp_path / "gone.onnx")

    @pytest.mark.parametrize("version", [{"opset": 99}, {"ir_version": 99}])
    def test_from_the_future(self, refused, version):
        message = refused(model(node("Identity"), **version))
        assert "does not support the model's opset or IR version. Upgrade onnxruntime" in message

    def test_a_custom_operator(self, refused):
        message = refused(model(node("Foo", domain="my.domain"), domains=["my.domain"]))
        assert "an operator that this ONNX Runtime does not have" in message
        assert "my.domain:Foo" in message

    def test_no_kernel_for_the_type(self, refused):
        brain = TensorProto.BFLOAT16
        sine = model(node("Sin"), inputs=[value("x", brain)], outputs=[value("y", brain)], opset=22)
        assert "no kernel for a node" in refused(sine)

    def test_weights_that_are_not_beside_it(self, refused, tmp_path):
        path = tmp_path / "split.onnx"
        adding = model(node("Add", "x w"), weights=[("w", np.ones(4, np.float32))])
        onnx.save_model(adding, path, save_as_external_data=True, location="w.data", size_threshold=0)
        (tmp_path / "w.data").unlink()
        assert "The weights that lie beside the model are missing" in refused(path)

    def test_types_that_do_not_fit(self, refused):
        wrong = model(node("Add", "x w"), weights=[("w", np.ones(4, np.int64))])
        assert "Check it with onnx.checker" in refused(wrong)

    def test_feeds_that_do_not_fit_the_memory(self, refused):
        huge = value("x", shape=(1 << 24, 1 << 24))  # beyond any address space
        copying = model(node("Identity"), inputs=[huge], outputs=[value("y", shape=None)])
        message = refused(copying, batch=1)
        assert "asks for more memory than there is" in message

    def test_outputs_that_do_not_fit_the_memory(self, refused):
        sizes = [("s", np.array([1 << 24, 1 << 24]))]
        growing = model(
            node("Expand", "x s"),
            inputs=[value("x", shape=(1,))],
            outputs=[value("y", shape=None)],
            weights=sizes,
        )
        assert "Failed to allocate memory" in refused(growing, InputsError, batch=1)

    def test_complex_numbers_as_inputs(self, refused):
        kind = TensorProto.COMPLEX64
        reading = model(node("Identity"), inputs=[value("x", kind)], outputs=[value("y", kind)])
        assert "tensor(complex64)" in refused(reading)

    def test_a_batch_that_it_does_not_take(self, refused):
        fixed = model(node("Identity"), inputs=[value("x", shape=(1, 4))], outputs=[value("y", shape=(1, 4))])
        assert "takes no batch of 32" in refused(fixed, InputsError, batch=32)

    def test_a_provider_that_this_build_lacks(self, refused):
        message = refused(model(node("Identity")), ProviderUnavailable, provider="migraphx")
        assert "MIGraphXExecutionProvider" in message
        assert "Install onnxruntime-migraphx" in message

    def test_a_failure_in_the_middle_of_sampling(self):
        calls = []

        def failing():
            calls.append(1)
            if len(calls) > 3:
                raise RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : the device is lost")

        class Silent:
            def send(self, event, **fields):
                pytest.fail(f"{event} {fields} was sent")

        job = Job(subjects=(Subject(model="small.onnx", provider="cpu", batch=1, threads=1),))
        with pytest.raises(ModelError, match=r"small\.onnx failed while it was measured.*device is lost"):
            worker_module._sample(job, Plan(), [failing], Silent(), FakeClock(tick_s=1e-3))


class TestWithoutARuntime:
    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("raise ImportError('libonnxruntime.so is missing')", "libonnxruntime.so is missing"),
            ("", "is damaged"),
            ("__version__ = '1.20.1'\nclass InferenceSession: pass", "1.20.1 is too old"),
        ],
    )
    def test_one_sentence_tells_what_to_install(self, run, shadow, source, words):
        shadow("onnxruntime", source)
        with pytest.raises(ProviderUnavailable) as caught:
            run(MODELS / "digits-cnn.onnx")
        assert words in str(caught.value)
        assert 'pip install "pytest-energy[cpu]"' in str(caught.value)


class TestDying:
    @pytest.fixture
    def worker(self):
        with WorkerProcess(PATIENCE) as worker:
            worker.wait_until_ready()
            yield worker
        wait_until_gone(worker._process.pid)

    @pytest.fixture
    def job(self):
        path = str(MODELS / "digits-cnn.onnx")
        subject = Subject(model=path, provider="cpu", batch=1, threads=1)
        return Job(subjects=(subject,), plan=Plan(time_s=PATIENCE.silence_s))

    @pytest.mark.parametrize(
        ("number", "words"),
        [(signal.SIGSEGV, r"native code \(SIGSEGV\)"), (signal.SIGKILL, "memory ran out")],
    )
    def test_before_the_job(self, worker, job, number, words):
        os.kill(worker._process.pid, number)
        with pytest.raises(WorkerDied, match=words):
            list(worker.run(job))

    @pytest.mark.parametrize(
        ("number", "words"),
        [(signal.SIGSEGV, r"native code \(SIGSEGV\)"), (signal.SIGKILL, "memory ran out")],
    )
    def test_while_it_samples(self, worker, job, number, words):
        events = worker.run(job)
        while next(events)["event"] != "round":
            pass
        os.kill(worker._process.pid, number)
        with pytest.raises(WorkerDied, match=words):
            list(events)

    def test_a_stopped_worker_is_killed_after_the_timeout(self, job):
        with WorkerProcess(Limits(silence_s=0.5)) as worker:
            worker.wait_until_ready()
            os.kill(worker._process.pid, signal.SIGSTOP)
            with pytest.raises(WorkerDied, match=r"silent for 0\.5 s and was killed"):
                list(worker.run(job))
            wait_until_gone(worker._process.pid)

    def test_a_model_that_never_ends_is_killed_after_the_timeout(self, run):
        body = helper.make_graph(
            [node("Identity", "c", "on"), node("Sin", "v", "w")],
            "body",
            [value("i", TensorProto.INT64, ()), value("c", TensorProto.BOOL, ()), value("v")],
            [value("on", TensorProto.BOOL, ()), value("w")],
        )
        endless = helper.make_node("Loop", ["", "true", "x"], ["y"], body=body)
        with pytest.raises(WorkerDied, match="--energy-timeout"):
            run(model(endless, weights=[("true", np.array(True))]), limits=Limits(silence_s=1.5))

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory a process holds")
    @pytest.mark.parametrize("where", ["while it loads", "while it runs"])
    def test_a_model_that_grows_beyond_the_ceiling_is_killed(self, run, where):
        size = [("s", np.array([1 << 29]))]  # 2 GiB of numbers
        if where == "while it loads":  # where a constant is computed
            growing = model(node("ConstantOfShape", "s"), outputs=[value("y", shape=None)], weights=size)
        else:
            growing = model(
                node("Expand", "x s"), inputs=[value("x", shape=(1,))], outputs=[value("y", shape=None)],
                weights=size,
            )  # fmt: skip
        with pytest.raises(WorkerDied, match=r"outgrew its memory.*ceiling is 400 MiB.*--energy-memory"):
            run(growing, batch=1, limits=Limits(silence_s=60.0, memory_bytes=400 << 20))

    def test_signs_of_life_do_not_keep_it_alive_for_ever(self, job):
        with WorkerProcess(Limits(silence_s=0.4)) as worker:  # a round is told every 0.25 s
            worker.wait_until_ready()
            with pytest.raises(WorkerDied, match=r"not done after 4 s and was killed.*signs of life"):
                list(worker.run(job))
            wait_until_gone(worker._process.pid)

    @pytest.mark.skipif(sys.platform != "linux", reason="the files are Linux's")
    def test_it_dies_before_pytest_does_and_leaves_no_core_file(self, worker):
        proc = Path("/proc") / str(worker._process.pid)
        assert (proc / "oom_score_adj").read_text(encoding="ascii") == "1000\n"
        (limit,) = [line for line in (proc / "limits").read_text().splitlines() if "core file" in line]
        assert limit.split()[4] == "0"

    def test_leaving_the_block_kills_it_whatever_it_does(self, job):
        with WorkerProcess(PATIENCE) as worker:
            worker.wait_until_ready()
            next(worker.run(job))
        wait_until_gone(worker._process.pid)
        worker.close()  # a second time does no harm

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")
    def test_it_does_not_outlive_a_parent_that_is_killed(self):
        script = (
            "import time\n"
            "from pytest_energy.runtime.limits import Limits\n"
            "from pytest_energy.runtime.worker_process import WorkerProcess\n"
            "worker = WorkerProcess(Limits())\n"
            "worker.wait_until_ready()\n"
            "print(worker._process.pid, flush=True)\n"
            "time.sleep(600)\n"
        )
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
            pid = int(parent.stdout.readline())
            assert psutil.pid_exists(pid)
            parent.kill()
        wait_until_gone(pid)

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")
    def test_it_ends_when_its_parent_died_before_it_could_ask(self):
        command = [sys.executable, "-P", "-m", "pytest_energy.runtime.worker", "1", str(os.getppid())]
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stdout) == (1, b"")


class TestStrangeInterpreters:
    def died(self, python):
        def ask():
            worker.wait_until_ready()
            list(worker.run(Job(subjects=(Subject(model="m.onnx", provider="cpu", batch=1, threads=1),))))

        with WorkerProcess(PATIENCE, python=python) as worker, pytest.raises(WorkerDied) as caught:
            ask()
        return str(caught.value)

    def test_one_that_is_not_there(self):
        with pytest.raises(WorkerDied, match=r"No worker can be started with /nowhere/python: No such file"):
            WorkerProcess(PATIENCE, python="/nowhere/python")

    def test_one_that_ends_at_once_is_quoted(self, interpreter):
        message = self.died(interpreter("print('a'); sys.exit('no module named pytest_energy')"))
        assert "ended with exit code 1 before it had answered" in message
        assert "no module named pytest_energy" in message

    def test_one_that_talks_nonsense(self, interpreter):
        assert "no event: b'good morning'" in self.died(interpreter(r"os.write(fd, b'good morning\n')"))

    def test_one_that_dies_between_two_events(self, interpreter):
        script = r"""os.write(fd, b'{"event": "ready"}\n{"event": "loa'); sys.exit(4)"""
        assert "exit code 4" in self.died(interpreter(script))

    def test_one_that_dies_within_an_array(self, interpreter):
        script = r"""os.write(fd, b'{"event": "ready"}\n{"event": "output", "name": "y", "bytes": 99}\nxx')"""
        assert "exit code 0" in self.died(interpreter(script))

    def test_one_that_hangs_up_but_lives_on(self, interpreter, monkeypatch):
        monkeypatch.setattr(worker_process, "_END_TIMEOUT_S", 0.2)
        message = self.died(interpreter("import time; os.close(fd); time.sleep(600)"))
        assert "stopped answering without ending" in message

    def test_only_the_last_of_much_output_is_quoted(self, interpreter):
        message = self.died(interpreter("print('x' * 100_000); sys.exit('the last line')"))
        assert "the last line" in message
        assert len(message) < 10_000
