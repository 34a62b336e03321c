"""What drift says: for each kind and each way to differ, and what it does not hold against anybody."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from jsonschema import Draft202012Validator

from iamctl.comparison.deeds import search_for
from iamctl.comparison.diff import changed_fields, why
from iamctl.kinds import (
    KINDS,
    AccessKey,
    AccountSetting,
    ApiKey,
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    MfaDevice,
    NewAccessKey,
    Policy,
    SigninSession,
    User,
    UserInlinePolicy,
    UserPolicy,
)
from iamctl.kinds.credentials import HeldCredential
from iamctl.model import Account, Action, Address, Change, Finding, Origin, Plan, Reason, Severity, Why
from iamctl.policy import Document
from iamctl.render import FORMATS
from iamctl.report.drift import Ways, drift_report, drifts
from iamctl.schema import drift_schema

ARN = "arn:aws:iam::123456789012:policy/deploy"
READ = Document.from_data(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
WRITE = Document.from_data(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)

WAYS = Ways(("iamctl", "import", "iam", "--update"), ("iamctl", "apply", "iam"))
WIDER = "~ statement 1: Allow |   - actions: s3:Get* |   + actions: s3:* |   unchanged resources: *"
ALICE = User(name="alice")
ADMINS = Group(name="admins")
DEPLOY = Policy(name="deploy", document=READ, arn=ARN)
INLINE = GroupInlinePolicy(group="admins", name="logs", document=READ)
KEY = AccessKey(user="alice", key_id="AKIA1")

OLD, NEW = AccountSetting(name="alias", value={"alias": "corp"}), AccountSetting(name="alias", value={"alias": "acme"})

CASES = {
    ("create", AccountSetting): (None, NEW, "the account setting alias is missing"),
    ("update", AccountSetting): (
        OLD,
        NEW,
        "the account setting alias was changed by hand | alias: acme -> corp",
    ),
    ("delete", AccountSetting): (OLD, None, "the account setting alias should not exist"),
    ("create", User): (None, ALICE, "the user alice is missing"),
    ("update", User): (replace(ALICE, path="/x/"), ALICE, "the user alice was changed by hand | path: / -> /x/"),
    ("delete", User): (ALICE, None, "the user alice should not exist"),
    ("create", Group): (None, ADMINS, "the group admins is missing"),
    ("update", Group): (replace(ADMINS, path="/x/"), ADMINS, "the group admins was changed by hand | path: / -> /x/"),
    ("delete", Group): (ADMINS, None, "the group admins should not exist"),
    ("create", Membership): (None, Membership(group="admins", user="alice"), "alice is missing from admins"),
    ("delete", Membership): (Membership(group="admins", user="mallory"), None, "someone added mallory to admins"),
    ("create", Policy): (None, DEPLOY, "the policy deploy is missing"),
    ("update", Policy): (
        replace(DEPLOY, document=WRITE),
        DEPLOY,
        f"the policy deploy was changed by hand | {WIDER}",
    ),
    ("delete", Policy): (
        DEPLOY,
        None,
        "the policy deploy should not exist | statement 1: Allow s3:Get* on *",
    ),
    ("create", GroupPolicy): (
        None,
        GroupPolicy(group="admins", policy_arn=ARN),
        "the policy deploy is not attached to the group admins",
    ),
    ("delete", GroupPolicy): (
        GroupPolicy(group="admins", policy_arn=ARN),
        None,
        "someone attached the policy deploy to the group admins",
    ),
    ("create", GroupInlinePolicy): (None, INLINE, "the inline policy logs of the group admins is missing"),
    ("update", GroupInlinePolicy): (
        replace(INLINE, document=WRITE),
        INLINE,
        f"the inline policy logs of the group admins was changed by hand | {WIDER}",
    ),
    ("delete", GroupInlinePolicy): (
        INLINE,
        None,
        "someone added the inline policy logs to the group admins | statement 1: Allow s3:Get* on *",
    ),
    ("delete", UserPolicy): (
        UserPolicy(user="alice", policy_arn=ARN),
        None,
        "someone attached the policy deploy directly to alice",
    ),
    ("delete", UserInlinePolicy): (
        UserInlinePolicy(user="alice", name="x", document=READ),
        None,
        "someone added the inline policy x directly to alice | statement 1: Allow s3:Get* on *",
    ),
    ("create", LoginProfile): (None, LoginProfile(user="alice"), "alice has no password"),
    ("update", LoginProfile): (
        LoginProfile(user="alice"),
        LoginProfile(user="alice", reissue="2026-11-01"),
        "due: the password of alice is older than 2026-11-01 and due to be replaced | reissue: 2026-11-01 -> (none)",
    ),
    ("delete", LoginProfile): (LoginProfile(user="alice"), None, "someone gave alice a password"),
    ("update", AccessKey): (
        KEY,
        replace(KEY, is_active=False),
        "the access key AKIA1 of alice is active, but not allowed by access_keys | status: Inactive -> Active",
    ),
    ("delete", AccessKey): (
        replace(KEY, is_active=False),
        None,
        "due: the access key AKIA1 of alice was inactive for long enough and is due to be deleted",
    ),
    ("create", NewAccessKey): (
        None,
        NewAccessKey(user="alice", note="2026-11-23", is_created=True),
        "alice has no access key that works",
    ),
    ("update", NewAccessKey): (
        NewAccessKey(user="alice", note="2026-11-22"),
        NewAccessKey(user="alice", note="2026-11-23", is_created=True),
        "the creation of an access key of alice was interrupted | deliver: age -> (none)",
    ),
    ("delete", NewAccessKey): (
        NewAccessKey(user="alice", note="2026-11-22"),
        None,
        "due: the creation of an access key of alice was interrupted",
    ),
    ("delete", ApiKey): (
        ApiKey(user="alice", key_id="ACCA1", held=HeldCredential("ACCA1", service="bedrock.amazonaws.com")),
        None,
        "the API key ACCA1 of alice works, but is not allowed by api_keys",
    ),
    ("delete", SigninSession): (
        SigninSession(user="alice", arn="arn:s1", principal_arn="arn:u"),
        None,
        "alice has no password, but the sign-in session arn:s1 is active",
    ),
    ("delete", MfaDevice): (
        MfaDevice(user="alice", serial="arn:x"),
        None,
        "someone added the MFA device arn:x to the user alice",
    ),
}
ONLY_EXISTS = {Membership, GroupPolicy}
ONLY_GOES = {UserPolicy, UserInlinePolicy, ApiKey, MfaDevice, SigninSession}
NEVER_MADE = {AccessKey}


def change(before, after, reason=None):
    return Change(
        before, after, reason or why(before, after), changed_fields(before, after) if before and after else ()
    )


def told(one):
    return " | ".join((f"{'due: ' if one.is_due else ''}{one.sentence}", *one.details))


def plan(changes=(), **more):
    return Plan(
        Account("123456789012", "prod", "aws"), datetime(2026, 11, 23, tzinfo=UTC), tuple(changes), (), (), **more
    )


def text(found, output="text", **more):
    return FORMATS[output](drift_report(plan([one.change for one in found], **more), found, "1.2.3", WAYS))


def test_the_table_has_every_kind_in_every_way():
    ways = {
        (action.value, kind)
        for kind in KINDS
        for action in Action
        if not (kind in ONLY_EXISTS and action is Action.UPDATE)
        and not (kind in ONLY_GOES and action is not Action.DELETE)
        and not (kind in NEVER_MADE and action is Action.CREATE)
    }
    assert CASES.keys() == ways


@pytest.mark.parametrize(
    ("before", "after", "words"), CASES.values(), ids=[f"{kind.kind}-{way}" for way, kind in CASES]
)
def test_a_difference_is_told_in_words(before, after, words):
    (one,) = drifts([change(before, after)])

    assert told(one) == words
    assert one.sentence in text([one])


def test_a_membership_that_ended_is_nobodys_doing():
    ended = Why(Reason.EXPIRED, date="2026-11-20")
    (one,) = drifts([change(Membership(group="oncall", user="erin"), None, ended)])

    assert told(one) == "due: the membership of erin in oncall ended on 2026-11-20"
    assert "No drift." in text([one])
    assert "1 more is due" in text([one])


def test_a_rename_waits_to_be_applied():
    (one,) = drifts([change(User(name="robert"), User(name="bob"))])
    assert told(one) == "due: the user robert is not renamed to bob yet"

    (one,) = drifts([change(User(name="robert", path="/x/"), User(name="bob"))])
    assert told(one) == "the user robert is not renamed to bob yet | path: / -> /x/"


@pytest.mark.parametrize("way", [lambda side: (None, side), lambda side: (side, None)])
def test_what_hangs_on_a_thing_that_differs_is_told_with_it(way):
    attached, member = GroupPolicy(group="admins", policy_arn=ARN), Membership(group="ops", user="alice")
    password = LoginProfile(user="alice")
    sides = (ALICE, DEPLOY, attached, member, password, Membership(group="ops", user="bob"))

    found = {str(one.change.address): one for one in drifts(change(*way(side)) for side in sides)}

    assert found.keys() == {"user/alice", "policy/deploy", "membership/ops/bob"}
    assert found["user/alice"].along == (member.address, password.address)
    assert found["policy/deploy"].along == (attached.address,)
    assert "with it: membership/ops/alice, login-profile/alice" in text(found.values())


def test_what_differs_on_a_thing_that_stays_is_told_by_itself():
    found = drifts(
        [
            change(replace(ALICE, path="/x/"), ALICE),
            change(KEY, replace(KEY, is_active=False)),
            change(ADMINS, None),
            change(None, Membership(group="ops", user="alice")),
        ]
    )

    assert [one.along for one in found] == [()] * 4


def test_what_was_added_comes_first_whatever_the_order():
    changes = [
        change(None, Membership(group="a", user="x")),
        change(replace(ALICE, path="/x/"), ALICE),
        change(Membership(group="z", user="mallory"), None),
    ]
    for given in permutations(changes):
        assert [one.change.action.value for one in drifts(given)] == ["delete", "update", "create"]


def test_no_difference_is_said_in_so_many_words():
    assert text([]) == "Drift in prod (123456789012, aws)\n\nNo drift.\n"


def test_places_reasons_and_what_is_left_alone_are_told():
    origin = Origin("users.yaml", 3, 5)
    found = drifts(
        [
            change(None, replace(ALICE, origin=origin)),
            change(User(name="dave"), None, Why(Reason.REMOVED, origin=Origin("users.yaml", 9, 3))),
        ]
    )
    said = text(found, undeclared=(Address.of("user", "trudy"),))

    assert "  the user alice is missing  users.yaml:3:5\n" in said
    assert "  the user dave should not exist  listed under 'removed' (users.yaml:9:3)\n" in said
    assert "Not declared and left alone: user/trudy.\n" in said
    assert "2 differences.\n" in said


def test_many_names_are_cut_in_text_and_not_in_json():
    members = [Membership(group="admins", user=f"u{number:02}") for number in range(30)]
    found = drifts([change(ADMINS, None), *(change(member, None) for member in members)])

    assert "membership/admins/u19 and 10 more\n" in text(found)
    assert "membership/admins/u29" in text(found, "json")


def test_what_refuses_the_plan_is_told_and_warnings_are_not():
    findings = (
        Finding("IAM401", Severity.REFUSE, "too many go"),
        Finding("IAM121", Severity.WARN, "the key is old"),
    )
    said = text([], findings=findings)

    assert "too many go" in said
    assert "the key is old" not in said
    assert "the key is old" in text([], "json", findings=findings)


def test_json_fits_the_schema():
    found = drifts([change(before, after) for before, after, _ in CASES.values() if before or after])
    data = json.loads(text(found, "json"))

    Draft202012Validator(drift_schema()).validate(data)
    assert data["summary"]["drift"] + data["summary"]["due"] == len(data["drift"])


@pytest.mark.parametrize("name", ["{0.noun}", "{}", "a}{b", "%s", "x\x1b[31m", "@all|`", "##[error]x", "a\nb"])
def test_no_name_acts(name):
    said, plain = (
        text(drifts([change(Membership(group=n, user=n), None), change(User(name=n), None)])) for n in (name, "x")
    )
    assert "\x1b" not in said
    assert "##" not in said
    assert said.count("\n") == plain.count("\n")
    if name.isprintable() and "#" not in name:
        assert f"the user {name} should not exist\n      with it: membership/{name}/{name}\n" in said


def test_a_limit_of_sessions_is_told_apart_from_a_password():
    limited = replace(LoginProfile(user="alice"), max_session=3600)
    (one,) = drifts([change(limited, replace(limited, max_session=43200))])

    assert told(one) == "someone changed how long sessions of alice last | max_session: 12h -> 1h"


def test_who_changed_a_setting_is_looked_up_by_the_calls_of_that_setting():
    found = [search_for(change(before, after)).operations for before, after in ((OLD, NEW), (None, NEW), (OLD, None))]

    assert found == [{"CreateAccountAlias"}, {"DeleteAccountAlias"}, {"CreateAccountAlias"}]
