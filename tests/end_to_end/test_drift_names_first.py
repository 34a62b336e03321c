"""Drift names first who is nearly an administrator, and who lost a guard or a boundary, with a bounded number of lines."""

import json

import pytest
from command_line import ACCOUNT, account, group, save, user, write_tree
from jsonschema import Draft202012Validator

from iamctl.report.drift_first import MOST_NEARLY
from iamctl.schema import drift_schema

NOW = "2026-11-23"
MANIFESTS = {
    "users": {"alice": {"permissions_boundary": "aws:PowerUserAccess"}, "bob": {}},
    "groups": {"ops": {"inline_policies": {"iam": {"Version": "2012-10-17", "Statement": []}}}},
    "memberships": {"ops": ["alice"]},
}
PUT = {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
BOUNDARY = {
    "PermissionsBoundaryType": "Policy",
    "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess",
}


def inline(name, *statements):
    return {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}


def write(folder, statement=ASSUME):
    declared = {"Version": "2012-10-17", "Statement": [statement]}
    groups = {"ops": {"inline_policies": {"iam": declared}}}
    return write_tree(folder / "iam", {**MANIFESTS, "groups": groups})


def live(folder, *, bounded=True, bob=(), others=(), groups=(), roles=(), statement=ASSUME):
    alice = user("alice", ["ops"], **({"PermissionsBoundary": BOUNDARY} if bounded else {}))
    found = account(
        [alice, user("bob", list(bob)), *others], [group("ops", GroupPolicyList=[inline("iam", statement)]), *groups]
    )
    return save(folder / "a.json", {**found, "RoleDetailList": list(roles)})


def drift(here, *words):
    return here("drift", "iam", "--snapshot", "a.json", "--now", NOW, *words)


def first(text):
    _, _, rest = text.partition("Look at this first\n")
    return rest.split("\n\n")[0].splitlines()


BOSS = {
    "RoleName": "boss",
    "Path": "/",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/boss",
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    },
    "RolePolicyList": [],
    "AttachedManagedPolicies": [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    ],
}
CASES = {
    "a policy of a declared group": (
        {"statement": PUT, "bounded": True, "bob": ["ops"]},
        2,
        [
            "alice can become an administrator, but not by the manifests: group-inline-policy/ops/iam allows ",
            "bob can become an administrator, but not by the manifests: group-inline-policy/ops/iam allows ",
        ],
    ),
    "an undeclared group": (
        {"bob": ["helpers"], "groups": [group("helpers", GroupPolicyList=[inline("x", PUT)])]},
        2,
        ["bob can become an administrator by what no manifest declares: group-inline-policy/helpers/x allows "],
    ),
    "a role": (
        {"others": [user("eve", ["ops"])], "roles": [BOSS]},
        2,
        [
            "alice can become an administrator by a role that no manifest names: ",
            "eve can become an administrator, but not by the manifests: ",
        ],
    ),
    "a boundary": (
        {"bounded": False},
        2,
        ["alice is without the permissions boundary aws:PowerUserAccess, which the manifests declare"],
    ),
    "nothing": ({}, 0, []),
}


@pytest.mark.parametrize(("changed", "code", "lines"), CASES.values(), ids=CASES)
def test_what_is_named_first(tmp_path, here, changed, code, lines):
    write(tmp_path)
    live(tmp_path, **changed)

    done = drift(here)

    assert done.returncode == code, done.stdout
    found = [line.strip() for line in first(done.stdout)]
    assert len(found) == len(lines), done.stdout
    assert all(line.startswith(text) for line, text in zip(found, lines, strict=True)), found


def test_a_declared_user_who_may_assume_a_role_of_an_administrator_does_not_count_as_drift(tmp_path, here):
    write(tmp_path)
    live(tmp_path, roles=[BOSS])

    done = drift(here)

    assert done.returncode == 0, done.stdout
    assert (
        first(done.stdout)[0].strip().startswith("alice can become an administrator by a role that no manifest names")
    )
    assert "No drift." in done.stdout


def test_many_different_ways_are_counted_and_all_in_json(tmp_path, here):
    write(tmp_path)
    names = [f"eve{number}" for number in range(MOST_NEARLY + 5)]
    live(tmp_path, others=[user(name, UserPolicyList=[inline(name, PUT)]) for name in names])

    text = drift(here).stdout
    every = drift(here, "--all-findings").stdout
    data = json.loads(drift(here, "--format", "json").stdout)
    found = data["findings"]

    assert len(first(text)) == MOST_NEARLY + 1
    assert first(text)[-1].strip() == "5 more lines of IAM460 (details: --all-findings)"
    assert len(first(every)) == len(names)
    Draft202012Validator(drift_schema()).validate(data)
    assert sum(one["rule"] == "IAM460" for one in found) == data["summary"]["undeclared_ways"] == len(names)
    assert f"{len(names)} users can become administrators by what no manifest declares." in text
