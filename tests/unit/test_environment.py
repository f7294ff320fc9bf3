import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.environment import Environment, detect_machine

X86 = """processor\t: {number}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 106
model name\t: Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz
physical id\t: 0
core id\t\t: {core}
flags\t\t: fpu sse4_1 avx avx2 fma f16c avx512f avx512bw avx512_vnni hypervisor
"""
ARM = """processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd asimddp asimdhp
CPU implementer\t: 0x41
CPU part\t: 0xd0c
"""

ENVIRONMENT = Environment(
    os="linux",
    arch="x86_64",
    cpu="AMD EPYC 7763 64-Core Processor",
    cpu_model="25-1",
    logical_cpus=4,
    isa=("avx", "avx2"),
    virtual=True,
)


@pytest.fixture
def root(tmp_path):
    """Lay out what Linux tells of a machine with two cores of two threads each."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys/class/dmi/id").mkdir(parents=True)
    cpuinfo = "\n".join(X86.format(number=number, core=number // 2) for number in range(4))
    (tmp_path / "proc/cpuinfo").write_text(cpuinfo, encoding="utf-8")
    (tmp_path / "proc/meminfo").write_text("MemTotal:       16393244 kB\nMemFree: 1 kB\n", encoding="utf-8")
    (tmp_path / "sys/class/dmi/id/sys_vendor").write_text("Microsoft Corporation\n", encoding="utf-8")
    return tmp_path


def test_a_machine_is_read_from_what_linux_tells(root):
    machine = detect_machine(root)
    assert machine.environment.cpu == "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"
    assert machine.environment.cpu_model == "6-106"
    assert machine.environment.isa == (
        "avx",
        "avx2",
        "avx512_vnni",
        "avx512bw",
        "avx512f",
        "f16c",
        "fma",
        "sse4_1",
    )
    assert machine.environment.virtual
    assert machine.environment.logical_cpus >= 1
    assert machine.physical_cores == 2
    assert machine.memory_gib == 15.6
    assert machine.vendor == "Microsoft Corporation"
    assert machine.product is None


def test_an_arm_processor_is_told_by_its_part_because_it_names_no_brand(root):
    (root / "proc/cpuinfo").write_text(ARM, encoding="utf-8")
    machine = detect_machine(root)
    assert machine.environment.cpu_model == "0x41-0xd0c"
    assert machine.environment.isa == ("asimd", "asimddp", "asimdhp")
    assert not machine.environment.virtual
    assert machine.physical_cores is None


def test_what_cannot_be_read_is_unknown(tmp_path):
    machine = detect_machine(tmp_path)
    assert machine.environment.cpu
    assert machine.environment.cpu_model == ""
    assert machine.environment.isa == ()
    assert (machine.physical_cores, machine.memory_gib, machine.vendor, machine.product) == (None,) * 4


def test_this_machine_has_an_id_that_stays_the_same():
    assert detect_machine().environment.id == detect_machine().environment.id


def test_an_id_leaves_out_the_noise_of_a_brand_string(root):
    environment = replace(detect_machine(root).environment, os="linux", arch="x86_64", logical_cpus=4)
    assert environment.id == "linux-x86_64-intel-xeon-platinum-8370c-6-106-4cpu-avx512_vnni"
    assert ENVIRONMENT.id == "linux-x86_64-amd-epyc-7763-25-1-4cpu-avx2"


@pytest.mark.parametrize(
    "change",
    [
        {"os": "darwin"},
        {"arch": "aarch64"},
        {"cpu": "AMD EPYC 9V74 80-Core Processor"},
        {"cpu_model": "25-17"},
        {"logical_cpus": 2},
        {"isa": ("avx", "avx2", "avx512f", "avx512_vnni")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_class_of_machines_has_another_id(change):
    assert replace(ENVIRONMENT, **change).id != ENVIRONMENT.id


def test_a_processor_without_telling_instruction_sets_is_plain():
    assert replace(ENVIRONMENT, isa=()).id.endswith("-plain")


@given(cpu=st.text(max_size=60), cpu_model=st.text(max_size=20))
def test_an_id_is_a_safe_name_of_a_folder_whatever_the_processor_is_called(cpu, cpu_model):
    assert re.fullmatch(r"linux-x86_64-[a-z0-9_-]+", replace(ENVIRONMENT, cpu=cpu, cpu_model=cpu_model).id)
