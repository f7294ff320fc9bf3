from dataclasses import replace

import pytest

from pytest_energy.environment import Environment, Machine
from pytest_energy.power.detection import detect_profile

RUNNER = Machine(
    environment=Environment(
        os="linux",
        arch="x86_64",
        cpu="AMD EPYC 7763 64-Core Processor",
        cpu_model="25-1",
        logical_cpus=4,
        isa=("avx2",),
        virtual=True,
    ),
    physical_cores=2,
    memory_gib=15.6,
    vendor="Microsoft Corporation",
    product="Virtual Machine",
)
GITHUB = {"GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted", "RUNNER_OS": "Linux"}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_SERVER_HOST": "gitlab.com",
    "CI_RUNNER_TAGS": '["gitlab-org", "saas-linux-small-amd64"]',
}


def machine(vendor="Microsoft Corporation", **environment):
    return replace(RUNNER, vendor=vendor, environment=replace(RUNNER.environment, **environment))


@pytest.mark.parametrize(
    ("found", "variables", "profile"),
    [
        (RUNNER, GITHUB, "github-x64-4vcpu"),
        (machine(vendor=None), GITHUB, "github-x64-4vcpu"),
        (machine(logical_cpus=2), GITHUB, "github-x64-2vcpu"),
        (
            machine(vendor=None, os="darwin", arch="arm64", cpu="arm", logical_cpus=3),
            GITHUB | {"RUNNER_OS": "macOS"},
            "github-macos-m1",
        ),
        (machine(vendor="Google", cpu="AMD EPYC 7B12", logical_cpus=2), GITLAB, "gitlab-small-x64"),
        (
            machine(vendor="Google", cpu="AMD EPYC 7B12"),
            GITLAB | {"CI_RUNNER_TAGS": "gitlab-org,saas-linux-medium-amd64"},
            "gitlab-medium-x64",
        ),
    ],
)
def test_a_hosted_runner_is_recognised_beyond_doubt(found, variables, profile):
    detection = detect_profile(found, variables)
    assert (detection.profile.id, detection.certain) == (profile, True)
    assert detection.profile.name in detection.because


@pytest.mark.parametrize(
    ("found", "variables", "profile", "because"),
    [
        (machine(logical_cpus=16), GITHUB, "github-x64-4vcpu", "the profile is for 4 CPUs"),
        (
            machine(cpu="AMD EPYC 9V74 80-Core Processor"),
            GITHUB,
            "github-x64-4vcpu",
            "a host with AMD EPYC 7763",
        ),
        (machine(vendor="QEMU"), GITHUB, "github-x64-4vcpu", "the firmware names QEMU"),
        (RUNNER, {}, "github-x64-4vcpu", "does not say that it is one"),
        (
            RUNNER,
            GITHUB | {"RUNNER_ENVIRONMENT": "self-hosted"},
            "github-x64-4vcpu",
            "GitHub Actions does not say",
        ),
        (machine(virtual=False), {}, "generic-cpu", "0.25 to 4 times"),
        (
            machine(arch="aarch64", cpu="unknown-cpu"),
            GITHUB,
            "generic-cpu",
            "4 CPUs of unknown-cpu in GitHub Actions",
        ),
        (
            machine(cpu="AMD EPYC 7R13"),
            {"CIRCLECI": "true"},
            "generic-cpu",
            "4 CPUs of AMD EPYC 7R13 in CircleCI",
        ),
        (
            machine(cpu="AMD EPYC 7B12"),
            GITLAB | {"CI_SERVER_HOST": "gitlab.company.com"},
            "gitlab-medium-x64",
            "GitLab CI does not say",
        ),
    ],
)
def test_what_is_not_beyond_doubt_is_a_guess_that_says_so(found, variables, profile, because):
    detection = detect_profile(found, variables)
    assert (detection.profile.id, detection.certain) == (profile, False)
    assert because in detection.because
    assert "--energy-profile" in detection.because
