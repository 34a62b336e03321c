"""AWS as a live source: what it fetches, who may write, and how long its changes need."""

from datetime import UTC, datetime

import pytest
import yaml
from call_counts import count_calls

from iamctl.account.needs import Needs
from iamctl.apply import run as apply_run
from iamctl.aws import same_caller
from iamctl.aws.session import Caller, identify
from iamctl.cli.process import run_command_line
from iamctl.model import Call
from iamctl.model.failures import RefusedError, UsageError
from iamctl.sandbox import open_sandbox
from iamctl.source import aws
from iamctl.source.aws import AwsSource, open_aws
from iamctl.source.live_source import Waits
from iamctl.source.snapshot import SnapshotSource

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CREATE = Call(0, "iam", "CreateUser", {"UserName": "alice"})
SETTINGS = {"version": 1, "accounts": {"test": {"id": ACCOUNT}}, "scope": {"undeclared": {"users": "remove"}}}


@pytest.fixture
def session():
    with open_sandbox(None, account_id=ACCOUNT) as session:
        yield session


def source(session, caller=None):
    return AwsSource(session, caller or identify(session), credentials="exact", now=NOW, waits=Waits())


def names(snapshot):
    return [user["UserName"] for user in snapshot["UserDetailList"]]


def test_a_write_is_executed_and_fetched(session):
    live = source(session)
    before = live.fetch(Needs())
    live.execute(CREATE)

    assert names(live.fetch(Needs())) == ["alice"]
    assert names(live.fetch(Needs(), before)) == []


