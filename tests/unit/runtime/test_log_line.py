import os

import pytest

from pytest_energy.runtime.log_line import LogLine, captured_log, logged_nodes, parse_log, reasons

# As printed by ONNX Runtime 1.24 to 1.30 and by the plugin onnxruntime-ggml 0.2.
STAMP = "2026-01-02 02:34:58.710501186"
VERBOSE = f"{STAMP} [V:onnxruntime:, session_state.cc:1350 VerifyEachNodeIsAssignedToAnEp] "
KERNEL = (
    f"{STAMP} [I:onnxruntime:, webgpu_execution_provider.cc:1 GetCapability] webgpu kernel not found in "
    "registries for Op type: QuantizeLinear node name: "
)
VULKAN = "Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file: No such file"
LOG = "\n".join(
    [
        VULKAN,
        (
            f"\x1b[0;93m{STAMP} [W:onnxruntime:, onnxruntime-ggml:0 ep] onnxruntime-ggml: 1 of 13 nodes "
            "use ops this provider lacks: MaxPool x1; claiming nothing (set partial=1 to override)\x1b[m"
        ),
        f"\x1b[0;93m{STAMP} [W:onnxruntime:, graph.cc:5607 CleanUnused] Removing initializer 'x'.\x1b[m",
        (
            f"\x1b[1;31m{STAMP} [E:onnxruntime:Default, provider_bridge_ort.cc:2310 Create] /onnxruntime/"
            "openvino_provider_factory.cc:141 std::string ParseDeviceType(const ProviderOptions&) [ERROR] "
            "[OpenVINO] Device GPU is not available"
        ),
        "\x1b[m",
        (
            f"\x1b[0;93m{STAMP} [W:onnxruntime:Default, onnxruntime_pybind_state.cc:1066 Create] Failed to "
            "create OpenVINOExecutionProvider. Please refer to a page.\x1b[m"
        ),
        f"{VERBOSE} Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 9",
        f"{VERBOSE} Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2",
        f"{KERNEL}first",
        f"{KERNEL}second",
    ]
)


def test_lines_lose_their_colours_and_keep_their_level():
    lines = parse_log(LOG)
    assert lines[0] == LogLine(level="", origin="", message=VULKAN)
    assert [line.level for line in lines[1:]] == ["W", "W", "E", "W", "V", "V", "I", "I"]
    assert lines[1].origin == "onnxruntime-ggml:0 ep"


def test_nodes_are_counted_where_a_verbose_log_tells_of_them():
    assert logged_nodes(parse_log(LOG)) == {"WebGpuExecutionProvider": 9, "CPUExecutionProvider": 2}
    assert logged_nodes([]) == {}


def test_a_warning_of_the_provider_is_a_reason_and_others_are_none():
    assert reasons(parse_log(LOG), ["ggml"]) == (
        (
            "onnxruntime-ggml: 1 of 13 nodes use ops this provider lacks: MaxPool x1; claiming nothing (set "
            "partial=1 to override)"
        ),
    )


def test_what_says_why_beats_what_merely_says_that_it_failed():
    said = reasons(parse_log(LOG), ["openvino"])
    assert said == ("[ERROR] [OpenVINO] Device GPU is not available",)
    vague = [line for line in parse_log(LOG) if line.message.startswith("Failed")]
    assert reasons(vague, ["openvino"])[0].startswith("Failed to create OpenVINOExecutionProvider")


def test_what_is_said_of_several_nodes_in_the_same_words_is_told_once():
    said = reasons(parse_log(LOG), ["no such provider"], ["first", "second", ""])
    assert said == ("webgpu kernel not found in registries for Op type: QuantizeLinear node name: first",)


def test_reasons_stay_few_and_short():
    lines = [LogLine(level="E", origin="x", message=f"ggml {number} {'y' * 900}") for number in range(9)]
    said = reasons(lines, ["ggml"])
    assert len(said) == 3
    assert max(map(len, said)) <= 400


def test_what_native_code_prints_is_gathered_and_goes_on(capfd):
    with captured_log() as lines:
        os.write(2, b"2026-01-02 02:38:06.6 [E:onnxruntime:, a.cc:1 F] it failed\n")
        assert lines == []
    assert lines == [LogLine(level="E", origin="a.cc:1 F", message="it failed")]
    assert "it failed" in capfd.readouterr().err


def test_what_was_printed_before_a_fault_is_gathered_too():
    def fail(into):
        with captured_log() as lines:
            into.append(lines)
            os.write(2, b"last words\n")
            raise ValueError

    kept = []
    with pytest.raises(ValueError, match=r"^$"):
        fail(kept)
    assert [line.message for line in kept[0]] == ["last words"]
