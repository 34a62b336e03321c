"""Checks of pages and of what IAM tells."""

import json
import re

from sandbox_checks import (
    ALLOW,
    READ_ONLY,
    check,
    enable,
    group,
    policy,
    refused,
    role,
    user,
)

DOCUMENT = json.dumps(ALLOW)


def pages_of(operation, key, total, **params):
    """Assert that ``total`` things come two on a page, each once, and return them."""
    found, marker = [], {}
    for left in range(total, 0, -2):
        answer = operation(MaxItems=2, **params, **marker)
        assert len(answer[key]) == min(2, left)
        assert answer["IsTruncated"] is (left > 2)
        found += answer[key]
        marker = {"Marker": answer["Marker"]} if left > 2 else {}
    assert len({json.dumps(one, default=str) for one in found}) == total
    return found


@check("page-users")
def users(iam):
    for n in range(5):
        user(iam, f"u{n}")
    pages_of(iam.list_users, "Users", 5)


@check("page-users-default")
def users_default(iam):
    for n in range(101):
        user(iam, f"u{n}")
    answer = iam.list_users()
    assert len(answer["Users"]) == 100
    assert len(iam.list_users(Marker=answer["Marker"])["Users"]) == 1


@check("page-users-marker")
def users_marker(iam):
    refused("ValidationError", iam.list_users, Marker="elsewhere")


@check("page-users-max-items")
def users_max_items(iam):
    refused("ValidationError", iam.list_users, MaxItems=1001)


@check("page-groups")
def groups(iam):
    for n in range(5):
        group(iam, f"g{n}")
    pages_of(iam.list_groups, "Groups", 5)


@check("path-prefix-groups")
def group_prefix(iam):
    group(iam, "a")
    group(iam, "b", Path="/team/")
    assert [one["GroupName"] for one in iam.list_groups(PathPrefix="/team/")["Groups"]] == ["b"]


@check("page-group")
def members(iam):
    group(iam)
    for n in range(5):
        user(iam, f"u{n}")
        iam.add_user_to_group(GroupName="g", UserName=f"u{n}")
    pages_of(iam.get_group, "Users", 5, GroupName="g")


@check("page-groups-for-user")
def groups_for_user(iam):
    user(iam)
    for n in range(5):
        group(iam, f"g{n}")
        iam.add_user_to_group(GroupName=f"g{n}", UserName="u")
    pages_of(iam.list_groups_for_user, "Groups", 5, UserName="u")


@check("page-user-policies")
def user_policies(iam):
    user(iam)
    for n in range(5):
        iam.put_user_policy(UserName="u", PolicyName=f"i{n}", PolicyDocument=DOCUMENT)
    pages_of(iam.list_user_policies, "PolicyNames", 5, UserName="u")


@check("page-group-policies")
def group_policies(iam):
    group(iam)
    for n in range(5):
        iam.put_group_policy(GroupName="g", PolicyName=f"i{n}", PolicyDocument=DOCUMENT)
    pages_of(iam.list_group_policies, "PolicyNames", 5, GroupName="g")


@check("page-policy-versions")
def policy_versions(iam):
    arn = policy(iam)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    pages_of(iam.list_policy_versions, "Versions", 5, PolicyArn=arn)


@check("page-access-keys")
def access_keys(iam):
    user(iam)
    iam.create_access_key(UserName="u")
    iam.create_access_key(UserName="u")
    answer = iam.list_access_keys(UserName="u", MaxItems=1)
    assert answer["IsTruncated"] is True
    assert len(answer["AccessKeyMetadata"]) == 1


@check("page-user-tags")
def user_tags(iam):
    user(iam, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(5)])
    pages_of(iam.list_user_tags, "Tags", 5, UserName="u")


@check("page-mfa-devices")
def mfa_devices(iam):
    user(iam)
    for n in range(5):
        enable(iam, "u", f"GAKT1234567{n}")
    pages_of(iam.list_mfa_devices, "MFADevices", 5, UserName="u")


@check("page-entities")
def entities(iam):
    arn = policy(iam)
    for n in range(3):
        user(iam, f"u{n}")
        iam.attach_user_policy(UserName=f"u{n}", PolicyArn=arn)
    group(iam)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    first = iam.list_entities_for_policy(PolicyArn=arn, MaxItems=2)
    second = iam.list_entities_for_policy(PolicyArn=arn, MaxItems=2, Marker=first["Marker"])
    assert [len(first["PolicyUsers"]), len(first["PolicyGroups"])] == [2, 0]
    assert [len(second["PolicyUsers"]), len(second["PolicyGroups"])] == [1, 1]


FILTER = ["User", "Group", "Role", "LocalManagedPolicy"]
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


