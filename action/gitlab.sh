#!/usr/bin/env bash
# Runs iamctl in a GitLab job: gitlab.sh validate|plan|apply|expire|drift. Leaves iamctl-report.md, iamctl-page.html
# (and of drift iamctl-members.html), iamctl-kept/ with the journal and the encrypted passwords of this run, and
# iamctl.env, which tells a later job which plan was made, and ends as iamctl does.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# what the repository brings under these names would become an artifact, or lead what is written elsewhere
rm -rf iamctl-kept iamctl-report.md iamctl-page.html iamctl-members.html iamctl.env gl-code-quality-report.json

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
export IAMCTL_ACCOUNT=$ACCOUNT IAMCTL_DIRECTORY=$DIRECTORY
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
"$IAMCTL_PYTHON" -I "$here/publish.py" print > iamctl-report.md
sed -n 's/^plan-digest=/IAMCTL_PLAN_DIGEST=/p' "$GITHUB_OUTPUT" > iamctl.env
for name in page members; do
    [ ! -f "$IAMCTL_FOLDER/$name.html" ] || cp "$IAMCTL_FOLDER/$name.html" "iamctl-$name.html"
done
if [ -f "$IAMCTL_FOLDER/findings.codequality" ]; then
    cp "$IAMCTL_FOLDER/findings.codequality" gl-code-quality-report.json
fi
exit "$IAMCTL_EXIT_CODE"
