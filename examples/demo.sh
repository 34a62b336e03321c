#!/bin/sh
# The main job on a copy of examples/acme, in an account that lives in a file: plan, apply, hand over, plan again.
set -eu
iamctl=$(realpath -s "$1")
work=$2

rm -rf "$work"
mkdir -p "$work"
cp -R examples/acme "$work/iam"
mv "$work/iam/account.json" "$work/account.json"
cd "$work"

show() {
    printf '\n$ %s\n' "$*"
}

run() {
    show iamctl "$@"
    "$iamctl" "$@"
}

# The clock is set, so that the memberships that end do so in every demo.
run validate iam --now 2026-11-23
run plan iam --sandbox account.json --now 2026-11-23
show iamctl apply iam --sandbox account.json --now 2026-11-23 --yes
"$iamctl" apply iam --sandbox account.json --now 2026-11-23 --yes | tail -n 5
# The newcomer's first password, which only those who hand it over can open.
show ls handover
ls handover
show head -n 1 handover/*
head -n 1 handover/*
run plan iam --sandbox account.json --now 2026-11-23
printf '\nThe manifests are in %s/iam and the account is in %s/account.json: change something and plan again.\n' "$work" "$work"
