"""Checks of what must be gone before a delete."""

import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from sandbox_checks import (
    ALLOW,
    READ_ONLY,
    check,
    device,
    enable,
    group,
    member,
    policy,
    refused,
    role,
    user,
)

DOCUMENT = json.dumps(ALLOW)


@check("delete-user-login-profile")
def login_profile(iam):
    user(iam)
    iam.create_login_profile(UserName="u", Password="Correct-horse-1")
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.delete_login_profile(UserName="u")
    iam.delete_user(UserName="u")


@check("delete-user-access-key")
def access_key(iam):
    user(iam)
    key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="u", AccessKeyId=key, Status="Inactive")
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.delete_access_key(UserName="u", AccessKeyId=key)
    iam.delete_user(UserName="u")


@check("delete-user-group")
def user_group(iam):
    member(iam)
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.delete_user(UserName="u")
    assert iam.get_group(GroupName="g")["Users"] == []


@check("delete-user-ssh-key")
def ssh_key(iam):
    user(iam)
    key = iam.upload_ssh_public_key(UserName="u", SSHPublicKeyBody="ssh-rsa AAAA")["SSHPublicKey"]["SSHPublicKeyId"]
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.delete_ssh_public_key(UserName="u", SSHPublicKeyId=key)
    iam.delete_user(UserName="u")


def signing_certificate():
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "u")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = built.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, None)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


@check("delete-user-certificate")
def certificate(iam):
    user(iam)
    made = iam.upload_signing_certificate(UserName="u", CertificateBody=signing_certificate())["Certificate"]
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.delete_signing_certificate(UserName="u", CertificateId=made["CertificateId"])
    iam.delete_user(UserName="u")


@check("delete-user-service-credential")
def service_credential(iam):
    user(iam)
    made = iam.create_service_specific_credential(UserName="u", ServiceName="codecommit.amazonaws.com")
    identity = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.delete_service_specific_credential(UserName="u", ServiceSpecificCredentialId=identity)
    iam.delete_user(UserName="u")


@check("delete-user-mfa-device")
def mfa_device(iam):
    user(iam)
    serial = device(iam)
    enable(iam, "u", serial)
    refused("DeleteConflict", iam.delete_user, UserName="u")
    iam.deactivate_mfa_device(UserName="u", SerialNumber=serial)
    iam.delete_user(UserName="u")


@check("delete-group-member")
def group_member(iam):
    member(iam)
    refused("DeleteConflict", iam.delete_group, GroupName="g")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.delete_group(GroupName="g")


@check("delete-group-attached-policy")
def group_attached(iam):
    group(iam)
    arn = policy(iam)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    refused("DeleteConflict", iam.delete_group, GroupName="g")
    iam.detach_group_policy(GroupName="g", PolicyArn=arn)
    iam.delete_group(GroupName="g")


@check("delete-group-inline-policy")
def group_inline(iam):
    group(iam)
    iam.put_group_policy(GroupName="g", PolicyName="i", PolicyDocument=DOCUMENT)
    refused("DeleteConflict", iam.delete_group, GroupName="g")
    iam.delete_group_policy(GroupName="g", PolicyName="i")
    iam.delete_group(GroupName="g")


@check("delete-policy-of-user")
def policy_of_user(iam):
    user(iam)
    arn = policy(iam)
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_user_policy(UserName="u", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


@check("delete-policy-of-group")
def policy_of_group(iam):
    group(iam)
    arn = policy(iam)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)


@check("delete-policy-of-role")
def policy_of_role(iam):
    role(iam)
    arn = policy(iam)
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_role_policy(RoleName="r", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


@check("delete-policy-boundary")
def policy_boundary(iam):
    arn = policy(iam)
    user(iam, PermissionsBoundary=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)


@check("delete-policy-versions")
def policy_versions(iam):
    arn = policy(iam)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


@check("delete-policy-aws")
def policy_aws(iam):
    refused("AccessDenied", iam.delete_policy, PolicyArn=READ_ONLY)


@check("delete-virtual-mfa-device-assigned")
def virtual_device(iam):
    user(iam)
    serial = device(iam)
    enable(iam, "u", serial)
    refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=serial)
    iam.deactivate_mfa_device(UserName="u", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
