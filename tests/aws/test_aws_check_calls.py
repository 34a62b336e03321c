import re
import time

import pytest

from iamctl.aws.check import check_calls
from iamctl.kinds import live_resources
from iamctl.model import Call, Change

USER = {"UserName": "alice"}
POLICY = {"PolicyArn": "arn:aws:iam::123456789012:policy/p"}
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
KEY = "AKIAIOSFODNN7EXAMPLE"


def call(operation, params=None, **more):
    return Call(0, "iam", operation, {**(params or {}), **more})


@pytest.mark.parametrize(
    "good",
    [
        call("CreateUser", UserName="a+=,.@-_1", Path="/a/!x~/", Tags=[{"Key": "k:e", "Value": ""}]),
        call("DeleteUser", UserName="u" * 128),
        call("UpdateUser", USER, NewUserName="u" * 64, NewPath="/"),
        call("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Path="/a.b/c/", Description="ü" * 1000),
        call("CreatePolicyVersion", POLICY, PolicyDocument=DOCUMENT, SetAsDefault=True),
        call("PutGroupPolicy", GroupName="g" * 128, PolicyName="p" * 128, PolicyDocument=DOCUMENT + "\t\n\u00ff"),
        call("UpdateAccessKey", USER, AccessKeyId=KEY, Status="Inactive"),
        call("DeactivateMFADevice", USER, SerialNumber="arn:aws:iam::123456789012:u2f/user/alice/key-1"),
        call("CreateLoginProfile", USER, Password={"$secret": "console-password/alice"}, PasswordResetRequired=True),
        call("UntagPolicy", POLICY, TagKeys=["a", "A"]),
        call("TagPolicy", POLICY, Tags=[{"Key": "a", "Value": "x"}, {"Key": "A", "Value": "x"}]),
        call("DeletePolicyVersion", POLICY, VersionId="v12"),
    ],
    ids=lambda good: good.operation,
)
def test_calls_that_iam_takes_are_silent(good):
    assert check_calls([good]) == ()


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (call("CreateUser", UserName="u" * 65), "UserName: the name has 65 characters"),
        (call("UpdateUser", USER, NewUserName="u" * 65), "NewUserName: the name has 65 characters"),
        (call("DeleteUser", UserName="u" * 129), "UserName: the name has 129 characters"),
        (call("CreateUser", UserName="alice\n"), r"contains '\n'"),
        (call("CreateUser", UserName="\u0430dmin"), "looks like 'a'"),
        (call("CreateUser", UserName=""), "valid min length: 1"),
        (call("CreateUser", USER, Path="people"), "Path: the path 'people'"),
        (call("CreateUser", USER, Path="/a b/"), "Path: the path '/a b/'"),
        (call("CreateUser", USER, Path="/" + "a" * 511 + "/"), "513 characters"),
        (call("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Path="/a//"), "Path: the path '/a//'"),
        (call("CreateUser", USER, Nope=1), 'Unknown parameter in input: "Nope"'),
        (call("CreateUser", UserName=1), "Invalid type for parameter UserName"),
        (call("CreateUser"), 'Missing required parameter in input: "UserName"'),
        (call("DeleteLoginProfile"), "UserName is missing, so IAM would use the caller"),
        (call("NoSuchThing"), "is not an IAM write operation"),
        (call("GetUser", USER), "is not an IAM write operation"),
        (Call(0, "s3", "CreateUser", USER), "s3:CreateUser is not an IAM write operation"),
        (call("UpdateAccessKey", USER, AccessKeyId=KEY, Status="Off"), "'Off' is not one of Active, Inactive"),
        (call("UpdateAccessKey", USER, AccessKeyId=KEY + "/", Status="Active"), "AccessKeyId"),
        (call("CreateLoginProfile", USER, Password="hunter22"), "the plan contains a secret"),
        (call("CreateUser", UserName={"$secret": "x"}), "a $secret is used for a parameter that is not secret"),
        (call("CreatePolicy", PolicyName="p", PolicyDocument="{}\u202e"), "U+202E"),
        (call("CreatePolicy", PolicyName="p", PolicyDocument="{}" + " " * 131_072), "131074 characters"),
        (call("CreatePolicy", PolicyName="p", PolicyDocument=DOCUMENT, Description="x" * 1001), "1001 characters"),
        (call("CreatePolicy", PolicyName="p", PolicyDocument={"Version": "x"}), "Invalid type for parameter"),
        (call("AttachGroupPolicy", GroupName="g", PolicyArn="arn:aws:iam::123456789012:role/x"), "is not the ARN"),
        (call("DeletePolicyVersion", POLICY, VersionId="v0"), "VersionId"),
        (call("DeletePolicyVersion", POLICY, VersionId="v1\n"), "VersionId"),
        (call("TagUser", USER, Tags=[{"Key": "A", "Value": ""}, {"Key": "a", "Value": ""}]), "Tags: duplicate key 'a'"),
        (call("TagUser", USER, Tags=[{"Key": "aws:x", "Value": ""}]), "begins with 'aws:'"),
        (call("TagUser", USER, Tags=[{"Key": "k", "Value": "x" * 257}]), "257 characters"),
        (call("TagUser", USER, Tags=[{"Key": "k"}]), 'Missing required parameter in Tags[0]: "Value"'),
    ],
    ids=lambda value: value.operation if isinstance(value, Call) else None,
)
def test_what_iam_refuses_is_told_with_the_call(bad, text):
    messages = check_calls([bad])

    assert any(text in message for message in messages), messages
    assert all(message.startswith(f"call 0 ({bad.operation}): ") and message.isprintable() for message in messages)


def test_a_result_must_come_from_a_call_that_is_needed_and_gives_it():
    version = Call(3, "iam", "CreatePolicyVersion", {**POLICY, "PolicyDocument": DOCUMENT})

    def default(path="PolicyVersion.VersionId", number=3, needs=(3,)):
        reference = {"$result": {"call": number, "path": path}}
        return check_calls(
            [version, Call(4, "iam", "SetDefaultPolicyVersion", {**POLICY, "VersionId": reference}, needs)]
        )

    assert default() == ()
    assert "the result of call 3 is used, but the call is not in needs" in default(needs=())[0]
    assert "the result of call 9 is used, but the call is not in needs" in default(number=9)[0]
    assert "does not return a matching 'PolicyVersion.Nope'" in default("PolicyVersion.Nope")[0]
    assert "does not return a matching 'PolicyVersion.IsDefaultVersion'" in default("PolicyVersion.IsDefaultVersion")[0]


def test_every_call_that_a_kind_makes_to_remove_a_whole_account_is_one_that_iam_takes():
    held = {
        "LoginProfile": {},
        "AccessKeyMetadata": [{"AccessKeyId": KEY, "Status": "Active"}],
        "MFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/alice"}],
        "SSHPublicKeys": [{"SSHPublicKeyId": "APKA1234567890EXAMPLE"}],
        "Certificates": [{"CertificateId": "TA7SMP42TDN5Z26OBPJE7EXAMPLE"}],
        "ServiceSpecificCredentials": [{"ServiceSpecificCredentialId": "ACCAQFODXMPL4YFHP7DZE"}],
    }
    attached = [{"PolicyName": "p", "PolicyArn": POLICY["PolicyArn"]}]
    inline = [{"PolicyName": "i", "PolicyDocument": {}}]
    versions = [{"VersionId": f"v{n}", "IsDefaultVersion": n == 2, "Document": {}} for n in (1, 2)]
    found = live_resources(
        {
            "UserDetailList": [
                {**USER, "GroupList": ["g"], "AttachedManagedPolicies": attached, "UserPolicyList": inline}
            ],
            "GroupDetailList": [{"GroupName": "g", "AttachedManagedPolicies": attached, "GroupPolicyList": inline}],
            "Policies": [{"PolicyName": "p", "Arn": POLICY["PolicyArn"], "PolicyVersionList": versions}],
            "credentials": {"alice": held},
        }
    )
    steps = [step for resource in found.state for step in Change(resource, None).steps()]
    calls = [Call(number, step.service, step.operation, step.params) for number, step in enumerate(steps)]

    assert len(calls) >= 15
    assert check_calls(calls) == ()


def test_ten_thousand_calls_are_checked_within_seconds():
    calls = [
        Call(number, "iam", "PutGroupPolicy", {"GroupName": "g", "PolicyName": "p", "PolicyDocument": DOCUMENT})
        for number in range(10_000)
    ]
    check_calls(calls[:1])
    start = time.process_time()

    assert check_calls(calls) == ()
    assert time.process_time() - start < 5


def test_a_check_loads_no_boto3():
    import subprocess
    import sys

    code = "import iamctl.aws.check as c, sys; assert not re.findall('boto', ' '.join(sys.modules)); c.check_calls(())"
    subprocess.run([sys.executable, "-c", "import re; " + code], check=True)
    assert re.search("boto", " ".join(sys.modules))
