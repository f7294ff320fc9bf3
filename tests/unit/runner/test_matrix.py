from dataclasses import replace
from pathlib import Path

from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runner.matrix import alike_but_for_provider
from pytest_energy.workloads.suite import model_entry


def entries(**options):
    return model_entry(Path("net.onnx"), "net.onnx", ("cpu", "openvino"), **options)


def providers(groups):
    return [[entry.benchmark.provider for entry in group] for group in groups]


def test_providers_of_one_benchmark_run_together_and_batches_apart():
    groups = alike_but_for_provider([*entries(batch=1), *entries(batch=8)])
    assert providers(groups) == [["cpu", "openvino"]] * 2
    assert [group[0].benchmark.batch for group in groups] == [1, 8]


def test_a_provider_with_options_of_its_own_is_still_of_the_group():
    plain, openvino = entries()
    settings = SessionSettings(provider_options={"device_type": "CPU"})
    tuned = replace(openvino, benchmark=replace(openvino.benchmark, session=settings))
    assert providers(alike_but_for_provider([plain, tuned])) == [["cpu", "openvino"]]
