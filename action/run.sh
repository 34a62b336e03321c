#!/usr/bin/env bash
# Runs iamctl once. Says "folder=PATH", where its report, page, plan, results and findings are, "command" and "about", which
# tell its report from others, "exit-code=N", and of a plan "plan-digest=sha256:...", "changes=N", "risks=N", "refused=N",
# and of one account "approve=[...]" and "truncated=true|false"; ends with 0.
#
# All that it is told comes as variables, and never as a part of a script.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d "$RUNNER_TEMP/iamctl-run.XXXXXX")
echo "folder=$folder" >> "$GITHUB_OUTPUT"
: > "$folder/report.md"

end() {
    echo "exit-code=$1" >> "$GITHUB_OUTPUT"
    exit 0
}

wrong() {
    echo "error: $1" | tee "$folder/errors.txt" >&2
    end 64
}

fleet=
if [ "$IAMCTL_COMMAND" = report ] || [ -n "${IAMCTL_SELECT:-}${IAMCTL_WAVE:-}${IAMCTL_SHARD:-}" ]; then
    fleet=fleet-
fi
about=${IAMCTL_ACCOUNT:-}
[ -z "$fleet" ] || about="${IAMCTL_SELECT:-} ${IAMCTL_WAVE:-} ${IAMCTL_SHARD:-}"
{
    echo "command=$(printf %s "$fleet$IAMCTL_COMMAND" | tr -cd 'a-z-')"
    echo "about=$(printf %s "$about" | tr '\n' ' ' | sed 's/^ *//; s/ *$//')"
} >> "$GITHUB_OUTPUT"

case $fleet$IAMCTL_COMMAND in
    validate | fleet-validate) words=(validate) ;;
    plan) words=(plan "--out=$folder/plan.json" "--page=$folder/page.html") ;;
    fleet-plan) words=(plan "--page=$folder/page.html") ;;
    apply | fleet-apply) words=(apply --yes) ;;
    drift)
        words=(drift "--page=$folder/page.html") IAMCTL_BASE=none
        [ -z "${IAMCTL_EVENT:-}" ] || words+=("--event=$IAMCTL_EVENT")
        ;;
    fleet-drift) words=(drift "--page=$folder/page.html") IAMCTL_BASE=none ;;
    fleet-report) words=(report "--page=$folder/page.html") IAMCTL_BASE=none ;;
    *) wrong "command is one of validate, plan, apply, drift and report" ;;
esac
operands=(-- "$IAMCTL_DIRECTORY")
if [ -n "$fleet" ]; then
    [ -z "${IAMCTL_ACCOUNT:-}" ] || wrong "account and select exclude each other"
    words=(fleet "${words[@]}")
fi
if [ "$IAMCTL_COMMAND" = report ]; then
    operands=(--)
    case ${IAMCTL_RESULTS:-} in # to find, a dash begins a condition or an action
        "") wrong "results is empty: name the folder with the artifacts of the shards" ;;
        -*) IAMCTL_RESULTS=./$IAMCTL_RESULTS ;;
    esac
    while IFS= read -r -d "" file; do
        operands+=("$file")
    done < <(find "$IAMCTL_RESULTS" -name "*results*.jsonl" -type f -print0 | LC_ALL=C sort -z)
    [ "${#operands[@]}" -gt 1 ] || wrong "there are no results of shards in the folder that results names"
elif [ -n "$fleet" ]; then
    words+=("--results=$folder/results.jsonl")
    [ -z "${IAMCTL_WAVE:-}" ] || words+=("--wave=$IAMCTL_WAVE")
    [ -z "${IAMCTL_SHARD:-}" ] || words+=("--shard=$IAMCTL_SHARD")
    while IFS= read -r selector; do # one selector a line
        [ -z "$selector" ] || words+=("--select=$selector")
    done <<< "${IAMCTL_SELECT:-}"
fi

