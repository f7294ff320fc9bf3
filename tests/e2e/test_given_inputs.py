"""The user always wins: inputs from a file, a function, a table or a test are what is measured."""

import os
import subprocess

import numpy as np
import pytest

SUITE = '[[benchmark]]\nmodel = "small.onnx"\n'
AS = ("-c", "user.name=a", "-c", "user.email=a@example.org")


@pytest.fixture
def measured(project):
    """A factory: measure a suite, and return the hash of what was fed."""
    project.model()

    def measure(keys):
        project.write("all.energy.toml", SUITE + keys)
        ran = project.energy("all.energy.toml", "--energy-json", "results.json")
        assert ran.ret == 0, ran.stdout.str()
        (benchmark,) = project.results(project.folder / "results.json")["benchmarks"]
        return benchmark["result"]["factors"]["inputs"]

    return measure


@pytest.fixture
def refused(project):
    """A factory: measure a suite, and return what is said of its inputs."""
    project.model()

    def measure(keys):
        project.write("all.energy.toml", SUITE + keys)
        ran = project.energy("all.energy.toml")
        assert ran.ret == 1, ran.stdout.str()
        ran.assert_outcomes(failed=1)
        assert "Traceback" not in ran.stdout.str()
        return project.said(ran)

    return measure


def test_a_file_a_function_and_a_table_with_the_same_values_feed_the_same(project, measured):
    np.savez(project.folder / "sample.npz", x=np.full((1, 64), 0.5, np.float32))
    project.write(
        "samples.py", "import numpy as np\ndef make():\n    return {'x': np.full((1, 64), 0.5, np.float32)}\n"
    )
    hashes = {
        measured('inputs = "sample.npz"\n'),
        measured('inputs = "samples:make"\n'),
        measured("[benchmark.inputs.x]\nvalues = 0.5\n"),
    }
    assert len(hashes) == 1
    assert measured("feeds = 2\n") not in hashes


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("[benchmark.inputs.y]\nlow = 0\n", "The model has no input 'y'"),
        (
            "[benchmark.inputs.x]\nshape = [1, 65]\n",
            "does not fit: axis 1 of its shape [1, 65] is 65, not 64",
        ),
        ('inputs = "wide.npz"\n', "dtype float64, not float32"),
        ('inputs = "objects.npz"\n', "never unpickled"),
        ('inputs = "samples:make"\n', "ValueError: no sample today (samples.py, line 2)"),
    ],
)
def test_what_does_not_fit_is_told_with_the_inputs_of_the_model(project, refused, keys, said):
    np.savez(project.folder / "wide.npz", x=np.zeros((1, 64)))
    np.savez(project.folder / "objects.npz", x=np.array([{}], dtype=object))
    project.write("samples.py", "def make():\n    raise ValueError('no sample today')\n")
    assert said in refused(keys)


def test_a_test_may_give_them(project):
    project.model()
    project.write(
        "test_given.py",
        "import numpy as np\n"
        "def test_given(energy):\n"
        "    outputs = energy.infer('small.onnx', batch=2, inputs={'x': np.zeros((2, 64), np.float32)})\n"
        "    assert not outputs['y'].any()\n",
    )
    assert project.pytest("test_given.py").ret == 0
    assert project.energy("test_given.py").ret == 0


def test_a_revision_has_its_own(project, monkeypatch):
    def git(*arguments):
        subprocess.run(["git", *AS, *arguments], cwd=project.folder, check=True, capture_output=True)

    for name in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", os.devnull)
    project.model()
    sample = project.folder / "sample.npz"
    np.savez(sample, x=np.ones((1, 64), np.float32))
    project.write("all.energy.toml", f'{SUITE}inputs = "sample.npz"\n')
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    ran = project.energy("all.energy.toml", "--energy-against", "HEAD")
    assert "UNCHANGED" in project.said(ran)
    np.savez(sample, x=np.zeros((1, 64), np.float32))
    ran = project.energy("all.energy.toml", "--energy-against", "HEAD", "--energy-json", "results.json")
    assert ran.ret == 0, ran.stdout.str()
    (benchmark,) = project.results(project.folder / "results.json")["benchmarks"]
    old, new = benchmark["baseline"]["factors"]["inputs"], benchmark["result"]["factors"]["inputs"]
    assert None not in {old, new}
    assert old != new
