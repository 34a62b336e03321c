"""Checks of boundaries, credentials, renames, MFA devices and the credential report."""

import csv
import io

from sandbox_checks import ACCOUNT, check, device, enable, group, policy, refused, user

MISSING = f"arn:aws:iam::{ACCOUNT}:policy/missing"


@check("boundary-put")
def boundary_put(iam):
    user(iam)
    arn = policy(iam)
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=arn)
    assert iam.get_user(UserName="u")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


@check("boundary-put-missing")
def boundary_put_missing(iam):
    user(iam)
    refused("NoSuchEntity", iam.put_user_permissions_boundary, UserName="u", PermissionsBoundary=MISSING)


@check("boundary-delete")
def boundary_delete(iam):
    user(iam, PermissionsBoundary=policy(iam))
    iam.delete_user_permissions_boundary(UserName="u")
    assert "PermissionsBoundary" not in iam.get_user(UserName="u")["User"]
    refused("NoSuchEntity", iam.delete_user_permissions_boundary, UserName="u")


@check("boundary-create")
def boundary_create(iam):
    arn = policy(iam)
    assert user(iam, PermissionsBoundary=arn)["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


@check("boundary-create-missing")
def boundary_create_missing(iam):
    refused("NoSuchEntity", iam.create_user, UserName="u", PermissionsBoundary=MISSING)
    refused("NoSuchEntity", iam.get_user, UserName="u")


def profile(iam):
    return iam.get_login_profile(UserName="u")["LoginProfile"]


@check("password-reset")
def password_reset(iam):
    user(iam)
    iam.create_login_profile(UserName="u", Password="Correct-horse-1", PasswordResetRequired=True)
    assert profile(iam)["PasswordResetRequired"] is True


@check("password-update")
def password_update(iam):
    user(iam)
    iam.create_login_profile(UserName="u", Password="Correct-horse-1")
    iam.update_login_profile(UserName="u", PasswordResetRequired=True)
    assert profile(iam)["PasswordResetRequired"] is True


@check("password-update-flag")
def password_update_flag(iam):
    user(iam)
    iam.create_login_profile(UserName="u", Password="Correct-horse-1", PasswordResetRequired=True)
    iam.update_login_profile(UserName="u", Password="Correct-horse-2")
    assert profile(iam)["PasswordResetRequired"] is True


@check("rename-user-taken")
def rename_taken(iam):
    first, second = user(iam, "a"), user(iam, "b")
    refused("EntityAlreadyExists", iam.update_user, UserName="a", NewUserName="B")
    refused("EntityAlreadyExists", iam.update_user, UserName="a", NewUserName="b")
    assert iam.get_user(UserName="a")["User"]["UserId"] == first["UserId"]
    assert iam.get_user(UserName="b")["User"]["UserId"] == second["UserId"]


@check("rename-user-tags")
def rename_tags(iam):
    made = user(iam, "a", Tags=[{"Key": "team", "Value": "x"}])
    iam.update_user(UserName="a", NewUserName="b", NewPath="/people/")
    found = iam.get_user(UserName="b")["User"]
    assert found["Tags"] == [{"Key": "team", "Value": "x"}]
    assert found["UserId"] == made["UserId"]
    assert found["Arn"].endswith(":user/people/b")
    refused("NoSuchEntity", iam.get_user, UserName="a")


@check("rename-user-keys")
def rename_keys(iam):
    user(iam, "a")
    group(iam)
    iam.add_user_to_group(GroupName="g", UserName="a")
    key = iam.create_access_key(UserName="a")["AccessKey"]["AccessKeyId"]
    iam.update_user(UserName="a", NewUserName="b")
    assert iam.list_access_keys(UserName="b")["AccessKeyMetadata"][0]["UserName"] == "b"
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == "b"
    assert [one["UserName"] for one in iam.get_group(GroupName="g")["Users"]] == ["b"]


@check("rename-group-case")
def rename_group(iam):
    group(iam, "a")
    group(iam, "b")
    refused("EntityAlreadyExists", iam.update_group, GroupName="a", NewGroupName="B")


@check("rename-group-path")
def group_path(iam):
    user(iam)
    made = group(iam)
    iam.add_user_to_group(GroupName="g", UserName="u")
    iam.update_group(GroupName="g", NewPath="/team/")
    found = iam.get_group(GroupName="g")
    assert found["Group"]["Arn"].endswith(":group/team/g")
    assert found["Group"]["GroupId"] == made["GroupId"]
    assert len(found["Users"]) == 1


def credential(iam):
    user(iam)
    made = iam.create_service_specific_credential(UserName="u", ServiceName="codecommit.amazonaws.com")
    return made["ServiceSpecificCredential"]


def credentials(iam):
    return iam.list_service_specific_credentials(UserName="u")["ServiceSpecificCredentials"]


@check("service-credential-create")
def credential_create(iam):
    made = credential(iam)
    assert made["ServiceUserName"] == f"u-at-{ACCOUNT}"
    assert made["ServicePassword"]
    assert made["ServiceSpecificCredentialId"].startswith("ACCA")
    refused("NotSupportedService", iam.create_service_specific_credential, UserName="u", ServiceName="s3.amazonaws.com")


@check("service-credential-list")
def credential_list(iam):
    made = credential(iam)
    (found,) = credentials(iam)
    assert found.items() <= made.items()
    assert "ServicePassword" not in found


@check("service-credential-update")
def credential_update(iam):
    identity = credential(iam)["ServiceSpecificCredentialId"]
    iam.update_service_specific_credential(UserName="u", ServiceSpecificCredentialId=identity, Status="Inactive")
    assert credentials(iam)[0]["Status"] == "Inactive"


@check("service-credential-delete")
def credential_delete(iam):
    identity = credential(iam)["ServiceSpecificCredentialId"]
    iam.delete_service_specific_credential(UserName="u", ServiceSpecificCredentialId=identity)
    assert credentials(iam) == []
    refused("NoSuchEntity", iam.delete_service_specific_credential, UserName="u", ServiceSpecificCredentialId=identity)


@check("mfa-device-twice")
def mfa_twice(iam):
    user(iam, "a")
    user(iam, "b")
    serial = device(iam)
    enable(iam, "a", serial)
    refused("EntityAlreadyExists", enable, iam=iam, name="b", serial=serial)


@check("mfa-device-missing")
def mfa_missing(iam):
    user(iam)
    refused("NoSuchEntity", enable, iam=iam, name="u", serial=f"arn:aws:iam::{ACCOUNT}:mfa/none")


def report(iam):
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


@check("report-root")
def report_root(iam):
    root = report(iam)["<root_account>"]
    assert root["arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert root["password_enabled"] == "not_supported"


@check("report-snapshot")
def report_snapshot(iam):
    assert iam.generate_credential_report()["State"] == "STARTED"
    user(iam)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert "u" not in report(iam)


@check("report-no-password")
def report_no_password(iam):
    user(iam)
    row = report(iam)["u"]
    found = [row[f"password_{name}"] for name in ("enabled", "last_used", "last_changed", "next_rotation")]
    assert found == ["false", "N/A", "N/A", "N/A"]


@check("report-key-region")
def report_key(iam):
    user(iam)
    iam.create_access_key(UserName="u")
    row = report(iam)["u"]
    assert row["access_key_1_active"] == "true"
    assert row["access_key_1_last_used_region"] == row["access_key_1_last_used_service"] == "N/A"
    assert row["access_key_2_last_used_region"] == "N/A"