[ -z "${IAMCTL_ACCOUNT:-}" ] || words+=("--account=$IAMCTL_ACCOUNT")
[ "${IAMCTL_DUE:-}" != true ] || words+=(--due)
[ "${IAMCTL_ALLOW_LOOSENING:-}" != true ] || words+=(--allow-loosening)
[ "${IAMCTL_ALLOW_SELF:-}" != true ] || words+=(--allow-self)
[ "${IAMCTL_ALLOW_TRANSITION:-}" != true ] || words+=(--allow-transition)
[ -z "${IAMCTL_EXPECT_DIGEST:-}" ] || words+=("--expect-digest=$IAMCTL_EXPECT_DIGEST")
read -r -a removals <<< "${IAMCTL_ALLOW_REMOVALS:-}"
for removal in ${removals[@]+"${removals[@]}"}; do
    words+=("--allow-removals=$removal")
done
more=()
while IFS= read -r word; do # one argument a line
    [ -z "$word" ] || more+=("$word")
done <<< "${IAMCTL_ARGUMENTS:-}"
words+=(${more[@]+"${more[@]}"})

[ "$IAMCTL_COMMAND" != apply ] || "$IAMCTL_PYTHON" -I "$here/keep.py" before "${IAMCTL_HANDOVER:-handover}" "$folder/before.json"

if ! base=$("$IAMCTL_PYTHON" -I "$here/base.py" "${IAMCTL_BASE:-auto}" "$IAMCTL_DIRECTORY" "$folder" 2> "$folder/errors.txt"); then
    cat "$folder/errors.txt" >&2
    end 1
fi
[ -z "$base" ] || words+=("--base=$base")

# What stands in names and messages must not be taken for a command of the runner.
token=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
[ -z "${GITHUB_ACTIONS:-}" ] || echo "::stop-commands::$token"
mkfifo "$folder/errors"
tee "$folder/errors.txt" < "$folder/errors" >&2 &
told=$!
"$IAMCTL_PYTHON" -I -m iamctl "${words[@]}" --format=markdown "${operands[@]}" > "$folder/report.md" 2> "$folder/errors" < /dev/null &
child=$!
trap 'kill -TERM "$child" 2> /dev/null || true' INT TERM # a run that is cancelled writes its journal to the end
code=0
wait "$child" || code=$?
while kill -0 "$child" 2> /dev/null; do
    code=0
    wait "$child" || code=$?
done
wait "$told" || true
rm "$folder/errors"
cat "$folder/report.md"
if [ "$IAMCTL_COMMAND" != report ]; then
    operands=(-- "$folder/results.jsonl")
fi
if [ -n "$fleet" ] && [ -s "${operands[1]}" ]; then # the same report as data
    "$IAMCTL_PYTHON" -I -m iamctl fleet report --format=json "${operands[@]}" > "$folder/plan.json" 2> /dev/null || true
    [ -s "$folder/plan.json" ] || rm "$folder/plan.json"
fi
if [ -f "$folder/plan.json" ]; then
    IAMCTL_FOLDER=$folder "$IAMCTL_PYTHON" -I "$here/publish.py" outputs >> "$GITHUB_OUTPUT"
fi

if [ -n "${IAMCTL_FINDINGS:-}" ] && [ "$IAMCTL_COMMAND" != apply ] && [ -z "$fleet" ]; then
    "$IAMCTL_PYTHON" -I -m iamctl "${words[@]}" "--format=$IAMCTL_FINDINGS" -- "$IAMCTL_DIRECTORY" \
        > "$folder/findings.$IAMCTL_FINDINGS" 2> /dev/null < /dev/null || true
    [ -s "$folder/findings.$IAMCTL_FINDINGS" ] || rm "$folder/findings.$IAMCTL_FINDINGS"
fi
if [ "$IAMCTL_COMMAND" = drift ] && [ -z "$fleet" ]; then # who belongs to which group, and what fails, on this day
    for name in members audit; do
        words=("$name" --format=html)
        [ -z "${IAMCTL_ACCOUNT:-}" ] || words+=("--account=$IAMCTL_ACCOUNT")
        "$IAMCTL_PYTHON" -I -m iamctl "${words[@]}" ${more[@]+"${more[@]}"} -- "$IAMCTL_DIRECTORY" \
            > "$folder/$name.html" 2> /dev/null < /dev/null || true
        [ -s "$folder/$name.html" ] || rm "$folder/$name.html"
    done
fi
[ -z "${GITHUB_ACTIONS:-}" ] || echo "::$token::"
end "$code"
