"""What the guard that ships with iamctl lets people do, request by request."""

import json

import pytest
from request_evaluator import decision

from iamctl.access.mfa_guard import EXEMPT, is_guard
from iamctl.policy import Document, managed_grammar_errors, parse
from iamctl.policy.actions import is_known
from iamctl.policy.builtin import BUILTINS, builtin_text

ACCOUNT = "123456789012"
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
WITH_MFA = {"aws:MultiFactorAuthPresent": "true", "aws:ViaAWSService": "false"}
PASSWORD_ONLY = {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}
ACCESS_KEY = {"aws:ViaAWSService": "false"}
ON_BEHALF = {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "true"}
OWN_DEVICE = ("ChangePassword", "EnableMFADevice", "GetMFADevice", "GetUser", "ListMFADevices", "ResyncMFADevice")
PATHS = ("/", "/people/", "/people/berlin/payments/")
BUCKET = "arn:aws:s3:::bucket/key"


def document(partition="aws"):
    return json.loads(builtin_text("require-mfa/1").replace("{{ partition }}", partition))


def person(name, path="/"):
    return f"arn:aws:iam::{ACCOUNT}:user{path}{name}"


def ask(action, resource, how, *, user="alice", also=()):
    return decision([document(), *also], action, resource, {**how, "aws:username": user})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("action", OWN_DEVICE)
@pytest.mark.parametrize("how", [WITH_MFA, PASSWORD_ONLY, ACCESS_KEY], ids=["MFA", "password", "access key"])
def test_a_newcomer_changes_the_password_and_enrols_a_device_of_their_own(path, action, how):
    assert ask(f"iam:{action}", person("alice", path), how) == "allowed"


@pytest.mark.parametrize("how", [WITH_MFA, PASSWORD_ONLY, ACCESS_KEY], ids=["MFA", "password", "access key"])
def test_a_newcomer_sees_the_password_rules_and_makes_a_virtual_device_of_any_name(how):
    assert ask("iam:GetAccountPasswordPolicy", "*", how) == "allowed"
    assert ask("iam:ListVirtualMFADevices", f"arn:aws:iam::{ACCOUNT}:mfa/", how) == "allowed"
    for name in ("alice", "phone", "people/phone"):
        assert ask("iam:CreateVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/{name}", how) == "allowed"


@pytest.mark.parametrize("how", [PASSWORD_ONLY, ACCESS_KEY], ids=["password", "access key"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", BUCKET),
        ("ec2:RunInstances", "*"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ("iam:CreateAccessKey", person("alice")),
        ("iam:AttachUserPolicy", person("alice")),
        ("iam:CreateLoginProfile", person("bob")),
        ("iam:UpdateLoginProfile", person("alice")),
        ("iam:DeactivateMFADevice", person("alice")),
        ("iam:DeactivateMFADevice", person("alice", "/people/")),
        ("iam:DeactivateMFADevice", person("bob")),
        ("iam:DeleteVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/alice"),
        ("iam:DeleteVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/bob"),
    ],
)
def test_without_mfa_not_even_an_administrator_does_more(how, action, resource):
    assert ask(action, resource, how, also=[EVERYTHING]) == "denied"


def test_getting_a_session_with_mfa_is_never_denied():
    for how in (WITH_MFA, PASSWORD_ONLY, ACCESS_KEY):
        assert ask("sts:GetSessionToken", "*", how) != "denied"


def test_with_mfa_everything_else_is_for_other_policies_to_say():
    assert ask("s3:GetObject", BUCKET, WITH_MFA) == "nothing"
    assert ask("s3:GetObject", BUCKET, WITH_MFA, also=[EVERYTHING]) == "allowed"
    assert ask("iam:DeactivateMFADevice", person("alice", "/people/"), WITH_MFA) == "allowed"
    assert ask("iam:DeleteVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/alice", WITH_MFA) == "allowed"


def test_calls_of_a_service_on_behalf_of_somebody_go_on():
    assert ask("s3:GetObject", BUCKET, ON_BEHALF, also=[EVERYTHING]) == "allowed"
    assert ask("kms:Decrypt", "*", ON_BEHALF, also=[EVERYTHING]) == "allowed"


@pytest.mark.parametrize("how", [WITH_MFA, PASSWORD_ONLY, ACCESS_KEY], ids=["MFA", "password", "access key"])
@pytest.mark.parametrize("action", ["iam:EnableMFADevice", "iam:ResyncMFADevice"])
@pytest.mark.parametrize(
    ("user", "other"),
    [
        ("alice", person("bob")),
        ("alice", person("bob", "/people/")),
        ("alice", person("bob", "/alice/")),
        ("alice", person("malice")),
        ("alice", person("malice", "/people/")),
        ("malice", person("alice")),
        ("malice", person("alice", "/people/")),
        ("malice", person("alice", "/people/m/")),
        ("alice", person("alice.b")),
        ("ali", person("alice")),
        ("alice", person("Alice")),
    ],
)
def test_nobody_enrols_devices_for_others_with_whatever_allows(how, action, user, other):
    assert ask(action, other, how, user=user, also=[EVERYTHING]) == "denied"


@pytest.mark.parametrize("action", ["ChangePassword", "DeactivateMFADevice", "GetUser", "ListMFADevices"])
@pytest.mark.parametrize("path", PATHS)
def test_the_guard_alone_gives_nothing_on_other_users(action, path):
    assert ask(f"iam:{action}", person("alice", path), WITH_MFA, user="malice") == "nothing"
    assert ask(f"iam:{action}", person("malice", path), WITH_MFA, user="alice") == "nothing"


def test_a_help_desk_with_mfa_may_take_a_lost_device_away():
    assert ask("iam:DeactivateMFADevice", person("bob"), WITH_MFA, also=[EVERYTHING]) == "allowed"


def test_nobody_deletes_the_virtual_device_of_another_name():
    for name in ("bob", "malice", "people/malice", "alice-phone"):
        assert ask("iam:DeleteVirtualMFADevice", f"arn:aws:iam::{ACCOUNT}:mfa/{name}", WITH_MFA) == "nothing"


@pytest.mark.parametrize("name", BUILTINS)
def test_a_builtin_is_a_document_that_iam_takes(name):
    data = parse(builtin_text(name).replace("{{ partition }}", "aws-us-gov"))
    written = Document.from_data(data)
    actions = [
        action
        for statement in data["Statement"]
        for key in ("Action", "NotAction")
        for action in ([statement[key]] if isinstance(statement.get(key), str) else statement.get(key, []))
    ]

    assert not list(managed_grammar_errors(data))
    assert written.size <= 6144
    assert "{{" not in written.text
    assert all(map(is_known, actions))


def test_the_guard_of_the_builtin_is_one_and_spares_all_that_a_guard_may():
    statements = Document.from_data(document()).normalized.statements
    (guard,) = filter(is_guard, statements)

    assert guard.actions == {action.lower() for action in EXEMPT}
