import pytest

from pytest_energy.providers import provider_named
from pytest_energy.runtime.log_line import LogLine
from pytest_energy.runtime.provider_fault import device_fault


@pytest.mark.parametrize(
    ("provider", "said", "words"),
    [
        (
            "cuda",
            (
                "Failed to load library libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot "
                "open shared object file: No such file or directory"
            ),
            "the library libcudnn.so.9 is missing; it is cuDNN: install nvidia-cudnn",
        ),
        (
            "tensorrt",
            "libnvinfer.so.10: cannot open shared object file",
            "the library libnvinfer.so.10 is missing; it is TensorRT",
        ),
        (
            "cuda",
            (
                'Failed to load library onnxruntime_providers_cuda.dll which depends on "cublas64_12.dll" '
                "which is missing."
            ),
            "the library cublas64_12.dll is missing; it is CUDA",
        ),
        (
            "cuda",
            "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version",
            "driver is too old",
        ),
        ("cuda", "CUDA failure 100: no CUDA-capable device is detected", "Check nvidia-smi"),
        ("webgpu", "Failed to get a WebGPU adapter: No supported adapters", "VK_ICD_FILENAMES"),
        ("openvino", "[OpenVINO] Device GPU is not available", 'device_type = "CPU"'),
        ("qnn", "libfoo.so: cannot open shared object file", "install what brings it"),
    ],
)
def test_what_is_missing_is_named_with_what_brings_it(provider, said, words):
    fault = device_fault(provider_named(provider), said, [])
    assert fault.startswith(f"{provider} cannot be used")
    assert words in fault
    assert said.rstrip(".") in fault


def test_what_a_library_prints_tells_more_than_what_is_raised():
    printed = [LogLine(level="", origin="", message="libvulkan.so.1: cannot open shared object file")]
    fault = device_fault(provider_named("webgpu"), "Failed to get a WebGPU adapter", printed)
    assert "the library libvulkan.so.1 is missing; Debian and Ubuntu have it in libvulkan1" in fault


def test_what_is_no_fault_of_the_device_is_left_to_others():
    assert device_fault(provider_named("cuda"), "Protobuf parsing failed.", []) is None


def test_chatter_about_a_library_is_no_fault():
    printed = [LogLine(level="V", origin="", message="libfoo.so: cannot open shared object file")]
    assert device_fault(provider_named("cuda"), "Protobuf parsing failed.", printed) is None
