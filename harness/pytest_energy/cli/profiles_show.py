"""``pytest-energy profiles show``: everything in one power profile."""

import json
from collections.abc import Iterator

from pytest_energy.cli.profile_words import band_of, confidence_in_words, kind_of, plain, watts
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.footprint.energy import core_power_w, marginal_core_power_w
from pytest_energy.power.catalogue import any_profile
from pytest_energy.power.profile import AcceleratorProfile, PowerProfile, Signature


def run(name_or_file: str, *, as_json: bool) -> int:
    """Show one profile.

    Raises:
        ProfileError: There is none of that name, or its file is faulty.
    """
    profile = any_profile(name_or_file)
    if as_json:
        print(json.dumps(plain(profile), indent=2, ensure_ascii=False))
        return 0
    lines = _accelerator(profile) if isinstance(profile, AcceleratorProfile) else _processor(profile)
    screen = standard_screen()
    screen.line(f"{profile.id}: {profile.name}", style="bold")
    rows = [
        ("kind", kind_of(profile)),
        *([("also called", ", ".join(profile.aliases))] if profile.aliases else []),
        *lines,
        ("band", f"{band_of(profile)}, to hold {confidence_in_words()}"),
        ("boundary", profile.boundary),
        *(("source", one) for one in profile.source),
        ("from", profile.origin),
    ]
    screen.table(("", ""), rows, foldable=(1,))
    show(screen)
    return 0


def _processor(profile: PowerProfile) -> Iterator[tuple[str, str]]:
    cpu = profile.cpu
    share = f", of which {cpu.vcpus} are this machine's" if cpu.vcpus else ""
    each = f", {cpu.threads_per_unit} threads each" if cpu.threads_per_unit > 1 else ""
    yield "processor", f"{cpu.model}: {cpu.units} {cpu.unit}{'s' if cpu.units > 1 else ''}{each}{share}"
    yield "load", "the benchmark's threads" if profile.follows_threads else "unknown: full load is assumed"
    if profile.rated_w is not None:
        sustains = f", sustains {profile.limit_w:g} W" if profile.limit_w else ""
        yield "rated", f"{profile.rated_w:g} W{sustains}"
    yield "curve", ", ".join(f"{watts(power_w)} W at {load:.0%}" for load, power_w in profile.curve)
    yield (
        "a busy core",
        f"{core_power_w(profile, 1):.3g} W, of which load adds {marginal_core_power_w(profile, 1):.3g} W",
    )
    memory = profile.memory
    size = f"{profile.memory_gib:g} GiB at " if profile.memory_gib else ""
    yield "memory", f"{size}{memory.w_per_gib:g} W per GiB, {memory.low:g} to {memory.high:g}"
    if profile.signature is not None:
        yield "recognised by", "; ".join(_marks(profile.signature))


def _accelerator(profile: AcceleratorProfile) -> Iterator[tuple[str, str]]:
    yield "rated", f"{profile.rated_w:g} W"
    yield "idle", f"{profile.idle_w:g} W with a context open"
    yield "always busy", f"{profile.power_w(1.0):.3g} W"
    yield "utilisation unknown", f"{profile.power_w(None):.3g} W"
    if profile.memory_gib:
        yield "memory", f"{profile.memory_gib:g} GiB"


def _marks(seen: Signature) -> Iterator[str]:
    for name, words in seen.variables.items():
        yield f"{name}={'|'.join(words)}"
    named = {
        "processor": seen.cpu,
        "part": seen.part,
        "board": seen.board,
        "instance family": seen.instance,
        "firmware vendor": seen.vendor,
    }
    yield from (f"{what} {value}" for what, value in named.items() if value)
    if seen.virtual is not None:
        yield "virtual machine" if seen.virtual else "machine of its own"
