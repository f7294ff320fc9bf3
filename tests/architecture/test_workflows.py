import re
import shlex
from pathlib import Path

import pytest
import yaml

from pytest_energy.options import OPTIONS

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def parsed(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["on"] = document.pop(True)  # YAML 1.1 reads the key `on` as true
    return document


def steps(path):
    return [step for job in parsed(path)["jobs"].values() for step in job["steps"]]


def energy_arguments():
    lines = [step["run"] for path in WORKFLOWS for step in steps(path) if "--energy" in step.get("run", "")]
    return [word for line in lines for word in shlex.split(line) if word.startswith("--energy")]


def test_there_are_workflows():
    assert {path.name for path in WORKFLOWS} == {"energy.yml", "tests.yml"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(path):
    used = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(used) == sum("uses" in step for step in steps(path)) > 0
    assert [line for line in used if not PINNED.search(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_can_only_read(path):
    workflow = parsed(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_runs_foreign_code_with_the_rights_of_the_repository(path):
    events = parsed(path)["on"]
    names = {events} if isinstance(events, str) else set(events)
    assert names <= {"pull_request", "push"}
    assert "pull_request_target" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_can_hang(path):
    assert all(job["timeout-minutes"] <= 30 for job in parsed(path)["jobs"].values())


def test_the_energy_workflow_uses_options_that_exist():
    given = energy_arguments()
    assert {"--energy", "--energy-fail-on", "--energy-markdown"} <= set(given)
    assert set(given) <= {option.flag for option in OPTIONS if option.on_command_line}
