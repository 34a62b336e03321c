"""Changes of accounts, each with a kind of calls of its own: what is there, and what the manifests say."""

from __future__ import annotations

from dataclasses import dataclass, field

from command_line import ALLOW, DAY, NO_CREDENTIALS, UNLIMITED, account, group, user
from pyrage import x25519

ARN = "arn:aws:iam::123456789012:policy/{}"
SECRETS = {"deliver": "age", "recipients": [str(x25519.Identity.generate().to_public())]}


def allow(*actions, resource="arn:aws:s3:::x"):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}],
    }


def managed(name, *documents):
    """A policy with as many versions as documents, the last one in force."""
    versions = [
        {
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == len(documents),
            "CreateDate": DAY,
            "Document": document,
        }
        for number, document in enumerate(documents, 1)
    ]
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper():X<17}",
        "Arn": ARN.format(name),
        "Path": "/",
        "DefaultVersionId": f"v{len(documents)}",
        "AttachmentCount": 0,
        "CreateDate": DAY,
        "UpdateDate": DAY,
        "PolicyVersionList": versions[::-1],
    }


def attached(*names):
    return [{"PolicyName": name, "PolicyArn": ARN.format(name)} for name in names]


def signs_in(name, *keys):
    """A user's password, MFA device and keys."""
    return NO_CREDENTIALS | {
        "LoginProfile": {"CreateDate": DAY, "PasswordResetRequired": False},
        "MFADevices": [{"SerialNumber": f"arn:aws:iam::123456789012:mfa/{name}", "EnableDate": DAY}],
        "AccessKeyMetadata": [{"AccessKeyId": key, "Status": "Active", "CreateDate": DAY} for key in keys],
    }


GUARD = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
            "Resource": ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"],
        },
        {
            "Effect": "Deny",
            "NotAction": ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser"],
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        },
    ],
}
ROLE = {
    "RoleName": "deploy",
    "RoleId": "AROADEPLOYXXXXXXXXXXX",
    "Path": "/",
    "Arn": "arn:aws:iam::123456789012:role/deploy",
    "CreateDate": DAY,
    "AssumeRolePolicyDocument": ALLOW,
    "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": allow("s3:d")}],
    "AttachedManagedPolicies": [],
    "InstanceProfileList": [],
    "Tags": [],
}


@dataclass(frozen=True)
class Scenario:
    live: dict
    declared: dict
    settings: dict = field(default_factory=lambda: {"secrets": SECRETS, "limits": UNLIMITED})
    flags: tuple = ()
    """Of apply."""


def _with_role(**parts):
    return account(RoleDetailList=[ROLE], **parts)


EVERYONE = group("everyone", AttachedManagedPolicies=attached("guard"))
GUARDED = {"policies": {"guard": {"document": GUARD}}, "groups": {"everyone": {"policies": ["guard"]}}}

NEW_TEAM = Scenario(
    _with_role(),
    {
        "users": {name: {"console": True, "tags": {"team": "pay"}} for name in ("u0", "u1")},
        "groups": {
            "everyone": {"policies": ["guard"]},
            "readers": {"policies": ["reads"], "inline_policies": {"more": allow("s3:b")}},
        },
        "memberships": {"everyone": ["u0", "u1"], "readers": ["u0", "u1"]},
        "policies": {"guard": {"document": GUARD}, "reads": {"document": allow("s3:a", "s3:c")}},
    },
)

