"""The pytest plugin: cheap until ``--energy`` is given."""

from typing import TYPE_CHECKING

import pytest

from pytest_energy.options import OPTIONS

if TYPE_CHECKING:
    from pytest_energy.plugin.fixture import Energy


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare every option of the table."""
    group = parser.getgroup("energy", "energy and emissions of ONNX models")
    for option in OPTIONS:
        if option.on_command_line:
            group.addoption(option.flag, dest=option.dest, help=option.help, **option.arguments)


def pytest_configure(config: pytest.Config) -> None:
    """Start measuring if it was asked for; a plain run imports nothing further."""
    config.addinivalue_line("markers", "energy_benchmark: set on everything whose energy is measured")
    given = [option.flag for option in OPTIONS if config.getoption(option.dest, None) is not None]
    if not given:
        return
    if not config.getoption("energy"):
        raise pytest.UsageError(f"{given[0]} has no effect without --energy: add --energy, or leave it out.")
    from pytest_energy.plugin.measured_run import start

    start(config)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is measured, so that ``-m energy_benchmark`` finds it."""
    if is_energy_test(item):
        item.add_marker("energy_benchmark")


def is_energy_test(item: pytest.Item) -> bool:
    """Whether a test uses this plugin's fixture, and not another one that happens to have its name."""
    if "energy" not in getattr(item, "fixturenames", ()):
        return False
    found = getattr(item, "_fixtureinfo").name2fixturedefs.get("energy")  # noqa: B009 - pytest has no public way
    return bool(found) and found[-1].func.__module__ == __name__


@pytest.fixture
def energy(request: pytest.FixtureRequest) -> "Energy":
    """Measure what a test runs: ``energy.infer(model)``, ``energy.measure(callable)``.

    Without ``--energy`` each call runs its step once, unmeasured.
    """
    from pytest_energy.plugin.fixture import energy_for

    return energy_for(request)
