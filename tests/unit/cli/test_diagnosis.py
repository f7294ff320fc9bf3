from pytest_energy.cli.diagnosis import in_words, meters_in_words, runtime_in_words
from pytest_energy.environment import Environment
from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.measurement.noise_sources import NoiseSource
from pytest_energy.power.meters import MeterKind
from pytest_energy.power.meters.replay import ReplayMeter
from pytest_energy.runtime.installation import Distribution, Installation

ENVIRONMENT = Environment(
    os="linux", arch="x86_64", cpu="a processor", cpu_model="1", logical_cpus=2, isa=(), virtual=True
)


def source(name, harms):
    return NoiseSource(name=name, found=None if harms is None else "so", harms=harms)


def test_a_machine_is_named_with_what_harms_and_what_is_hidden():
    said = in_words(ENVIRONMENT, [source("load", True), source("SMT", False), source("turbo", None)])
    assert said.startswith(
        "2 CPUs of a processor; figures scatter because of: load (not to be seen here: turbo)"
    )


def test_a_quiet_machine_is_called_so():
    assert "nothing makes figures scatter;" in in_words(ENVIRONMENT, [source("SMT", False)])


def test_a_runtime_is_named_with_its_wheels_and_providers():
    wheel = Distribution(name="onnxruntime-gpu", version="1.32.0")
    found = Installation(version="1.32.0", providers=("CUDAExecutionProvider", "AzureExecutionProvider"))
    said = runtime_in_words([wheel], found)
    assert said == "ONNX Runtime 1.32.0 (onnxruntime-gpu 1.32.0), built for cuda, azure"


def test_a_missing_runtime_is_told():
    said = runtime_in_words([], Installation(version=None, fault="There is none."))
    assert said == "no usable ONNX Runtime (no known wheel)"


def meter_kind(name, outcome):
    def open_meter(_):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return MeterKind(name=name, what="Processors", open=open_meter)


def test_every_meter_has_a_line_that_tells_denied_from_absent():
    meter = ReplayMeter(readings=[])
    kinds = [
        meter_kind("here", meter),
        meter_kind("locked", MeterDenied("Ask root.")),
        meter_kind("gone", MeterUnavailable("Buy one.")),
    ]
    assert list(meters_in_words(kinds)) == [
        ("here", "Processors: replayed (cpu, what was written down)"),
        ("locked", "Processors: denied. Ask root."),
        ("gone", "Processors: none. Buy one."),
    ]
    assert meter.closed
