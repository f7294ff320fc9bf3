import hashlib
import os
import subprocess
from dataclasses import replace

import pytest

from pytest_energy.errors import ModelError, RevisionError, SuiteError
from pytest_energy.git import repository as repository_module
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.revision import Absent, open_revision
from pytest_energy.workloads.suite import model_entry, read_suite

OLD = b"\x08\x0a\x12\x03old"
NEW = b"\x08\x0a\x12\x03new"
SUITE = '[[benchmark]]\nmodel = "{}"\n'


@pytest.fixture(autouse=True)
def _hermetic(tmp_path, monkeypatch):
    """No repository above the test's folder, and no configuration of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.org")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-05-04T23:30:00-0200")


def git(folder, *arguments):
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


def fill(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(folder, files, tag=None):
    fill(folder, files)
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "a")
    if tag:
        git(folder, "tag", tag)


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", folder)
    return folder


@pytest.fixture
def revision_of():
    """Open revisions that are closed after the test."""
    opened = []

    def open_one(root, name):
        opened.append(open_revision(root, name))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def named(project, path):
    """The entry of a model that was named by itself."""
    (entry,) = model_entry(project / path, path)
    return entry


def content(found):
    return found.model_path.read_bytes()


def refusal(action, *arguments, error=RevisionError):
    with pytest.raises(error) as caught:
        action(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


# What a revision is


def test_a_revision_says_what_it_is(project, revision_of):
    commit(project, {"m.onnx": OLD}, tag="v1")
    revision = revision_of(project, "v1")
    assert revision.name == "v1"
    assert revision.commit == git(project, "rev-parse", "HEAD")
    assert revision.short == git(project, "rev-parse", "--short", "HEAD")
    assert revision.date == "2026-05-05"
    assert revision.shown == f"v1 ({revision.short})"
    assert revision_of(project, revision.short).shown == revision.short


@pytest.mark.parametrize("name", ["HEAD~1", "v1", "annotated", "main@{1}", "refs/tags/v1", "HEAD^"])
def test_every_way_to_name_a_commit(project, revision_of, name):
    commit(project, {"m.onnx": OLD}, tag="v1")
    git(project, "tag", "--annotate", "-m", "a", "annotated")
    commit(project, {"m.onnx": NEW})
    assert content(revision_of(project, name).entry(named(project, "m.onnx"), None)) == OLD


@pytest.mark.parametrize("name", ["-x", "--all", "-", "", "a\0b"])
def test_what_is_no_revision_is_never_given_to_git(project, revision_of, name):
    commit(project, {})
    assert "is no revision: name a branch" in refusal(revision_of, project, name)


@pytest.mark.parametrize("name", ["nowhere", "v1:m.onnx", "main..v1", "^main", "a b", "main~99"])
def test_an_unknown_revision_is_told(project, revision_of, name):
    commit(project, {"m.onnx": OLD}, tag="v1")
    message = refusal(revision_of, project, name)
    assert f"There is no revision {name!r} in the git repository {project}" in message
    assert "'git branch --all'" in message


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("origin/old", "git fetch --depth=1 origin old:refs/remotes/origin/old'"),
        ("v1", "git fetch --depth=1 origin v1', then compare with FETCH_HEAD"),
        ("feature/x", "git fetch --depth=1 origin feature/x', then compare with FETCH_HEAD"),
        ("HEAD~1", "git fetch --unshallow'"),
    ],
)
def test_a_shallow_clone_says_how_to_fetch(project, tmp_path, revision_of, name, remedy):
    commit(project, {"m.onnx": OLD}, tag="v1")
    git(project, "branch", "old")
    git(project, "branch", "feature/x")
    commit(project, {"m.onnx": NEW})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", clone)
    message = refusal(revision_of, clone, name)
    assert "is a shallow clone" in message
    assert "fetch-depth: 0" in message
    assert remedy in message
    git(clone, *message.partition("'git ")[2].partition("'")[0].replace("'", "").split())
    compared = "FETCH_HEAD" if "FETCH_HEAD" in remedy else name
    assert content(revision_of(clone, compared).entry(named(clone, "m.onnx"), None)) == OLD


def test_outside_a_repository_is_told(tmp_path, revision_of):
    message = refusal(revision_of, tmp_path, "main")
    assert message.startswith(f"No revision can be read in {tmp_path}: git said: ")
    assert "a clone of its repository" in message


def test_what_git_says_of_a_repository_of_another_user_is_passed_on(project, revision_of, monkeypatch):
    commit(project, {})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    message = refusal(revision_of, project, "main")
    assert "dubious ownership" in message
    assert "safe.directory" in message


def test_a_missing_git_is_told(project, tmp_path, revision_of, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in refusal(revision_of, project, "main")


def test_a_git_that_does_not_answer_is_told(project, tmp_path, revision_of, monkeypatch):
    commit(project, {})
    program = tmp_path / "bin/git"
    os.mkfifo(tmp_path / "nobody")
    fill(tmp_path, {"bin/git": f"#!/bin/sh\nexec cat {tmp_path}/nobody\n"})
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(repository_module, "_TIMEOUT_S", 0.05)
    assert "git did not answer within 0.05 s" in refusal(revision_of, project, "main")


def test_a_repository_with_sha256_names(tmp_path, revision_of):
    folder = tmp_path / "project"
    git(tmp_path, "init", "--quiet", "--object-format=sha256", folder)
    commit(folder, {"m.onnx": OLD}, tag="v1")
    revision = revision_of(folder, "v1")
    assert len(revision.commit) == 64
    assert content(revision.entry(named(folder, "m.onnx"), None)) == OLD


# Models


def test_a_model_is_taken_as_it_was(project, revision_of):
    large = OLD + bytes(range(256)) * 5000 + b"\r\n\n"
    commit(project, {"models/m.onnx": large, ".gitattributes": "*.onnx text eol=crlf ident\n"}, tag="v1")
    commit(project, {"models/m.onnx": NEW})
    now = named(project, "models/m.onnx")
    then = revision_of(project, "v1").entry(now, None)
    assert (
        content(then)
        == subprocess.run(
            ["git", "-C", project, "cat-file", "blob", "v1:models/m.onnx"], check=True, capture_output=True
        ).stdout
    )
    assert replace(then, model_path=now.model_path) == now


def test_what_was_taken_is_removed_at_the_end(project):
    commit(project, {"m.onnx": OLD}, tag="v1")
    with open_revision(project, "v1") as revision:
        path = revision.entry(named(project, "m.onnx"), None).model_path
        assert path.is_file()
    assert not path.parents[1].exists()


def test_the_temporary_folder_can_be_chosen(project, tmp_path):
    commit(project, {"m.onnx": OLD}, tag="v1")
    with open_revision(project, "v1", tmp_path) as revision:
        path = revision.entry(named(project, "m.onnx"), None).model_path
        assert path.is_relative_to(tmp_path)
    assert "can be made" in refusal(open_revision, project, "v1", tmp_path / "nowhere")


def test_a_file_is_taken_once(project, revision_of):
    commit(project, {"m.onnx": OLD}, tag="v1")
    revision = revision_of(project, "v1")
    first = revision.entry(named(project, "m.onnx"), None).model_path
    before = first.stat()
    assert revision.entry(named(project, "m.onnx"), None).model_path == first
    assert first.stat() == before


@pytest.mark.parametrize(
    "name", ["with space.onnx", "größe ß.onnx", "a\nb.onnx", 'q"uote\\.onnx', "tab\t.onnx"]
)
def test_any_file_name(project, revision_of, name):
    commit(project, {f"models {name}/{name}": OLD}, tag="v1")
    then = revision_of(project, "v1").entry(named(project, f"models {name}/{name}"), None)
    assert content(then) == OLD


def test_a_name_that_is_not_utf_8(project, revision_of):
    name = os.fsdecode(b"caf\xe9.onnx")
    try:
        commit(project, {name: OLD}, tag="v1")
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    assert content(revision_of(project, "v1").entry(named(project, name), None)) == OLD


def test_a_model_that_did_not_exist_is_absent(project, revision_of):
    commit(project, {"folder.onnx/x": "", "file": ""}, tag="v1")
    revision = revision_of(project, "v1")
    for name in ("new.onnx", "folder.onnx", "file/m.onnx", "nowhere/m.onnx"):
        reason = f"the model {name} did not exist at v1 ({revision.short})"
        assert revision.entry(named(project, name), None) == Absent(reason=reason)


def test_what_was_no_model_then_is_told(project, revision_of):
    commit(project, {"m.onnx": "", "page.onnx": "<html>"}, tag="v1")
    revision = revision_of(project, "v1")
    empty = refusal(revision.entry, named(project, "m.onnx"), None, error=ModelError)
    assert empty.startswith("The model v1:m.onnx is empty")
    page = refusal(revision.entry, named(project, "page.onnx"), None, error=ModelError)
    assert page.startswith("The model v1:page.onnx is text")


def test_a_path_outside_the_repository_is_told(project, tmp_path, revision_of):
    commit(project, {}, tag="v1")
    revision = revision_of(project, "v1")
    elsewhere = refusal(revision.entry, named(tmp_path, "m.onnx"), None)
    assert f"{tmp_path}/m.onnx lies outside the git repository {project}" in elsewhere
    assert "leads out of the repository" in refusal(revision.entry, named(project, "../m.onnx"), None)


def test_links_within_the_repository_are_followed(project, revision_of):
    commit(project, {"versions/2/m.onnx": OLD})
    (project / "models").mkdir()
    (project / "models/latest.onnx").symlink_to("../versions/current/m.onnx")
    (project / "versions/current").symlink_to("2")
    commit(project, {}, tag="v1")
    then = revision_of(project, "v1").entry(named(project, "models/latest.onnx"), None)
    assert content(then) == OLD
    assert not then.model_path.is_symlink()


def test_links_that_cannot_be_followed_are_told(project, revision_of):
    project.mkdir(exist_ok=True)
    (project / "absolute.onnx").symlink_to("/etc/passwd")
    (project / "outside.onnx").symlink_to("../../m.onnx")
    (project / "circle.onnx").symlink_to("circle.onnx")
    (project / "dangling.onnx").symlink_to("nowhere.onnx")
    commit(project, {}, tag="v1")
    revision = revision_of(project, "v1")

    def said(name):
        return refusal(revision.entry, named(project, name), None)

    assert said("absolute.onnx").startswith("v1:absolute.onnx is a symbolic link to '/etc/passwd'")
    assert "leads out of the repository" in said("outside.onnx")
    assert "in circles" in said("circle.onnx")
    assert isinstance(revision.entry(named(project, "dangling.onnx"), None), Absent)


def test_a_submodule_is_told(project, tmp_path, revision_of):
    other = tmp_path / "other"
    git(tmp_path, "init", "--quiet", other)
    commit(other, {"m.onnx": OLD})
    git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    commit(project, {}, tag="v1")
    message = refusal(revision_of(project, "v1").entry, named(project, "sub/m.onnx"), None)
    assert message.startswith("v1:sub/m.onnx is in the submodule 'sub'")


# External data


def external(location):
    pair = b"\x0a\x08location\x12" + bytes([len(location)]) + location.encode()
    return b"\x6a" + bytes([len(pair)]) + pair


def test_external_data_comes_with_its_model(project, revision_of):
    model = OLD + external("deep/weights.bin") + external("bias")
    files = {"models/m.onnx": model, "models/deep/weights.bin": b"w1", "models/bias": b"b1"}
    commit(project, files | {"models/unrelated.bin": b"u"}, tag="v1")
    now = named(project, "models/m.onnx")
    before = read_model_hash(now.model_path)
    commit(project, {"models/deep/weights.bin": b"w2"})
    revision = revision_of(project, "v1")
    then = revision.entry(now, None)
    folder = then.model_path.parent
    assert (folder / "deep/weights.bin").read_bytes() == b"w1"
    assert sorted(each.name for each in folder.iterdir()) == ["bias", "deep", "m.onnx"]
    assert read_model_hash(then.model_path) == before != read_model_hash(now.model_path)


def test_external_data_elsewhere_is_not_taken_along(project, revision_of):
    files = {"models/m.onnx": OLD + external("../secret"), "secret": b"s"}
    commit(project, files, tag="v1")
    then = revision_of(project, "v1").entry(named(project, "models/m.onnx"), None)
    assert [each.name for each in then.model_path.parent.parent.rglob("*")] == ["models", "m.onnx"]
    with pytest.raises(ModelError, match="leads out of its folder"):
        read_model_hash(then.model_path)


def test_external_data_that_is_not_in_git_is_told(project, revision_of):
    commit(project, {"m.onnx": OLD + external("weights.bin")}, tag="v1")
    message = refusal(revision_of(project, "v1").entry, named(project, "m.onnx"), None, error=ModelError)
    assert message.startswith("The model v1:m.onnx keeps weights in 'weights.bin', which is not in git at v1")


# Git LFS and partial clones

WEIGHTS = OLD + b"large"
OID = hashlib.sha256(WEIGHTS).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(WEIGHTS)}\n"


def test_a_pointer_of_git_lfs_says_what_to_fetch(project, revision_of):
    commit(project, {"m.onnx": POINTER}, tag="v1")
    revision = revision_of(project, "v1")
    message = refusal(revision.entry, named(project, "m.onnx"), None)
    assert message.startswith("v1:m.onnx is a Git LFS pointer")
    assert f"'git lfs fetch origin {revision.commit}'" in message
    fill(project, {f".git/lfs/objects/{OID[:2]}/{OID[2:4]}/{OID}": b"half"})
    assert "is a Git LFS pointer" in refusal(revision.entry, named(project, "m.onnx"), None)


@pytest.mark.parametrize("storage", [None, "elsewhere"])
def test_what_git_lfs_has_fetched_is_used(project, revision_of, storage):
    commit(project, {"m.onnx": OLD + external("weights"), "weights": POINTER}, tag="v1")
    if storage:
        git(project, "config", "lfs.storage", storage)
    fill(project, {f".git/{storage or 'lfs'}/objects/{OID[:2]}/{OID[2:4]}/{OID}": WEIGHTS})
    then = revision_of(project, "v1").entry(named(project, "m.onnx"), None)
    assert (then.model_path.parent / "weights").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("filtered", "missing"), [("blob:none", "v1:m.onnx"), ("tree:0", "v1:models/m.onnx")]
)
def test_a_partial_clone_fetches_nothing(project, tmp_path, revision_of, filtered, missing):
    commit(project, {"m.onnx": OLD, "models/m.onnx": OLD + b"2"}, tag="v1")
    commit(project, {"m.onnx": NEW, "models/m.onnx": NEW + b"2"})
    git(project, "config", "uploadpack.allowFilter", "true")
    git(project, "config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", f"--filter={filtered}", f"file://{project}", clone)
    revision = revision_of(clone, "v1")
    entry = named(clone, missing.removeprefix("v1:"))
    message = refusal(revision.entry, entry, None)
    assert message.startswith(f"{missing} is not in this partial clone")
    while "git cat-file" in message:  # a folder first, then what is in it
        git(clone, *message.partition("'git ")[2].partition("'")[0].split())
        try:
            then = revision.entry(entry, None)
        except RevisionError as error:
            message = str(error)
        else:
            break
    assert content(then).startswith(OLD)


def test_a_damaged_repository_is_told(project, revision_of):
    commit(project, {"m.onnx": OLD}, tag="v1")
    oid = git(project, "rev-parse", "v1:m.onnx")
    (project / ".git/objects" / oid[:2] / oid[2:]).unlink()
    message = refusal(revision_of(project, "v1").entry, named(project, "m.onnx"), None)
    assert message.startswith("v1:m.onnx cannot be read from git: git said:")
    assert "git fsck" in message


# Suites


def suite_entry(path, number=0, **options):
    return read_suite(path, **options)[number]


def test_the_suite_of_then_decides_which_model_is_meant(project, revision_of):
    suite = project / "models/s.energy.toml"
    old = '[[benchmark]]\nname = "digits"\nmodel = "../old/v1.onnx"\ntolerance = "7%"\n'
    commit(project, {"models/s.energy.toml": "\n\n" + old, "old/v1.onnx": OLD}, tag="v1")
    (project / "old/v1.onnx").unlink()
    commit(project, {"models/s.energy.toml": old.replace("../old/v1", "v2"), "models/v2.onnx": NEW})
    then = revision_of(project, "v1").entry(suite_entry(suite), suite)
    assert content(then) == OLD
    assert then.benchmark.id == "digits--cpu-b1"
    assert then.benchmark.model == "../old/v1.onnx"
    assert then.overrides.tolerance == pytest.approx(0.07)
    assert then.line == 3


def test_a_provider_that_is_new_is_no_new_benchmark(project, revision_of):
    suite = project / "s.energy.toml"
    text = SUITE.format("m.onnx") + 'name = "a"\n' + SUITE.format("n.onnx")
    text += 'name = "a"\nproviders = ["openvino"]\n'
    commit(project, {"s.energy.toml": text, "m.onnx": OLD, "n.onnx": NEW}, tag="v1")
    revision = revision_of(project, "v1")
    (forced,) = read_suite(suite, providers=["cuda"])
    assert content(revision.entry(forced, suite)) == OLD
    assert content(revision.entry(suite_entry(suite, 1), suite)) == NEW


def test_a_suite_or_a_benchmark_that_did_not_exist_is_absent(project, revision_of):
    suite, other = project / "s.energy.toml", project / "other.energy.toml"
    commit(project, {"s.energy.toml": SUITE.format("m.onnx"), "m.onnx": OLD}, tag="v1")
    later = SUITE.format("m.onnx") + "batch = [1, 8]\n"
    commit(project, {"s.energy.toml": later, "other.energy.toml": SUITE.format("m.onnx")})
    revision = revision_of(project, "v1")
    assert content(revision.entry(suite_entry(suite, 0), suite)) == OLD
    at = f"at v1 ({revision.short})"
    assert revision.entry(suite_entry(suite, 1), suite) == Absent(
        reason=f"the suite s.energy.toml had no benchmark 'm--cpu-b8' {at}"
    )
    assert revision.entry(suite_entry(other), other) == Absent(
        reason=f"the suite other.energy.toml did not exist {at}"
    )


def test_one_model_that_is_not_in_git_does_not_spoil_the_suite(project, revision_of):
    suite = project / "s.energy.toml"
    text = SUITE.format("m.onnx") + SUITE.format("a/b/../../built.onnx")
    commit(project, {"s.energy.toml": text, "m.onnx": OLD, ".gitignore": "built.onnx\n"}, tag="v1")
    fill(project, {"built.onnx": NEW, "a/b/x": ""})
    revision = revision_of(project, "v1")
    assert content(revision.entry(suite_entry(suite, 0), suite)) == OLD
    absent = revision.entry(suite_entry(suite, 1), suite)
    assert absent == Absent(reason=f"the model built.onnx did not exist at v1 ({revision.short})")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SUITE.format("m.onnx") + "thread = 1",
            "v1:sub/s.energy.toml: benchmark[1] (line 1): the key 'thread' is unknown",
        ),
        ("[[benchmark", "v1:sub/s.energy.toml is not TOML"),
        ("", "v1:sub/s.energy.toml names no benchmark"),
        (SUITE.format("../../../x.onnx"), "looked for at v1:sub/../../../x.onnx"),
        (SUITE.format("a\\u0000.onnx"), "v1:sub/s.energy.toml: benchmark[1]"),
        (SUITE.format("m.onnx") * 2, "both make the benchmark 'm--cpu-b1'"),
    ],
)
def test_a_suite_that_was_broken_is_told_without_temporary_paths(project, revision_of, text, said):
    suite = project / "sub/s.energy.toml"
    commit(project, {"sub/s.energy.toml": text, "sub/m.onnx": OLD}, tag="v1")
    commit(project, {"sub/s.energy.toml": SUITE.format("m.onnx")})
    revision = revision_of(project, "v1")
    message = refusal(revision.entry, suite_entry(suite), suite, error=SuiteError)
    assert said in message
    assert f"That is how the suite stood at v1 ({revision.short})" in message
    assert "pytest-energy-" not in message


# Where the project lies


def test_a_project_in_a_subfolder(project, revision_of):
    files = {
        "a b/app/s.energy.toml": SUITE.format("../m.onnx"),
        "a b/m.onnx": OLD,
        "a b/app/n.onnx": OLD + b"n",
    }
    commit(project, files, tag="v1")
    root = project / "a b/app"
    commit(root, {"../m.onnx": NEW, "n.onnx": NEW})
    revision = revision_of(root, "v1")
    suite = root / "s.energy.toml"
    assert content(revision.entry(suite_entry(suite), suite)) == OLD
    assert content(revision.entry(named(root, "../m.onnx"), None)) == OLD
    assert content(revision.entry(named(root, "n.onnx"), None)) == OLD + b"n"
    assert content(revision.entry(named(project / "a b", "m.onnx"), None)) == OLD
    assert revision.entry(named(root, "x.onnx"), None).reason.startswith("the model a b/app/x.onnx did not")


def test_a_project_reached_through_a_link(project, tmp_path, revision_of):
    commit(project, {"app/x": "", "m.onnx": OLD}, tag="v1")
    link = tmp_path / "link"
    link.symlink_to(project / "app")
    assert content(revision_of(link, "v1").entry(named(project, "m.onnx"), None)) == OLD


def test_a_relative_path_and_a_relative_root(project, revision_of, monkeypatch):
    commit(project, {"app/m.onnx": OLD}, tag="v1")
    monkeypatch.chdir(project / "app")
    (entry,) = model_entry(project.joinpath("app/m.onnx").relative_to(project / "app"), "m.onnx")
    assert content(revision_of(project / "app", "v1").entry(entry, None)) == OLD


def test_a_linked_work_tree(project, tmp_path, revision_of):
    commit(project, {"m.onnx": OLD}, tag="v1")
    git(project, "worktree", "add", "--quiet", tmp_path / "tree", "-b", "new")
    commit(tmp_path / "tree", {"m.onnx": POINTER}, tag="v2")
    fill(project, {f".git/lfs/objects/{OID[:2]}/{OID[2:4]}/{OID}": WEIGHTS})
    entry = named(tmp_path / "tree", "m.onnx")
    assert content(revision_of(tmp_path / "tree", "v1").entry(entry, None)) == OLD
    assert content(revision_of(tmp_path / "tree", "v2").entry(entry, None)) == WEIGHTS


# Nothing is changed, nothing is run


def test_a_run_from_a_hook_looks_at_its_own_folder(project, tmp_path, revision_of, monkeypatch):
    commit(project, {"m.onnx": OLD}, tag="v1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_PREFIX", "sub/")
    assert content(revision_of(project, "v1").entry(named(project, "m.onnx"), None)) == OLD


def snapshot(folder):
    """Every file with its content and time, and what git says."""
    files = {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in sorted(folder.rglob("*"))
    }
    said = [git(folder, *words.split()) for words in ("--no-optional-locks status --porcelain", "stash list")]
    return files, said


def test_work_tree_index_and_refs_stay_and_no_program_runs(project, tmp_path, revision_of):
    suite = project / "s.energy.toml"
    files = {"s.energy.toml": SUITE.format("m.onnx"), "m.onnx": OLD + external("w"), "w": b"w"}
    commit(project, files | {".gitattributes": "* filter=own diff=own\n"}, tag="v1")
    commit(project, {"m.onnx": NEW})
    fill(project, {"w": b"stashed"})
    git(project, "stash")
    fill(project, {"m.onnx": NEW + b"2", "untracked.onnx": NEW})
    git(project, "add", "m.onnx")
    fill(project, {"m.onnx": NEW + b"3"})
    fill(tmp_path, {"program": f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n"})
    (tmp_path / "program").chmod(0o755)
    for hook in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (project / ".git/hooks").mkdir(exist_ok=True)
        (project / ".git/hooks" / hook).symlink_to(tmp_path / "program")
    before = snapshot(project)
    for key in ("core.fsmonitor", "core.pager", "filter.own.smudge", "diff.own.textconv", "core.editor"):
        git(project, "config", key, str(tmp_path / "program"))
    config = (project / ".git/config").read_bytes()
    revision = revision_of(project, "v1")
    assert content(revision.entry(suite_entry(suite), suite)).startswith(OLD)
    assert content(revision.entry(named(project, "m.onnx"), None)).startswith(OLD)
    assert not (tmp_path / "ran").exists()
    assert (project / ".git/config").read_bytes() == config
    for key in ("core.fsmonitor", "core.pager", "filter.own.smudge", "diff.own.textconv", "core.editor"):
        git(project, "config", "--unset", key)
    after = snapshot(project)
    for kept in (before[0], after[0]):
        for path in [path for path in kept if path.endswith(("/.git", "/.git/config"))]:
            kept.pop(path)
    assert after == before