@check("page-details")
def details(iam):
    user(iam, "u0")
    user(iam, "u1")
    group(iam)
    role(iam)
    policy(iam)
    sizes, answer = [], {}
    while not sizes or answer["IsTruncated"]:
        marker = {"Marker": answer["Marker"]} if answer else {}
        answer = iam.get_account_authorization_details(Filter=FILTER, MaxItems=2, **marker)
        sizes.append([len(answer[name]) for name in LISTS])
    assert sizes == [[2, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]


@check("page-details-marker")
def details_marker(iam):
    refused("ValidationError", iam.get_account_authorization_details, Marker="elsewhere")


@check("details-policy-name")
def details_policy(iam):
    policy(iam, "deploy", Path="/team/")
    found = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"][0]
    assert found["PolicyName"] == "deploy"
    assert found["PolicyId"] == iam.get_policy(PolicyArn=found["Arn"])["Policy"]["PolicyId"]
    assert found["PolicyVersionList"][0]["Document"] == ALLOW


@check("details-boundary")
def details_boundary(iam):
    arn = policy(iam)
    user(iam, PermissionsBoundary=arn)
    found = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"][0]
    assert found["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


@check("details-aws-policies")
def details_aws(iam):
    group(iam)
    iam.attach_group_policy(GroupName="g", PolicyArn=READ_ONLY)
    assert [one["Arn"] for one in iam.get_account_authorization_details()["Policies"]] == [READ_ONLY]
    assert iam.get_account_authorization_details(Filter=FILTER)["Policies"] == []


@check("details-inline-list")
def details_inline(iam):
    user(iam)
    found = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"][0]
    assert "UserPolicyList" not in found
    assert found["GroupList"] == found["AttachedManagedPolicies"] == []


@check("versions-without-documents")
def versions(iam):
    arn = policy(iam)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)
    found = iam.list_policy_versions(PolicyArn=arn)
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in found["Versions"]] == [("v2", True), ("v1", False)]
    assert not any("Document" in one for one in found["Versions"])
    assert found["IsTruncated"] is False


@check("boundary-usage-count")
def usage_count(iam):
    arn = policy(iam)
    user(iam, PermissionsBoundary=arn)
    role(iam, PermissionsBoundary=arn)
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["PermissionsBoundaryUsageCount"], found["AttachmentCount"]) == (2, 0)


@check("attach-twice")
def attach_twice(iam):
    user(iam)
    arn = policy(iam)
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1


@check("attach-bad-arn")
def attach_bad_arn(iam):
    group(iam)
    refused("ValidationError", iam.attach_group_policy, GroupName="g", PolicyArn="long-policy-name-that-is-no-arn")


@check("attach-service-linked")
def attach_service_linked(iam):
    group(iam)
    user(iam)
    arn = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
    refused("PolicyNotAttachable", iam.attach_group_policy, GroupName="g", PolicyArn=arn)
    refused("PolicyNotAttachable", iam.put_user_permissions_boundary, UserName="u", PermissionsBoundary=arn)


@check("entities-by-usage")
def entities_by_usage(iam):
    arn = policy(iam)
    user(iam, "a", PermissionsBoundary=arn)
    user(iam, "b")
    iam.attach_user_policy(UserName="b", PolicyArn=arn)
    found = iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")["PolicyUsers"]
    assert [one["UserName"] for one in found] == ["a"]


@check("summary-devices")
def summary_devices(iam):
    user(iam)
    enable(iam, "u", "GAKT12345678")
    found = iam.get_account_summary()["SummaryMap"]
    assert (found["MFADevices"], found["MFADevicesInUse"]) == (1, 1)


@check("summary-password")
def summary_password(iam):
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] in {0, 1}


@check("ids-user")
def user_ids(iam):
    assert re.fullmatch(r"AIDA[A-Z0-9]{17}", user(iam)["UserId"])


@check("ids-group")
def group_ids(iam):
    assert re.fullmatch(r"AGPA[A-Z0-9]{17}", group(iam)["GroupId"])


@check("ids-policy")
def policy_ids(iam):
    assert re.fullmatch(r"ANPA[A-Z0-9]{17}", iam.get_policy(PolicyArn=policy(iam))["Policy"]["PolicyId"])


@check("whole-seconds")
def whole_seconds(iam):
    assert {user(iam, f"u{n}")["CreateDate"].microsecond for n in range(3)} == {0}


@check("aws-policy-dates")
def aws_policy(iam):
    found = iam.get_policy(PolicyArn=READ_ONLY)["Policy"]
    assert found["CreateDate"].year == 2015
    assert re.fullmatch(r"ANPA[A-Z0-9]{17}", found["PolicyId"])


@check("default-version-again")
def default_again(iam):
    arn = policy(iam)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["IsDefaultVersion"] is True


@check("organizations-features")
def organizations_features(iam):
    refused("AccountNotManagementOrDelegatedAdministratorException", iam.list_organizations_features)
