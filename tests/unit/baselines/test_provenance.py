import os
import subprocess
from pathlib import Path

import pytest

from pytest_energy.baselines import provenance
from pytest_energy.baselines.baseline import Provenance
from pytest_energy.baselines.provenance import current_provenance

DATE = "2026-05-04"


@pytest.fixture(autouse=True)
def _only_this_folder(tmp_path, monkeypatch):
    """No repository above the test's folder, and no configuration of the person who runs it."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def git(folder, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", folder, *who, *arguments], check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "project"
    (folder / "baselines/e").mkdir(parents=True)
    (folder / "baselines/e/b.json").write_text("1")
    (folder / "model.onnx").write_text("1")
    git(tmp_path, "init", "--quiet", folder)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def commit_of(folder):
    return current_provenance(folder, None, DATE).commit


@pytest.fixture
def fake_git(tmp_path, monkeypatch):
    def install(script):
        program = tmp_path / "bin/git"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)

    return install


def test_a_clean_work_tree_is_its_commit(repository):
    head = git(repository, "rev-parse", "--short", "HEAD")
    assert current_provenance(repository / "baselines", "it must be", DATE) == Provenance(
        commit=head, date=DATE, reason="it must be"
    )


def test_a_folder_that_does_not_exist_yet_is_no_hindrance(repository):
    assert commit_of(repository / "new/baselines") == git(repository, "rev-parse", "--short", "HEAD")


def test_a_relative_folder_is_looked_up_where_one_is(repository, monkeypatch):
    monkeypatch.chdir(repository)
    (repository / "baselines/e/b.json").write_text("2")
    assert commit_of(Path("baselines")) == git(repository, "rev-parse", "--short", "HEAD")


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_is_told(repository, staged):
    (repository / "model.onnx").write_text("2")
    if staged:
        git(repository, "add", ".")
    assert commit_of(repository / "baselines").endswith("+dirty")


def test_changed_baselines_are_the_point_of_an_update(repository):
    (repository / "baselines/e/b.json").write_text("2")
    assert "dirty" not in commit_of(repository / "baselines")


def test_a_folder_with_a_pattern_for_a_name_excludes_only_itself(repository):
    (repository / "base[l]ines").mkdir()
    (repository / "baselines/e/b.json").write_text("2")
    assert commit_of(repository / "base[l]ines").endswith("+dirty")


def test_new_files_are_no_change_as_in_git_describe(repository):
    (repository / "results.json").write_text("")
    assert "dirty" not in commit_of(repository / "baselines")


def test_there_is_no_commit_outside_git(tmp_path):
    assert current_provenance(tmp_path, None, DATE) == Provenance(commit=None, date=DATE, reason=None)


def test_there_is_no_commit_before_the_first(tmp_path):
    git(tmp_path, "init", "--quiet", ".")
    assert commit_of(tmp_path / "baselines") is None


def test_there_is_no_commit_without_git(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(repository) is None


def test_a_git_that_never_answers_is_not_waited_for(fake_git, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "nobody")
    fake_git(f"exec cat {tmp_path}/nobody")
    monkeypatch.setattr(provenance, "_TIMEOUT_S", 0.01)
    assert commit_of(tmp_path) is None


def test_what_git_cannot_tell_counts_as_changed(fake_git, tmp_path):
    fake_git('case "$*" in *rev-parse*) echo 1a2b3c4;; *) exit 1;; esac')
    assert commit_of(tmp_path) == "1a2b3c4+dirty"


def test_a_run_from_a_hook_looks_at_its_own_folder(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    commit = commit_of(repository / "baselines")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name)
    assert commit == git(repository, "rev-parse", "--short", "HEAD")


def test_no_program_of_the_repository_runs_and_no_file_of_git_changes(repository, tmp_path):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    for name in ("post-index-change", "fsmonitor-watchman", "pre-commit"):
        (repository / ".git/hooks").mkdir(exist_ok=True)
        (repository / ".git/hooks" / name).symlink_to(program)
    git(repository, "config", "core.fsmonitor", str(program))
    (repository / "model.onnx").write_text("1")  # the index must look at its content again
    before = (repository / ".git/index").read_bytes()
    commit_of(repository / "baselines")
    assert not (tmp_path / "ran").exists()
    assert (repository / ".git/index").read_bytes() == before
