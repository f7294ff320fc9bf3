import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.baselines.history import (
    APPLICATION_ID,
    SCHEMA_VERSION,
    History,
    HistoryEntry,
    factor_changes,
    flat,
)
from pytest_energy.errors import HarnessError
from pytest_energy.results.factors import Factors

ENTRY = HistoryEntry(
    time="2026-05-04T10:11:12Z",
    commit="1a2b3c4",
    environment="linux",
    benchmark="small--cpu-b1",
    verdict="PASSED",
    cost=3.01,
    cpu_s=3.05e-3,
    duration_s=3.11e-3,
    energy_j=0.0124,
    random_j=1e-4,
    carbon_g=1.9e-6,
    profile="generic-cpu",
    intensity_g_per_kwh=458.0,
    change=0.01,
    change_low=-0.01,
    change_high=0.03,
    tolerance=0.05,
    processes=4,
    factors={"onnxruntime": "1.31.0", "variables.ORT_X": "\udcff"},
)
NOTHING_KNOWN = replace(ENTRY, commit=None, random_j=None, change=None, change_low=None, change_high=None)
FIGURES = st.floats(1e-12, 1e12)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made/on/the/way/h.db"


def refused(act, *words):
    with pytest.raises(HarnessError) as caught:
        act()
    said = str(caught.value)
    assert "\n" not in said
    for each in words:
        assert each in said


