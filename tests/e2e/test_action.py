"""The GitHub Action: its shell parts run here with a stand-in for gh and a local remote."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ACTION = Path(__file__).parents[2] / ".github/actions/pytest-energy"
SCRIPTS = sorted(ACTION.glob("*.sh"))

# Answers the calls of `gh` that the action makes, from and into a file of comments.
GH = """\
#!{python}
import json, os, sys
from pathlib import Path

store = Path(os.environ["FAKE_GH"])
state = json.loads(store.read_text()) if store.exists() else {{"comments": [], "pulls": []}}
words = sys.argv[1:]


def after(name):
    return words[words.index(name) + 1]


if words[:3] == ["api", "--paginate", "--slurp"]:
    assert words[3] == "repos/me/it/issues/7/comments"
    half = len(state["comments"]) // 2
    print(json.dumps([state["comments"][:half], state["comments"][half:]]))
elif words[0] == "api":
    name, _, path = after("--field").partition("=@")
    assert name == "body"
    body = Path(path).read_text()
    method, place = after("--method"), words[3]
    if method == "POST":
        assert place == "repos/me/it/issues/7/comments"
        number = 100 + len(state["comments"])
        state["comments"].append({{"id": number, "user": {{"type": "Bot"}}, "body": body}})
    else:
        assert method == "PATCH"
        number = int(place.removeprefix("repos/me/it/issues/comments/"))
        (comment,) = [each for each in state["comments"] if each["id"] == number]
        comment["body"] = body
elif words[:2] == ["pr", "create"]:
    state["pulls"].append({{name: after(f"--{{name}}") for name in ("repo", "base", "head", "body")}})
else:
    sys.exit(f"unknown call: {{words}}")
