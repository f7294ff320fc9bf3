"""Keys under which pytest keeps what belongs to a run and to a test."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_energy.plugin.energy_session import Answer, EnergySession
    from pytest_energy.plugin.fixture import Energy

ENERGY_SESSION: "pytest.StashKey[EnergySession]" = pytest.StashKey()
"""In the configuration of a run that measures."""

ENERGY_OF_ITEM: "pytest.StashKey[Energy]" = pytest.StashKey()
"""In a test that uses the fixture."""

BENCHMARK_ANSWERS: "pytest.StashKey[list[Answer]]" = pytest.StashKey()
"""In a test that uses the fixture of pytest-benchmark, while energy is measured."""
