"""A plugin provider, onnxruntime-ggml: on a model that it claims, and on one of which it claims nothing."""

import pytest

from pytest_energy.errors import PlacementError, ProviderUnavailable

NEEDS = ("ggml",)


@pytest.fixture
def library():
    import onnxruntime_ggml  # noqa: PLC0415 - only its own environment has it

    return onnxruntime_ggml.library_path()


def test_a_model_that_it_claims_runs_there_wholly(verified, models):
    factors, placement = verified(models / "digits-transformer.onnx", "ggml")
    assert placement.nodes == {"ggml": 87}
    assert (placement.time_share, placement.partitions, placement.disputed) == (1, 1, None)
    assert factors.provider == "ggml"
    assert factors.provider_version
    assert factors.provider_options == {"threads": "1"}


def test_where_it_lists_itself_and_claims_nothing_no_figure_carries_its_name(verified, light):
    with pytest.raises(PlacementError) as caught:
        verified(light / "light_resnet50.onnx", "ggml", least_share=0.0)
    message = str(caught.value)
    assert message.startswith("ggml took none of 123 nodes (CPUExecutionProvider 123)")
    assert "18 of 123 nodes use ops this provider lacks" in message


def test_its_library_may_be_named_and_so_may_the_provider(verified, models, library):
    factors, placement = verified(models / "digits-transformer.onnx", "my-own", library=library)
    assert placement.taken == placement.total
    assert factors.provider == placement.requested


def test_a_device_that_it_does_not_list_is_answered_with_those_that_it_does(verified, models):
    with pytest.raises(
        ProviderUnavailable, match=r"lists no device whose description holds 'npu'. Listed: CPU"
    ):
        verified(models / "digits-transformer.onnx", "ggml", device="npu")


def test_a_suite_that_names_it_gets_a_verdict_for_one_model_and_none_for_the_other(pytester, models, light):
    for path in (models / "digits-transformer.onnx", light / "light_resnet50.onnx"):
        (pytester.path / path.name).write_bytes(path.read_bytes())
    pytester.makefile(
        ".energy.toml",
        all='[defaults]\nproviders = ["ggml"]\n[[benchmark]]\nmodel = "digits-transformer.onnx"\n'
        '[[benchmark]]\nmodel = "light_resnet50.onnx"\n',
    )
    ran = pytester.runpytest_subprocess("--energy", "--energy-time", "0.5", "all.energy.toml")
    assert ran.ret == 1
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(["ggml took none of 123 nodes*"])
