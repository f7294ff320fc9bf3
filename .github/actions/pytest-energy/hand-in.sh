#!/usr/bin/env bash
# Hands in baselines that were updated: as a commit on BRANCH, or as a pull request into it.
#
# Reads UPDATE (commit or pull-request), BASELINES (their folder), BRANCH and REASON; needs git, gh and GH_TOKEN. Only
# files of baselines are committed, whatever else the run changed.
set -euo pipefail

if [ -z "$(git status --porcelain --untracked-files=all -- "$BASELINES")" ]; then
  echo "No baseline changed."
  exit 0
fi
remote="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git"
# The token goes to git by way of gh, so that it stands in no file and in no argument.
push() { git -c credential.helper= -c 'credential.helper=!gh auth git-credential' push --quiet "$remote" "$1"; }

git add --all -- "$BASELINES"
changed=$(git diff --cached --name-only | wc -l | tr -d ' ')
patch="$RUNNER_TEMP/pytest-energy-baselines.patch"
git diff --cached --binary >"$patch"
git reset --quiet --hard
# A pull request is checked out merged with its target; the baselines go to the branch itself.
git fetch --quiet --depth=1 "$remote" "refs/heads/$BRANCH"
git checkout --quiet --detach FETCH_HEAD
git apply --index --3way "$patch"
git -c user.name="github-actions[bot]" -c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
  commit --quiet --message "Update energy baselines" --message "${REASON:-No reason was given.}"

if [ "$UPDATE" = commit ]; then
  push "HEAD:refs/heads/$BRANCH"
  echo "Committed $changed baselines to $BRANCH."
else
  topic="energy-baselines/$GITHUB_RUN_ID"
  push "HEAD:refs/heads/$topic"
  gh pr create --repo "$GITHUB_REPOSITORY" --base "$BRANCH" --head "$topic" --title "Update energy baselines" \
    --body "Reason: ${REASON:-none was given}. Review the figures like code: $changed baselines changed."
fi