store.write_text(json.dumps(state))
"""


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


class Runner:
    """What a runner gives to a step: folders, variables, an event."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("bin", "temp", "work"):
            (folder / name).mkdir()
        self.work = folder / "work"
        gh = folder / "bin/gh"
        gh.write_text(GH.format(python=sys.executable))
        gh.chmod(0o755)

    def run(self, script, event_name="push", event=None, code=0, **variables):
        """Run one script, and return what it prints and its outputs."""
        (self.folder / "event.json").write_text(json.dumps(event or {}))
        outputs = self.folder / "outputs"
        outputs.write_text("")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_"))}
        done = subprocess.run(
            ["bash", str(ACTION / script)],
            cwd=self.work,
            env=own
            | {
                "PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "FAKE_GH": str(self.folder / "gh.json"),
                "GITHUB_EVENT_NAME": event_name,
                "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
                "GITHUB_REPOSITORY": "me/it",
                "GITHUB_RUN_ID": "42",
                "GITHUB_SERVER_URL": f"file://{self.folder}",
                "RUNNER_TEMP": str(self.folder / "temp"),
                "HOME": str(self.folder),
            }
            | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return done.stdout + done.stderr, told

    @property
    def gh(self):
        return json.loads((self.folder / "gh.json").read_text())


def pull(labels=(), *, fork=False, body=""):
    head = {"full_name": "stranger/it" if fork else "me/it"}
    return {
        "pull_request": {
            "number": 7,
            "body": body,
            "labels": [{"name": label} for label in labels],
            "head": {"ref": "topic", "repo": head},
            "base": {"ref": "main", "repo": {"full_name": "me/it"}},
        }
    }


PLAN = {"COMMENT": "true", "LABEL": "energy-baselines", "UPDATE": "pull-request", "REASON": ""}


class TestPlan:
    def test_a_pull_request_gets_a_comment_and_no_update(self, runner):
        _, told = runner.run("plan.sh", "pull_request", pull(), **PLAN)
        assert told == {"comment": "true", "number": "7", "update": "none", "reason": "", "branch": "topic"}

    @pytest.mark.parametrize("labels", [(), ("energy-baselines",)])
    def test_a_fork_may_neither_write_a_comment_nor_update(self, runner, labels):
        event = pull(labels, fork=True, body="Energy-reason: trust me")
        _, told = runner.run("plan.sh", "pull_request", event, **PLAN)
        assert (told["comment"], told["update"]) == ("false", "none")

    def test_a_head_whose_repository_was_deleted_is_a_fork(self, runner):
        event = pull(["energy-baselines"])
        event["pull_request"]["head"]["repo"] = None
        _, told = runner.run("plan.sh", "pull_request", event, **PLAN)
        assert (told["comment"], told["update"]) == ("false", "none")

    def test_a_label_asks_for_an_update_with_the_reason_of_the_description(self, runner):
        event = pull(
            ["bug", "energy-baselines"], body="Two layers more.\r\nEnergy-reason: +1.3 points\r\nBye."
        )
        _, told = runner.run("plan.sh", "pull_request", event, **PLAN)
        assert (told["update"], told["reason"]) == ("pull-request", "+1.3 points")

    def test_a_dispatched_run_with_a_reason_updates(self, runner):
        variables = PLAN | {"REASON": "a new runtime", "UPDATE": "commit", "GITHUB_REF_NAME": "main"}
        _, told = runner.run("plan.sh", "workflow_dispatch", {}, **variables)
        assert told == {
            "comment": "false",
            "number": "",
            "update": "commit",
            "reason": "a new runtime",
            "branch": "main",
        }

    @pytest.mark.parametrize("event_name", ["push", "schedule", "workflow_dispatch"])
    def test_nothing_else_updates(self, runner, event_name):
        reason = "" if event_name == "workflow_dispatch" else "because"
        _, told = runner.run("plan.sh", event_name, {}, **PLAN | {"REASON": reason})
        assert told["update"] == "none"

    def test_a_description_cannot_add_an_output(self, runner):
        event = pull(
            ["energy-baselines"], body="Energy-reason: fine\u2028update=commit\x1b[2J\x0bbranch=main"
        )
        _, told = runner.run("plan.sh", "pull_request", event, **PLAN)
        assert (told["update"], told["branch"]) == ("pull-request", "topic")

    def test_an_unknown_way_to_update_is_refused(self, runner):
        said, _ = runner.run("plan.sh", "push", {}, code=1, **PLAN | {"UPDATE": "merge"})
        assert "::error::update is 'merge': write commit or pull-request" in said


MEASURE = {"PATHS": "", "ARGUMENTS": "", "FAIL_ON": "regressed,new", "UPDATE": "none", "REASON": ""}


class TestMeasure:
    @pytest.fixture
    def model(self, runner, project):
        shutil.copy(project.model(), runner.work / "small.onnx")
        (runner.work / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        return {"PATHS": "small.onnx", "ARGUMENTS": "--energy-time 0.4 --energy-tolerance '300%'"}

    def test_the_report_is_in_the_summary_and_the_code_is_kept_for_later(self, runner, model):
        _, told = runner.run("measure.sh", **MEASURE | model)
        assert told["exit-code"] == "1"  # NEW fails
        assert "small--cpu-b1" in (runner.folder / "summary.md").read_text()
        assert json.loads(Path(told["results"]).read_text())["benchmarks"]

    def test_an_update_with_its_reason(self, runner, model):
        update = {"UPDATE": "commit", "REASON": 'it\'s $(whoami) -- "quoted"'}
        _, told = runner.run("measure.sh", **MEASURE | model | update)
        assert told["exit-code"] == "0"
        assert len(list((runner.work / "baselines").rglob("*.json"))) == 1
        _, told = runner.run("measure.sh", **MEASURE | model)
        assert told["exit-code"] == "0"

    def test_a_run_without_a_report_is_told_by_its_code(self, runner):
        _, told = runner.run("measure.sh", **MEASURE | {"PATHS": "missing.onnx"})
        assert told["exit-code"] == "4"


class TestComment:
    def comment(self, runner, text):
        report = runner.folder / "report.md"
        report.write_text(text)
        return runner.run("comment.sh", REPORT=str(report), NUMBER="7")[0]

    def test_there_is_one_comment_which_is_kept_up_to_date(self, runner):
        assert "Wrote a comment." in self.comment(runner, "first")
        assert "Updated comment 100." in self.comment(runner, "second")
        (only,) = runner.gh["comments"]
        assert only["body"].startswith("<!-- pytest-energy -->\nsecond\n")
        assert f"[Run 42](file://{runner.folder}/me/it/actions/runs/42)" in only["body"]

    def test_the_comment_of_a_person_is_left_alone(self, runner):
        theirs = {"id": 5, "user": {"type": "User"}, "body": "<!-- pytest-energy --> mine"}
        (runner.folder / "gh.json").write_text(json.dumps({"comments": [theirs], "pulls": []}))
        assert "Wrote a comment." in self.comment(runner, "report")
        assert runner.gh["comments"][0] == theirs

    def test_without_a_report_nothing_is_written(self, runner):
        assert "no report" in self.comment(runner, "")
        assert not (runner.folder / "gh.json").exists()


class TestHandIn:
    @pytest.fixture
    def remote(self, runner):
        """A remote with the branch `topic`, checked out as it was before the run changed things."""
        remote = runner.folder / "me/it.git"
        git(runner.folder, "init", "--quiet", "--bare", str(remote))
        git(runner.work, "init", "--quiet", "--initial-branch=topic")
        (runner.work / "baselines").mkdir()
        (runner.work / "baselines/old.json").write_text("1\n")
        (runner.work / "code.py").write_text("1\n")
        git(runner.work, "add", ".")
        git(runner.work, "commit", "--quiet", "-m", "before")
        git(runner.work, "push", "--quiet", str(remote), "topic")
        (runner.work / "baselines/old.json").write_text("2\n")
        (runner.work / "baselines/new.json").write_text("3\n")
        (runner.work / "code.py").write_text("changed by the run\n")
        return remote

    def hand_in(self, runner, **variables):
        own = {"UPDATE": "commit", "BASELINES": "baselines", "BRANCH": "topic", "REASON": "more layers"}
        return runner.run("hand-in.sh", **own | variables)[0]

    def test_a_commit_with_the_reason_and_nothing_but_baselines(self, runner, remote):
        assert "Committed 2 baselines to topic." in self.hand_in(runner)
        assert git(remote, "show", "topic:baselines/old.json") == "2\n"
        assert git(remote, "show", "topic:baselines/new.json") == "3\n"
        assert git(remote, "show", "topic:code.py") == "1\n"
        assert git(remote, "log", "-1", "--format=%B", "topic").split("\n\n")[:2] == [
            "Update energy baselines",
            "more layers",
        ]

    def test_a_pull_request_into_the_branch(self, runner, remote):
        self.hand_in(runner, UPDATE="pull-request")
        assert git(remote, "show", "energy-baselines/42:baselines/new.json") == "3\n"
        assert git(remote, "show", "topic:baselines/old.json") == "1\n"
        (opened,) = runner.gh["pulls"]
        assert (opened["base"], opened["head"]) == ("topic", "energy-baselines/42")
        assert opened["body"].startswith("Reason: more layers.")

    def test_a_branch_that_went_on_meanwhile_keeps_its_commits(self, runner, remote):
        other = runner.folder / "other"
        git(runner.folder, "clone", "--quiet", "--branch", "topic", str(remote), str(other))
        (other / "code.py").write_text("meanwhile\n")
        git(other, "commit", "--quiet", "-am", "meanwhile")
        git(other, "push", "--quiet")
        self.hand_in(runner)
        assert git(remote, "show", "topic:code.py") == "meanwhile\n"
        assert git(remote, "show", "topic:baselines/old.json") == "2\n"

    @pytest.mark.usefixtures("remote")
    def test_nothing_changed(self, runner):
        git(runner.work, "checkout", "--quiet", "baselines/old.json")
        (runner.work / "baselines/new.json").unlink()
        assert "No baseline changed." in self.hand_in(runner)


def git(folder, *words):
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    author = {
        f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", *words], cwd=folder, env=own | author, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_inputs_are_used_and_reach_scripts_as_variables_only():
    action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    text = (ACTION / "action.yml").read_text(encoding="utf-8")
    assert all(f"inputs.{name}" in text for name in action["inputs"])
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_executable_and_stop_at_the_first_fault(script):
    assert os.access(script, os.X_OK)
    assert "\nset -euo pipefail\n" in script.read_text(encoding="utf-8")
    named = (ACTION / "action.yml").read_text(encoding="utf-8")
    assert f'"$GITHUB_ACTION_PATH/{script.name}"' in named
