#!/bin/sh
# Plans, applies and plans again on a copy of examples/acme, in an account stored in a file; then refuses a bad change.
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
run access check iam --sandbox account.json --now 2026-11-23

# A bad change: on-call may start new tasks, and pass any role to them. An assertion refuses it.
cp iam/policies/restart-service.json restart-service.json
cat > iam/policies/restart-service.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Restart", "Effect": "Allow", "Action": ["ecs:RunTask", "ecs:UpdateService", "iam:PassRole"], "Resource": "*"}
  ]
}
END
show cat iam/policies/restart-service.json
cat iam/policies/restart-service.json
run plan iam --sandbox account.json --now 2026-11-23 || show "echo \$?
$?"
mv restart-service.json iam/policies/restart-service.json
printf '\nThe manifests are in %s/iam and the account is in %s/account.json. Change a manifest and plan again.\n' "$work" "$work"
