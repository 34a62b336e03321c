#!/usr/bin/env bash
# Runs iamctl in a GitLab job: gitlab.sh validate|plan|apply|expire|drift|report. Leaves iamctl-report.md, iamctl-page.html
# (and of drift iamctl-members.html and iamctl-audit.html), iamctl-kept/ with the journal and the encrypted passwords of this run, iamctl.env,
# which tells a later job which plan was made, and ends as iamctl does.
#
# With SELECT, many accounts are one run, whose results are iamctl-results.jsonl. With SHARDS=true as well, each of the
# jobs of "parallel: N" has its part of them, and leaves iamctl-results-I.jsonl; report merges these.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# what the repository brings under these names would become an artifact, or lead what is written elsewhere
rm -rf iamctl-kept iamctl-report.md iamctl-page.html iamctl-members.html iamctl-audit.html iamctl.env gl-code-quality-report.json
if [ "$1" = report ] && [ -n "$(git ls-files -- 'iamctl-results*')" ]; then
    echo "error: the repository has files iamctl-results*, which would pass for results of this pipeline" >&2
    exit 64
fi
if [ "$1" = report ]; then # results come as artifacts of earlier jobs, under these names and no others
    mkdir "$RUNNER_TEMP/results"
    for number in $(seq 1 "${IAMCTL_SHARDS:-50}"); do
        [ ! -f "iamctl-results-$number.jsonl" ] || mv "iamctl-results-$number.jsonl" "$RUNNER_TEMP/results/"
    done
fi
rm -rf iamctl-results*.jsonl

if [ "$1" = apply ] && [ -z "${IAMCTL_PLAN_DIGEST:-}" ]; then
    echo "error: IAMCTL_PLAN_DIGEST is empty, so nobody has approved a plan: run 'iam plan' of this pipeline again," \
        "which hands it over in the report dotenv: iamctl.env. Nothing was done" | tee iamctl-report.md >&2
    exit 64
fi

if [ -n "${IAMCTL_TOKEN:-}" ]; then # AWS takes the token of the job from a file
    AWS_WEB_IDENTITY_TOKEN_FILE=$RUNNER_TEMP/token
    (umask 077 && printf '%s' "$IAMCTL_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")
    export AWS_WEB_IDENTITY_TOKEN_FILE
    unset IAMCTL_TOKEN
fi

before=${CI_COMMIT_BEFORE_SHA:-}
case $before in *[!0]*) ;; *) before=auto ;; esac # GitLab writes zeros for a run by hand: compare with the parent
export IAMCTL_COMMAND=$1 IAMCTL_BASE=none
case $1 in
    validate | plan) IAMCTL_BASE=${CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$before}} ;;
    apply) IAMCTL_BASE=$before IAMCTL_EXPECT_DIGEST=$IAMCTL_PLAN_DIGEST ;;
    expire) IAMCTL_COMMAND=apply IAMCTL_DUE=true ;;
esac
export IAMCTL_EXPECT_DIGEST=${IAMCTL_EXPECT_DIGEST:-}
[ "$1" != plan ] || export IAMCTL_FINDINGS=codequality
export IAMCTL_DUE=${IAMCTL_DUE:-}
export IAMCTL_PYTHON=${IAMCTL_PYTHON:-$RUNNER_TEMP/iamctl-environment/bin/python}
export IAMCTL_ACCOUNT=${ACCOUNT:-} IAMCTL_DIRECTORY=$DIRECTORY
results=iamctl-results.jsonl
export IAMCTL_SELECT=${SELECT:-} IAMCTL_WAVE=${WAVE:-} IAMCTL_SHARD='' IAMCTL_RESULTS=$RUNNER_TEMP/results
if [ "${SHARDS:-}" = true ] && [ -n "${CI_NODE_INDEX:-}" ]; then
    IAMCTL_SHARD=$CI_NODE_INDEX/$CI_NODE_TOTAL
    results=iamctl-results-$CI_NODE_INDEX.jsonl
fi
export IAMCTL_ARGUMENTS=${IAMCTL_ARGUMENTS:-}
export IAMCTL_ALLOW_REMOVALS=${ALLOW_REMOVALS:-} IAMCTL_ALLOW_LOOSENING=${ALLOW_LOOSENING:-}
GITHUB_OUTPUT=$(mktemp "$RUNNER_TEMP/output.XXXXXX")
export GITHUB_OUTPUT

keep() { # also when the run is cut off
    IAMCTL_FOLDER=$(sed -n 's/^folder=//p' "$GITHUB_OUTPUT")
    "$IAMCTL_PYTHON" -I "$here/keep.py" after "${IAMCTL_HANDOVER:-handover}" "$IAMCTL_FOLDER/before.json" iamctl-kept
}
trap keep EXIT

bash "$here/run.sh"

IAMCTL_FOLDER=$(sed -n 's/^folder=//p' "$GITHUB_OUTPUT")
IAMCTL_EXIT_CODE=$(sed -n 's/^exit-code=//p' "$GITHUB_OUTPUT")
export IAMCTL_FOLDER IAMCTL_EXIT_CODE GITHUB_SHA="${CI_COMMIT_SHA:-}"
IAMCTL_COMMAND=$(sed -n 's/^command=//p' "$GITHUB_OUTPUT")
IAMCTL_ACCOUNT=$(sed -n 's/^about=//p' "$GITHUB_OUTPUT")
"$IAMCTL_PYTHON" -I "$here/publish.py" print > iamctl-report.md
sed -n 's/^plan-digest=/IAMCTL_PLAN_DIGEST=/p' "$GITHUB_OUTPUT" > iamctl.env
for name in page members audit; do
    [ ! -f "$IAMCTL_FOLDER/$name.html" ] || cp "$IAMCTL_FOLDER/$name.html" "iamctl-$name.html"
done
[ ! -f "$IAMCTL_FOLDER/results.jsonl" ] || cp "$IAMCTL_FOLDER/results.jsonl" "$results"
if [ -f "$IAMCTL_FOLDER/findings.codequality" ]; then
    cp "$IAMCTL_FOLDER/findings.codequality" gl-code-quality-report.json
fi
exit "$IAMCTL_EXIT_CODE"
