"""Clues to what a machine is: each finds a power profile by one kind of evidence, or none."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pytest_energy.environment import Machine
from pytest_energy.power.brand import hides_model, names_model
from pytest_energy.power.catalogue import all_profiles
from pytest_energy.power.ci_service import ci_service
from pytest_energy.power.profile import PowerProfile, Signature
from pytest_energy.power.surroundings import Surroundings, instance_family

REMEDY = "Choose another with --energy-profile, by name or as a file of your own."
"""What to do about a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A profile, and why it was chosen.

    Attributes:
        profile: The profile.
        certain: Whether everything that was looked at agrees; False for a guess.
        because: What was matched, in full sentences; for a guess, also what to do about it.
    """

    profile: PowerProfile
    certain: bool
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that detection looks at.

    Attributes:
        machine: This machine.
        variables: The environment variables.
        around: What its other files tell.
    """

    machine: Machine
    variables: Mapping[str, str]
    around: Surroundings

    @property
    def place(self) -> str:
        """The CI service, or this environment."""
        return ci_service(self.variables) or "this environment"

    @property
    def words(self) -> str:
        """The processors in words."""
        found = self.machine.environment
        return f"{found.logical_cpus} CPUs of {found.cpu}"


def guess(profile: PowerProfile, why: str) -> Detection:
    """Return a profile as a guess, with what to do about it."""
    return Detection(
        profile=profile,
        certain=False,
        because=f"{why} The power profile {profile.id} is therefore a guess. {REMEDY}",
    )


def by_service(seen: Seen) -> Detection | None:
    """Find a hosted runner. Its service draws one of several processors: the one that is there counts."""
    shown = [(one, by) for one, by in _signed() if by.variables and _shows(by, seen)]
    if not shown:
        return None
    size = seen.machine.environment.logical_cpus
    profile, signature = min(shown, key=lambda pair: abs((pair[0].cpu.vcpus or size) - size))
    values = ", ".join(f"{name}={seen.variables[name]}" for name in signature.variables)
    matched = f"{seen.place} ({values}) on {seen.words} matches {profile.name}"
    if signature.cpu and not names_model(seen.machine.environment.cpu, signature.cpu):
        other = by_processor(seen)
        if other and other.certain:
            return other
    doubts = list(_doubts(profile, signature, seen))
    if doubts:
        return guess(profile, f"{matched}, but {' and '.join(doubts)}.")
    return Detection(profile=profile, certain=True, because=f"{matched}.")


def by_instance(seen: Seen) -> Detection | None:
    """Find a cloud instance by its type."""
    instance = seen.around.instance
    if instance is None:
        return None
    family = instance_family(instance)
    found = [one for one, by in _signed() if by.instance == family and _vendor_fits(by, seen)]
    if not found:
        return None
    profile = found[0]
    matched = f"The instance type {instance} is of the family of {profile.name}"
    if not _host_fits(profile, seen):
        return guess(profile, f"{matched}, whose host has {profile.cpu.model}, but this one is {seen.words}.")
    size = seen.machine.environment.logical_cpus
    of_size = "" if profile.cpu.vcpus == size else f"; of its {size} CPUs each draws as one there does"
    return Detection(profile=profile, certain=True, because=f"{matched}{of_size}.")


def by_board(seen: Seen) -> Detection | None:
    """Find a board by the name in its device tree."""
    board = (seen.around.board or "").lower()
    for profile, by in _signed():
        if by.board and by.board.lower() in board:
            return Detection(
                profile=profile, certain=True, because=f"The board calls itself {seen.around.board}."
            )
    return None


def by_processor(seen: Seen) -> Detection | None:
    """Find a processor by the model in its brand string: the socket of one's own, or a share of a server."""
    brand, virtual = seen.machine.environment.cpu, seen.machine.environment.virtual
    named = [
        (one, by)
        for one, by in _signed()
        if by.cpu and not by.variables and not by.hidden and names_model(brand, by.cpu)
    ]
    exact = [one for one, by in named if by.virtual in {None, virtual}]
    how = f"a virtual machine{_on(seen)}" if virtual else "a machine of its own"
    if exact:
        return Detection(profile=exact[0], certain=True, because=f"{seen.words}, {how}: {exact[0].name}.")
    if named:
        return guess(
            _share(named[0][0]) if virtual else named[0][0],
            f"{seen.words} is the processor of {named[0][0].name}, but this is {how}.",
        )
    return None


def by_part(seen: Seen) -> Detection | None:
    """Find an Arm server processor, which has a part number instead of a brand."""
    part = seen.machine.environment.cpu_model
    for profile, by in _signed():
        if by.part == part and by.vendor is not None and by.vendor == seen.machine.vendor:
            return Detection(
                profile=profile,
                certain=True,
                because=f"The processor {part} on a machine of {by.vendor} is {profile.cpu.model}.",
            )
    return None


def by_family(seen: Seen) -> Detection | None:
    """Find the family at least of a processor whose virtual machine hides its model."""
    found = seen.machine.environment
    for profile, by in _signed():
        if by.hidden and by.cpu and found.virtual and hides_model(found.cpu) and _names(found.cpu, by.cpu):
            return guess(
                profile,
                f"This is a virtual machine{_on(seen)} with {seen.words}: which {by.cpu} it is, is hidden. "
                f"The true energy may be {profile.band_low:g} to {profile.band_high:g} times the figure.",
            )
    return None


def _signed() -> Iterator[tuple[PowerProfile, Signature]]:
    for profile in all_profiles():
        if profile.signature is not None:
            yield profile, profile.signature


def _shows(signature: Signature, seen: Seen) -> bool:
    """Whether the variables and the architecture are those of the signature."""
    if seen.machine.environment.arch not in signature.arch:
        return False
    return all(
        _words(seen.variables.get(name, "")).intersection(words)
        for name, words in signature.variables.items()
    )


def _words(value: str) -> set[str]:
    """Split a variable's value: GitLab writes the tags of a runner as a JSON array or with commas."""
    return set(re.split(r"[^\w.-]+", value))


def _doubts(profile: PowerProfile, signature: Signature, seen: Seen) -> Iterator[str]:
    """Yield what speaks against a profile. What cannot be read says nothing."""
    found, vcpus = seen.machine.environment, profile.cpu.vcpus
    if vcpus not in {None, found.logical_cpus}:
        yield f"the profile is for {vcpus} CPUs and only its power per CPU can be used"
    if signature.cpu and not names_model(found.cpu, signature.cpu):
        yield f"the profile was made for a host with {profile.cpu.model}"
    if signature.vendor and seen.machine.vendor not in {None, signature.vendor}:
        yield f"the firmware names {seen.machine.vendor} where {signature.vendor} was expected"


def _vendor_fits(signature: Signature, seen: Seen) -> bool:
    return signature.vendor is None or seen.machine.vendor in {None, signature.vendor}


def _host_fits(profile: PowerProfile, seen: Seen) -> bool:
    """Whether the processor is the one of the instance's host, or hides which one it is."""
    brand = seen.machine.environment.cpu
    model = profile.cpu.model.partition(" ")[2]  # without the name of its vendor
    return hides_model(brand) or names_model(brand, model)


def _share(profile: PowerProfile) -> PowerProfile:
    """Return a profile with the load of the whole processor unknown, as it is to one who has a share."""
    return replace(profile, follows_threads=False)


def _names(brand: str, family: str) -> bool:
    return family.lower() in brand.lower()


def _on(seen: Seen) -> str:
    return f" on {seen.around.hypervisor}" if seen.around.hypervisor else ""