LEAVERS = Scenario(
    _with_role(
        users=[
            user("u0", ["everyone"]),
            user("l0", ["everyone", "readers"], AttachedManagedPolicies=attached("reads")),
            user(
                "l1", ["readers", "everyone"], UserPolicyList=[{"PolicyName": "own", "PolicyDocument": allow("s3:b")}]
            ),
        ],
        groups=[EVERYONE, group("readers", AttachedManagedPolicies=attached("reads"))],
        Policies=[managed("guard", GUARD), managed("reads", allow("s3:a"))],
        credentials={
            "u0": signs_in("u0", "AKIAU0XXXXXXXXXXXXXX"),
            "l0": signs_in("l0", "AKIAL0XXXXXXXXXXXXXX", "AKIAL1XXXXXXXXXXXXXX"),
            "l1": signs_in("l1"),
        },
    ),
    {
        "users": {"u0": {"console": True, "access_keys": 1}},
        "removed": ["user/l0", "user/l1"],
        "groups": {"everyone": {"policies": ["guard"]}, "readers": {"policies": ["reads"]}},
        "memberships": {"everyone": ["u0"], "readers": []},
        "policies": {"guard": {"document": GUARD}, "reads": {"document": allow("s3:a")}},
    },
)

POLICY_EDIT = Scenario(
    _with_role(
        users=[user("u0", ["everyone", "readers"]), user("u1", ["readers"])],
        groups=[EVERYONE, group("readers", AttachedManagedPolicies=attached("reads", "limits"))],
        Policies=[
            managed("guard", GUARD),
            managed("reads", *(allow(f"s3:{letter}") for letter in "bcdba")),
            managed("limits", *(allow("s3:d", resource=f"arn:aws:s3:::v{number}") for number in range(5))),
        ],
        credentials={"u0": signs_in("u0")},
    ),
    {
        "users": {"u0": {"console": True}, "u1": {}},
        "groups": {"everyone": {"policies": ["guard"]}, "readers": {"policies": ["reads", "limits"]}},
        "memberships": {"everyone": ["u0"], "readers": ["u0", "u1"]},
        "policies": {
            "guard": {"document": GUARD},
            "reads": {"document": allow("s3:b", "s3:c")},
            "limits": {"document": allow("s3:d", "s3:a", resource="arn:aws:s3:::u1")},
        },
    },
)

_FULL = [f"g{number}" for number in range(9)]
GROUP_SWAP = Scenario(
    _with_role(
        users=[user("u0", ["everyone", *_FULL]), user("u1", ["everyone", *_FULL])],
        groups=[
            EVERYONE,
            *(group(name, AttachedManagedPolicies=attached("p" + name)) for name in [*_FULL, "g9", "g10"]),
        ],
        Policies=[
            managed("guard", GUARD),
            *(managed(f"pg{number}", allow(f"s3:{'abcd'[number % 4]}")) for number in range(11)),
        ],
        credentials={name: signs_in(name) for name in ("u0", "u1")},
    ),
    {
        "users": {"u0": {"console": True}, "u1": {"console": True}},
        "groups": {
            "everyone": {"policies": ["guard"]},
            **{f"g{number}": {"policies": [f"pg{number}"]} for number in range(11)},
        },
        "memberships": {
            "everyone": ["u0", "u1"],
            **{f"g{number}": ["u0", "u1"] for number in range(2, 9)},
            "g0": [],
            "g1": ["u1"],
            "g9": ["u0", "u1"],
            "g10": ["u0"],
        },
        "policies": {
            "guard": {"document": GUARD},
            **{f"pg{number}": {"document": allow(f"s3:{'abcd'[number % 4]}")} for number in range(11)},
        },
    },
)

RENAME_AND_MOVE = Scenario(
    _with_role(
        users=[user("v0", ["everyone", "readers"], Tags=[{"Key": "team", "Value": "red"}]), user("u1", ["readers"])],
        groups=[EVERYONE, group("readers", AttachedManagedPolicies=attached("reads"))],
        Policies=[managed("guard", GUARD), managed("reads", allow("s3:a", resource="arn:aws:s3:::${aws:username}"))],
        credentials={"v0": signs_in("v0", "AKIAV0XXXXXXXXXXXXXX")},
    ),
    {
        "users": {
            "u0": {
                "renamed_from": "v0",
                "console": True,
                "access_keys": 1,
                "path": "/people/",
                "tags": {"team": "blue"},
            },
            "u1": {"path": "/people/"},
        },
        "groups": {
            "everyone": {"policies": ["guard"]},
            "watchers": {"renamed_from": "readers", "policies": ["reads"], "path": "/teams/"},
        },
        "memberships": {"everyone": ["u0"], "watchers": ["u0", "u1"]},
        "policies": {
            "guard": {"document": GUARD},
            "reads": {"document": allow("s3:a", resource="arn:aws:s3:::${aws:username}")},
        },
    },
)

