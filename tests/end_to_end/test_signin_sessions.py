"""Sign-in sessions of users who are deleted or lose their password: read, shown, revoked, and left alone elsewhere."""

import http.client
import json
from unittest import mock

import boto3
import pytest
from command_line import ACCOUNT, DAY, NO_CREDENTIALS, UNLIMITED, account, user, write_tree
from serving import serving
from world import NOW, world

from iamctl.apply.read_back import Verdict, read_back
from iamctl.aws import signin
from iamctl.aws.errors import AwsError
from iamctl.cli.process import run_command_line
from iamctl.kinds.signin_session import Unread
from iamctl.model import Call, CallError, OutcomeStatus
from iamctl.planning.saved_plan import load_saved_plan
from iamctl.sandbox.serving import SandboxServer
from iamctl.sandbox.session import Wire

LATER = int(NOW.timestamp()) + 86400
EARLIER = int(NOW.timestamp()) - 86400


def session(name, number, **more):
    return {
        "sessionArn": f"arn:aws:signin:us-east-1:{ACCOUNT}:session/{name}-{number}",
        "principalArn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "issuedAt": EARLIER,
        "expiresAt": LATER,
        "clientType": "CLI",
        **more,
    }


PASSWORD = {"LoginProfile": {"CreateDate": DAY, "PasswordResetRequired": False}}
KEY = {"AccessKeyMetadata": [{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active", "CreateDate": DAY}]}


def account_of(*names, sessions=(), users=None, **held):
    """Return an account of users with a password each."""
    found = account(
        users or [user(name) for name in names],
        credentials={name: {**NO_CREDENTIALS, **PASSWORD, **held} for name in names},
    )
    listed = {}
    for one in sessions:
        listed.setdefault(one["principalArn"].rpartition("/")[2], {"Sessions": []})["Sessions"].append(one)
    return {**found, "signin_sessions": listed}


def revoked(plan):
    return [one for call in plan.calls if call.service == "signin" for one in call.params["sessionArns"]]


def operations(plan):
    return [call.operation for call in plan.calls]


STAYS = {"users": {"dave": {}}}


@pytest.mark.parametrize(
    ("manifests", "found", "calls"),
    [
        ({"users": {}}, 2, ["DeleteLoginProfile", "BatchRevokeSessions", "BatchRevokeSessions", "DeleteUser"]),
        (STAYS, 1, ["DeleteLoginProfile", "BatchRevokeSessions"]),
        (STAYS, 0, ["DeleteLoginProfile"]),
    ],
)
def test_who_loses_the_password_loses_every_session(manifests, found, calls):
    sessions = [session("dave", number) for number in range(found)]
    others = [session("erin", 7), session("dave", 8, status="REVOKED"), session("dave", 9, expiresAt=EARLIER)]
    with world(account_of("dave", sessions=[*sessions, *others])) as live:
        plan = live.reach(manifests)

        assert operations(plan) == calls
        assert revoked(plan) == [one["sessionArn"] for one in sessions]
        assert live.plan(manifests).changes == ()


def test_only_leavers_are_asked_about_and_sessions_of_others_stay():
    people = account_of("dave", "erin", sessions=[session("dave", 1), session("erin", 2)])
    with world(people) as live, mock.patch.object(signin, "_pages", wraps=signin._pages) as pages:
        plan = live.plan({"users": {"erin": {"console": True}}})
        live.plan({"users": {"dave": {"console": True}, "erin": {"console": True}}})

    assert [call.args[1] for call in pages.call_args_list] == [f"arn:aws:iam::{ACCOUNT}:user/dave"]
    assert revoked(plan) == [session("dave", 1)["sessionArn"]]


@pytest.mark.parametrize("many", [1, 6])
def test_users_with_a_path_and_many_users_are_found_among_the_sessions_of_the_account(many):
    names = [f"u{number}" for number in range(many)]
    users = [user(name, Path="/people/", Arn=f"arn:aws:iam::{ACCOUNT}:user/people/{name}") for name in names]
    found = [session(name, 1) for name in names] + [session("u99", 1)]
    found[0]["principalArn"] = f"arn:aws:iam::{ACCOUNT}:user/U0"
    with (
        world(account_of(*names, users=users, sessions=found)) as live,
        mock.patch.object(signin, "_pages", wraps=signin._pages) as pages,
    ):
        plan = live.reach({"users": {}})

    assert [call.args[1] for call in pages.call_args_list] == [f"arn:aws:iam::{ACCOUNT}:*"]
    assert revoked(plan) == [one["sessionArn"] for one in found[:many]]


def test_a_listing_has_pages():
    sessions = [session("dave", number) for number in range(205)]
    with world(account_of("dave", sessions=sessions)) as live:
        assert len(revoked(live.plan({"users": {}}))) == 205


def test_the_digest_does_not_change_when_a_session_begins():
    plans = []
    for count in (0, 1, 3):
        with world(account_of("dave", "erin", sessions=[session("dave", n) for n in range(count)], **KEY)) as live:
            plans.append(live.plan({"users": {}}))

    assert len({plan.plan_digest for plan in plans}) == 1
    assert [len(plan.calls) for plan in plans] == [8, 9, 11]
    assert all(call["service"] == "iam" for plan in plans for call in plan.covered["calls"])


def test_a_saved_plan_with_revocations_can_be_loaded(tmp_path, capsys):
    sandbox(tmp_path, account_of("dave", sessions=[session("dave", 1)]))
    assert iamctl("plan", tmp_path, "--out", str(tmp_path / "saved.json")) == 0
    data = json.loads((tmp_path / "saved.json").read_text())

    assert "BatchRevokeSessions" in {call["operation"] for call in data["calls"]}
    loaded = load_saved_plan(tmp_path / "saved.json", data["iamctl_version"])
    assert loaded.plan_digest == data["plan_digest"]


def sandbox(folder, snapshot):
    write_tree(folder / "iam", {"users": {"anna": {}}, "removed": ["user/dave"]}, limits=UNLIMITED)
    snapshot["UserDetailList"].append(user("anna"))
    (folder / "account.json").write_text(json.dumps(snapshot))


def iamctl(command, folder, *words):
    given = ("--sandbox", str(folder / "account.json"), "--now", "2026-11-23")
    return run_command_line([command, str(folder / "iam"), *given, *words])


def test_the_commands_show_and_revoke_sessions_and_the_file_keeps_the_others(tmp_path, capsys):
    found = account_of("dave", "erin", sessions=[session("dave", 1), session("erin", 2)])
    sandbox(tmp_path, found)

    assert iamctl("plan", tmp_path) == 0
    shown = capsys.readouterr().out
    assert iamctl("apply", tmp_path, "--yes") == 0

    told = "(of CLI, since 2026-11-22, until 2026-11-24)"
    assert f"- loses sign-in session {session('dave', 1)['sessionArn']} {told}" in shown
    assert "1 password, 1 sign-in session" in shown
    left = json.loads((tmp_path / "account.json").read_text())["signin_sessions"]
    assert [one["sessionArn"] for read in left.values() for one in read["Sessions"]] == [
        session("erin", 2)["sessionArn"]
    ]


def test_a_revoked_session_is_gone_from_the_sessions_of_an_audit_as_well(tmp_path):
    both = [session("dave", 1), session("erin", 2)]
    found = account_of("dave", "erin", sessions=[])
    found["audit"] = {"SigninSessions": both}
    sandbox(tmp_path, found)

    assert iamctl("apply", tmp_path, "--yes") == 0

    left = json.loads((tmp_path / "account.json").read_text())["audit"]["SigninSessions"]
    assert [one["sessionArn"] for one in left] == [session("erin", 2)["sessionArn"]]


def test_a_session_is_text_of_others_and_is_escaped(tmp_path, capsys):
    sandbox(tmp_path, account_of("dave", sessions=[session("dave", 1, sessionArn="arn:\x1b[31mred\u202e")]))

    assert iamctl("plan", tmp_path, "--show-calls") == 0
    shown = capsys.readouterr().out
    assert "arn:" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def outcomes(live, manifests=None, broken=()):
    """Return the status of each call by operation and session; some sessions cannot be revoked."""
    live_sessions(live).broken.update(dict.fromkeys(broken, ("INTERNAL", "try later")))
    found = live.apply(live.plan(manifests or {"users": {}}))
    return {(one.call.operation, *one.call.params.get("sessionArns", ())): (one.status, one.error) for one in found}


def live_sessions(live):
    """Return the sessions of the account, where the sandbox keeps them."""
    handlers = live.session._session.get_component("event_emitter")._emitter._handlers
    wires = [found for found in handlers.prefix_search("before-send") if isinstance(found, Wire)]
    return wires[0].account.sessions


def test_a_session_that_cannot_be_revoked_keeps_no_other_and_the_user_stays():
    arns = [session("dave", number)["sessionArn"] for number in range(3)]
    with world(account_of("dave", sessions=[session("dave", number) for number in range(3)])) as live:
        found = outcomes(live, broken=arns[1:2])

        assert (
            found["BatchRevokeSessions", arns[0]] == found["BatchRevokeSessions", arns[2]] == (OutcomeStatus.DONE, "")
        )
        assert found["BatchRevokeSessions", arns[1]] == (OutcomeStatus.FAILED, "try later")
        assert found["DeleteLoginProfile",][0] is OutcomeStatus.DONE
        assert found["DeleteUser",][0] is OutcomeStatus.NOT_STARTED
        live_sessions(live).broken.clear()
        assert set(outcomes(live)) == {("BatchRevokeSessions", arns[1]), ("DeleteUser",)}
        assert live.plan({"users": {}}).changes == ()


def test_a_session_that_ended_meanwhile_is_no_failure():
    with world(account_of("dave", sessions=[session("dave", 1)])) as live:
        plan = live.plan({"users": {}})
        live_sessions(live).by_arn.clear()

        assert {one.status for one in live.apply(plan)} == {OutcomeStatus.DONE}


def test_sessions_are_revoked_although_the_password_stays():
    with world(account_of("dave", sessions=[session("dave", 1)], **KEY)) as live:
        plan = live.plan({"users": {}})
        execute = live.live.execute

        def refuse(call):
            if call.operation == "DeleteLoginProfile":
                raise CallError("AccessDenied", "no")
            asked.append(call.operation)
            return execute(call)

        asked = []
        with mock.patch.object(live.live, "execute", refuse):
            found = {one.call.operation: one.status for one in live.apply(plan)}

    assert found["DeleteLoginProfile"] is OutcomeStatus.FAILED
    assert found["BatchRevokeSessions"] is OutcomeStatus.DONE
    assert asked.index("UpdateAccessKey") < asked.index("BatchRevokeSessions")


@pytest.mark.parametrize(
    ("used", "expected"), [("2026-11-20T10:00:00Z", 1), ("2026-08-01T10:00:00Z", 0), (None, 0)], ids=str
)
def test_a_session_that_an_interrupted_run_left_is_found_while_one_can_last(used, expected):
    with world(account_of("dave", sessions=[session("dave", 1)])) as live:
        found = live.live.fetch

        def fetch(needs, known=None):
            snapshot = found(needs, known)
            held = {**snapshot["credentials"]["dave"], "LoginProfile": None, "PasswordLastUsed": used}
            return {**snapshot, "credentials": {"dave": held}}

        with mock.patch.object(live.live, "fetch", fetch):
            assert len(revoked(live.plan(STAYS))) == expected


@pytest.mark.parametrize(
    ("partition", "knows", "why"), [("aws-cn", True, Unread.PARTITION), ("aws", False, Unread.BOTOCORE)]
)
def test_where_there_are_no_sessions_nothing_is_asked(partition, knows, why):
    snapshot = {**account_of("dave"), "account": {"id": ACCOUNT, "partition": partition}}
    with mock.patch.object(signin, "knows_sessions", return_value=knows):
        found = signin.with_signin_sessions(snapshot, None, ["dave"], NOW, pytest.fail)

    assert found["signin_sessions"] == {"dave": {"Unread": why.value}}


def test_a_denied_read_is_an_info_and_everything_else_goes_on():
    denied = mock.patch.object(signin, "_pages", side_effect=AwsError("AWS denied signin:ListSessions"))
    with world(account_of("dave", sessions=[session("dave", 1)])) as live, denied:
        plan = live.reach({"users": {}})

    (finding,) = [one for one in plan.findings if one.rule == "IAM459"]
    assert finding.message.endswith("dave; AWS denied signin:ListSessions")
    assert operations(plan) == ["DeleteLoginProfile", "DeleteUser"]


def test_this_botocore_knows_sessions():
    assert signin.knows_sessions()


def test_what_aws_does_not_mention_is_unknown():
    client = mock.Mock()
    client.batch_revoke_sessions.return_value = {"revokedSessions": [], "errors": []}

    with pytest.raises(CallError) as raised:
        signin.revoke_sessions(client, principalArn="arn", sessionArns=["arn:a"])
    assert raised.value.ambiguous


def test_a_throttled_read_is_tried_again(monkeypatch):
    pauses = []
    with world(account_of("dave", sessions=[session("dave", 1)])) as live:
        sessions = live_sessions(live)
        answer = sessions.answer
        busy = iter(
            [(429, json.dumps({"__type": "TooManyRequestsError", "error": "rate_exceeded", "message": "slow"}))] * 2
        )
        monkeypatch.setattr(sessions, "answer", lambda *given: next(busy, None) or answer(*given))
        live.live._sleep = pauses.append

        assert len(revoked(live.plan({"users": {}}))) == 1
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9/"}, "http://127.0.0.1:9/list-sessions"),
        ({}, "https://signin.eu-central-1.api.aws/list-sessions"),
    ],
)
def test_requests_go_to_the_endpoint_that_is_set(endpoint, url):
    sent = []
    with world(account_of("dave", sessions=[session("dave", 1)])), mock.patch.dict("os.environ", endpoint):
        reader = signin.signin_reader(boto3.Session("sandbox", "sandbox", region_name="eu-central-1"))
        reader.meta.events.register("before-sign.signin", lambda request, **_: sent.append(request.url))
        assert reader.list_sessions(principalArn=f"arn:aws:iam::{ACCOUNT}:*")["items"]

    assert sent == [url]


def test_a_served_sandbox_lists_and_revokes():
    arn = session("dave", 1)["sessionArn"]
    owner = {"principalArn": f"arn:aws:iam::{ACCOUNT}:user/dave"}
    with (
        world(account_of("dave", sessions=[session("dave", 1)])) as live,
        SandboxServer(live.session) as server,
        serving(server),
    ):
        listed = posted(server, "list-sessions", {**owner, "status": "ACTIVE"})
        revoked_ones = posted(server, "batch-revoke-sessions", {**owner, "sessionArns": [arn]})
        left = posted(server, "list-sessions", {**owner, "status": "ACTIVE"})
        refused = posted(server, "batch-revoke-sessions", {**owner, "sessionArns": [arn] * 6})
        odd = posted(server, "list-sessions", {"principalArn": f"arn:aws:iam::{ACCOUNT}:user/people/dave"})

    assert [one["sessionArn"] for one in listed["items"]] == [arn]
    assert revoked_ones == {"revokedSessions": [{"sessionArn": arn}], "errors": []}
    assert left == {"items": []}
    assert {refused["__type"], odd["__type"]} == {"ValidationException"}


def posted(server, path, body):
    """Return the JSON that the server answers to a request of a client of AWS Sign-In."""
    scope = (
        "AWS4-HMAC-SHA256 Credential=sandbox/20261123/us-east-1/signin/aws4_request, SignedHeaders=host, Signature=0"
    )
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("POST", f"/{path}", json.dumps(body), {"Authorization": scope})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def test_a_lost_answer_is_sent_again():
    call = Call(0, "signin", "BatchRevokeSessions", {"sessionArns": ["arn:a"]})
    assert read_back(call, pytest.fail) is Verdict.NOT_DONE


def test_the_roles_may_list_and_revoke(tmp_path, capsys):
    write_tree(tmp_path, {"users": {"dave": {}}})
    for job, wanted in (
        ("plan", ["signin:ListSessions"]),
        ("apply", ["signin:BatchRevokeSessions", "signin:ListSessions"]),
    ):
        assert run_command_line(["permissions", job, str(tmp_path)]) == 0
        statements = json.loads(capsys.readouterr().out)["Statement"]
        assert [one["Action"] for one in statements if one["Sid"] == "SigninSessions"] == [wanted]
    assert run_command_line(["permissions", "plan", str(tmp_path), "--partition", "aws-cn"]) == 0
    assert "signin" not in capsys.readouterr().out