def sql(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return [connection.execute(each).fetchall() for each in statements]


def test_entries_come_back_as_they_were(path):
    History(path).append([ENTRY, NOTHING_KNOWN])
    assert History(path).read() == [ENTRY, NOTHING_KNOWN]


def test_entries_are_ordered_by_time_then_by_when_they_were_added(path):
    late, early = replace(ENTRY, time="2026-06-01T00:00:00Z"), replace(ENTRY, time="2026-01-01T00:00:00Z")
    other = replace(early, benchmark="a")
    for run in ([late], [early, other]):
        History(path).append(run)
    assert History(path).read() == [early, other, late]


def test_without_entries_nothing_is_touched(path):
    History(path).append([])
    assert not path.parent.exists()


def test_there_is_one_file_between_runs(path):
    History(path).append([ENTRY])
    assert [each.name for each in path.parent.iterdir()] == ["h.db"]
    assert sql(path, "PRAGMA application_id", "PRAGMA user_version", "PRAGMA journal_mode") == [
        [(APPLICATION_ID,)],
        [(SCHEMA_VERSION,)],
        [("delete",)],
    ]


def test_the_table_has_a_column_per_field(path):
    History(path).append([ENTRY])
    (columns,) = sql(path, "PRAGMA table_info(entries)")
    assert [each[1] for each in columns] == ["number", *(each.name for each in fields(HistoryEntry))]


@given(FIGURES, FIGURES, st.one_of(st.none(), FIGURES), st.dictionaries(st.text(), st.text(), max_size=3))
def test_all_figures_and_factors_survive(tmp_path_factory, cost, energy_j, random_j, factors):
    path = tmp_path_factory.mktemp("history") / "h.db"
    entry = replace(ENTRY, cost=cost, energy_j=energy_j, random_j=random_j, factors=factors)
    History(path).append([entry])
    assert History(path).read() == [entry]


def test_an_empty_file_becomes_a_history(path):
    path.parent.mkdir(parents=True)
    path.touch()
    assert History(path).read() == []
    History(path).append([ENTRY])
    assert History(path).read() == [ENTRY]


def test_a_missing_file_is_not_made_by_reading(path):
    refused(History(path).read, str(path), "does not exist", "--energy-history")
    assert not path.exists()


@pytest.mark.parametrize("content", [b"hello", b"x" * 5000])
def test_what_is_no_database_is_left_alone(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    for act in (History(path).read, lambda: History(path).append([ENTRY])):
        refused(act, "notes.txt", "not a database", "name another file")
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "cookies.db"
    sql(path, "CREATE TABLE cookies (name)")
    before = path.read_bytes()
    for act in (History(path).read, lambda: History(path).append([ENTRY])):
        refused(act, "cookies.db", "some other program", "name another file")
    assert path.read_bytes() == before


def test_a_newer_format_asks_for_an_upgrade(path):
    History(path).append([ENTRY])
    sql(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for act in (History(path).read, lambda: History(path).append([ENTRY])):
        refused(act, "newer pytest-energy", "Upgrade")
    assert sql(path, "SELECT count(*) FROM entries") == [[(1,)]]


@pytest.mark.parametrize("damage", [lambda data: data[:5000], lambda data: data[:4096] + b"\x99" * 4096])
def test_a_damaged_file_is_not_appended_to(path, damage):
    History(path).append([ENTRY] * 50)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    for act in (History(path).read, lambda: History(path).append([ENTRY])):
        refused(act, "damaged", "Restore it")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE entries SET factors = '{'",
        "UPDATE entries SET factors = '[1]'",
        "UPDATE entries SET cost = 'much'",
    ],
)
def test_an_edited_entry_is_told(path, edit):
    History(path).append([ENTRY])
    sql(path, edit)
    refused(History(path).read, "entry that cannot be read", "Restore it")


def test_a_folder_is_refused(tmp_path):
    for act in (History(tmp_path).read, lambda: History(tmp_path).append([ENTRY])):
        refused(act, "it is a folder")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(lambda: History(tmp_path / "pipe").append([ENTRY]), "no regular file")


@pytest.mark.parametrize("name", ["a-file/h.db", "x" * 300])
def test_a_path_that_cannot_be_is_told(tmp_path, name):
    (tmp_path / "a-file").touch()
    refused(lambda: History(tmp_path / name).append([ENTRY]), "cannot be used", "name another file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(path):
    History(path).append([ENTRY])
    path.parent.chmod(0o500)
    try:
        refused(lambda: History(path).append([ENTRY]), "Check who may write there")
        assert History(path).read() == [ENTRY]
    finally:
        path.parent.chmod(0o700)


def test_a_run_is_added_whole_or_not_at_all(path):
    History(path).append([ENTRY])
    refused(lambda: History(path).append([ENTRY, replace(ENTRY, cost=float("nan"))]), "cannot be used")
    assert History(path).read() == [ENTRY]


def test_a_writer_that_holds_the_file_for_ever_is_told(path):
    History(path).append([ENTRY])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(lambda: History(path, wait_s=0.05).append([ENTRY]), "locked", "End the process that holds it")
    History(path).append([ENTRY])
    assert len(History(path).read()) == 2


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from pytest_energy.baselines.history import History, HistoryEntry
from pytest_energy.results.codec import from_plain
import json
entry = from_plain(json.loads(sys.argv[3]), HistoryEntry)
print("ready", flush=True)
sys.stdin.readline()
for run in range(int(sys.argv[4])):
    History(Path(sys.argv[1])).append(
        [replace(entry, commit=f"{sys.argv[2]}-{run}", benchmark=name) for name in ("a", "b", "c")]
    )
    print(run, flush=True)
"""


def writer(path, name, runs):
    import msgspec  # noqa: PLC0415 - to hand an entry over

    entry = msgspec.json.encode(replace(ENTRY, factors={})).decode()
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, entry, str(runs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def start(*writers):
    """Let them go once all are ready, so that they meet on a file that is not there yet."""
    for each in writers:
        assert each.stdout.readline() == "ready\n"
    for each in writers:
        each.stdin.write("\n")
        each.stdin.flush()


def test_several_writers_at_once_lose_nothing(path):
    writers = [writer(path, name, 15) for name in "pqrs"]
    start(*writers)
    for each in writers:
        each.communicate(timeout=120)
    assert [each.returncode for each in writers] == [0] * 4
    entries = History(path).read()
    assert sorted((one.commit, one.benchmark) for one in entries) == sorted(
        (f"{name}-{run}", benchmark) for name in "pqrs" for run in range(15) for benchmark in "abc"
    )


def test_a_killed_writer_leaves_whole_runs(path):
    History(path).append([ENTRY])
    for number in range(5):
        one = writer(path, str(number), 10_000)
        start(one)
        for _ in range(3 + number):
            told = int(one.stdout.readline())
        one.kill()
        with one:  # communicate would lose what was read ahead
            told = max([told, *map(int, one.stdout.read().split())])
        runs = [entry.commit for entry in History(path).read() if entry.commit.startswith(f"{number}-")]
        # What was told is there; the run after it may be, but then it is there as a whole.
        assert set(runs) >= {f"{number}-{run}" for run in range(told + 1)}
        assert len(set(runs)) <= told + 2
        assert all(runs.count(each) == 3 for each in set(runs))
    History(path).append([ENTRY])
    assert [each.name for each in path.parent.iterdir()] == ["h.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits on the size of files")
def test_a_full_disk_is_told_and_loses_nothing(path):
    History(path).append([ENTRY])
    code = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n" + WRITER
    import msgspec  # noqa: PLC0415 - to hand an entry over

    entry = msgspec.json.encode(replace(ENTRY, factors={"x": "y" * 9000})).decode()
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code, str(path), "p", entry, "1"],
        input="\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "has space left" in ran.stderr or "Free some space" in ran.stderr
    assert History(path).read() == [ENTRY]


def test_factors_are_told_by_name_as_text():
    factors = Factors(
        python="3.12", numpy="2.3", reference="r", spinning=True, variables={"B": "2", "A": "1"}
    )
    plain = flat(factors)
    assert plain["python"] == "3.12"
    assert plain["spinning"] == "True"
    assert plain["model"] == ""
    assert list(plain)[-2:] == ["variables.A", "variables.B"]
    assert "variables" not in plain


def test_changed_factors_are_named():
    before = replace(ENTRY, factors={"onnxruntime": "1.31", "numpy": "2", "gone": "x", "variables.A": "1"})
    after = replace(ENTRY, factors={"onnxruntime": "1.32", "numpy": "2", "new": "x", "variables.B": "2"})
    told = [(one.name, one.before, one.after) for one in factor_changes(before, after)]
    assert told == [("onnxruntime", "1.31", "1.32"), ("variables.A", "1", ""), ("variables.B", "", "2")]
