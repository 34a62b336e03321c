"""``iamctl drift --actor``: each edit by hand has the name of the one who made it, as CloudTrail recorded it."""

import json

import pytest
from command_line import ACCOUNT, ALLOW, NO_CREDENTIALS, account, group, user, write_tree

from iamctl.aws.errors import AwsError
from iamctl.cli.process import run_command_line
from iamctl.commands import attributed as attributing
from iamctl.model.deed import Unfound

KEY = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active", "CreateDate": "2026-11-20T10:00:00Z"}
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/deploy"
OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

ROOT = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}
MALLORY = {"type": "IAMUser", "userName": "mallory", "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory"}


def role(name, session, source=""):
    context = {"sessionIssuer": {"userName": name}, **({"sourceIdentity": source} if source else {})}
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"
    return {"type": "AssumedRole", "arn": arn, "sessionContext": context}


def event(operation, identity=MALLORY, at="2026-11-22T10:00:00Z", made=None, failed="", **params):
    return {
        "eventName": operation,
        "eventTime": at,
        "eventID": f"e-{operation}",
        "sourceIPAddress": "203.0.113.7",
        "userIdentity": identity,
        "requestParameters": params,
        **({"responseElements": made} if made else {}),
        **({"errorCode": failed} if failed else {}),
    }


