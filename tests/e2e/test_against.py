"""Paired mode: ``--energy-against`` compares with the models of a git revision, in the same processes."""

import subprocess

import pytest

AS = ("-c", "user.name=a", "-c", "user.email=a@example.org")


@pytest.fixture
def repository(project, monkeypatch):
    """A project under git, with two models of which a suite declares one."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    project.model("nets/small.onnx", width=32)
    project.model("nets/other.onnx", width=48)
    project.write("nets/all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\n')
    git(project, "init", "-q")
    commit(project, "first")
    return project


def git(project, *arguments):
    done = subprocess.run(
        ["git", *AS, *arguments], cwd=project.folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(project, message):
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", message)


def test_a_model_that_did_not_change_is_not_run(repository):
    ran = repository.energy("--energy-against", "HEAD", "nets")
    assert ran.ret == 0
    assert "small--cpu-b1 unknown unknown unknown not run UNCHANGED" in repository.said(ran)
    assert "byte for byte as in HEAD" in repository.said(ran)


def test_a_worse_model_fails_and_the_revision_is_named(repository):
    repository.model("nets/small.onnx", width=512, layers=6)
    before = git(repository, "status", "--porcelain", "-uno")
    ran = repository.energy("--energy-against", "HEAD", "nets", "nets/other.onnx")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1, passed=1)
    said = repository.said(ran)
    assert "small--cpu-b1 REGRESSED" in said
    assert f"commit {git(repository, 'rev-parse', '--short', 'HEAD')}" in said
    assert "both versions in alternation" in said
    assert "operators 3 more MatMul (matmul_3..matmul_5): +" in said
    assert "operators: 3 more MatMul (matmul_3..matmul_5): +" in said
    assert git(repository, "status", "--porcelain", "-uno") == before


def test_the_built_in_tolerance_is_two_per_cent(repository):
    repository.model("nets/small.onnx", width=33)
    repository.pytest(
        "--energy", "--energy-time", "0.4", "--energy-against", "HEAD", "--energy-json", "r.json", "nets"
    )
    (benchmark,) = repository.results(repository.folder / "r.json")["benchmarks"]
    assert benchmark["tolerance"] == pytest.approx(0.02)
    assert benchmark["paired"]


def test_a_benchmark_that_did_not_exist_then_is_new(repository):
    repository.model("nets/late.onnx")
    ran = repository.energy("--energy-against", "HEAD", "nets/late.onnx")
    assert ran.ret == 0
    assert "late--cpu-b1 NEW" in repository.said(ran) or "NEW late--cpu-b1" in repository.said(ran)
    assert "did not exist at HEAD" in repository.said(ran)


def test_a_test_is_compared_too_and_still_gets_its_outputs(repository):
    repository.write(
        "test_it.py",
        "def test_it(energy):\n"
        "    assert energy.infer('nets/small.onnx', batch=3)['y'].shape == (3, 32)\n"
        "    energy.measure(lambda: sum(range(100)), name='callable')\n",
    )
    commit(repository, "second")
    ran = repository.energy("--energy-against", "HEAD", "test_it.py")
    assert ran.ret == 0
    assert "1 unchanged, 1 NEW" in repository.said(ran)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--energy-against", "nowhere"), "nowhere"),
        (("--energy-against=-x",), "-x"),
        (("--energy-against", "HEAD", "--energy-update"), "exclude each other"),
    ],
)
def test_a_revision_that_cannot_be_used_is_a_usage_error(repository, options, said):
    ran = repository.energy(*options, "nets")
    assert ran.ret == 4
    assert said in ran.stderr.str()
    assert "Traceback" not in ran.stderr.str()


def test_only_what_changed_is_run(project):
    project.model("small.onnx")
    project.model("other.onnx", width=48)
    project.record("small.onnx", "other.onnx")
    project.model("other.onnx", width=47)
    ran = project.energy("--energy-only-changed", "small.onnx", "other.onnx")
    assert ran.ret == 0
    assert "1 passed, 1 unchanged" in project.said(ran)
    (row,) = [line for line in ran.stdout.lines if line.startswith("small--cpu-b1")]
    assert "not run" in row
    assert "unknown" not in row
