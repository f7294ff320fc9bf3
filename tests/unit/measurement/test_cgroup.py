import math

import pytest

from pytest_energy.measurement.cgroup import (
    cgroup_folders,
    cpu_limit,
    cpu_quota,
    read_counters,
    throttling_file,
)

TOP = "sys/fs/cgroup"


def test_where_nothing_can_be_read_nothing_is_known(linux):
    assert cgroup_folders(linux.root) == ()
    assert cpu_quota(linux.root) is None
    assert throttling_file(linux.root) is None


@pytest.mark.parametrize(
    "text", ["", "nonsense", "0:", "\udcff".encode("utf-8", "surrogatepass").decode("latin1")]
)
def test_garbage_is_no_control_group(linux, text):
    linux.group_2(maximum="100000 100000")
    linux.put("proc/self/cgroup", text)
    assert cgroup_folders(linux.root) == ()


def test_groups_are_listed_from_the_process_upwards(linux):
    linux.group_2("/a/b")
    top = linux.root / TOP
    assert cgroup_folders(linux.root) == (top / "a/b", top / "a", top)


@pytest.mark.parametrize("path", ["/docker/0f3", "/../../elsewhere"])
def test_in_a_container_the_host_s_path_is_not_to_be_seen(linux, path):
    linux.group_2("/", maximum="50000 100000")
    linux.put("proc/self/cgroup", f"0::{path}\n")
    assert cgroup_folders(linux.root) == (linux.root / TOP,)
    assert cpu_quota(linux.root) == 0.5


def test_where_both_versions_are_mounted_each_is_listed(linux):
    linux.group_1("/")
    linux.put("proc/self/cgroup", "2:cpu,cpuacct:/\n0::/\n")
    linux.put(f"{TOP}/unified/cgroup.controllers", "")
    assert cgroup_folders(linux.root) == (linux.root / TOP / "unified", linux.root / TOP / "cpu,cpuacct")


def test_the_tightest_limit_holds(linux):
    linux.group_2("/a/b", maximum="400000 100000")
    linux.folder_2("/a", maximum="150000 100000")
    linux.folder_2("/", maximum=None)
    assert cpu_quota(linux.root) == 1.5


@pytest.mark.parametrize(
    ("maximum", "limit"),
    [
        ("max 100000", None),
        ("25000 100000", 0.25),
        ("", None),
        ("100000", None),
        ("1 0", None),
        ("-5 100000", None),
        ("many few", None),
    ],
)
def test_a_limit_of_version_2(linux, maximum, limit):
    linux.group_2(maximum=maximum)
    assert cpu_limit(linux.root / TOP) == limit
    assert cpu_quota(linux.root) == (math.inf if limit is None else limit)


@pytest.mark.parametrize(("quota", "limit"), [("-1", math.inf), ("200000", 2.0), ("", math.inf)])
def test_a_limit_of_version_1(linux, quota, limit):
    linux.group_1("/docker/0f3", quota=quota)
    assert cpu_quota(linux.root) == limit


def test_throttling_is_counted_by_the_group_that_has_the_quota(linux):
    linux.group_2("/a/b", maximum="max 100000", throttled=0)
    linux.folder_2("/a", maximum="50000 100000", throttled=3)
    assert throttling_file(linux.root) == linux.root / TOP / "a/cpu.stat"


def test_without_a_quota_the_own_group_counts(linux):
    linux.group_2("/a/b", throttled=0)
    linux.folder_2("/a", throttled=3)
    assert throttling_file(linux.root) == linux.root / TOP / "a/b/cpu.stat"


def test_the_top_of_version_2_counts_no_throttling(linux):
    linux.group_2("/")
    linux.put(f"{TOP}/cpu.stat", "usage_usec 3\n")
    assert throttling_file(linux.root) is None


def test_counters_leave_out_what_is_no_number(linux):
    linux.put("counters", "a 1\nb two\nc\nd 4 4\n\ne 5")
    assert read_counters(linux.root / "counters") == {"a": 1, "e": 5}
