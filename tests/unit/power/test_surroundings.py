import json
import math

import pytest

from pytest_energy.power.surroundings import Surroundings, instance_family, read_surroundings


@pytest.fixture
def tree(tmp_path):
    """Write files below a root, and return what is read there."""

    def write(files, cpu_quota=None):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return read_surroundings(tmp_path, cpu_quota)

    return write


def test_where_no_file_is_nothing_is_told(tree):
    assert tree({}) == Surroundings()


def test_a_board_names_itself_in_the_device_tree(tree):
    assert tree({"proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"}).board == (
        "Raspberry Pi 4 Model B Rev 1.4"
    )


def test_a_nitro_machine_names_its_instance_type_as_its_product(tree):
    around = tree(
        {"sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/dmi/id/product_name": "c5.large\n"}
    )
    assert (around.instance, around.hypervisor) == ("c5.large", "AWS Nitro")


@pytest.mark.parametrize(
    "product", ["Google Compute Engine", "Virtual Machine", "PowerEdge R750xa", "Z790.v2"]
)
def test_the_name_of_a_product_is_no_instance_type(tree, product):
    assert tree({"sys/class/dmi/id/product_name": product}).instance is None


@pytest.mark.parametrize(
    ("told", "instance"),
    [
        ({"ds": {"meta_data": {"instance-type": "m5.large"}}}, "m5.large"),
        ({"ds": {"meta_data": {"imds": {"compute": {"vmSize": "Standard_D4as_v5"}}}}}, "Standard_D4as_v5"),
        ({"ds": {"meta_data": {"machine-type": "projects/1/machineTypes/n2-standard-4"}}}, "n2-standard-4"),
        ({"ds": {"meta_data": {"instance-type": ""}}}, None),
        ([1, 2], None),
    ],
)
def test_cloud_init_leaves_the_instance_type(tree, told, instance):
    assert tree({"run/cloud-init/instance-data.json": json.dumps(told)}).instance == instance


def test_metadata_that_was_half_written_tell_nothing(tree):
    assert tree({"run/cloud-init/instance-data.json": '{"ds": {"meta'}).instance is None


def test_accelerators_are_named_by_their_drivers(tree):
    around = tree(
        {
            "proc/driver/nvidia/gpus/0000:65:00.0/information": "Model: \t\t NVIDIA A10G\nIRQ:   99\n",
            "proc/driver/nvidia/gpus/0000:66:00.0/information": "IRQ:   99\n",
            "sys/class/drm/card1/device/product_name": "AMD Instinct MI300X\n",
            "sys/class/drm/card1-DP-1/device/product_name": "a screen\n",
        }
    )
    assert around.accelerators == (("nvidia", "NVIDIA A10G"), ("amd", "AMD Instinct MI300X"))


@pytest.mark.parametrize(
    ("files", "hypervisor"),
    [
        ({"sys/hypervisor/type": "xen\n"}, "xen"),
        ({"sys/class/dmi/id/sys_vendor": "Microsoft Corporation"}, "Hyper-V"),
        ({"sys/class/dmi/id/sys_vendor": "Dell Inc."}, None),
    ],
)
def test_a_hypervisor_is_known_by_what_the_firmware_says(tree, files, hypervisor):
    assert tree(files).hypervisor == hypervisor


def test_the_limit_of_the_control_group_is_passed_on(tree):
    assert tree({}, math.inf).cpu_quota == math.inf


@pytest.mark.parametrize(
    ("instance", "family"),
    [
        ("c5.large", "c5"),
        ("g4dn.metal", "g4dn"),
        ("Standard_D4as_v5", "das_v5"),
        ("d64as_v5", "das_v5"),
        ("n2-standard-4", "n2"),
        ("a2-highgpu-1g", "a2"),
    ],
)
def test_instances_of_all_sizes_are_one_family(instance, family):
    assert instance_family(instance) == family
