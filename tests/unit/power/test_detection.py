import math
from dataclasses import replace

import pytest

from pytest_energy.environment import Environment, Machine
from pytest_energy.power.detection import detect_accelerators, detect_profile, quota_in_words
from pytest_energy.power.surroundings import Surroundings

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
        (machine(vendor="QEMU"), GITHUB, "github-x64-4vcpu", "the firmware names QEMU"),
        (
            machine(cpu="AMD EPYC 9999 96-Core Processor"),
            GITHUB,
            "github-x64-4vcpu",
            "a host with AMD EPYC 7763",
        ),
        (machine(cpu="a processor", virtual=False), {}, "generic-cpu", "0.25 to 4 times"),
        (
            machine(arch="riscv64", cpu="unknown-cpu"),
            GITHUB,
            "generic-cpu",
            "4 CPUs of unknown-cpu in GitHub Actions",
        ),
        (machine(cpu="AMD EPYC", vendor=None), {}, "amd-epyc-vcpu", "which EPYC it is, is hidden"),
        (machine(cpu="AMD EPYC-Milan Processor", vendor=None), {}, "amd-epyc-vcpu", "0.5 to 2.5 times"),
        (
            machine(cpu="Intel Xeon Processor (Skylake, IBRS)", vendor=None),
            {},
            "intel-xeon-vcpu",
            "which Xeon it is, is hidden",
        ),
        (machine(cpu="AMD EPYC 7B12"), {}, "amd-epyc-7b12", "but this is a virtual machine"),
        (
            machine(cpu="AMD EPYC 9655 96-Core Processor", virtual=True),
            {"CIRCLECI": "true"},
            "amd-epyc-9655-server",
            None,
        ),
    ],
)
def test_what_is_not_beyond_doubt_is_a_guess_that_says_so(found, variables, profile, because):
    detection = detect_profile(found, variables)
    assert (detection.profile.id, detection.certain) == (profile, because is None)
    if because:
        assert because in detection.because
        assert "--energy-profile" in detection.because


@pytest.mark.parametrize(
    ("found", "variables", "profile"),
    [
        (RUNNER, {}, "amd-epyc-7763-server"),
        (RUNNER, GITHUB | {"RUNNER_ENVIRONMENT": "self-hosted"}, "amd-epyc-7763-server"),
        (machine(virtual=False, vendor="Supermicro"), {}, "amd-epyc-7763"),
        # GitHub draws one of several processors: the one that is there counts, not the one of the profile.
        (machine(cpu="AMD EPYC 9V74 80-Core Processor"), GITHUB, "amd-epyc-9v74-server"),
        (
            machine(cpu="Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"),
            GITHUB,
            "intel-xeon-platinum-8370c-server",
        ),
        (machine(cpu="AMD EPYC 7R13 Processor"), {"CIRCLECI": "true"}, "amd-epyc-7r13-server"),
        (machine(cpu="Intel(R) Xeon(R) W-2155 CPU @ 3.30GHz", virtual=False), {}, "intel-xeon-w-2155"),
        (machine(cpu="13th Gen Intel(R) Core(TM) i9-13900K", virtual=False), {}, "intel-core-i9-13900k"),
        (machine(cpu="AMD Ryzen 9 7950X 16-Core Processor", virtual=False), {}, "amd-ryzen-9-7950x"),
        (
            machine(cpu="Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz", virtual=False),
            {},
            "intel-xeon-e5-2686-v4",
        ),
        (machine(cpu="Apple M2", arch="arm64", virtual=False), {}, "apple-m2"),
    ],
)
def test_a_processor_that_names_its_model_is_recognised_beyond_doubt(found, variables, profile):
    detection = detect_profile(found, variables)
    assert (detection.profile.id, detection.certain) == (profile, True)


@pytest.mark.parametrize("brand", ["Apple M1 Pro", "AMD Ryzen 9 7950X3D 16-Core Processor", "AMD EPYC 7763P"])
def test_another_model_with_nearly_the_same_name_is_not_mistaken_for_it(brand):
    assert detect_profile(machine(cpu=brand, virtual=False), {}).profile.id == "generic-cpu"


