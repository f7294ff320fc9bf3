import os
import subprocess
import sys
from importlib.metadata import version

import pytest


def start(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "pytest_energy", *arguments], stderr=subprocess.PIPE, text=True, **options
    )


def test_the_version_is_the_package_s(command):
    assert command("--version") == (0, f"pytest-energy {version('pytest-energy')}\n", "")


def test_help_names_the_commands_and_the_exit_codes(command):
    code, out, _ = command("--help")
    assert code == 0
    assert "pytest-energy baselines verify" in out
    assert "exit codes: 0" in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_without_a_command_help_goes_to_standard_error(command):
    code, out, err = command()
    assert (code, out) == (2, "")
    assert err.startswith("usage: pytest-energy")


@pytest.mark.parametrize(
    "arguments",
    [("surprise",), ("--surprise",), ("baselines",), ("baselines", "lst"), ("baselines", "show")],
)
def test_what_cannot_be_understood_is_2(command, arguments):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert "usage: " in err


def test_the_module_is_the_command(project):
    process = start("baselines", "verify", cwd=project, stdout=subprocess.PIPE)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.startswith("no baselines checked")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
@pytest.mark.parametrize("arguments", [("baselines", "list"), ("--help",)])
def test_a_reader_that_goes_away_is_no_fault(project, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    process = start(*arguments, cwd=project, stdout=writing)
    os.close(writing)
    _, err = process.communicate()
    assert (process.returncode in {0, 141}, err) == (True, "")


def test_starting_up_imports_nothing_heavy():
    code = (
        "import sys, pytest_energy.cli.main\n"
        "heavy = ('numpy', 'scipy', 'jsonschema', 'pytest', 'onnx', 'onnxruntime')\n"
        "print(*[name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize("command", [("show", "generic-cpu"), ("validate", "own.toml"), ("list", "epyc")])
def test_power_profiles_are_shown_without_numpy_and_scipy(tmp_path, command):
    (tmp_path / "own.toml").write_text(
        'id = "own"\nname = "own"\ncpu = { model = "any", unit = "core", units = 4 }\n'
        'tdp = { w = 65, source = ["data sheet"] }\n'
    )
    code = (
        "import sys, pytest_energy.cli.main as command\n"
        "assert command.main(['profiles', *sys.argv[1:]]) == 0\n"
        "print(*[name for name in ('numpy', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == ""
