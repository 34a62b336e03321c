"""What one more statement lets developers become: each grant opens the way that it is said to open, or is told what it lacks."""

from __future__ import annotations

import json

import pytest
from command_line import ACCOUNT, NO_CREDENTIALS, account, group, save, user, write_tree

from iamctl.policy.builtin import builtin_text

NOW = ("--now", "2026-11-28T12:00:00Z")
IAM = f"arn:aws:iam::{ACCOUNT}:"
BECOME = "3 users can become administrators"
GAIN, COULD = "gain a way to more access", "could gain a way to more access"
GRANTS = {
    "fill the group of administrators": (
        ("iam:AddUserToGroup", f"{IAM}group/administrators"),
        (BECOME, "iam:AddUserToGroup on group/administrators"),
    ),
    "fill it, by a pattern": (
        ("iam:AddUserToGroup", "arn:aws:iam::*:group/?dmin*"),
        (BECOME, "iam:AddUserToGroup on group/administrators"),
    ),
    "fill it, by NotResource": (
        {"Action": "iam:AddUserToGroup", "NotResource": "arn:aws:s3:::logs"},
        (BECOME, "iam:AddUserToGroup on group/administrators"),
    ),
    "fill it, by NotAction": (
        {"NotAction": ["ec2:*", "s3:*"], "Resource": [f"{IAM}group/administrators"]},
        (BECOME, "iam:AddUserToGroup on group/administrators"),
    ),
    "attach to the own group": (
        ("iam:AttachGroupPolicy", f"{IAM}group/developers"),
        (BECOME, "iam:AttachGroupPolicy on group/developers"),
    ),
    "write a policy, in upper case": (("IAM:PUTUSERPOLICY", "*"), (BECOME, "iam:PutUserPolicy on the user itself")),
    "write a policy, in any partition": (
        ("iam:PutUserPolicy", "arn:?ws:iam::*:user/*"),
        (BECOME, "iam:PutUserPolicy on the user itself"),
    ),
    "write a policy, by a variable that is empty": (
        ("iam:*", IAM + "*${aws:PrincipalTag/nothing, ''}"),
        ("can become an administrator", "on the user itself"),
    ),
    "everything in IAM, under a condition that always holds": (
        {
            "Action": "iam:*",
            "Resource": "*",
            "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2021-05-01T00:00:00Z"}},
        },
        ("can become an administrator", "iam:PutUserPolicy"),
    ),
    "everything on names that end as those of others": (
        ("iam:*", [f"{IAM}*s", f"{IAM}user/*n", f"{IAM}user/*m"]),
        ("2 users can become administrators", "on user/ben"),
    ),
    "make keys, by a pattern of one character or more": (
        ("iam:CreateAccessKey", f"{IAM}user/*?"),
        ("kim can become an administrator", "iam:CreateAccessKey on user/ada"),
    ),
    "the settings of the account": (
        (["iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy"], "*"),
        (GAIN, "iam:UpdateAccountPasswordPolicy changes the account's password policy"),
    ),
    "remove what denies": (
        (["iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:DeleteUserPolicy", "iam:RemoveUserFromGroup"], "*"),
        (GAIN, "iam:RemoveUserFromGroup on group/everyone removes a Deny"),
    ),
    "remove the boundary of a role": (
        (["iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"], "*"),
        (COULD, "iam:DeleteRolePermissionsBoundary needs a role that a boundary holds back"),
    ),
    "pass a role to a function": (
        (["lambda:*", "iam:Pass*"], "*"),
        (COULD, "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction needs a role with more access"),
    ),
    "the role of a stack": (
        (["cloudformation:UpdateStack", "cloudformation:CreateStack"], "*"),
        (COULD, "cloudformation:UpdateStack needs a stack with a role"),
    ),
    "the role of an instance": (("ssm:SendCommand", "*"), (COULD, "ssm:SendCommand needs an instance with a role")),
    "assume any role": (("sts:AssumeRole", "*"), (GAIN, "sts:AssumeRole on role/build gives the access of role/build")),
    "assume a role without access": (
        ("sts:AssumeRole", f"{IAM}role/empty"),
        (COULD, "sts:AssumeRole needs a role with more access"),
    ),
    "an action without a service": (("i*", "*"), ("'i*' has no service prefix",)),
    "a service with a wildcard in the ARN": (
        ("iam:PutUserPolicy", "arn:aws:i?m::*:user/*"),
        ("may not contain wildcards",),
    ),
}
"""The statement, or its actions and resources; and what the plan says of it."""

READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::builds*"}
PASSWORD = {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-11-27T10:00:00Z", "PasswordResetRequired": True}}
MEMBERS = {
    "everyone": ["ada", "ben", "kim", "mia"],
    "administrators": ["ada", "ben"],
    "developers": ["kim", "lee", "mia"],
}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"{IAM}root"}}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def of_groups(members, policies):
    """Return the manifests, and what a snapshot has, of groups with one inline policy each."""
    users = sorted({name for names in members.values() for name in names})
    return {
        "users": {name: {"console": True} for name in users},
        "groups": {name: {"inline_policies": {"work": policy}} for name, policy in policies.items()},
        "memberships": members,
    }, account(
        [user(name, [group for group, names in members.items() if name in names]) for name in users],
        [
            group(name, GroupPolicyList=[{"PolicyName": "work", "PolicyDocument": found}])
            for name, found in policies.items()
        ],
        credentials=dict.fromkeys(users, PASSWORD),
    )


def role(name, *statements):
    return {
        "RoleName": name,
        "RoleId": f"AROA{name.upper():X<17}",
        "Arn": f"{IAM}role/{name}",
        "Path": "/",
        "CreateDate": "2026-01-31T10:00:00Z",
        "AssumeRolePolicyDocument": document(TRUST),
        "AttachedManagedPolicies": [],
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(one)} for one in statements],
    }


def planned(tmp_path, here, before, after, members, members_before=None, roles=()):
    """Return the finished plan from some policies of groups to others."""
    _, live = of_groups(members_before or members, before)
    live["UserDetailList"] += [user(name) for name in _names(members) - _names(members_before or members)]
    write_tree(tmp_path / "iam", json.dumps(of_groups(members, after)[0]))  # without YAML's anchors
    save(tmp_path / "account.json", {**live, "RoleDetailList": list(roles)})
    return lambda *words: here("plan", "iam", "--snapshot", "account.json", *NOW, *words)


def _names(members):
    return {name for names in members.values() for name in names}


@pytest.mark.parametrize("name", GRANTS)
def test_a_grant_is_judged(tmp_path, here, name):
    grant, said = GRANTS[name]
    statement = {"Effect": "Allow"} | (
        grant if isinstance(grant, dict) else dict(zip(("Action", "Resource"), grant, strict=True))
    )
    before = {
        "everyone": json.loads(builtin_text("require-mfa/1").replace("{{ partition }}", "aws")),
        "administrators": document({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        "developers": document(READ),
    }
    roles = [role("build", {"Effect": "Allow", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}), role("empty")]
    after = {**before, "developers": document(READ, statement)}

    done = planned(tmp_path, here, before, after, MEMBERS, roles=roles)("--access", "none")

    for part in said:
        assert part in done.stdout + done.stderr


def test_the_same_access_in_other_words_is_no_change(tmp_path, here):
    objects = "arn:aws:s3:::photos/*"
    before = document(
        {"Effect": "Allow", "Action": "s3:*", "Resource": objects},
        {"Effect": "Deny", "Action": ["s3:Put*", "s3:Delete*"], "Resource": objects},
    )
    after = document(
        {"Effect": "Allow", "NotAction": ["s3:Delete*", "s3:Put*"], "Resource": objects},
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": objects},
    )

    plan = planned(tmp_path, here, {"dev": before}, {"dev": after}, {"dev": ["kim"]})
    shown = json.loads(plan("--format", "json").stdout)

    assert shown["access"]["summary"]["gain"] == shown["access"]["summary"]["lose"] == 0
    assert not any(block["gains"] or block["losses"] for block in shown["access"]["changes"])
    assert not [one for one in shown["findings"] if one["rule"] == "IAM111" and one["severity"] == "refuse"]


def test_two_denies_are_one_guard(tmp_path, here):
    enrolling = ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
    conditions = ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, {"Null": {"aws:MultiFactorAuthPresent": "true"}})
    denies = [{"Effect": "Deny", "NotAction": enrolling, "Resource": "*", "Condition": one} for one in conditions]
    groups = {
        "everyone": document(*denies, {"Effect": "Allow", "Action": enrolling, "Resource": "*"}),
        "dev": document(READ),
    }
    members = {"everyone": ["kim"], "dev": ["kim"]}

    plan = planned(tmp_path, here, groups, groups, members, {"everyone": ["kim"], "dev": []})
    shown = json.loads(plan("--format", "json").stdout)

    assert [one["address"] for one in shown["changes"]] == ["membership/dev/kim"]
    assert not [one for one in shown["findings"] if one["rule"] == "IAM111"]


def test_everything_through_two_policies_makes_an_administrator(tmp_path, here):
    parts = ["account:*", "iam:*", "organizations:*"]
    groups = {
        "power": document({"Effect": "Allow", "NotAction": parts, "Resource": "*"}),
        "rest": document({"Effect": "Allow", "Action": parts, "Resource": "*"}),
    }

    plan = planned(tmp_path, here, groups, groups, {"power": ["kim"], "rest": ["kim"]}, {"power": ["kim"], "rest": []})
    shown = json.loads(plan("--format", "json").stdout)

    assert ("user/kim", "becomes an administrator") in [
        (one["address"], one["message"]) for one in shown["findings"] if one["rule"] == "IAM418"
    ]
