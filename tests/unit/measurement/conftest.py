"""A Linux that lies in a folder."""

import pytest

PRESSURE = (
    "some avg10=1.00 avg60=2.00 avg300=3.00 total={us}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
)


class FakeLinux:
    """What the kernel tells, as files below a root."""

    def __init__(self, root):
        self.root = root

    def put(self, path, text):
        """Write a file, and the folders above it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def counters(self, *, wait_ns=0, steal_ticks=0, pressure_us=0):
        """Write the counters of the machine."""
        self.put("proc/self/schedstat", f"92397 {wait_ns} 2\n")
        rest = "cpu0 1 0 1 3 2 0 2 9 0 0\nintr 1 2 3\nctxt 5\n"
        self.put("proc/stat", f"cpu  233569 0 18390 309862 2052 0 268 {steal_ticks} 0 0\n{rest}")
        self.put("proc/pressure/cpu", PRESSURE.format(us=pressure_us))

    def group_2(self, path="/", *, maximum=None, throttled=None, throttled_us=0, pressure_us=None):
        """Write a control group of version 2 that this process is in."""
        self.put("proc/self/cgroup", f"0::{path}\n")
        self.put("sys/fs/cgroup/cgroup.controllers", "cpu memory\n")
        self.folder_2(path, maximum, throttled, throttled_us, pressure_us)

    def folder_2(self, path, maximum=None, throttled=None, throttled_us=0, pressure_us=None):
        """Write a control group of version 2."""
        folder = f"sys/fs/cgroup/{path.strip('/')}"
        self.put(f"{folder}/cgroup.procs", "1\n")
        if maximum is not None:
            self.put(f"{folder}/cpu.max", maximum)
        if throttled is not None:
            periods = f"nr_periods 200\nnr_throttled {throttled}\nthrottled_usec {throttled_us}\n"
            self.put(f"{folder}/cpu.stat", f"usage_usec 293\nuser_usec 271\nsystem_usec 21\n{periods}")
        if pressure_us is not None:
            self.put(f"{folder}/cpu.pressure", PRESSURE.format(us=pressure_us))

    def group_1(self, path="/", *, quota="-1", period="100000", throttled=0, throttled_ns=0):
        """Write a control group of version 1 that this process is in."""
        self.put("proc/self/cgroup", f"4:memory:{path}\n2:cpu,cpuacct:{path}\n")
        top = "sys/fs/cgroup/cpu,cpuacct"
        folder = f"{top}/{path.strip('/')}"
        self.put(f"{top}/cpu.shares", "1024\n")
        self.put(f"{folder}/cpu.cfs_quota_us", f"{quota}\n")
        self.put(f"{folder}/cpu.cfs_period_us", f"{period}\n")
        self.put(
            f"{folder}/cpu.stat",
            f"nr_periods 200\nnr_throttled {throttled}\nthrottled_time {throttled_ns}\nnr_bursts 0\n",
        )


@pytest.fixture
def linux(tmp_path):
    return FakeLinux(tmp_path)
