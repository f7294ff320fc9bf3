#!/usr/bin/env bash
# Decides what a run may do: comment on its pull request, update baselines, or neither.
#
# A pull request from a fork gets neither: its code is not trusted, and its token may not write. Reads COMMENT, LABEL,
# UPDATE and REASON, and the event in $GITHUB_EVENT_PATH; writes comment, number, update, reason and branch.
set -euo pipefail

python3 - <<'PYTHON'
import json
import os
import re
import sys

MODES = {"commit", "pull-request"}


def plan(event_name, event, environ):
    pull = event.get("pull_request") or {}
    head = (pull.get("head") or {}).get("repo") or {}
    base = (pull.get("base") or {}).get("repo") or {}
    own = bool(pull) and head.get("full_name") == base.get("full_name")
    labels = {label["name"] for label in pull.get("labels", ())}
    reason = one_line(environ["REASON"])
    if own and environ["LABEL"] in labels:
        asked = True
        reason = reason or reason_in(pull.get("body") or "")
    else:
        asked = event_name == "workflow_dispatch" and bool(reason)
    if pull:
        branch = pull["head"]["ref"]
    else:
        branch = environ.get("GITHUB_REF_NAME", "")
    return {
        "comment": str(own and environ["COMMENT"] == "true").lower(),
        "number": str(pull.get("number", "")),
        "update": environ["UPDATE"] if asked else "none",
        "reason": reason,
        "branch": branch,
    }


def reason_in(body):
    found = re.search(r"^\s*Energy-reason:?\s+(.+)$", body, re.IGNORECASE | re.MULTILINE)
    return one_line(found[1]) if found else ""


def one_line(text):
    """Whatever could start another line of output is a space."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


if os.environ["UPDATE"] not in MODES:
    sys.exit(f"::error::update is {os.environ['UPDATE']!r}: write commit or pull-request")
with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
    outputs = plan(os.environ["GITHUB_EVENT_NAME"], json.load(file), os.environ)
with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
    file.writelines(f"{name}={value}\n" for name, value in outputs.items())
print(f"comment: {outputs['comment']}; update of the baselines: {outputs['update']}")
PYTHON