DIRECT_POLICIES = Scenario(
    _with_role(
        users=[
            user("u0", ["everyone"], AttachedManagedPolicies=attached("reads", "writes")),
            user("u1", UserPolicyList=[{"PolicyName": "own", "PolicyDocument": allow("s3:b", "s3:c")}]),
        ],
        groups=[EVERYONE],
        Policies=[managed("guard", GUARD), managed("reads", allow("s3:a")), managed("writes", allow("s3:b"))],
        credentials={"u0": signs_in("u0")},
    ),
    {
        "users": {"u0": {"console": True}, "u1": {}},
        "groups": {"everyone": {"policies": ["guard"]}, "readers": {"policies": ["reads"]}},
        "memberships": {"everyone": ["u0"], "readers": ["u0", "u1"]},
        "policies": {
            "guard": {"document": GUARD},
            "reads": {"document": allow("s3:a")},
            "writes": {"document": allow("s3:b")},
        },
    },
)


def _crossed(allowed, denied, *more):
    """A group that denies what another one allows."""
    deny = {"Effect": "Deny", "Action": list(denied), "Resource": "arn:aws:s3:::x"}
    policy = allow(*allowed)
    policy["Statement"] += [deny, *more]
    return {"inline_policies": {"rights": policy}}


_LONG = {"Effect": "Deny", "Action": "s3:d", "Resource": [f"arn:aws:s3:::{n}{'y' * 60}" for n in range(40)]}
_OWN = {
    "Effect": "Deny",
    "Action": "s3:b",
    "Resource": "arn:aws:s3:::*",
    "Condition": {"StringLike": {"aws:username": "v*"}},
}
TRANSITION = Scenario(
    _with_role(
        users=[user("v0", ["everyone"]), user("u1", ["everyone"]), user("u2")],
        groups=[EVERYONE],
        Policies=[managed("guard", GUARD)],
        credentials={"v0": signs_in("v0", "AKIAV0XXXXXXXXXXXXXX"), "u1": signs_in("u1")},
    ),
    {
        "users": {
            "u0": {"renamed_from": "v0", "path": "/people/", "console": True, "access_keys": 1},
            "u1": {"console": True},
            "u2": {"tags": {"team": "pay"}},
        },
        "groups": {
            **GUARDED["groups"],
            "readers": _crossed(["s3:a"], ["s3:b", "s3:c"], _OWN),
            "writers": _crossed(["s3:b", "s3:c"], ["s3:a"], _LONG),
        },
        "memberships": {
            "everyone": ["u0", "u1"],
            "readers": ["u0", "u1", "u2"],
            "writers": ["u0", "u1", "u2"],
        },
        "policies": GUARDED["policies"],
    },
    flags=("--allow-transition",),
)
"""Temporary policies that do not fit as they are; one of the users is renamed and moved."""

CROSSED = Scenario(
    account([user("u0")]),
    {
        "users": {"u0": {}},
        "groups": {"readers": _crossed(["s3:a"], ["s3:b"]), "writers": _crossed(["s3:b"], ["s3:a"])},
        "memberships": {"readers": ["u0"], "writers": ["u0"]},
    },
    flags=("--allow-transition",),
)
"""The fewest changes that need a temporary policy."""

SCENARIOS = {
    "new team": NEW_TEAM,
    "leavers": LEAVERS,
    "policy edit": POLICY_EDIT,
    "group swap": GROUP_SWAP,
    "rename and move": RENAME_AND_MOVE,
    "direct policies": DIRECT_POLICIES,
    "transition": TRANSITION,
    "crossed": CROSSED,
}
