"""Every fact of a snapshot survives: what the calls of a reader tell is what was loaded."""

import string
from datetime import UTC, datetime

from effort import examples
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sandbox_reader import read_snapshot

from iamctl.sandbox import open_sandbox

ACCOUNT = "123456789012"
AWS_POLICIES = ("ReadOnlyAccess", "job-function/ViewOnlyAccess", "service-role/MadeUpByNobody")
names = st.text(string.ascii_letters + string.digits + "+=,.@_-", min_size=1, max_size=12)
paths = st.sampled_from(["/", "/people/", "/people/at/work/"])
ids = st.text(string.ascii_uppercase + "234567", min_size=17, max_size=17)
times = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
)
statuses = st.sampled_from(["Active", "Inactive"])
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8).map(str.strip)
documents = st.builds(
    lambda action, resource: {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}],
    },
    st.lists(names, max_size=2),
    texts,
)
inline = st.dictionaries(names, documents, max_size=2).map(
    lambda held: [{"PolicyName": name, "PolicyDocument": document} for name, document in held.items()]
)
tags = st.dictionaries(names, texts, max_size=2).map(
    lambda held: [{"Key": key, "Value": value} for key, value in held.items()]
)


def differing(strategy, most):
    """Names that IAM would tell apart, and ids, keys and serial numbers that are used once."""
    return st.lists(strategy, max_size=most, unique_by=str.lower)


def entity(draw, word, prefix, kind, name):
    path = draw(paths)
    return {
        "Path": path,
        f"{word}Name": name,
        f"{word}Id": prefix + draw(ids),
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}",
        "CreateDate": draw(times),
    }


def policy_detail(draw, name):
    facts = entity(draw, "Policy", "ANPA", "policy", name)
    numbers = draw(st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True).map(sorted))
    default = draw(st.sampled_from(numbers))
    versions = [
        {
            "Document": draw(documents),
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == default,
            "CreateDate": draw(times),
        }
        for number in reversed(numbers)
    ]
    return facts | {
        "DefaultVersionId": f"v{default}",
        "IsAttachable": draw(st.booleans()),
        "UpdateDate": draw(times),
        "PolicyVersionList": versions,
        "Description": draw(texts),
        "Tags": draw(tags),
    }


def credentials(draw, name, keys):
    once = draw(st.lists(ids, min_size=8, max_size=8, unique=True))
    profile = {"CreateDate": draw(times), "PasswordResetRequired": draw(st.booleans())}
    used = {"LastUsedDate": draw(times), "Region": "eu-west-1", "ServiceName": "s3"}
    never = {"Region": "N/A", "ServiceName": "N/A"}
    serials = draw(
        st.lists(st.sampled_from([f"GAKT{once[0]}", f"arn:aws:iam::{ACCOUNT}:u2f/user/{once[1]}"]), unique=True)
    )
    return {
        "LoginProfile": draw(st.sampled_from([None, profile])),
        "AccessKeyMetadata": [
            {
                "AccessKeyId": "AKIA" + key,
                "Status": draw(statuses),
                "CreateDate": draw(times),
                "AccessKeyLastUsed": draw(st.sampled_from([used, never])),
            }
            for key in keys
        ],
        "MFADevices": [{"SerialNumber": serial, "EnableDate": draw(times)} for serial in serials],
        "SSHPublicKeys": [
            {"SSHPublicKeyId": "APKA" + key, "Status": draw(statuses), "UploadDate": draw(times)}
            for key in once[2 : draw(st.integers(2, 4))]
        ],
        "Certificates": [
            {"CertificateId": key, "Status": draw(statuses), "UploadDate": draw(times)}
            for key in once[4 : draw(st.integers(4, 6))]
        ],
        "ServiceSpecificCredentials": [
            {
                "ServiceSpecificCredentialId": "ACCA" + key,
                "ServiceName": "codecommit.amazonaws.com",
                "Status": draw(statuses),
                "CreateDate": draw(times),
                "ServiceUserName": f"{name}-at-{ACCOUNT}",
            }
            for key in once[6 : draw(st.integers(6, 8))]
        ],
    }


