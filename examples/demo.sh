#!/bin/sh
# The main job on a copy of examples/acme, in an account that lives in a file: plan, apply, plan again.
set -eu
iamctl=$(realpath -s "$1")
work=$2

rm -rf "$work"
mkdir -p "$work"
cp -R examples/acme "$work/iam"
mv "$work/iam/account.json" "$work/account.json"
cd "$work"

show() {
    printf '\n$ iamctl %s\n' "$*"
}

run() {
    show "$@"
    "$iamctl" "$@"
}

# The clock is set, so that the memberships that end do so in every demo.
run validate iam --now 2026-11-23
run plan iam --sandbox account.json --now 2026-11-23
show apply iam --sandbox account.json --now 2026-11-23 --yes
"$iamctl" apply iam --sandbox account.json --now 2026-11-23 --yes | tail -n 4
run plan iam --sandbox account.json --now 2026-11-23
printf '\nThe manifests are in %s/iam and the account is in %s/account.json: change something and plan again.\n' "$work" "$work"
