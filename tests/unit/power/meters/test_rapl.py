"""RAPL on trees of zones as drivers show them: what is counted, what is not, and what may go wrong."""

import pytest

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meters.powercap_tree import RANGE_UJ, PowercapTree
from pytest_energy.power.meters.rapl import open_rapl


@pytest.fixture
def tree(tmp_path):
    return PowercapTree(root=tmp_path / "powercap")


def drawn(meter, change):
    before = meter.read()
    change()
    return meter.read().since(before)


def test_packages_count_and_dram_is_apart(tree):
    tree.add("intel-rapl:0", "package-0", 1_000_000)
    tree.add("intel-rapl:0:0", "core", 500_000)
    tree.add("intel-rapl:0:1", "dram", 9_000_000)
    tree.add("intel-rapl:1", "package-1", 77_000_000)
    meter = open_rapl(tree.root, tree.read)

    def work():
        tree.set("intel-rapl:0", 3_000_000)
        tree.set("intel-rapl:0:0", 2_000_000)
        tree.set("intel-rapl:0:1", 9_250_000)
        tree.set("intel-rapl:1", 77_500_000)

    assert drawn(meter, work) == pytest.approx({"cpu": 2.5, "dram": 0.25})
    assert [each.name for each in meter.components] == ["cpu", "dram"]
    assert "2 whole packages" in meter.components[0].boundary


def test_a_counter_that_wraps_around_once_per_reading_is_unwrapped(tree):
    tree.add("intel-rapl:0", "package-0", RANGE_UJ - 1_000_000)
    meter = open_rapl(tree.root, tree.read)
    first = meter.read()
    tree.set("intel-rapl:0", 2_000_000)
    assert meter.read().since(first)["cpu"] == pytest.approx(3.0)
    tree.set("intel-rapl:0", 1_000_000)
    assert meter.read().since(first)["cpu"] == pytest.approx(3.0 + (RANGE_UJ - 1_000_000) * 1e-6)


def test_without_a_range_a_counter_that_falls_loses_the_window(tree):
    tree.add("intel-rapl:0", "package-0", 5_000_000, range_uj=None)
    meter = open_rapl(tree.root, tree.read)
    with pytest.raises(MeterUnavailable, match="backwards"):
        drawn(meter, lambda: tree.set("intel-rapl:0", 1_000_000))


def test_psys_and_the_same_package_through_other_registers_are_left_out(tree):
    tree.add("intel-rapl-mmio:0", "package-0", 40_000_000)
    tree.add("intel-rapl:0", "package-0", 1_000_000)
    tree.add("intel-rapl:1", "psys", 90_000_000)
    meter = open_rapl(tree.root, tree.read)

    def work():
        tree.set("intel-rapl:0", 2_000_000)
        tree.set("intel-rapl-mmio:0", 41_000_000)
        tree.set("intel-rapl:1", 99_000_000)

    assert drawn(meter, work) == pytest.approx({"cpu": 1.0})


def test_a_package_that_shows_through_other_registers_only_is_counted(tree):
    tree.add("intel-rapl-mmio:0", "package-0", 40_000_000)
    meter = open_rapl(tree.root, tree.read)
    assert drawn(meter, lambda: tree.set("intel-rapl-mmio:0", 41_000_000)) == pytest.approx({"cpu": 1.0})


def test_dies_that_mirror_the_package_count_once(tree):
    for die in range(4):
        tree.add(f"intel-rapl:{die}", f"package-0-die-{die}", 8_000_000)
    meter = open_rapl(tree.root, tree.read)

    def work():
        for die in range(4):
            tree.set(f"intel-rapl:{die}", 9_000_000)

    assert drawn(meter, work) == pytest.approx({"cpu": 1.0})


def test_dies_with_counters_of_their_own_are_added_up(tree):
    tree.add("intel-rapl:0", "package-0-die-0", 8_000_000)
    tree.add("intel-rapl:1", "package-0-die-1", 5_000_000)
    meter = open_rapl(tree.root, tree.read)

    def work():
        tree.set("intel-rapl:0", 9_000_000)
        tree.set("intel-rapl:1", 7_000_000)

    assert drawn(meter, work) == pytest.approx({"cpu": 3.0})


def test_zones_are_read_in_the_order_of_their_numbers(tree):
    for number in (10, 2, 0):
        tree.add(f"intel-rapl:{number}", f"package-{number}", number * 1_000_000)
    assert [zone.name for zone in open_rapl(tree.root, tree.read).packages] == [
        "package-0",
        "package-2",
        "package-10",
    ]


def test_permission_denied_is_told_apart_with_its_remedy(tree):
    tree.add("intel-rapl:0", "package-0")
    tree.deny("intel-rapl:0")
    with pytest.raises(MeterDenied, match=r"keeps it for root.*sudo chmod a\+r"):
        open_rapl(tree.root, tree.read)


def test_permission_may_be_taken_away_later(tree):
    tree.add("intel-rapl:0", "package-0")
    meter = open_rapl(tree.root, tree.read)
    tree.deny("intel-rapl:0")
    with pytest.raises(MeterDenied):
        meter.read()


def test_a_zone_that_vanishes_is_no_zero(tree):
    tree.add("intel-rapl:0", "package-0")
    meter = open_rapl(tree.root, tree.read)
    tree.remove("intel-rapl:0")
    with pytest.raises(MeterUnavailable, match="cannot be read any more"):
        meter.read()


def test_a_machine_without_powercap_says_what_hides_it(tmp_path):
    with pytest.raises(MeterUnavailable, match="container or virtual machine"):
        open_rapl(tmp_path / "powercap")


def test_powercap_without_packages_names_the_driver(tree):
    tree.add("intel-rapl:0", "psys")
    with pytest.raises(MeterUnavailable, match="modprobe intel_rapl_msr"):
        open_rapl(tree.root, tree.read)


def test_files_are_read_as_they_are_by_default(tree):
    tree.add("intel-rapl:0", "package-0", 1_000_000)
    meter = open_rapl(tree.root)
    assert drawn(meter, lambda: tree.set("intel-rapl:0", 1_500_000)) == pytest.approx({"cpu": 0.5})
