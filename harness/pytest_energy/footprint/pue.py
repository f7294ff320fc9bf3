"""Power usage effectiveness: what a building draws for each joule of its machines, by operator and region."""

import difflib
import math

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.cloud import cloud_code, cloud_regions, fleets
from pytest_energy.footprint.shipped import shipped
from pytest_energy.results.energy import Pue

HIGHEST = 10.0
"""No building comes near: 120 is a percentage by mistake."""


def pue_of(text: str) -> Pue:
    """Read a power usage effectiveness: a number, an operator, or a cloud region.

    Args:
        text: ``1.2``; the name of an operator, ``aws``, ``uptime``; or a region, ``aws/eu-west-1``.

    Raises:
        CarbonError: It is none of these, or a number that cannot be true.
    """
    try:
        value = float(text)
    except ValueError:
        return _named(text)
    if not (math.isfinite(value) and 1 <= value <= HIGHEST):
        raise CarbonError(
            f"{text.strip()} must be a number from 1 to {HIGHEST:g}: 1.2 is a building that draws "
            "a fifth more than its machines"
        )
    return Pue(value=value, place="", year=None, source="given by the user")


def _named(text: str) -> Pue:
    name = text.strip().lower()
    region = cloud_regions().get(cloud_code(name))
    found = region.pue if region else _operators().get(name)
    if found is None:
        known = [*_operators(), *cloud_regions()]
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise CarbonError(
            f"No power usage effectiveness is known for {text.strip()!r}. {hint}Give a number such as 1.2, a "
            f"cloud region such as aws/eu-west-1, or one of: {', '.join(_operators())}"
        )
    return found


def _operators() -> dict[str, Pue]:
    others = {
        row["id"]: Pue(value=row["pue"], place=row["name"], year=row["year"], source=row["source"])
        for row in shipped("pue.toml")["operator"]
    }
    return {**fleets(), **others}
