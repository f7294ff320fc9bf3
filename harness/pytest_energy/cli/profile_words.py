"""Power profiles in words and as plain data, the same for all commands that show them."""

from typing import Any

import msgspec

from pytest_energy.power.generic_model import CONFIDENCE
from pytest_energy.power.profile import AcceleratorProfile, PowerProfile, Profile


def kind_of(profile: Profile) -> str:
    """Return what a profile is of, in a word."""
    if isinstance(profile, AcceleratorProfile):
        return "accelerator"
    seen = profile.signature
    if seen and seen.variables:
        return "runner"
    if seen and seen.instance:
        return "instance"
    if seen and seen.board:
        return "board"
    return "share" if not profile.follows_threads else "processor"


def watts_of(profile: Profile) -> str:
    """Return idle and full power in W, of what the profile counts."""
    if isinstance(profile, AcceleratorProfile):
        return f"{watts(profile.idle_w)} to {watts(profile.power_w(1.0))} W"
    idle_w, full_w = profile.power_w(0.0), profile.power_w(1.0)
    if profile.follows_threads:
        return f"{watts(idle_w)} to {watts(full_w)} W"
    return f"{idle_w / profile.cpu.units:.2g} to {full_w / profile.cpu.units:.2g} W per {profile.cpu.unit}"


def watts(power_w: float) -> str:
    """Return W with three digits, which is more than any band allows."""
    return f"{power_w:.3g}" if power_w < 999.5 else f"{power_w:.0f}"  # noqa: PLR2004 - beyond, .3g counts in powers


def band_of(profile: Profile) -> str:
    """Return the band as factors."""
    low, high = (
        profile.band_at(1.0)
        if isinstance(profile, AcceleratorProfile)
        else (profile.band_low, profile.band_high)
    )
    return f"x{low:g}..x{high:g}"


def confidence_in_words() -> str:
    """Return what a band is to hold."""
    return f"{CONFIDENCE:.0%} of devices"


def plain(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON can hold it."""
    told: dict[str, Any] = msgspec.to_builtins(profile)
    if isinstance(profile, PowerProfile) and profile.signature is not None:
        told["signature"] = {key: value for key, value in told["signature"].items() if value}
    return {"kind": kind_of(profile)} | told
