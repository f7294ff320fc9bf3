"""The ``energy`` fixture: measured with ``--energy``, an ordinary test without."""

import pytest

INFER = """
def test_net(energy):
    outputs = energy.infer("small.onnx", batch=2)
    assert outputs["y"].shape == (2, 64)
"""
MEASURE = """
def test_sum(energy):
    assert energy.measure(lambda: sum(range(2000))) == 1999000
"""
COUNTED = """
import pathlib
def test_count(energy):
    calls = []
    energy.measure(lambda: calls.append(1), time=0.2)
    pathlib.Path("calls").write_text(str(len(calls)))
"""


@pytest.mark.parametrize("test", [INFER, MEASURE])
def test_without_energy_a_test_runs_unmeasured(project, test):
    project.model()
    project.write("test_it.py", test)
    ran = project.pytest()
    assert ran.ret == 0
    assert "gCO2e" not in ran.stdout.str()


def test_without_energy_a_callable_runs_once(project):
    project.write("test_it.py", COUNTED)
    assert project.pytest().ret == 0
    assert (project.folder / "calls").read_text() == "1"
    assert project.energy().ret == 0
    assert int((project.folder / "calls").read_text()) > 10


@pytest.mark.parametrize(("test", "name"), [(INFER, "test_net--cpu-b2"), (MEASURE, "test_sum")])
def test_with_energy_a_test_is_measured_recorded_and_judged(project, test, name):
    project.model()
    project.write("test_it.py", test)
    assert list(project.record()) == [f"{name}.json"]
    ran = project.energy()
    assert ran.ret == 0
    assert "1 benchmark: 1 passed" in project.said(ran)


def test_what_runs_in_one_process_says_so_and_gives_no_interval(project):
    project.write("test_it.py", MEASURE)
    project.record()
    text = project.said(project.energy())
    assert "one process" in text
    assert "[unknown]" in text


def test_a_regression_fails_the_test_after_its_body_and_never_its_teardown(project):
    body = (
        "import pathlib\n"
        "def test_it(energy):\n"
        "    energy.measure(lambda: sum(range({})))\n"
        "    pathlib.Path('end').touch()\n"
    )
    project.write("test_it.py", body.format(1_000))
    project.record()
    project.write("test_it.py", body.format(50_000))
    (project.folder / "end").unlink()
    ran = project.energy()
    assert ran.ret == 1
    ran.assert_outcomes(failed=1)
    assert (project.folder / "end").exists()
    ran.stdout.fnmatch_lines(["FAILED test_it.py::test_it - test_it REGRESSED: energy per step +*"])
    assert "Traceback" not in ran.stdout.str()


def test_a_failing_assertion_of_the_test_comes_first(project):
    project.write("test_it.py", "def test_it(energy):\n    energy.measure(lambda: None)\n    assert 1 == 2\n")
    ran = project.energy()
    ran.assert_outcomes(failed=1)
    assert "assert 1 == 2" in ran.stdout.str()


def test_two_calls_need_names_of_their_own(project):
    twice = "def test_it(energy):\n    energy.measure(lambda: None)\n    energy.measure(lambda: None{})\n"
    project.write("test_it.py", twice.format(""))
    ran = project.energy()
    assert ran.ret == 1
    assert "Two benchmarks have the id 'test_it'" in project.said(ran)
    project.write("test_it.py", twice.format(', name="second"'))
    assert "2 benchmarks: 2 NEW" in project.said(project.energy())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('infer("missing.onnx")', "is missing"),
        ('infer("small.onnx", batch=0)', "batch"),
        ('infer("small.onnx", tolerance="0.05")', "tolerance"),
        ('infer("small.onnx", provider="cqu")', "Did you mean 'cpu'?"),
        ('measure(print, budget="2")', "budget"),
        ("measure(print, time=-1)", "time"),
    ],
)
def test_a_wrong_call_fails_the_test_with_a_paragraph(project, call, said):
    project.model()
    project.write("test_it.py", f"def test_it(energy):\n    energy.{call}\n")
    ran = project.energy()
    assert ran.ret == 1
    ran.assert_outcomes(failed=1)
    assert said in project.said(ran)
    assert "Traceback" not in ran.stdout.str()


def test_an_error_can_be_expected_by_the_test(project):
    project.write(
        "test_it.py",
        "import pytest\nfrom pytest_energy.errors import ModelError\n"
        "def test_it(energy):\n"
        "    with pytest.raises(ModelError):\n        energy.infer('missing.onnx')\n"
        "    energy.measure(lambda: None)\n",
    )
    assert project.energy().ret == 0


def test_a_fixture_of_the_same_name_in_a_project_is_left_alone(project):
    project.write(
        "test_it.py",
        "import pytest\n"
        "@pytest.fixture\n"
        "def energy():\n    return 5\n"
        "def test_it(energy):\n    assert energy == 5\n",
    )
    assert project.pytest().ret == 0
    ran = project.energy()
    assert ran.ret == 5
    ran.assert_outcomes(passed=1)


def test_what_is_measured_can_be_selected_by_its_marker(project):
    project.write("test_it.py", MEASURE + "\ndef test_other():\n    pass\n")
    project.pytest("-m", "energy_benchmark").assert_outcomes(passed=1, deselected=1)
    project.pytest("-m", "not energy_benchmark").assert_outcomes(passed=1, deselected=1)


def test_notices_are_no_warnings(project):
    project.write("test_it.py", MEASURE)
    assert project.energy("-W", "error").ret == 0
