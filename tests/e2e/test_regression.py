"""The gate: what fails a build, what does not, and how a change is accepted."""

import json

import pytest

REASON = ("--energy-reason", "the new head needs it")


@pytest.fixture
def worse(project):
    """A project whose model became far dearer after its baseline was recorded, beside one that did not."""
    project.model("small.onnx", width=32)
    project.model("other.onnx", width=64)
    project.record("small.onnx", "other.onnx")
    project.model("small.onnx", width=512, layers=6)
    return project


def test_a_regression_fails_its_item_and_only_its_item(worse):
    ran = worse.energy("small.onnx", "other.onnx")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1, passed=1)
    ran.stdout.fnmatch_lines(
        ["FAILED small.onnx::small--cpu-b1 - small--cpu-b1 REGRESSED: energy per step +*"]
    )


def test_a_regression_says_by_how_much_how_surely_against_what_and_what_changed(worse):
    ran = worse.energy("small.onnx")
    text = worse.said(ran)
    assert "% interval +" in text
    assert "tolerance +300.0 %" in text
    assert "8 processes now, 16 in the baseline" in text
    assert "baselines/" in text
    assert "commit unknown, 20" in text
    assert "changed since model" in text
    assert "confirmed in 4 fresh processes" in text
    assert "--energy-update --energy-reason" in text
    assert "Traceback" not in text


def test_without_a_reason_an_update_fails_the_item_and_keeps_the_baseline(worse):
    before = worse.contents()
    ran = worse.energy("--energy-update", "small.onnx")
    assert ran.ret == 1
    assert "no reason was given" in worse.said(ran)
    assert worse.contents() == before


def test_with_a_reason_an_update_accepts_a_regression_and_stores_why(worse):
    other = worse.contents()["other--cpu-b1.json"]
    ran = worse.energy("--energy-update", *REASON, "small.onnx", "other.onnx")
    assert ran.ret == 0, ran.stdout.str()
    contents = worse.contents()
    assert json.loads(contents["small--cpu-b1.json"])["provenance"]["reason"] == "the new head needs it"
    assert contents["other--cpu-b1.json"] == other
    assert worse.energy("small.onnx").ret == 0


def test_an_improvement_passes_and_says_so(project):
    project.model(width=512, layers=6)
    project.record("small.onnx")
    project.model(width=32)
    ran = project.energy("small.onnx")
    assert ran.ret == 0
    assert "IMPROVED" in project.said(ran)


def test_an_update_takes_an_improvement_without_a_reason(project):
    project.model(width=512, layers=6)
    (path,) = project.record("small.onnx").values()
    before = json.loads(path.read_text())["energy_j"]
    project.model(width=32)
    project.record("small.onnx")
    assert json.loads(path.read_text())["energy_j"] < before / 4


def test_a_slower_onnxruntime_is_caught_and_named(project, monkeypatch):
    project.model(width=32)
    project.record("small.onnx")
    # The real ONNX Runtime behind a front that works twice for every step and says that it is version 9.
    project.write(
        "slower/sitecustomize.py",
        "import sys\n"
        "if 'pytest_energy.runtime.worker' in ' '.join(sys.orig_argv):\n"
        "    import onnxruntime as ort\n"
        "    ort.__version__ = '9.0.0'\n"
        "    quick = ort.InferenceSession.run_with_iobinding\n"
        "    def slow(*arguments, **options):\n"
        "        for _ in range(20):\n"
        "            quick(*arguments, **options)\n"
        "    ort.InferenceSession.run_with_iobinding = slow\n",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "slower"))
    ran = project.energy("small.onnx")
    assert ran.ret == 1
    assert "-> 9.0.0" in project.said(ran)


def test_a_deleted_baseline_is_new_and_fails_where_new_fails(project):
    project.model()
    (path,) = project.record("small.onnx").values()
    path.unlink()
    assert project.energy("small.onnx").ret == 0
    ran = project.energy("small.onnx", "--energy-fail-on", "regressed,new")
    assert ran.ret == 1
    assert "small--cpu-b1 NEW" in project.said(ran)


def test_a_baseline_edited_by_hand_fails_its_item(project):
    project.model()
    (path,) = project.record("small.onnx").values()
    plain = json.loads(path.read_text())
    plain["energy_j"] *= 3
    path.write_text(json.dumps(plain, indent=1))
    ran = project.energy("small.onnx")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1)
    assert "edited by hand" in project.said(ran)
    assert "Traceback" not in ran.stdout.str()


def test_only_factors_that_changed_are_refreshed(project):
    project.model(width=64)
    (path,) = project.record("small.onnx").values()
    before = json.loads(path.read_text())
    # Other weights, equal work.
    model = project.folder / "small.onnx"
    model.write_bytes(model.read_bytes().replace(b"matmul_0", b"matmul_9"))
    ran = project.energy("--energy-update", "small.onnx")
    assert ran.ret == 0
    assert "factors refreshed" in project.said(ran)
    after = json.loads(path.read_text())
    assert after["factors"]["model"] != before["factors"]["model"]
    del before["factors"], after["factors"]
    assert after == before


def test_a_budget_fails_though_there_is_no_baseline(project):
    project.model()
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\nbudget = "1 pJ"\n')
    ran = project.energy("all.energy.toml")
    assert ran.ret == 1
    assert "over budget" in project.said(ran)
