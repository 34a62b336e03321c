"""Accounts that IAM could hold, as snapshots, for Hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

ACCOUNT = "123456789012"
DAY = "2026-01-31T10:00:00Z"
NAME_CHARACTERS = "abcXYZ019+=,.@_-"
AWS_POLICIES = ("AdministratorAccess", "ReadOnlyAccess", "SecurityAudit", "job-function/Billing")
TRICKY_NAMES = (
    "null",
    "True",
    "no",
    "y",
    "..",
    ".hidden",
    "end.",
    "CON",
    "nul.txt",
    "-rf",
    "=",
    "@at",
    "1e3",
    "0x1F",
    "012",
    "2026-12-31",
    "file",
    "a" * 64,
)
"""Names that IAM takes and that a YAML reader, a file system or a shell could take for something else."""


def names() -> st.SearchStrategy[str]:
    """Names that IAM takes for users, groups and policies."""
    return st.one_of(st.text(NAME_CHARACTERS, min_size=1, max_size=8), st.sampled_from(TRICKY_NAMES))


def paths() -> st.SearchStrategy[str]:
    """Paths of users and groups: anything from ``!`` to ``~``, also what means something in YAML and to iamctl."""
    odd = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8)
    return st.one_of(st.sampled_from(["/", "/people/", "/{{x}}/", "/a:/", "/#/"]), odd.map(lambda text: f"/{text}/"))


def policy_paths() -> st.SearchStrategy[str]:
    return st.one_of(st.just("/"), st.text(NAME_CHARACTERS, min_size=1, max_size=4).map(lambda text: f"/{text}/"))


@st.composite
def tags(draw: st.DrawFn, *, odd: bool = False) -> list[dict[str, str]]:
    """Tags that IAM takes, with keys that differ by more than case; ``odd`` brings keys of AWS's and of iamctl's own."""
    character = st.characters(categories=["L", "Zs", "N"], include_characters="_.:/=+-@")
    key = st.text(character, min_size=1, max_size=8).filter(lambda text: not _is_foreign(text))
    if odd:
        key = st.one_of(key, st.sampled_from(["aws:cloudformation:stack-name", "iamctl:made", "IAMCTL:x"]))
    value = st.one_of(st.text(character, max_size=8), st.sampled_from(["", "no", "a: b", "Zoë", " x ", "\u3164", "=1"]))
    keys = draw(st.lists(key, max_size=3, unique_by=str.lower))
    return [{"Key": key, "Value": draw(value)} for key in keys]


def _is_foreign(key: str) -> bool:
    return key.lower().startswith(("aws:", "iamctl:"))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Policy documents that IAM takes, in one of the shapes in which people write them."""
    statements = draw(st.lists(_statements(), min_size=1, max_size=2))
    for number, statement in enumerate(statements):
        if draw(st.booleans()):
            statement["Sid"] = f"S{number}"
    single = len(statements) == 1 and draw(st.booleans())
    return {"Version": "2012-10-17", "Statement": statements[0] if single else statements}


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    action = draw(st.sampled_from(["Action", "NotAction"]))
    actions = st.sampled_from(["s3:GetObject", "s3:*", "*", "sts:AssumeRole", "iam:List*"])
    resources = st.sampled_from(
        ["*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::{{b}}", "arn:aws:s3:::é\u00ad{{{", "arn:aws:s3:::b\x7f"]
    )
    statement = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        action: draw(st.one_of(actions, st.lists(actions, min_size=1, max_size=2))),
        "Resource": draw(st.one_of(resources, st.lists(resources, min_size=1, max_size=2))),
    }
    if draw(st.booleans()):
        value = draw(st.sampled_from(["true", True, ["false"]]))
        statement["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": value}}
    return statement


def odd_documents() -> st.SearchStrategy[Any]:
    """Documents that a live account may hold inside a user or a group, and that manifests may not."""
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    return st.sampled_from(
        [
            {"Statement": [allow]},
            {"Version": "2008-10-17", "Statement": [allow]},
            {"Version": "2012-10-17", "Statement": [{**allow, "Principal": "*"}]},
            {"Version": "2012-10-17", "Statement": []},
            {},
            "not JSON",
        ]
    )


@st.composite
def snapshots(draw: st.DrawFn, *, odd: bool = False) -> dict[str, Any]:
    """Small accounts with users, groups, policies, roles and credentials.

    ``odd`` brings what AWS stores and manifests cannot say: tags of AWS's and of iamctl's own, documents that the
    grammar refuses, inline policies whose names differ by case alone.
    """
    policies = draw(st.lists(_policies(odd=odd), max_size=4, unique_by=lambda policy: policy["PolicyName"].lower()))
    customer = [policy["Arn"] for policy in policies]
    arns = [*customer, *(f"arn:aws:iam::aws:policy/{name}" for name in AWS_POLICIES)]
    groups = draw(st.lists(_groups(arns, odd=odd), max_size=3, unique_by=lambda group: group["GroupName"].lower()))
    group_names = [group["GroupName"] for group in groups]
    users = draw(
        st.lists(_users(arns, group_names, odd=odd), max_size=4, unique_by=lambda user: user["UserName"].lower())
    )
    roles = draw(st.lists(_roles(arns), max_size=2, unique_by=lambda role: role["RoleName"].lower()))
    for number, entry in enumerate([*users, *groups, *roles, *policies]):
        for key in ("UserId", "GroupId", "RoleId", "PolicyId"):
            if key in entry:
                entry[key] += f"{number:017d}"
    _count_attachments(policies, [*users, *groups, *roles])
    snapshot = {
        "format": "iamctl-snapshot/1",
        "taken_at": DAY,
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": users,
        "GroupDetailList": groups,
        "RoleDetailList": roles,
        "Policies": policies,
        "credentials": {
            user["UserName"]: draw(_credentials(user["UserName"], number))
            for number, user in enumerate(users)
            if draw(st.booleans())
        },
    }
    return json.loads(json.dumps(snapshot))  # nothing in it is shared


