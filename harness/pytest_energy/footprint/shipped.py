"""Shipped figures: the data files of this folder, each row with its year and source."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """Return the tables of a file such as ``carbon.toml``."""
    text = resources.files("pytest_energy.footprint").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)
