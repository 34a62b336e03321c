#!/bin/sh
# Plans, applies and plans again on a copy of examples/acme, in an account stored in a file.
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

# --now sets the clock, so that the same memberships end in every demo.
run validate iam --now 2026-11-23
run plan iam --sandbox account.json --now 2026-11-23
show iamctl apply iam --sandbox account.json --now 2026-11-23 --yes
"$iamctl" apply iam --sandbox account.json --now 2026-11-23 --yes | tail -n 5
# The new user's first password; only the recipients can decrypt it.
show ls handover
ls handover
show head -n 1 handover/*
head -n 1 handover/*
run plan iam --sandbox account.json --now 2026-11-23
printf '\nThe manifests are in %s/iam and the account is in %s/account.json. Change a manifest and plan again.\n' "$work" "$work"
