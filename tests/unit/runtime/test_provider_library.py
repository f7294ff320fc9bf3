import sys
from types import SimpleNamespace

import pytest

from pytest_energy.errors import ProviderUnavailable
from pytest_energy.providers import PluginPackage, provider_named
from pytest_energy.runtime import provider_library
from pytest_energy.runtime.provider_library import described, installed_library, remedy


def ep_device(ep_name, kind="CPU", vendor="a vendor", version="1.2", **metadata):
    hardware = SimpleNamespace(type=SimpleNamespace(name=kind), vendor=vendor, metadata=metadata)
    return SimpleNamespace(device=hardware, ep_name=ep_name, ep_metadata={"version": version})


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Write the module of a plugin package."""

    def write(body):
        (tmp_path / "a_plugin_package.py").write_text(body)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "a_plugin_package", raising=False)
        return PluginPackage(package="a-plugin", module="a_plugin_package", path_function="where")

    return write


def test_a_package_that_is_not_installed_has_no_library():
    assert installed_library(PluginPackage(package="no-such", module="no_such_module_anywhere")) is None


def test_an_installed_package_says_where_its_library_is(plugin):
    assert installed_library(plugin("def where():\n    return '/lib/x.so'\n")) == "/lib/x.so"


@pytest.mark.parametrize(
    "body", ["def where():\n    raise FileNotFoundError('no wheel for this machine')\n", "x = 1\n"]
)
def test_a_package_without_a_library_for_this_machine_is_refused(plugin, body):
    with pytest.raises(ProviderUnavailable, match=r"a-plugin is installed, but has no library"):
        installed_library(plugin(body))


def test_a_device_is_described_once_by_kind_vendor_and_name():
    assert (
        described(ep_device("x", "GPU", "NVIDIA", Description="RTX 5090", LUID="7")) == "GPU NVIDIA RTX 5090"
    )
    assert described(ep_device("x", "CPU", "CPU")) == "CPU"


class TestDevicesOfALibrary:
    def own(self, name, *devices):
        return provider_library._own_devices(provider_named(name), devices, "/lib/x.so")

    def test_those_of_the_wanted_provider_are_taken(self):
        wanted = ep_device("OpenVINOExecutionProvider")
        assert self.own("openvino", ep_device("another"), wanted) == [wanted]

    def test_a_library_with_one_provider_need_not_have_the_wanted_name(self):
        only = ep_device("its own name")
        assert self.own("openvino", only) == [only]

    def test_of_several_others_none_is_guessed(self):
        with pytest.raises(ProviderUnavailable, match="brings a, b, but no OpenVINOExecutionProvider"):
            self.own("openvino", ep_device("a"), ep_device("b"))

    def test_a_plugin_without_a_device_says_what_it_needs(self):
        with pytest.raises(
            ProviderUnavailable, match=r"lists no device on this machine. It needs an NVIDIA RTX"
        ):
            self.own("nv-tensorrt-rtx")
        with pytest.raises(ProviderUnavailable, match="It needs a processor, GPU or NPU by Intel"):
            self.own("openvino")


class TestChoosingADevice:
    DEVICES = (ep_device("x", "CPU", "Intel"), ep_device("x", "GPU", "Intel", Description="Arc A770"))

    def choose(self, wanted):
        return provider_library._chosen(provider_named("openvino"), self.DEVICES, wanted)

    def test_the_first_is_taken_where_nothing_is_said(self):
        found = self.choose(None)
        assert found.devices == (self.DEVICES[0],)
        assert found.others == ("GPU Intel Arc A770",)
        assert (found.provider.name, found.version) == ("x", "1.2")

    @pytest.mark.parametrize("wanted", ["gpu", "arc a770"])
    def test_a_part_of_the_description_selects(self, wanted):
        assert self.choose(wanted).devices == (self.DEVICES[1],)

    def test_what_fits_none_is_answered_with_all(self):
        with pytest.raises(ProviderUnavailable, match=r"holds 'npu'. Listed: CPU Intel; GPU Intel Arc A770"):
            self.choose("npu")


def test_a_remedy_names_every_way():
    assert remedy(provider_named("openvino")) == (
        "Install onnxruntime-openvino in an environment of its own (the wheels overwrite each other), or "
        "install its plugin onnxruntime-ep-openvino beside onnxruntime"
    )
    assert remedy(provider_named("ggml")) == "Install its plugin onnxruntime-ggml beside onnxruntime"
    assert remedy(provider_named("vsinpu")) == "It needs a build of ONNX Runtime by its vendor"
