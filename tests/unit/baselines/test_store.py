from dataclasses import replace

import pytest

from pytest_energy.baselines.schema import from_text, to_text
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.errors import BaselineError, SchemaError


@pytest.fixture
def store(tmp_path):
    return BaselineStore(tmp_path / "baselines")


def as_read(baseline):
    """A baseline as it comes back: rounded."""
    return from_text(to_text(baseline), "")


def test_a_baseline_lies_in_the_folder_of_its_environment(store, baseline):
    made = baseline()
    store.write(made)
    path = store.path(made.environment.id, made.benchmark.id)
    assert path == store.folder / made.environment.id / "digits-cnn--cpu-b1.json"
    assert path.read_text() == to_text(made)
    assert store.read(made.benchmark.id, made.environment.id) == as_read(made)


def test_where_there_is_no_file_there_is_no_baseline(store, baseline):
    assert store.read("a", "e") is None
    store.write(baseline())
    assert store.read("a", baseline().environment.id) is None


def test_others_are_those_of_other_environments(store, baseline):
    one, two, three = (baseline(cpu=cpu) for cpu in ("c", "a", "b"))
    for each in (one, two, three, baseline("other-model", cpu="b")):
        store.write(each)
    found = store.others(one.benchmark.id, one.environment.id)
    assert found == [as_read(two), as_read(three)]


def test_there_are_no_others_without_a_folder(store):
    assert store.others("a", "e") == []
    assert store.files() == []
    assert store.benchmarks("e") == {}


def test_a_broken_file_of_another_environment_is_a_fault_here(store, baseline):
    made = baseline(cpu="other")
    store.write(made)
    path = store.path(made.environment.id, made.benchmark.id)
    path.write_text(path.read_text().replace('"energy_j": 0.01', '"energy_j": 0.02'))
    with pytest.raises(SchemaError, match="edited by hand"):
        store.others(made.benchmark.id, baseline().environment.id)


def test_writing_what_was_read_touches_nothing(store, baseline):
    made = baseline()
    store.write(made)
    path = store.path(made.environment.id, made.benchmark.id)
    before = path.stat()
    store.write(store.load(path))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_copied_file_is_found_out(store, baseline):
    made = baseline()
    store.write(made)
    source = store.path(made.environment.id, made.benchmark.id)
    copy = source.with_name("digits-mlp--cpu-b1.json")
    copy.write_bytes(source.read_bytes())
    with pytest.raises(
        SchemaError, match="holds the benchmark digits-cnn--cpu-b1, and its name says digits-m"
    ):
        store.read("digits-mlp--cpu-b1", made.environment.id)


def test_a_file_in_the_folder_of_another_machine_is_found_out(store, baseline):
    made = baseline()
    store.write(made)
    (store.folder / made.environment.id).rename(store.folder / "elsewhere")
    with pytest.raises(SchemaError, match="holds the environment linux-x86_64") as caught:
        store.others(made.benchmark.id, made.environment.id)
    assert f"Move it to {store.path(made.environment.id, made.benchmark.id)}" in str(caught.value)


def test_bytes_that_are_no_text_are_told(store, baseline):
    made = baseline()
    path = store.path(made.environment.id, made.benchmark.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(SchemaError, match="not UTF-8 at byte 7"):
        store.load(path)


def test_lines_may_end_as_on_windows(store, baseline):
    made = baseline()
    store.write(made)
    path = store.path(made.environment.id, made.benchmark.id)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert store.load(path) == as_read(made)


def test_a_folder_in_the_place_of_a_file_is_told(store):
    store.path("e", "b").mkdir(parents=True)
    with pytest.raises(BaselineError, match="json cannot be read"):
        store.read("b", "e")


def test_a_file_in_the_place_of_the_folder_is_told(store):
    store.folder.write_text("")
    with pytest.raises(BaselineError, match="baselines cannot be listed: Not a directory"):
        store.files()
    with pytest.raises(BaselineError, match="could not be written"):
        store.require_writable()


def test_a_file_that_went_away_is_told(store):
    with pytest.raises(BaselineError, match="is gone"):
        store.load(store.path("e", "b"))


@pytest.mark.parametrize(
    "wrong", [{"energy_j": float("nan")}, {"energy_j": 1.0}, {"energy_j": -1.0}, {"processes": ()}]
)
def test_what_could_not_be_read_back_is_not_written(store, baseline, wrong):
    made = baseline()
    store.write(made)
    with pytest.raises(BaselineError, match="was not written, for it could not be read back"):
        store.write(replace(made, **wrong))
    assert store.read(made.benchmark.id, made.environment.id) == as_read(made)


def test_files_are_listed_without_what_is_hidden_or_no_baseline(store, baseline):
    made = [baseline(name, cpu=cpu) for cpu in ("b", "a") for name in ("y", "x")]
    for each in made:
        store.write(each)
    environment = made[0].environment.id
    for name in (".pytest-energy-0.tmp", ".hidden.json", "notes.txt"):
        (store.folder / environment / name).write_text("")
    (store.folder / ".git").mkdir()
    (store.folder / ".git/a.json").write_text("")
    (store.folder / "README.md").write_text("")
    listed = [(path.parent.name[-1:], path.name) for path in store.files()]
    assert [name for _, name in listed] == ["x--cpu-b1.json", "y--cpu-b1.json"] * 2
    assert list(store.benchmarks(environment)) == ["x--cpu-b1", "y--cpu-b1"]


def test_strays_are_named_with_what_to_do(store, baseline):
    store.write(baseline())
    (store.folder / "top.json").write_text("")
    (store.folder / "e/deep").mkdir(parents=True)
    (store.folder / "e/deep/a.json").write_text("")
    (store.folder / "e/.pytest-energy-0.tmp").write_text("")
    (store.folder / "e/notes.txt").write_text("")
    told = {str(path.relative_to(store.folder)): said for path, said in store.strays()}
    assert list(told) == ["e/.pytest-energy-0.tmp", "e/deep/a.json", "top.json"]
    assert "killed. Delete it" in told["e/.pytest-energy-0.tmp"]
    assert "is never read" in told["top.json"]


def test_a_writable_folder_is_made_and_left_empty(store):
    store.require_writable()
    assert list(store.folder.iterdir()) == []
