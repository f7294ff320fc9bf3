"""The history: one embedded file that every run appends its figures to."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from pytest_energy.errors import HistoryError
from pytest_energy.results.codec import from_plain, to_plain
from pytest_energy.results.factors import FactorChange, Factors

SCHEMA_VERSION = 1
"""Version of the format that this program writes, kept in the file's ``user_version``."""

APPLICATION_ID = 0x50744567
"""Tells a history from any other SQLite file: ``PtEg``."""

_TABLE = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    "commit" TEXT,
    environment TEXT NOT NULL,
    benchmark TEXT NOT NULL,
    verdict TEXT NOT NULL,
    cost REAL NOT NULL,
    cpu_s REAL NOT NULL,
    duration_s REAL NOT NULL,
    energy_j REAL NOT NULL,
    random_j REAL,
    carbon_g REAL NOT NULL,
    profile TEXT NOT NULL,
    intensity_g_per_kwh REAL NOT NULL,
    change REAL,
    change_low REAL,
    change_high REAL,
    tolerance REAL NOT NULL,
    processes INTEGER NOT NULL,
    factors TEXT NOT NULL
)
"""
_RESTORE = "Restore it from a copy, or move it away and begin a new one."
_KEEP = "Move it away, or name another file: nothing in it was changed."
_NEXT: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "Free some space there, then run again.",
    sqlite3.SQLITE_IOERR: "Check that its disk is sound and has space left, then run again.",
    sqlite3.SQLITE_BUSY: "End the process that holds it, then run again.",
    sqlite3.SQLITE_READONLY: "Check who may write there, in its folder too, or name another file.",
    sqlite3.SQLITE_CANTOPEN: "Check who may write there, in its folder too, or name another file.",
    sqlite3.SQLITE_PERM: "Check who may write there, in its folder too, or name another file.",
    sqlite3.SQLITE_NOTADB: _KEEP,
    sqlite3.SQLITE_CORRUPT: _RESTORE,
}
_OTHERWISE = "Put that right, or name another file, then run again."


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """What one run said of one benchmark.

    Attributes:
        time: When the run ended: ISO date and time, UTC.
        commit: Abbreviated git commit, with ``+dirty`` where the work tree had changes; None outside git.
        environment: Id of the environment.
        benchmark: Id of the benchmark.
        verdict: The verdict, e.g. ``PASSED``.
        cost: CPU time per step in units of the reference, typical of the processes (dimensionless).
        cpu_s: CPU time per step in s, likewise.
        duration_s: Wall time per step in s, likewise.
        energy_j: Energy in J per step, at the run's own power profile.
        random_j: Half-width of its band from timing in J; None if unknown.
        carbon_g: Operational emissions in gCO2e per step, at the run's own intensity and PUE.
        profile: Id of the power profile.
        intensity_g_per_kwh: Carbon intensity in gCO2e per kWh.
        change: Relative change of the cost against what it was compared with; None where there was nothing.
        change_low: Lower end of its interval; None where it is unknown.
        change_high: Upper end; None likewise.
        tolerance: Fraction beyond which a change was a regression.
        processes: Processes that the figures rest on.
        factors: Everything else that could change the figure, by name, as text.
    """

    time: str
    commit: str | None
    environment: str
    benchmark: str
    verdict: str
    cost: float
    cpu_s: float
    duration_s: float
    energy_j: float
    random_j: float | None
    carbon_g: float
    profile: str
    intensity_g_per_kwh: float
    change: float | None
    change_low: float | None
    change_high: float | None
    tolerance: float
    processes: int
    factors: Mapping[str, str]


_COLUMNS = tuple(each.name for each in fields(HistoryEntry))
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)


class History:
    """An SQLite file of entries.

    It keeps SQLite's rollback journal and full synchronisation: there is one file, not three, between runs; a
    writer that is killed leaves a journal from which the next reader or writer restores what was there.
    """

    def __init__(self, path: Path, wait_s: float = 60.0) -> None:
        """Remember the file; it need not exist yet.

        Args:
            path: The file.
            wait_s: How long to wait for other writers, in s; an append takes milliseconds.
        """
        self.path = path
        self._wait_s = wait_s

    def append(self, entries: Sequence[HistoryEntry]) -> None:
        """Add the entries of one run, all or none; without any, nothing is touched.

        Raises:
            HistoryError: They could not be added, and why; the file holds what it held before.
        """
        if not entries:
            return
        with self._open(create=True) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("BEGIN IMMEDIATE")
            if not self._is_history(connection):
                _create(connection)
            marks = ", ".join("?" * len(_COLUMNS))
            connection.executemany(
                f"INSERT INTO entries ({_NAMES}) VALUES ({marks})",  # noqa: S608 - names of our own fields
                map(_row, entries),
            )
            connection.execute("COMMIT")

    def read(self) -> list[HistoryEntry]:
        """Return all entries, oldest first.

        Raises:
            HistoryError: There is no such file, or it cannot be used, and why.
        """
        with self._open(create=False) as connection:
            connection.execute("BEGIN")
            if not self._is_history(connection):
                return []
            query = f"SELECT {_NAMES} FROM entries ORDER BY time, number"  # noqa: S608 - as above
            return [self._entry(row) for row in connection.execute(query)]

    @contextmanager
    def _open(self, *, create: bool) -> Iterator[sqlite3.Connection]:
        """Open the file with transactions left to us; what was not committed is undone at the end."""
        try:
            self._require_file(create=create)
            with closing(
                sqlite3.connect(self.path, timeout=self._wait_s, isolation_level=None)
            ) as connection:
                yield connection
        except sqlite3.Error as error:
            # Extended codes keep the primary one in their lowest byte.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise self._fault(f"cannot be used: {error}. {_NEXT.get(code, _OTHERWISE)}") from error
        except OSError as error:
            raise self._fault(f"cannot be used: {error.strerror}. {_OTHERWISE}") from error

    def _fault(self, words: str) -> HistoryError:
        return HistoryError(f"The history {self.path} {words}")

    def _require_file(self, *, create: bool) -> None:
        """Refuse folders, pipes and devices: SQLite would wait for them, or write to them."""
        if self.path.is_dir():
            raise self._fault("cannot be used: it is a folder. Name a file in it.")
        if self.path.exists() and not self.path.is_file():
            raise self._fault("cannot be used: it is no regular file. Name another.")
        if create:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not self.path.exists():
            raise self._fault("does not exist. Begin it with pytest --energy --energy-history FILE.")

    def _is_history(self, connection: sqlite3.Connection) -> bool:
        """Whether the file is a history that this program reads; an empty file is not yet one.

        Raises:
            HistoryError: It is something else, is damaged, or was written by a newer version.
        """
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version, tables) == (0, 0, 0):
            return False
        if application != APPLICATION_ID:
            raise self._fault(f"is an SQLite database of some other program. {_KEEP}")
        if version > SCHEMA_VERSION:
            raise self._fault(
                f"was written by a newer pytest-energy: it has version {version}, and this one reads "
                f"{SCHEMA_VERSION}. Upgrade pytest-energy here."
            )
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":  # a file that was cut off could else be appended to
            raise self._fault(f"is damaged: {' '.join(found.split())}. {_RESTORE}")
        return True

    def _entry(self, row: Sequence[Any]) -> HistoryEntry:
        plain = dict(zip(_COLUMNS, row, strict=True))
        try:
            return from_plain(plain | {"factors": _parsed(plain["factors"])}, HistoryEntry)
        except (ValueError, TypeError) as error:
            raise self._fault(f"holds an entry that cannot be read: {error}. {_RESTORE}") from error


@lru_cache(maxsize=4096)  # more than there are benchmarks: entries of one run come one after the other
def _parsed(text: str) -> Any:
    """Read factors, which a benchmark shares with its run before."""
    return json.loads(text)


def flat(factors: Factors) -> dict[str, str]:
    """Return factors by name, as text: empty what is absent, ``variables.NAME`` what is a variable."""
    plain = to_plain(factors)
    variables = {f"variables.{name}": text for name, text in sorted(plain.pop("variables").items())}
    return {name: "" if value is None else str(value) for name, value in plain.items()} | variables


def factor_changes(before: HistoryEntry, after: HistoryEntry) -> tuple[FactorChange, ...]:
    """Name every factor that differs between two runs; one that only one of them recorded is left out.

    A version that records a new factor would else seem to have changed it.
    """
    old, new = before.factors, after.factors
    return tuple(
        FactorChange(name=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "") and (name in old) + (name in new) + _is_variable(name) > 1
    )


def _is_variable(name: str) -> bool:
    return name.startswith("variables.")


def _create(connection: sqlite3.Connection) -> None:
    """Lay out an empty file, as part of the transaction that appends the first entries."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute(_TABLE)


def _row(entry: HistoryEntry) -> tuple[Any, ...]:
    plain = to_plain(entry)
    return tuple(plain[name] if name != "factors" else json.dumps(plain[name]) for name in _COLUMNS)
