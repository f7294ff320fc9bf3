import os

import pytest

from pytest_energy.quantities import MemorySize
from pytest_energy.runtime.limits import (
    Limits,
    available_memory,
    limits_for,
    memory_fault,
    resident_memory,
)

MEMINFO = "MemTotal:       16000000 kB\nMemFree:         5000000 kB\n"
PAGE = os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def put(tmp_path):
    def write(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    return write


def test_where_nothing_tells_how_much_memory_there_is_nothing_is_refused(tmp_path):
    limits = limits_for(root=tmp_path)
    assert limits.memory_bytes is None
    assert memory_fault(1, limits, tmp_path) is None


def test_by_default_a_worker_may_hold_three_quarters_of_the_machine(tmp_path, put):
    put("proc/meminfo", MEMINFO)
    assert limits_for(root=tmp_path).memory_bytes == 12_000_000 * 1024


@pytest.mark.parametrize(
    ("groups", "files"),
    [
        ("0::/a/b", {"cgroup.controllers": "memory", "a/memory.max": "4096000000", "a/b/memory.max": "max"}),
        (
            "4:memory:/a",
            {
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "memory/a/memory.limit_in_bytes": "4096000000",
            },
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_a_container_has_what_its_control_group_has(tmp_path, put, groups, files):
    put("proc/meminfo", MEMINFO)
    put("proc/self/cgroup", groups + "\n")
    for name, text in files.items():
        put(f"sys/fs/cgroup/{name}", text)
    assert available_memory(tmp_path) == 4_096_000_000
    half = limits_for(memory=MemorySize(share=0.5), root=tmp_path)
    assert half.memory_bytes == 2_048_000_000


def test_an_amount_needs_no_share(tmp_path):
    assert limits_for(memory=MemorySize(size_bytes=5), root=tmp_path).memory_bytes == 5


def test_a_worker_that_grew_beyond_its_ceiling_is_told(tmp_path, put):
    put("proc/7/statm", "900000 3000 200 1 0 9 0")
    assert resident_memory(7, tmp_path) == 3000 * PAGE
    assert memory_fault(7, Limits(memory_bytes=3000 * PAGE), tmp_path) is None
    fault = memory_fault(7, Limits(memory_bytes=2999 * PAGE), tmp_path)
    assert "--energy-memory" in fault
    assert "MiB" in fault


def test_a_worker_that_is_gone_holds_nothing(tmp_path):
    assert memory_fault(7, Limits(memory_bytes=1), tmp_path) is None


def test_the_whole_may_take_ten_times_as_long_as_a_silence():
    assert Limits(silence_s=2).total_s == 20
