from dataclasses import replace

import pytest

from pytest_energy.environment import Environment
from pytest_energy.measurement.noise_sources import find_noise_sources

ENVIRONMENT = Environment(
    os="linux",
    arch="x86_64",
    cpu="a processor",
    cpu_model="1-2",
    logical_cpus=4,
    isa=("avx2",),
    virtual=False,
)
CPUS = "sys/devices/system/cpu"


def found(linux, name, **environment):
    """Return what was found, whether it harms, and the remedy, of one source."""
    sources = {
        each.name: each for each in find_noise_sources(replace(ENVIRONMENT, **environment), linux.root)
    }
    one = sources[name]
    assert bool(one.remedy) == bool(one.harms)
    return one.found, one.harms, one.remedy


def test_what_cannot_be_read_is_unknown_and_no_fault(linux):
    unknown = ("CPU quota", "throttling", "load", "frequency governor", "turbo", "SMT")
    for name in unknown:
        assert found(linux, name) == (None, None, "")
    assert found(linux, "virtual machine", arch="aarch64") == (None, None, "")


@pytest.mark.parametrize("text", ["", "nonsense", "\x00", "2"])
def test_garbage_is_unknown(linux, text):
    linux.group_2("/a", maximum=text)
    for path in (f"{CPUS}/smt/active", f"{CPUS}/cpufreq/boost", f"{CPUS}/intel_pstate/no_turbo"):
        linux.put(path, text)
    linux.put("sys/fs/cgroup/a/cpu.stat", text)
    for name in ("throttling", "turbo", "SMT"):
        assert found(linux, name) == (None, None, "")


@pytest.mark.parametrize(("cpus", "harms"), [(1, True), (2, False)])
def test_one_cpu_is_too_few(linux, cpus, harms):
    assert found(linux, "CPUs", logical_cpus=cpus)[:2] == (str(cpus), harms)


@pytest.mark.parametrize(
    ("maximum", "shown", "harms"),
    [
        ("max 100000", "none", False),
        ("50000 100000", "0.5 of 4 CPUs", True),
        ("100000 100000", "1 of 4 CPUs", False),
        ("250000 100000", "2.5 of 4 CPUs", False),
    ],
)
def test_a_quota_harms_below_one_cpu(linux, maximum, shown, harms):
    linux.group_2("/a", maximum=maximum)
    assert found(linux, "CPU quota")[:2] == (shown, harms)


@pytest.mark.parametrize(("throttled", "harms"), [(0, False), (2, False), (3, True)])
def test_throttling_harms_where_it_is_frequent(linux, throttled, harms):
    linux.group_2("/a", maximum="100000 100000", throttled=throttled)
    assert found(linux, "throttling")[:2] == (f"in {throttled} of 200 periods", harms)


def test_throttling_is_read_from_version_1_too(linux):
    linux.group_1("/a", quota="50000", throttled=100)
    assert found(linux, "throttling")[:2] == ("in 100 of 200 periods", True)
    assert found(linux, "CPU quota")[:2] == ("0.5 of 4 CPUs", True)


@pytest.mark.parametrize(
    ("load", "harms"), [("0.05", False), ("3.00", False), ("3.01", True), ("70.5", True)]
)
def test_a_load_harms_that_leaves_less_than_one_cpu(linux, load, harms):
    linux.put("proc/loadavg", f"{load} 1.63 1.43 3/107 18806\n")
    shown, harmful, _ = found(linux, "load")
    assert (shown.split()[0], harmful) == (f"{float(load):g}", harms)


@pytest.mark.parametrize(
    ("governors", "shown", "harms"),
    [
        (["performance", "performance"], "performance", False),
        (["schedutil"], "schedutil", True),
        (["performance", "powersave"], "performance, powersave", True),
    ],
)
def test_every_cpu_needs_the_steady_governor(linux, governors, shown, harms):
    for number, governor in enumerate(governors):
        linux.put(f"{CPUS}/cpu{number}/cpufreq/scaling_governor", f"{governor}\n")
    assert found(linux, "frequency governor")[:2] == (shown, harms)


@pytest.mark.parametrize(
    ("switch", "value", "shown"),
    [
        ("intel_pstate/no_turbo", "0", "on"),
        ("intel_pstate/no_turbo", "1", "off"),
        ("cpufreq/boost", "1", "on"),
        ("cpufreq/boost", "0", "off"),
    ],
)
def test_turbo_has_two_switches_and_the_remedy_turns_the_right_one(linux, switch, value, shown):
    linux.put(f"{CPUS}/{switch}", f"{value}\n")
    state, harms, remedy = found(linux, "turbo")
    assert (state, harms) == (shown, shown == "on")
    if harms:
        assert f"echo {1 - int(value)} | sudo tee /{CPUS}/{switch}" in remedy


@pytest.mark.parametrize(("value", "harms"), [("1", True), ("0", False)])
def test_two_threads_per_core_harm(linux, value, harms):
    linux.put(f"{CPUS}/smt/active", f"{value}\n")
    assert found(linux, "SMT")[1] == harms


def test_a_virtual_machine_harms(linux):
    assert found(linux, "virtual machine", virtual=True)[:2] == ("yes", True)
    assert found(linux, "virtual machine")[:2] == ("no", False)


def test_this_machine_can_be_looked_at():
    assert len(find_noise_sources(ENVIRONMENT)) == 8