@pytest.mark.parametrize(
    "needs",
    [
        Needs.of(all_credentials=["alice"]),
        Needs.of(sign_in=["alice"]),
        Needs.of(policy_details=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        Needs.of(policy_documents=["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ],
)
def test_what_is_needed_is_added_without_another_read_of_the_account(session, needs):
    live = source(session)
    live.execute(CREATE)
    before = live.fetch(Needs())
    counts = count_calls(session)
    after = live.fetch(needs, before)

    assert names(after) == ["alice"]
    assert "GetAccountAuthorizationDetails" not in counts


def test_nothing_is_written_when_the_credentials_became_those_of_somebody_else(session):
    planned_by = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/planner", "aws", is_root=False)
    live = source(session, planned_by)

    with pytest.raises(RefusedError, match=r"nothing was sent with them \(IAM402\)"):
        live.execute(CREATE)

    assert names(source(session).fetch(Needs())) == []


def test_fault_3_the_account_is_checked_every_50_writes(session):
    live = source(session)
    counts = count_calls(session)

    for index in range(120):
        live.execute(Call(index, "iam", "CreateUser", {"UserName": f"u{index}"}))

    assert 120 / same_caller.CHECKED_EVERY <= counts["GetCallerIdentity"] <= 1 + 120 / same_caller.ASKED_AFTER


def renewed(session, monkeypatch, account):
    """Give a session other credentials, as a refreshed profile does; they belong to ``account``."""
    session.get_credentials().access_key = "ASIARENEWEDRENEWED22"
    again = Caller(account, f"arn:aws:sts::{account}:assumed-role/iamctl-sandbox/other-session", "aws", is_root=False)
    asked = []
    monkeypatch.setattr(same_caller, "identify", lambda *_: asked.append(1) or again)
    return asked


def test_fault_3_credentials_that_switch_to_another_account_send_nothing(session, monkeypatch):
    live = source(session)
    live.execute(CREATE)
    renewed(session, monkeypatch, "210987654321")

    with pytest.raises(RefusedError, match="the credentials now belong to arn:aws:sts::210987654321:"):
        live.execute(Call(1, "iam", "CreateUser", {"UserName": "bob"}))

    assert names(source(session).fetch(Needs())) == ["alice"]


def test_fault_3_renewed_credentials_of_the_same_role_are_checked_once(session, monkeypatch):
    live = source(session)
    live.execute(CREATE)
    asked = renewed(session, monkeypatch, ACCOUNT)

    for name in ("bob", "carol"):
        live.execute(Call(1, "iam", "CreateUser", {"UserName": name}))

    assert asked == [1]
    assert names(source(session).fetch(Needs())) == ["alice", "bob", "carol"]


def test_fault_3_what_was_read_with_credentials_of_another_account_is_not_believed(session, monkeypatch):
    """Else what a lost answer left would be looked for there, and the read after the calls would find another account."""
    live = source(session)
    live.execute(CREATE)
    before = live.fetch(Needs())
    assert live.ask("GetUser", {"UserName": "alice"}) is not None
    renewed(session, monkeypatch, "210987654321")

    for read in (
        lambda: live.ask("GetUser", {"UserName": "alice"}),
        lambda: live.fetch(Needs()),
        lambda: live.fetch(Needs.of(sign_in=["alice"]), before),
        live.password_policy,
    ):
        with pytest.raises(RefusedError, match=r"belong to arn:aws:sts::210987654321:.*so what was read is not used"):
            read()


def test_fault_3_reads_with_renewed_credentials_of_the_same_role_go_on(session, monkeypatch):
    live = source(session)
    asked = renewed(session, monkeypatch, ACCOUNT)

    for _ in range(3):
        live.fetch(Needs())

    assert asked == [1]


def test_fault_3_an_apply_stops_and_reports_when_the_account_switches(session, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(aws, "open_session", lambda *_: session)
    execute = AwsSource.execute

    def switching(live, call):
        if call.params.get("UserName") == "bob":
            renewed(session, monkeypatch, "210987654321")
        return execute(live, call)

    monkeypatch.setattr(AwsSource, "execute", switching)
    (tmp_path / "iamctl.yaml").write_text(yaml.safe_dump(SETTINGS))
    (tmp_path / "iam.yaml").write_text("users: {alice: {}, bob: {}, carol: {}}\n")

    assert run_command_line(["apply", "--yes", "--parallel", "1"]) == 4
    shown = capsys.readouterr()
    assert "the credentials now belong to arn:aws:sts::210987654321:" in shown.err
    assert "1 of 3 calls are done" in shown.err
    assert "journal: " in shown.out


OF_AWS = Waits((2.0, 4.0, 8.0, 16.0, 30.0), 15.0, 15.0)


def opened(monkeypatch, session, settings=None):
    monkeypatch.setattr(aws, "open_session", lambda *_: session)
    return open_aws(None, None, settings, role_for="apply", credentials="exact", now=NOW)


def test_aws_gets_time_to_spread_a_change_and_an_emulator_does_not(session, monkeypatch):
    assert opened(monkeypatch, session).waits == OF_AWS

    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")
    assert opened(monkeypatch, session).waits == Waits((0.5, 1.0, 2.0), 0.0, 0.0)


@pytest.mark.parametrize("endpoint", ["https://vpce-1.iam.us-east-1.vpce.amazonaws.com", "HTTPS://iam.example.com"])
def test_an_endpoint_that_may_lead_to_aws_gets_the_same_time(session, monkeypatch, endpoint):
    """No restraint and no grant that relies on it follow each other without a wait, whatever way leads to AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", endpoint)

    assert opened(monkeypatch, session).waits == OF_AWS


def test_an_endpoint_of_another_service_says_nothing_of_iam(session, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")

    assert opened(monkeypatch, session).waits == OF_AWS


def test_the_root_user_is_refused_before_anything_is_read(session, monkeypatch):
    root = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", "aws", is_root=True)
    monkeypatch.setattr(aws, "identify", lambda _: root)
    counts = count_calls(session)

    with pytest.raises(RefusedError, match="IAM403"):
        opened(monkeypatch, session)

    assert not counts


def test_an_apply_to_aws_waits_until_what_it_relies_on_has_spread(session, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(aws, "open_session", lambda *_: session)
    given = []
    run = apply_run.run

    def recorded(calls, around):
        given.append(around.spreading.seconds)
        return run(calls, around)

    monkeypatch.setattr(apply_run, "run", recorded)
    (tmp_path / "iamctl.yaml").write_text(yaml.safe_dump(SETTINGS))
    (tmp_path / "iam.yaml").write_text("users: {alice: {}}\n")

    assert run_command_line(["apply", "--yes"]) == 0
    assert given == [15.0]


def test_a_snapshot_file_holds_all_that_it_ever_tells_and_takes_no_write(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(
        '{"account": {"id": "123456789012", "partition": "aws"}, "UserDetailList": [], "GroupDetailList": [], "Policies": []}'
    )
    live = SnapshotSource(path)
    snapshot = live.fetch(Needs())

    assert live.fetch(Needs.of(sign_in=["alice"]), snapshot) is snapshot
    with pytest.raises(UsageError, match="CreateUser cannot run"):
        live.execute(CREATE)
    with pytest.raises(UsageError, match="no password policy"):
        live.password_policy()


def test_needs_are_added_and_taken_away():
    one, two = Needs.of(sign_in=["a"], policy_details=["x"]), Needs.of(sign_in=["a", "b"])

    assert one | two == Needs.of(sign_in=["a", "b"], policy_details=["x"])
    assert two - one == Needs.of(sign_in=["b"])
    assert not one - one
