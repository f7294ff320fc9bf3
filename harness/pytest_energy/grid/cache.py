"""A cache of live intensities in a file of the user's, so that several runs ask a service once."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.errors import CarbonError
from pytest_energy.footprint.carbon import checked_g_per_kwh
from pytest_energy.results.codec import from_plain, to_plain
from pytest_energy.results.energy import CarbonIntensity

KEPT_FOR = dt.timedelta(minutes=15)
"""The services themselves renew their figures every 5 to 60 minutes."""


def cached(path: Path, key: str, now: str) -> CarbonIntensity | None:
    """Return what was stored under a key, if it is young enough; a file that cannot be used holds nothing.

    Args:
        path: The file.
        key: Service and zone.
        now: ISO date and time of now.
    """
    entry = _entries(path).get(key, {})
    try:
        age = dt.datetime.fromisoformat(now) - dt.datetime.fromisoformat(entry["asked"])
        intensity = from_plain(entry["intensity"], CarbonIntensity)
        checked_g_per_kwh(intensity.g_per_kwh)
    except (TypeError, KeyError, ValueError, CarbonError):
        return None
    return intensity if dt.timedelta(0) <= age <= KEPT_FOR else None


def store(path: Path, key: str, now: str, intensity: CarbonIntensity) -> None:
    """Store what was answered beside what else the file holds.

    Raises:
        HarnessError: The file cannot be written.
    """
    entries = _entries(path) | {key: {"asked": now, "intensity": to_plain(intensity)}}
    write_atomically(path, json.dumps(entries, indent=1, sort_keys=True) + "\n")


def _entries(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
