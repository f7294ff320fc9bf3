"""Detection: which power profile is this machine's, by what evidence, and how surely."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_energy.environment import Machine
from pytest_energy.power.profile import GENERIC, PowerProfile, Signature, all_profiles, profile_named

# CI services by a variable that only they set. Naming the service helps a reader even where no profile fits.
_SERVICES = {
    "GITHUB_ACTIONS": "GitHub Actions",
    "GITLAB_CI": "GitLab CI",
    "CIRCLECI": "CircleCI",
    "TF_BUILD": "Azure Pipelines",
    "BITBUCKET_BUILD_NUMBER": "Bitbucket Pipelines",
    "CODEBUILD_BUILD_ID": "AWS CodeBuild",
    "BUILDKITE": "Buildkite",
    "TRAVIS": "Travis CI",
    "JENKINS_URL": "Jenkins",
}
_REMEDY = "Choose another with --energy-profile, by name or as a file of your own."


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


def detect_profile(machine: Machine, variables: Mapping[str, str]) -> Detection:
    """Find this machine's power profile. What is not beyond doubt is returned as a guess.

    Args:
        machine: This machine.
        variables: The environment variables.
    """
    by_service = _fitting(
        [profile for profile in all_profiles() if _shows(profile.signature, machine, variables)], machine
    )
    if by_service:
        return _by_service(by_service, machine, variables)
    by_hardware = [profile for profile in all_profiles() if _same_hardware(profile, machine)]
    if by_hardware:
        return _guess(
            by_hardware[0],
            f"This virtual machine has the processor and the number of CPUs of {by_hardware[0].name}, but "
            f"{_place(variables)} does not say that it is one.",
        )
    return _generic(machine, variables)


def _shows(signature: Signature | None, machine: Machine, variables: Mapping[str, str]) -> bool:
    """Whether the variables and the architecture are those of the signature."""
    if signature is None or machine.environment.arch not in signature.arch:
        return False
    return all(
        _words(variables.get(name, "")).intersection(words) for name, words in signature.variables.items()
    )


def _words(value: str) -> set[str]:
    """Split a variable's value: GitLab writes the tags of a runner as a JSON array or with commas."""
    return set(re.split(r"[^\w.-]+", value))


def _fitting(candidates: list[PowerProfile], machine: Machine) -> PowerProfile | None:
    """Return the candidate whose size is nearest."""
    size = machine.environment.logical_cpus
    return min(candidates, key=lambda one: abs((one.cpu.vcpus or size) - size), default=None)


def _same_hardware(profile: PowerProfile, machine: Machine) -> bool:
    found, signature = machine.environment, profile.signature
    if signature is None or signature.cpu is None or not found.virtual:
        return False
    same_kind = found.arch in signature.arch and signature.cpu in found.cpu
    return same_kind and profile.cpu.vcpus == found.logical_cpus


def _by_service(profile: PowerProfile, machine: Machine, variables: Mapping[str, str]) -> Detection:
    names = profile.signature.variables if profile.signature else ()
    shown = ", ".join(f"{name}={variables[name]}" for name in names)
    matched = f"{_place(variables)} ({shown}) on {_machine(machine)} matches {profile.name}"
    doubts = list(_doubts(profile, machine))
    if doubts:
        return _guess(profile, f"{matched}, but {' and '.join(doubts)}.")
    return Detection(profile=profile, certain=True, because=f"{matched}.")


def _doubts(profile: PowerProfile, machine: Machine) -> Iterator[str]:
    """Yield what speaks against a profile. What cannot be read says nothing."""
    found, signature, vcpus = machine.environment, profile.signature, profile.cpu.vcpus
    if vcpus not in {None, found.logical_cpus}:
        yield f"the profile is for {vcpus} CPUs and only its power per CPU can be used"
    if signature and signature.cpu and signature.cpu not in found.cpu:
        yield f"the profile was made for a host with {profile.cpu.model}"
    if signature and signature.vendor and machine.vendor not in {None, signature.vendor}:
        yield f"the firmware names {machine.vendor} where {signature.vendor} was expected"


def _guess(profile: PowerProfile, why: str) -> Detection:
    return Detection(
        profile=profile,
        certain=False,
        because=f"{why} The power profile {profile.id} is therefore a guess. {_REMEDY}",
    )


def _generic(machine: Machine, variables: Mapping[str, str]) -> Detection:
    profile = profile_named(GENERIC)
    return Detection(
        profile=profile,
        certain=False,
        because=(
            f"No power profile is known for {_machine(machine)} in {_place(variables)}. {profile.id} is "
            f"assumed, so the true energy may be {profile.band_low:g} to {profile.band_high:g} times the "
            f"figure. {_REMEDY}"
        ),
    )


def _place(variables: Mapping[str, str]) -> str:
    return next((name for variable, name in _SERVICES.items() if variables.get(variable)), "this environment")


def _machine(machine: Machine) -> str:
    found = machine.environment
    return f"{found.logical_cpus} CPUs of {found.cpu}"