def role_detail(draw, name):
    facts = entity(draw, "Role", "AROA", "role", name) | {"AssumeRolePolicyDocument": draw(documents)}
    profile = entity(draw, "InstanceProfile", "AIPA", "instance-profile", name)
    used = {"LastUsedDate": draw(times), "Region": "us-east-1"}
    return facts | {
        "RolePolicyList": draw(inline),
        "Tags": draw(tags),
        "RoleLastUsed": draw(st.sampled_from([{}, used])),
        "InstanceProfileList": draw(st.sampled_from([[], [profile | {"Roles": [dict(facts)]}]])),
    }


@st.composite
def snapshots(draw):
    policies = [policy_detail(draw, name) for name in draw(differing(names, 3))]
    arns = [policy["Arn"] for policy in policies]
    attachable = arns + [f"arn:aws:iam::aws:policy/{name}" for name in AWS_POLICIES]
    groups = [
        entity(draw, "Group", "AGPA", "group", name) | {"GroupPolicyList": draw(inline)}
        for name in draw(differing(names, 3))
    ]
    users = []
    for name in draw(differing(names, 3)):
        user = entity(draw, "User", "AIDA", "user", name) | {"Tags": draw(tags)}
        held = draw(inline)
        member_of = (
            draw(st.lists(st.sampled_from([group["GroupName"] for group in groups]), unique=True)) if groups else []
        )
        users.append(user | ({"UserPolicyList": held} if held else {}) | {"GroupList": member_of})
    roles = [role_detail(draw, name) for name in draw(differing(names, 2))]
    for one in users + groups + roles:
        chosen = draw(st.lists(st.sampled_from(attachable), max_size=3, unique=True))
        one["AttachedManagedPolicies"] = [{"PolicyName": arn.split("/")[-1], "PolicyArn": arn} for arn in chosen]
        if one not in groups and draw(st.booleans()):
            boundary = draw(st.sampled_from(attachable))
            one["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    attached = [entry["PolicyArn"] for one in users + groups + roles for entry in one["AttachedManagedPolicies"]]
    bounded = [one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for one in users + roles]
    for policy in policies:
        arn = policy["Arn"]
        policy |= {"AttachmentCount": attached.count(arn), "PermissionsBoundaryUsageCount": bounded.count(arn)}
    keys = iter(draw(st.lists(ids, min_size=6, max_size=6, unique=True)))
    held = {}
    for user in users:
        mine = [next(keys) for _ in range(draw(st.integers(0, 2)))]
        held[user["UserName"]] = credentials(draw, user["UserName"], mine)
    devices = [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/{number}"} for number in range(draw(st.integers(0, 3)))]
    for device in devices:
        if users and draw(st.booleans()):
            device["UserName"] = draw(st.sampled_from(users))["UserName"]
            device_list = held[device["UserName"]]["MFADevices"]
            device_list.append({"SerialNumber": device["SerialNumber"], "EnableDate": draw(times)})
    return {
        "UserDetailList": users,
        "GroupDetailList": groups,
        "RoleDetailList": roles,
        "Policies": policies,
        "credentials": held,
        "virtual_mfa_devices": devices,
        "SummaryMap": {"UsersQuota": 7, "AccountMFAEnabled": draw(st.integers(0, 1)), "Users": 99},
    }


@given(snapshots())
@settings(
    max_examples=examples(30),
    deadline=None,
    phases=set(Phase) - {Phase.shrink},
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_what_is_loaded_is_what_is_read(snapshot):
    with open_sandbox(snapshot, account_id=ACCOUNT) as session:
        answer = read_snapshot(session.client("iam"))

    summary = answer.pop("SummaryMap")
    asked = snapshot.pop("SummaryMap")
    assert answer == snapshot
    assert summary["AccountMFAEnabled"] == asked["AccountMFAEnabled"]
    assert summary["UsersQuota"] == 7
    assert summary["Users"] == len(snapshot["UserDetailList"])
    assert summary["Policies"] == len(snapshot["Policies"])


def test_what_is_read_loads_and_reads_again_the_same():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        iam = session.client("iam")
        iam.create_user(UserName="u", Tags=[{"Key": "k", "Value": "v"}])
        iam.create_access_key(UserName="u")
        iam.create_login_profile(UserName="u", Password="Correct-horse-1", PasswordResetRequired=True)
        iam.create_virtual_mfa_device(VirtualMFADeviceName="free")
        first = read_snapshot(iam)
    with open_sandbox(first, account_id=ACCOUNT) as session:
        second = read_snapshot(session.client("iam"))

    assert second == first
