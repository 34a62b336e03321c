"""Small accounts, and what ``iamctl access`` answers about them without another process."""

import json

import yaml

ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}:"
NOW = "2026-11-24T10:00:00Z"
DAY = "2026-01-31T10:00:00Z"
MFA = "aws:MultiFactorAuthPresent"


def policy(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def role(name, trusted, *statements, **more):
    """Return a role; ``trusted`` are the principals of its trust policy."""
    trust = policy({"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"})
    return {
        "RoleName": name,
        "RoleId": f"AROA{name.upper():X<17}",
        "Path": "/",
        "Arn": f"{IAM}role/{name}",
        "CreateDate": DAY,
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": _inline(statements),
        "AttachedManagedPolicies": [],
        **more,
    }


def managed(name, *statements):
    """Return a customer-managed policy."""
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper():X<17}",
        "Arn": f"{IAM}policy/{name}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": DAY,
        "UpdateDate": DAY,
        "PolicyVersionList": [
            {"Document": policy(*statements), "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": DAY}
        ],
    }


def attached(*arns):
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def person(name, *statements, boundary=None, policies=(), groups=(), **more):
    """Return a user who has an inline policy of the statements."""
    bound = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    return {
        "UserName": name,
        "UserId": f"AIDA{name.upper():X<17}",
        "Path": "/",
        "Arn": f"{IAM}user/{name}",
        "CreateDate": DAY,
        "GroupList": list(groups),
        "UserPolicyList": _inline(statements),
        "AttachedManagedPolicies": attached(*policies),
        "Tags": [],
        **({"PermissionsBoundary": bound} if boundary else {}),
        **more,
    }


def team(name, *statements, policies=()):
    """Return a group that has an inline policy of the statements."""
    return {
        "GroupName": name,
        "GroupId": f"AGPA{name.upper():X<17}",
        "Path": "/",
        "Arn": f"{IAM}group/{name}",
        "CreateDate": DAY,
        "GroupPolicyList": _inline(statements),
        "AttachedManagedPolicies": attached(*policies),
    }


def account(*people, groups=(), roles=(), policies=()):
    """Return a snapshot."""
    return {
        "format": "iamctl-snapshot/1",
        "taken_at": DAY,
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": list(people),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
    }


def save(folder, snapshot):
    (folder / "a.json").write_text(json.dumps(snapshot), encoding="utf-8")


def write_tree(folder, manifests, **settings):
    """Write the manifests of one account."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"version": 1, "accounts": {"test": {"id": ACCOUNT}}, **settings}
    (folder / "iamctl.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    (folder / "iam.yaml").write_text(yaml.safe_dump(manifests), encoding="utf-8")


def _inline(statements):
    return [{"PolicyName": "own", "PolicyDocument": policy(*statements)}] if statements else []
