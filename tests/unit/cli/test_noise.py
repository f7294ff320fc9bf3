import json
from dataclasses import replace

import pytest

from pytest_energy.cli import noise_show
from pytest_energy.cli.noise_measured import Measured
from pytest_energy.measurement.noise_sources import NoiseSource
from pytest_energy.runner.noise import Noise, NoiseAtTolerance, Unrest
from pytest_energy.statistics.scatter import Scatter


def at(tolerance, *, alarms=0, doubt=0.0, seen=0.08, simulated=0.0):
    return NoiseAtTolerance(
        tolerance=tolerance,
        false_alarms=alarms,
        at_most=0.221,
        simulated_false_alarms=simulated,
        simulated_doubt=doubt,
        least_seen=seen,
    )


QUIET = Unrest(waiting=0.0, interrupted=0.0, pressure=0.0, steal=0.0, throttled=None)
NOISE = Noise(
    benchmark="small--cpu-b1",
    environment="linux-x86_64-a-processor-2cpu-avx2",
    trials=12,
    duration_s=60.4,
    scatter=Scatter(between_processes=0.0141, between_runs=0.004, largest=0.063),
    tolerances=(at(0.01, doubt=0.37, seen=0.042), at(0.02, simulated=0.002), at(0.05), at(0.1, seen=None)),
    unrest=QUIET,
)
HARM = NoiseSource(name="SMT", found="on", harms=True, remedy="Switch it off.")
FINE = NoiseSource(name="load", found="0.1 on 2 CPUs", harms=False)


@pytest.fixture
def shown(capsys, monkeypatch):
    """Show noise, and return what was printed on one line."""
    monkeypatch.setenv("COLUMNS", "100")

    def show(noise=NOISE, sources=(HARM, FINE), *, is_built_in=True):
        noise_show.run(Measured(noise=noise, sources=sources, is_built_in=is_built_in))
        return " ".join(capsys.readouterr().out.split())

    return show


def test_everything_is_told_with_its_unit(shown):
    said = shown()
    for words in (
        "noise of the built-in model on linux-x86_64-a-processor-2cpu-avx2",
        "12 trials though nothing changed, in 60 s",
        "between processes 1.4 % (largest 6.3 %)",
        "between runs 0.4 % beyond that",
        "throttled unknown of the time",
        "1 % 0 of 12 22.1 % 0.0 % 37.0 % from +4.2 %",
        "10 % 0 of 12 22.1 % 0.0 % 0.0 % beyond +100 %",
    ):
        assert words in said


def test_a_model_of_the_user_is_named(shown):
    assert "noise of small--cpu-b1 on" in shown(is_built_in=False)


def test_the_narrowest_tolerance_that_fits_is_recommended(shown):
    assert "A tolerance of 5 % suits this machine: at it, regressions are seen from +8.0 % on." in shown()


@pytest.mark.parametrize(
    "one", [at(0.05, alarms=1), at(0.05, doubt=0.06), at(0.05, simulated=0.002), at(0.05, seen=None)]
)
def test_where_no_tolerance_fits_that_is_told(shown, one):
    assert "This machine is too noisy for all of these tolerances." in shown(
        replace(NOISE, tolerances=(one,))
    )


def test_only_what_harms_gets_advice(shown):
    assert shown().endswith("What would help: - SMT (on): Switch it off.")
    assert "What would help" not in shown(sources=(FINE,))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"waiting": 0.3}, "Other programs competed"),
        ({"steal": 0.02}, "Choose a dedicated machine"),
        ({"throttled": 0.5}, "Raise its CPU limit"),
    ],
)
def test_what_disturbed_the_trials_gets_advice(shown, changed, words):
    assert words in shown(replace(NOISE, unrest=replace(QUIET, **changed)), sources=())
    assert words not in shown(sources=())


def test_json_holds_everything_and_unknown_is_null():
    plain = json.loads(noise_show.as_json(Measured(noise=NOISE, sources=(HARM,), is_built_in=True)))
    assert plain["noise"]["trials"] == 12
    assert plain["noise"]["unrest"]["throttled"] is None
    assert plain["noise"]["tolerances"][3]["least_seen"] is None
    assert plain["sources"][0]["remedy"] == "Switch it off."


@pytest.mark.parametrize(
    "arguments",
    [("--trials", "3"), ("--trials", "4.5"), ("--time", "-1"), ("--time", "nan"), ("--time", "soon")],
)
def test_bounds_that_make_no_sense_are_2(command, arguments):
    code, out, err = command("noise", *arguments)
    assert (code, out) == (2, "")
    assert "must be a number" in err


def test_a_missing_model_is_2(project, command):
    code, out, err = command("noise", str(project / "nothing.onnx"))
    assert (code, out) == (2, "")
    assert "is missing" in err
