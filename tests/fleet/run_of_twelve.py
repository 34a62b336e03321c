"""A run over twelve accounts, with each outcome; the plans are real ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, Resource, User
from iamctl.kinds.credentials import Credentials
from iamctl.model import Address, Finding, Origin, Severity, State
from iamctl.model.fleet import AccountOutcome, AccountResult, FleetCommand
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document
from iamctl.report.drift import Ways, drift_report, drifts, is_drift

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def document(*actions: str, resource: str = "*") -> Document:
    statement = {"Sid": "Logs", "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


def planned(
    name: str,
    account_id: str,
    live: Iterable[Resource],
    declared: Iterable[Resource],
    *removed: str,
    wave: str = "rest",
) -> AccountResult:
    """Return the result of a plan that was really made."""
    settings = Settings(name, account_id)
    gone = {Address.of("user", user): Origin("leavers.yaml", number, 5) for number, user in enumerate(removed, 2)}
    desired = Desired(settings, "aws", State.of(declared), removed=gone)
    plan = make_plan(desired, Live(account_id, "aws", State.of(live)), now=NOW)
    data = plan_json(plan, "0.1.0")
    refused, changes = plan.is_refused, bool(plan.changes)
    outcome = AccountOutcome.REFUSED if refused else AccountOutcome.CHANGES if changes else AccountOutcome.CLEAN
    return AccountResult(
        account=name,
        account_id=account_id,
        wave=wave,
        command=FleetCommand.PLAN,
        outcome=outcome,
        exit=3 if refused else 2 if changes else 0,
        digest=data["plan_digest"],
        summary=data["summary"],
        changes=tuple(data["changes"]),
        findings=tuple(data["findings"]),
        calls=10,
    )


def baseline(account_id: str) -> list[Resource]:
    """Return what every account has."""
    return [
        Group(name="everyone"),
        Group(name="admins"),
        GroupPolicy(group="admins", policy_arn=ADMIN),
        User(name="alice", tags={"team": "platform"}),
        Membership(group="everyone", user="alice"),
        Membership(group="admins", user="alice"),
        Policy(name="read-logs", document=document("logs:Get*"), arn=f"arn:aws:iam::{account_id}:policy/read-logs"),
    ]


def everyone(account_id: str) -> list[Resource]:
    """Return the baseline without its only administrator, which a rule refuses."""
    return [one for one in baseline(account_id) if one.address != Address.of("membership", "admins", "alice")]


def rollout(account_id: str) -> list[Resource]:
    """Return what every account is to have: bob joins, and one policy allows more."""
    kept = [one for one in baseline(account_id) if not isinstance(one, Policy)]
    more = document("logs:Get*", "logs:FilterLogEvents", resource=f"arn:aws:logs:*:{account_id}:*")
    return [
        *kept,
        User(name="bob"),
        Membership(group="everyone", user="bob", until="2027-03-31", why="audit, OPS-123"),
        Policy(name="read-logs", document=more, arn=f"arn:aws:iam::{account_id}:policy/read-logs"),
        GroupInlinePolicy(group="everyone", name="list", document=document("s3:ListAllMyBuckets")),
    ]


def ended(name: str, account_id: str, outcome: AccountOutcome, code: int, error: str) -> AccountResult:
    """Return the result of an account without a plan."""
    return AccountResult(name, account_id, "rest", FleetCommand.PLAN, outcome, code, error=error)


def run_of_twelve() -> tuple[AccountResult, ...]:
    """Return one result for each account."""
    denied = (
        "AccessDenied: User: arn:aws:sts::999999999999:assumed-role/hub/run is not authorized to perform: "
        "sts:AssumeRole on resource: arn:aws:iam::{}:role/iamctl-plan"
    )
    mallory: list[Resource] = [User(name="mallory"), Membership(group="admins", user="mallory")]
    known = Credentials(
        has_password=False,
        access_keys=(),
        has_mfa=False,
        mfa_devices=(),
        ssh_keys=(),
        certificates=(),
        service_credentials=(),
        is_exact=True,
    )
    carol: list[Resource] = [User(name="carol", credentials=known), Membership(group="everyone", user="carol")]
    mistake = Finding(
        "IAM001",
        Severity.ERROR,
        "unknown group 'devs'; did you mean 'dev'?",
        origin=Origin("teams/payments.yaml", 4, 7),
    )
    return (
        *(
            planned(f"team-{n}", f"10000000000{n}", baseline(f"10000000000{n}"), rollout(f"10000000000{n}"))
            for n in (1, 2)
        ),
        planned("sandbox", "300000000001", baseline("300000000001"), baseline("300000000001")),
        *(
            planned(name, number, [*baseline(number), *carol], [*baseline(number), *mallory], "carol")
            for name, number in (("prod", "200000000001"), ("prod-eu", "200000000002"))
        ),
        planned("legacy", "200000000003", baseline("200000000003"), everyone("200000000003")),
        ended("audit", "400000000001", AccountOutcome.UNREACHABLE, 1, denied.format("400000000001")),
        ended("backup", "400000000002", AccountOutcome.UNREACHABLE, 1, denied.format("400000000002")),
        replace(
            ended("payments", "400000000003", AccountOutcome.ERROR, 1, "1 error in the manifests"),
            findings=(mistake.to_json(),),
        ),
        ended("network", "400000000004", AccountOutcome.LOCKED, 5, "locked by run 7f3a since 2026-11-29T11:58:00Z"),
        ended(
            "edge", "400000000005", AccountOutcome.NOT_STARTED, 0, "wave rest did not start: 2 failures in wave first"
        ),
        ended("old", "400000000006", AccountOutcome.SKIPPED, 0, "SUSPENDED"),
    )


def drifted(name: str, account_id: str, live: Iterable[Resource], declared: Iterable[Resource]) -> AccountResult:
    """Return the result of drift that was really found."""
    desired = Desired(Settings(name, account_id), "aws", State.of(declared))
    plan = make_plan(desired, Live(account_id, "aws", State.of(live)), now=NOW)
    found = drifts(plan.changes)
    data = drift_report(plan, found, "0.1.0", Ways(("iamctl", "import"), ("iamctl", "apply"))).data
    return AccountResult(
        account=name,
        account_id=account_id,
        wave="rest",
        command=FleetCommand.DRIFT,
        outcome=AccountOutcome.CHANGES if is_drift(plan, found) else AccountOutcome.CLEAN,
        exit=2 if is_drift(plan, found) else 0,
        summary=data["summary"],
        changes=tuple(data["drift"]),
        findings=tuple(data["findings"]),
    )
