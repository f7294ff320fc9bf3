import re
from pathlib import Path

import pytest
import yaml

from pytest_energy.options import OPTIONS

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / ".github/actions/pytest-energy/action.yml"
GUIDE = ROOT / "docs/ci.md"
PINNED = re.compile(r"uses: (?:\./[\w./-]+(?: #.*)?|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
MAY_WRITE = {"energy.yml": {"contents", "pull-requests"}}


def parsed(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["on"] = document.pop(True)  # YAML 1.1 reads the key `on` as true
    return document


def steps(path):
    return [step for job in parsed(path)["jobs"].values() for step in job["steps"]]


def test_there_are_workflows():
    assert {path.name for path in WORKFLOWS} == {"energy.yml", "tests.yml"}


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(path):
    used = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.search(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_can_only_read_but_for_the_job_that_comments(path):
    workflow = parsed(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", ())) <= MAY_WRITE.get(path.name, set())
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_runs_foreign_code_with_the_rights_of_the_repository(path):
    events = parsed(path)["on"]
    names = {events} if isinstance(events, str) else set(events)
    assert names <= {"pull_request", "push", "workflow_dispatch"}
    assert "pull_request_target" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_can_hang(path):
    assert all(job["timeout-minutes"] <= 30 for job in parsed(path)["jobs"].values())


def test_the_energy_workflow_gives_the_action_inputs_that_it_has():
    given = next(
        step["with"] for step in steps(ROOT / ".github/workflows/energy.yml") if "./" in step["uses"]
    )
    assert set(given) <= set(yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"])


def test_the_scripts_of_the_action_use_options_that_exist():
    scripts = "".join(path.read_text(encoding="utf-8") for path in ACTION.parent.glob("*.sh"))
    given = set(re.findall(r"--energy[a-z-]*", scripts))
    assert {"--energy", "--energy-fail-on", "--energy-markdown", "--energy-update"} <= given
    assert given <= {option.flag for option in OPTIONS if option.on_command_line}


def test_the_guide_lists_every_input_and_output_of_the_action():
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    guide = GUIDE.read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", guide, re.MULTILINE)) == set(action["inputs"])
    assert all(f"`{name}`" in guide for name in action["outputs"])
