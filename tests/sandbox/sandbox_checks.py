"""The checks behind the corrections: each asks an IAM client one thing and asserts AWS's answer."""

import json

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
CHECKS = {}


def check(name):
    """Register the check of the correction ``name``."""

    def register(function):
        assert name not in CHECKS
        CHECKS[name] = function
        return function

    return register


def refused(code, operation, **params):
    """Assert that a call is answered with an error code, and with the HTTP status that AWS gives it."""
    with pytest.raises(ClientError) as caught:
        operation(**params)
    assert caught.value.response["Error"]["Code"] == code
    status = {"DeleteConflict": 409, "EntityAlreadyExists": 409, "LimitExceeded": 409, "NoSuchEntity": 404}
    status |= {"AccessDenied": 403, "NotSupportedService": 404}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status.get(code, 400)


def user(iam, name="u", **params):
    return iam.create_user(UserName=name, **params)["User"]


def group(iam, name="g", **params):
    return iam.create_group(GroupName=name, **params)["Group"]


def policy(iam, name="p", document=None, **params):
    return iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document or ALLOW), **params)["Policy"]["Arn"]


def role(iam, name="r", **params):
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **params)["Role"]


def member(iam):
    user(iam)
    group(iam)
    iam.add_user_to_group(GroupName="g", UserName="u")


def device(iam, name="d"):
    return iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]


def enable(iam, name, serial):
    iam.enable_mfa_device(
        UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )


def statement(**fields):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"} | fields]}


def of_size(characters):
    """A document that has ``characters`` characters other than white space."""
    empty = json.dumps(statement(Resource="arn:aws:s3:::"), separators=(",", ":"))
    return json.dumps(statement(Resource="arn:aws:s3:::" + "b" * (characters - len(empty))), indent=4)