EDITS = {
    "membership/devs/bob": (event("AddUserToGroup", userName="bob", groupName="devs"), "user mallory"),
    "membership/devs/alice": (event("RemoveUserFromGroup", ROOT, userName="alice", groupName="devs"), "THE ROOT USER"),
    "user/gone": (
        event("DeleteUser", role("admin", "eve@example.com", "eve"), userName="gone"),
        "role admin, session eve@example.com, source identity eve",
    ),
    "user/carol": (event("TagUser", role("terraform", "run-7"), userName="carol"), "role terraform, session run-7"),
    f"group-policy/devs/{READ_ONLY}": (
        event("AttachGroupPolicy", groupName="devs", policyArn=READ_ONLY),
        "user mallory",
    ),
    f"group-policy/devs/{POLICY}": (event("DetachGroupPolicy", groupName="devs", policyArn=POLICY), "user mallory"),
    "group-inline-policy/devs/own": (event("PutGroupPolicy", groupName="devs", policyName="own"), "user mallory"),
    f"user-policy/alice/{READ_ONLY}": (
        event("AttachUserPolicy", userName="alice", policyArn=READ_ONLY),
        "user mallory",
    ),
    "user-inline-policy/alice/own": (event("PutUserPolicy", userName="alice", policyName="own"), "user mallory"),
    "login-profile/bob": (event("CreateLoginProfile", userName="bob"), "user mallory"),
    "access-key/carol/AKIAIOSFODNN7EXAMPLE": (
        event("CreateAccessKey", userName="carol", made={"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}),
        "user mallory",
    ),
    "policy/deploy": (event("CreatePolicyVersion", policyArn=POLICY), "user mallory"),
}
EVENTS = [recorded for recorded, _ in EDITS.values()]


def edited(events):
    """Return an account after all the edits, with these events."""
    users = [
        user(
            "alice",
            UserPolicyList=[{"PolicyName": "own", "PolicyDocument": ALLOW}],
            AttachedManagedPolicies=[{"PolicyArn": READ_ONLY, "PolicyName": "ReadOnlyAccess"}],
        ),
        user("bob", ["devs"]),
        user("carol", Tags=[{"Key": "team", "Value": "other"}]),
        user("dave"),
    ]
    held = {"bob": {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-11-20T10:00:00Z"}}}
    held["carol"] = {**NO_CREDENTIALS, "AccessKeyMetadata": [KEY]}
    inline = [{"PolicyName": "own", "PolicyDocument": ALLOW}]
    devs = group(
        "devs",
        GroupPolicyList=inline,
        AttachedManagedPolicies=[{"PolicyArn": READ_ONLY, "PolicyName": "ReadOnlyAccess"}],
    )
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": OTHER, "CreateDate": "2026-01-01T00:00:00Z"}
    policy = {"Arn": POLICY, "PolicyName": "deploy", "Path": "/", "PolicyVersionList": [version]}
    return {**account(users, [devs], credentials=held), "Policies": [policy], "events": events}


TREE = {
    "users": {"alice": {}, "bob": {}, "carol": {"tags": {"team": "a"}}, "dave": {}, "gone": {}},
    "groups": {"devs": {"policies": ["deploy"]}},
    "policies": {"deploy": {"document": ALLOW}},
    "memberships": {"devs": ["alice"]},
}


@pytest.fixture
def drift(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(events, *words, tree=TREE):
        write_tree(tmp_path / "iam", tree)
        (tmp_path / "account.json").write_text(json.dumps(edited(events)))
        flags = ["--sandbox", "account.json", "--now", "2026-11-23", "--actor"]
        code = run_command_line(["drift", "iam", *flags, *words])
        told = capsys.readouterr()
        assert code == 2, told
        return told.out

    return run


def actors(out):
    return {one["address"]: one["actor"] for one in json.loads(out)["drift"]}


def test_twelve_edits_name_their_actors(drift):
    out = drift(EVENTS)

    lines = out.splitlines()
    told = {lines[number - 1].strip(): line.strip() for number, line in enumerate(lines) if "      by " in line}
    for recorded, actor in EDITS.values():
        wanted = f"by {actor} from 203.0.113.7 on 2026-11-22T10:00:00Z ({recorded['eventName']}, event {recorded['eventID']})"
        assert wanted in told.values(), (recorded, told)
    assert len(told) == len(EDITS)


def test_json_names_them_by_address(drift):
    found = actors(drift(EVENTS, "--format", "json"))

    assert {address: one["operation"] for address, one in found.items()} == {
        address: recorded["eventName"] for address, (recorded, _) in EDITS.items()
    }
    assert found["user/gone"] == {
        "why": None,
        "reason": "",
        "kind": "role",
        "name": "admin",
        "session": "eve@example.com",
        "source_identity": "eve",
        "operation": "DeleteUser",
        "at": "2026-11-22T10:00:00Z",
        "source_address": "203.0.113.7",
        "event_id": "e-DeleteUser",
        "is_of_iamctl": False,
    }


def test_without_events_nobody_is_named_and_the_reason_is(drift):
    out = drift([])

    assert "      by " not in out
    assert out.count("actor not found: CloudTrail has no such call: it is older than 90 days") == len(EDITS)


@pytest.mark.parametrize(
    "other",
    [
        event("AddUserToGroup", userName="bob", groupName="others"),
        event("AddUserToGroup", userName="dave", groupName="devs"),
        event("AddUserToGroup", userName="bob", groupName="devs", failed="AccessDenied"),
        event("RemoveUserFromGroup", userName="bob", groupName="devs"),
    ],
    ids=["another group", "another user", "a refused call", "another call"],
)
def test_an_event_about_something_else_names_nobody(drift, other):
    assert actors(drift([other], "--format", "json"))["membership/devs/bob"]["why"] == "no-event"


def test_the_newest_event_counts(drift):
    old = event("AddUserToGroup", ROOT, "2026-11-01T10:00:00Z", userName="bob", groupName="devs")
    new = event("AddUserToGroup", userName="BOB", groupName="devs", at="2026-11-22T10:00:00Z")
    new["requestParameters"]["userName"] = "bob"

    assert actors(drift([old, new], "--format", "json"))["membership/devs/bob"]["name"] == "mallory"


def test_an_apply_of_iamctl_is_named_as_such(drift):
    own = event("RemoveUserFromGroup", role("iamctl-apply", "iamctl-apply"), userName="alice", groupName="devs")

    assert "event e-RemoveUserFromGroup); an apply of iamctl, so a merged change that is not applied yet" in drift(
        [own]
    )


def test_events_behind_the_first_page_are_found(drift):
    noise = [event("TagUser", at=f"2026-11-22T11:{n:02}:00Z", userName="bob") for n in range(60)]

    found = actors(drift([*noise, *EVENTS], "--format", "json"))

    assert found["membership/devs/bob"]["name"] == "mallory"


def test_a_run_makes_at_most_so_many_requests(drift, monkeypatch):
    monkeypatch.setattr(attributing, "MOST_LOOKUPS", 3)

    out = drift(EVENTS)

    named = out.count("      by ")
    assert 0 < named < len(EDITS)
    assert f"Actors of {len(EDITS) - named} more differences were not looked up" in out
    assert "actor not found" not in out


def test_a_refused_look_up_is_not_repeated_and_names_nobody():
    class Refusing:
        asked = 0

        def events(self, *_):
            self.asked += 1
            raise AwsError("AWS denied cloudtrail:LookupEvents; allow it")

    class Found:
        is_due = False

        def __init__(self, change):
            self.change = change

    source = Refusing()
    lookups = attributing._Lookups(source)
    from iamctl.kinds import Membership
    from iamctl.model import Change

    changes = [Change(Membership(group="devs", user=name), None) for name in ("alice", "bob")]
    told = [lookups.attribution(Found(change)) for change in changes]

    assert [one.why for one in told] == [Unfound.FAILED] * 2
    assert {one.reason for one in told} == {"AWS denied cloudtrail:LookupEvents; allow it"}
    assert source.asked == 1


def test_text_from_events_is_escaped(drift):
    hostile = {"type": "IAMUser", "userName": "m\x1b[31m\nby nobody"}

    out = drift([event("AddUserToGroup", hostile, userName="bob", groupName="devs")])

    assert "\x1b" not in out
    assert "by user m\\u{001B}[31m\\u{000A}by nobody from" in out
