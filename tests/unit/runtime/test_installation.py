import json
import sys

import pytest

from pytest_energy.runtime.installation import Distribution, probe, runtime_distributions

RUNTIME_FILE = "onnxruntime/__init__.py"


@pytest.fixture
def install(tmp_path):
    """Put the metadata of a wheel into a folder."""

    def make(name, version="1.30.0", files=(RUNTIME_FILE,), **others):
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        if files is not None:
            (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))
        for file, text in others.items():
            (folder / file.replace("_txt", ".txt")).write_text(text)

    return make


def names(tmp_path):
    return [each.name for each in runtime_distributions([str(tmp_path)])]


def test_without_wheels_there_is_none(tmp_path):
    assert runtime_distributions([str(tmp_path)]) == ()


def test_one_wheel_is_found_with_its_version(tmp_path, install):
    install("onnxruntime", "1.32.0")
    install("numpy", files=("numpy/__init__.py",))
    assert runtime_distributions([str(tmp_path)]) == (Distribution(name="onnxruntime", version="1.32.0"),)


@pytest.mark.parametrize(
    "name", ["onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime_webgpu", "onnxruntime-rocm"]
)
def test_wheels_that_write_to_the_same_files_are_all_found(tmp_path, install, name):
    install("onnxruntime")
    install(name)
    assert names(tmp_path) == ["onnxruntime", name.replace("_", "-")]


def test_wheels_of_packages_of_their_own_are_left_out(tmp_path, install):
    install("onnxruntime-extensions", files=("onnxruntime_extensions/__init__.py",))
    install("onnxruntime-genai", files=("onnxruntime_genai/__init__.py", "onnxruntime_genai/models/x.py"))
    assert names(tmp_path) == []


def test_without_a_list_of_files_the_top_level_tells(tmp_path, install):
    install("onnxruntime", files=None)
    install("onnxruntime-gpu", files=None, top_level_txt="onnxruntime\n")
    install("onnxruntime-extensions", files=None, top_level_txt="onnxruntime_extensions\n")
    assert names(tmp_path) == ["onnxruntime", "onnxruntime-gpu"]


def test_damaged_metadata_is_passed_over(tmp_path, install):
    install("onnxruntime")
    (tmp_path / "broken-1.0.dist-info").mkdir()
    assert names(tmp_path) == ["onnxruntime"]


on_posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for Python")


@pytest.fixture
def python(tmp_path):
    """A program in the place of the interpreter."""

    def make(script):
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


@on_posix
def test_the_probe_tells_version_and_providers(python):
    answer = json.dumps({"version": "1.32.0", "providers": ["CPUExecutionProvider"], "fault": None})
    found = probe(python(f"echo 'a library says hello'; echo '{answer}'"))
    assert (found.version, found.providers, found.fault) == ("1.32.0", ("CPUExecutionProvider",), None)


@on_posix
def test_the_probe_hands_on_a_fault(python):
    answer = json.dumps({"version": None, "providers": [], "fault": "It is too old."})
    found = probe(python(f"echo '{answer}'"))
    assert (found.version, found.fault) == (None, "It is too old.")


@on_posix
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Illegal instruction' >&2; exit 132", "ends with exit code 132: Illegal instruction"),
        ("exit 3", "ends with exit code 3: it printed nothing"),
        ("true", "is not possible"),
        ("echo nonsense", "is not possible"),
        ("echo '[]'", "is not possible"),
        ("echo '{}'", "is not possible"),
    ],
)
def test_whatever_goes_wrong_is_a_fault(python, script, words):
    found = probe(python(script))
    assert found.version is None
    assert words in found.fault
    assert "install it again" in found.fault


def test_a_missing_interpreter_is_a_fault(tmp_path):
    assert "is not possible" in probe(str(tmp_path / "nowhere")).fault
