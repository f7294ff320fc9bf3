import tempfile
from pathlib import Path

import pytest

from pytest_energy.cli import doctor_checks as checks
from pytest_energy.measurement.noise_sources import NoiseSource
from pytest_energy.runtime.installation import Distribution, Installation

WORKING = Installation(version="1.32.0", providers=("CPUExecutionProvider",))


def wheels(*names):
    return [Distribution(name=name, version="1.30.0") for name in names]


def test_one_runtime_that_works_is_no_fault():
    assert list(checks.of_runtime(wheels("onnxruntime"), WORKING)) == []


def test_a_runtime_that_was_built_by_hand_is_no_fault():
    assert list(checks.of_runtime([], WORKING)) == []


def test_what_the_runtime_says_of_itself_is_handed_on():
    broken = Installation(version=None, fault="ONNX Runtime 1.20 is too old.")
    assert list(checks.of_runtime(wheels("onnxruntime"), broken)) == ["ONNX Runtime 1.20 is too old."]


@pytest.mark.parametrize("installation", [WORKING, Installation(version=None, fault="It is damaged.")])
def test_two_wheels_are_one_fault_with_the_commands_that_mend_it(installation):
    found = checks.of_runtime(wheels("onnxruntime", "onnxruntime-gpu"), installation, "/opt/my python")
    (fault,) = found
    assert fault.startswith("onnxruntime 1.30.0 and onnxruntime-gpu 1.30.0 are installed side by side.")
    assert fault.endswith(
        "'/opt/my python' -m pip uninstall -y onnxruntime onnxruntime-gpu && "
        "'/opt/my python' -m pip install 'onnxruntime-gpu>=1.24'"
    )


def source(name, *, harms):
    return NoiseSource(name=name, found="0.5 of 4 CPUs", harms=harms, remedy="Raise it.")


@pytest.mark.parametrize("name", ["CPUs", "CPU quota", "throttling"])
def test_too_little_cpu_is_a_fault(name):
    assert list(checks.of_machine([source(name, harms=True)])) == [f"{name}: 0.5 of 4 CPUs. Raise it."]


@pytest.mark.parametrize(
    ("name", "harms"), [("CPU quota", False), ("CPU quota", None), ("virtual machine", True), ("load", True)]
)
def test_what_only_makes_figures_scatter_is_no_fault(name, harms):
    assert list(checks.of_machine([source(name, harms=harms)])) == []


def test_a_folder_of_baselines_must_be_writable_and_that_there_is_none_is_no_fault(tmp_path):
    assert list(checks.of_baselines(tmp_path)) == list(checks.first_steps(tmp_path)) == []
    assert list(checks.of_baselines(tmp_path / "baselines")) == []
    (fault,) = checks.first_steps(tmp_path / "baselines")
    assert "--energy-update" in fault
    (fault,) = checks.of_baselines(tmp_path, lambda _: False)
    assert fault.startswith(f"{tmp_path} cannot be written to")


def test_there_must_be_a_temporary_folder(monkeypatch):
    assert list(checks.of_temporary_folder()) == []

    def none():
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    (fault,) = checks.of_temporary_folder()
    assert "set TMPDIR" in fault


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that was never compiled."""
    (tmp_path / "never_compiled.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sys.pycache_prefix", None)
    return "never_compiled"


def compiled(module, *, writable, keeps):
    return list(checks.of_compiled_code([module], lambda _: writable, keeps=keeps))


@pytest.mark.parametrize(("writable", "keeps"), [(False, True), (True, False), (False, False)])
def test_code_that_is_compiled_by_every_worker_is_a_fault(module, tmp_path, writable, keeps):
    (fault,) = compiled(module, writable=writable, keeps=keeps)
    assert module in fault
    assert fault.endswith(f"-m compileall -q {tmp_path}")


def test_code_that_will_be_kept_is_no_fault(module):
    assert compiled(module, writable=True, keeps=True) == []


def test_code_that_was_kept_is_no_fault(module, tmp_path):
    cached = Path(checks.importlib.util.cache_from_source(str(tmp_path / f"{module}.py")))
    cached.parent.mkdir()
    cached.touch()
    assert compiled(module, writable=False, keeps=False) == []


def test_what_is_not_installed_is_passed_over():
    assert compiled("no_such_module_anywhere", writable=False, keeps=False) == []


def test_folders_above_are_looked_at_where_the_cache_is_yet_to_be_made(module, tmp_path):
    asked = []
    list(checks.of_compiled_code([module], lambda path: asked.append(path) or True, keeps=True))
    assert asked == [tmp_path]