@pytest.mark.parametrize(
    ("part", "vendor", "profile"),
    [
        ("0x41-0xd49", "Microsoft Corporation", "microsoft-cobalt-100-server"),
        ("0x41-0xd4f", "Google", "google-axion-server"),
        ("0x41-0xd4f", "Amazon EC2", "aws-graviton4"),
        ("0x41-0xd0c", "Amazon EC2", "aws-graviton2"),
        ("0x41-0xd0c", "somebody else", "generic-cpu"),
        ("0x41-0xd0c", None, "generic-cpu"),
    ],
)
def test_an_arm_server_is_known_by_its_part_and_its_maker(part, vendor, profile):
    found = machine(vendor=vendor, arch="aarch64", cpu="unknown-cpu", cpu_model=part)
    assert detect_profile(found, {}).profile.id == profile


def test_a_hosted_arm_runner_is_recognised():
    found = machine(arch="aarch64", cpu="unknown-cpu", cpu_model="0x41-0xd49")
    detection = detect_profile(found, GITHUB)
    assert (detection.profile.id, detection.certain) == ("github-arm64-4vcpu", True)


@pytest.mark.parametrize(
    ("instance", "found", "profile", "certain"),
    [
        (
            "c5.large",
            machine(vendor="Amazon EC2", cpu="Intel(R) Xeon(R) Platinum 8124M CPU @ 3.00GHz", logical_cpus=2),
            "aws-c5.large",
            True,
        ),
        (
            "m6g.xlarge",
            machine(vendor="Amazon EC2", arch="aarch64", cpu="unknown-cpu"),
            "aws-m6g.large",
            True,
        ),
        ("Standard_D8as_v5", machine(logical_cpus=8), "azure-d4as-v5", True),
        (
            "n2d-standard-8",
            machine(vendor="Google", cpu="AMD EPYC 7B12", logical_cpus=8),
            "gcp-n2d-standard-4",
            True,
        ),
        # AWS gives a c5 one of two processors: the other one is no reason to be silent.
        (
            "c5.large",
            machine(
                vendor="Amazon EC2", cpu="Intel(R) Xeon(R) Platinum 8275CL CPU @ 3.00GHz", logical_cpus=2
            ),
            "aws-c5.large",
            False,
        ),
    ],
)
def test_a_cloud_instance_is_known_by_its_type(instance, found, profile, certain):
    detection = detect_profile(found, {}, Surroundings(instance=instance))
    assert (detection.profile.id, detection.certain) == (profile, certain)
    assert instance in detection.because


def test_an_instance_type_of_another_vendor_is_not_believed():
    found = machine(vendor="Google", cpu="AMD EPYC", logical_cpus=2)
    assert detect_profile(found, {}, Surroundings(instance="c5.large")).profile.id == "amd-epyc-vcpu"


@pytest.mark.parametrize(
    ("board", "profile"),
    [
        ("Raspberry Pi 4 Model B Rev 1.4", "raspberry-pi-4"),
        ("NVIDIA Jetson AGX Orin Developer Kit", "jetson-agx-orin-cpu"),
        ("Hardkernel ODROID-N2Plus", "odroid-n2-plus"),
        ("Raspberry Pi 3 Model B", "generic-cpu"),
    ],
)
def test_a_board_is_known_by_its_device_tree(board, profile):
    found = machine(vendor=None, arch="aarch64", cpu="unknown-cpu", virtual=False)
    assert detect_profile(found, {}, Surroundings(board=board)).profile.id == profile


def test_a_machine_is_found_out_the_same_way_again():
    around = Surroundings(instance="c5.large", accelerators=(("nvidia", "Tesla T4"),))
    assert detect_profile(RUNNER, GITHUB, around) == detect_profile(RUNNER, GITHUB, around)


def test_accelerators_have_the_profile_of_exactly_their_name():
    found = detect_accelerators(
        Surroundings(accelerators=(("nvidia", "Tesla T4"), ("nvidia", "NVIDIA T4000")))
    )
    assert [(one.name, one.profile.id if one.profile else None) for one in found] == [
        ("Tesla T4", "nvidia-t4"),
        ("NVIDIA T4000", None),
    ]


@pytest.mark.parametrize(
    ("quota", "words"), [(1.5, "may use 1.5 of 4 CPUs"), (4.0, None), (math.inf, None), (None, None)]
)
def test_a_limit_of_the_control_group_is_told(quota, words):
    told = quota_in_words(Surroundings(cpu_quota=quota), RUNNER)
    assert told is None if words is None else words in told
