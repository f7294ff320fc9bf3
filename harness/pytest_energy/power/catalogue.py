"""The catalogue: every profile that is known, from this package, from others, and from a user's file."""

import difflib
from collections.abc import Iterator
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from pytest_energy.errors import ProfileError
from pytest_energy.power.profile import SHIPPED, AcceleratorProfile, PowerProfile, Profile
from pytest_energy.power.profile_file import parse_profiles, read_tables
from pytest_energy.power.profile_tables import profiles_of

ENTRY_POINTS = "pytest_energy.profiles"
"""The group of entry points of other packages: each leads to a package with .toml files."""

_Kind = TypeVar("_Kind", PowerProfile, AcceleratorProfile)


@cache
def everything() -> tuple[Profile, ...]:
    """Return every profile of this package and of others.

    Raises:
        ProfileError: Another package's file is faulty, or takes an id that is taken.
    """
    shipped = [
        profile
        for file in _files(resources.files("pytest_energy.power").joinpath("profiles"))
        for profile in profiles_of(read_tables(file.read_text(encoding="utf-8")), SHIPPED)
    ]
    return tuple(_all_different([*shipped, *_outsiders()]))


def all_profiles() -> tuple[PowerProfile, ...]:
    """Return every profile of a processor, a board, a runner or an instance, by id."""
    return _of(PowerProfile)


def all_accelerators() -> tuple[AcceleratorProfile, ...]:
    """Return every profile of an accelerator, by id."""
    return _of(AcceleratorProfile)


def profile_named(name_or_file: str) -> PowerProfile:
    """Return the profile with that id, or the one in that file.

    Raises:
        ProfileError: No processor's profile has that id and there is no such file, or the file is faulty.
    """
    found = any_profile(name_or_file)
    if isinstance(found, PowerProfile):
        return found
    raise ProfileError(
        f"{found.id!r} is the profile of an accelerator, but the processor's is asked for. Accelerators are "
        "found by the name that their driver gives; see pytest-energy profiles list."
    )


def any_profile(name_or_file: str) -> Profile:
    """Return the profile of whatever device with that id or alias, or the one in that file.

    Raises:
        ProfileError: None has that name and there is no such file, or the file is faulty.
    """
    known = {name: profile for profile in everything() for name in (*profile.aliases, profile.id)}
    if name_or_file in known:
        return known[name_or_file]
    path = Path(name_or_file)
    if path.suffix == ".toml" or path.is_file() or len(path.parts) > 1:
        return _only(profiles_in(path), path)
    near = difflib.get_close_matches(name_or_file.strip().lower(), known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise ProfileError(
        f"No power profile is named {name_or_file!r}. {hint}pytest-energy profiles list shows all "
        f"{len(everything())}; or give the path of a profile of your own, a .toml file."
    )


def accelerator_named(name: str) -> AcceleratorProfile | None:
    """Return the accelerator that its driver calls so; None where none is called exactly so."""
    for profile in all_accelerators():
        if _plain(name) in map(_plain, (profile.id, profile.name, *profile.aliases)):
            return profile
    return None


def profiles_in(path: Path) -> tuple[Profile, ...]:
    """Return the profiles in a file of the user's.

    Raises:
        ProfileError: It cannot be read, is faulty, or takes an id that is taken.
    """
    where = f"The power profile {path}"
    found = tuple(profiles_of(parse_profiles(_text(path), where), str(path)))
    taken = {profile.id for profile in everything()}
    for profile in found:
        if profile.id in taken:
            raise ProfileError(
                f"{where}: the id {profile.id!r} belongs to a profile that ships with pytest-energy or "
                "another package. Choose another, or baselines could not tell the two apart."
            )
    return found


def _only(found: tuple[Profile, ...], path: Path) -> Profile:
    if len(found) == 1:
        return found[0]
    raise ProfileError(
        f"The power profile {path} holds {len(found)} profiles: {', '.join(one.id for one in found)}. Put "
        "the one that is wanted into a file of its own."
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProfileError(
            f"The power profile {path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"The power profile {path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from error


def _outsiders() -> Iterator[Profile]:
    """Yield the profiles of other packages, checked as a user's own are."""
    for point in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        for file in _files(_folder(point)):
            where = f"The power profile {file.name} of {point.value}"
            yield from profiles_of(parse_profiles(file.read_text(encoding="utf-8"), where), point.value)


def _folder(point: metadata.EntryPoint) -> Traversable:
    try:
        return resources.files(point.value)
    except ImportError as error:
        raise ProfileError(
            f"The power profiles of {point.value!r} cannot be loaded: {error}. Mend or remove the package "
            "that brought them."
        ) from error


def _files(folder: Traversable) -> list[Traversable]:
    return sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda one: one.name
    )


def _all_different(profiles: list[Profile]) -> Iterator[Profile]:
    seen: dict[str, Profile] = {}
    for profile in sorted(profiles, key=lambda one: one.id):
        if profile.id in seen:
            raise ProfileError(
                f"The id {profile.id!r} is that of two power profiles, {seen[profile.id].origin} and "
                f"{profile.origin}. Remove one, or baselines could not tell the two apart."
            )
        seen[profile.id] = profile
        yield profile


def _of(kind: type[_Kind]) -> tuple[_Kind, ...]:
    return tuple(profile for profile in everything() if isinstance(profile, kind))


def _plain(name: str) -> str:
    """Return a name without case, vendor or marks of ownership: drivers and data sheets differ in those."""
    words = name.lower().replace("(r)", " ").replace("(tm)", " ").replace("-", " ").split()
    return " ".join(word for word in words if word not in {"nvidia", "amd", "intel", "google"})
