#!/usr/bin/env bash
# Keeps one comment on a pull request: writes it, or updates the one that an earlier run left.
#
# Reads REPORT, the path of the report, and NUMBER, that of the pull request; needs gh and GH_TOKEN.
set -euo pipefail

mark="<!-- pytest-energy -->"
if [ ! -s "$REPORT" ]; then
  echo "There is no report to comment with."
  exit 0
fi
body="$RUNNER_TEMP/pytest-energy-comment.md"
{
  echo "$mark"
  cat "$REPORT"
  printf '\n[Run %s](%s/%s/actions/runs/%s)\n' "$GITHUB_RUN_ID" "$GITHUB_SERVER_URL" "$GITHUB_REPOSITORY" "$GITHUB_RUN_ID"
} >"$body"

comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
# Only a comment of a bot counts: anybody could write the mark.
earlier=$(gh api --paginate --slurp "$comments" | MARK="$mark" python3 -c '
import json, os, sys
for page in json.load(sys.stdin):
    for comment in page:
        if comment["user"]["type"] == "Bot" and comment["body"].startswith(os.environ["MARK"]):
            sys.exit(print(comment["id"]))
')
if [ -n "$earlier" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" --field "body=@$body" --silent
  echo "Updated comment $earlier."
else
  gh api --method POST "$comments" --field "body=@$body" --silent
  echo "Wrote a comment."
fi
