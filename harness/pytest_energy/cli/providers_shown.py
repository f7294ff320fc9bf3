"""What ``pytest-energy providers`` does: providers are tried out, and told in a table or as JSON."""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from pytest_energy.cli.doctor_checks import of_runtime
from pytest_energy.cli.progress import Progress
from pytest_energy.cli.project import project_root
from pytest_energy.cli.screen import Screen, show, standard_screen
from pytest_energy.runtime.availability import Availability, availabilities
from pytest_energy.runtime.installation import probe, runtime_distributions
from pytest_energy.settings import read_project, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Try out the providers, show what was found, and return the exit code.

    Raises:
        SettingsError: A plugin library cannot be used.
    """
    root = project_root(Path.cwd())
    flags = {"ep-library": arguments.ep_library} if arguments.ep_library else {}
    libraries = read_settings(flags, read_project(root), root, Path.cwd()).libraries
    distributions, installation = runtime_distributions(), probe()
    faults = list(of_runtime(distributions, installation))
    with Progress() as progress:
        found = []
        for each in availabilities(installation, distributions, libraries):
            progress.say(f"{each.provider}: {'runs' if each.available else 'does not run'}")
            found.append(each)
    if arguments.json:
        print(json.dumps({"faults": faults, "providers": [asdict(each) for each in found]}, indent=2))
    else:
        show(as_screen(found, faults, standard_screen()))
    return int(bool(faults) or not any(each.available for each in found))


def as_screen(found: Sequence[Availability], faults: Iterable[str], screen: Screen) -> Screen:
    """Fill a screen: what runs and on what, then why the others do not."""
    running = [each for each in found if each.available]
    if running:
        rows = [(each.provider, on_what(each)) for each in running]
        screen.table(("provider", "runs on"), rows, foldable=[1])
        screen.line()
    rows = [(each.provider, each.reason or "") for each in found if not each.available]
    screen.table(("provider", "does not run here, because"), rows, foldable=[1])
    for fault in faults:
        screen.line()
        screen.unbroken(fault)
    return screen


def on_what(one: Availability) -> str:
    """Say what a provider computes on; a program that stands in for a device must not pass for one."""
    words = one.device or ("the processor" if one.software_device is None else "a device without a name")
    if one.software_device:
        words += ": a software device, no GPU"
    if len(one.devices) > 1:
        words += f"; lists {', '.join(one.devices)}"
    return f"{words} (plugin {one.plugin_version})" if one.plugin_version else words