@st.composite
def _policies(draw: st.DrawFn, *, odd: bool) -> dict[str, Any]:
    name, path = draw(names()), draw(policy_paths())
    document = st.one_of(documents(), odd_documents()) if odd else documents()
    last = draw(st.integers(1, 7))
    numbers = range(max(1, last - draw(st.integers(0, 4))), last + 1)
    default = draw(st.sampled_from(numbers))
    policy = {
        "PolicyName": name,
        "PolicyId": "ANPA",
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy{path}{name}",
        "Path": path,
        "DefaultVersionId": f"v{default}",
        "IsAttachable": True,
        "CreateDate": DAY,
        "UpdateDate": DAY,
        "PolicyVersionList": [
            {
                "Document": draw(document),
                "VersionId": f"v{number}",
                "IsDefaultVersion": number == default,
                "CreateDate": DAY,
            }
            for number in reversed(numbers)
        ],
    }
    if draw(st.booleans()):
        policy["Description"] = draw(st.sampled_from(["", "Deploys.", "a: b # c", "{{ x }}", 'say "hi" \\']))
        policy["Tags"] = draw(tags(odd=odd))
    return policy


@st.composite
def _groups(draw: st.DrawFn, arns: list[str], *, odd: bool) -> dict[str, Any]:
    name, path = draw(names()), draw(paths())
    return {
        "Path": path,
        "GroupName": name,
        "GroupId": "AGPA",
        "Arn": f"arn:aws:iam::{ACCOUNT}:group{path}{name}",
        "CreateDate": DAY,
        "GroupPolicyList": draw(_inline_policies(odd=odd)),
        "AttachedManagedPolicies": draw(_attached(arns)),
    }


@st.composite
def _users(draw: st.DrawFn, arns: list[str], groups: list[str], *, odd: bool) -> dict[str, Any]:
    name, path = draw(names()), draw(paths())
    user = {
        "Path": path,
        "UserName": name,
        "UserId": "AIDA",
        "Arn": f"arn:aws:iam::{ACCOUNT}:user{path}{name}",
        "CreateDate": DAY,
        "GroupList": draw(st.lists(st.sampled_from(groups), unique=True)) if groups else [],
        "AttachedManagedPolicies": draw(_attached(arns)),
    }
    inline = draw(_inline_policies(odd=odd))
    if inline:
        user["UserPolicyList"] = inline
    if draw(st.booleans()):
        user["Tags"] = draw(tags(odd=odd))
    return {**user, **draw(_boundary(arns))}


@st.composite
def _roles(draw: st.DrawFn, arns: list[str]) -> dict[str, Any]:
    name = draw(names())
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROA",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": DAY,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": draw(_attached(arns)),
        "Tags": [],
    }
    return {**role, **draw(_boundary(arns))}


@st.composite
def _inline_policies(draw: st.DrawFn, *, odd: bool) -> list[dict[str, Any]]:
    found = draw(st.lists(names(), max_size=2, unique_by=(lambda name: name) if odd else str.lower))
    document = st.one_of(documents(), odd_documents()) if odd else documents()
    return [{"PolicyName": name, "PolicyDocument": draw(document)} for name in found]


def _attached(arns: list[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    chosen = st.lists(st.sampled_from(arns), max_size=2, unique=True)
    return chosen.map(lambda found: [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in found])


def _boundary(arns: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    chosen = st.one_of(st.none(), st.sampled_from(arns))
    return chosen.map(
        lambda arn: (
            {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}} if arn else {}
        )
    )


@st.composite
def _credentials(draw: st.DrawFn, user: str, number: int) -> dict[str, Any]:
    """What a user holds; a fact that is left out is unknown."""
    status = st.sampled_from(["Active", "Inactive"])
    keys = [f"AKIA{number:08d}{index:08d}" for index in range(draw(st.integers(0, 2)))]
    facts = {
        "LoginProfile": draw(st.one_of(st.none(), st.just({"CreateDate": DAY, "PasswordResetRequired": False}))),
        "AccessKeyMetadata": [{"AccessKeyId": key, "Status": draw(status), "CreateDate": DAY} for key in keys],
        "MFADevices": [
            {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/{user}-{index}", "EnableDate": DAY}
            for index in range(draw(st.integers(0, 1)))
        ],
        "SSHPublicKeys": [],
        "Certificates": [],
        "ServiceSpecificCredentials": [],
    }
    return {key: fact for key, fact in facts.items() if draw(st.integers(0, 4))}


def _count_attachments(policies: list[dict[str, Any]], holders: list[dict[str, Any]]) -> None:
    attached = [entry["PolicyArn"] for holder in holders for entry in holder["AttachedManagedPolicies"]]
    bounds = [holder.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for holder in holders]
    for policy in policies:
        policy["AttachmentCount"] = attached.count(policy["Arn"])
        policy["PermissionsBoundaryUsageCount"] = bounds.count(policy["Arn"])
