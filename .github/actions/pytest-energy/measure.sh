#!/usr/bin/env bash
# Runs pytest --energy, and adds its report to the summary of the job. Never fails by itself: the last step tells the
# verdict, when results and comment are out.
#
# Reads PATHS, ARGUMENTS, FAIL_ON, UPDATE and REASON; writes exit-code, folder, results and report.
set -euo pipefail

folder="$RUNNER_TEMP/pytest-energy"
mkdir -p "$folder"
read -ra named <<<"$PATHS"
arguments=()
if [ -n "$ARGUMENTS" ]; then
  # As a shell splits words, quotes included, but without running anything.
  while IFS= read -r -d '' word; do arguments+=("$word"); done < <(
    python3 -c 'import shlex, sys; sys.stdout.write("".join(f"{word}\0" for word in shlex.split(sys.argv[1])))' "$ARGUMENTS"
  )
fi
if [ "$UPDATE" != none ]; then
  arguments+=(--energy-update)
  if [ -n "$REASON" ]; then arguments+=("--energy-reason=$REASON"); fi
fi

code=0
python -m pytest --energy "--energy-fail-on=$FAIL_ON" \
  "--energy-json=$folder/results.json" "--energy-markdown=$folder/report.md" \
  "${arguments[@]}" "${named[@]}" || code=$?

if [ -s "$folder/report.md" ]; then cat "$folder/report.md" >>"$GITHUB_STEP_SUMMARY"; fi
{
  echo "exit-code=$code"
  echo "folder=$folder"
  echo "results=$folder/results.json"
  echo "report=$folder/report.md"
} >>"$GITHUB_OUTPUT"
