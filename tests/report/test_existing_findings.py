"""What was so before a plan is one line per rule; what the plan touches or brings is told in full."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, LoginProfile, Membership, User
from iamctl.kinds.credentials import Credentials
from iamctl.model import Plan, Resource, State
from iamctl.model.settings import Base, Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document
from iamctl.render.text import render_text
from iamctl.report.drift import Ways, drift_report, drifts
from iamctl.report.reports import plan_report

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD_ALONE = Credentials(
    has_password=True,
    password_since=SINCE,
    password_used=NOW,
    access_keys=(),
    has_mfa=False,
    mfa_devices=(),
    ssh_keys=(),
    certificates=(),
    service_credentials=(),
    is_exact=True,
)

WAYS = Ways(("iamctl", "import", "iam", "--update"), ("iamctl", "apply", "iam"))


def people(number: int) -> list[Resource]:
    names = [f"person-{index:03}" for index in range(number)]
    users = [User(name=name, credentials=PASSWORD_ALONE) for name in names]
    return [Group(name="everyone"), *users, *(LoginProfile(user=name, since=SINCE, used=NOW) for name in names)]


def wanted(desired: list[Resource], base: Base | None = None) -> Desired:
    return Desired(Settings("prod", ACCOUNT), "aws", State.of(desired), base=base)


def plan(desired: list[Resource], live: list[Resource], base: Base | None = None) -> Plan:
    return make_plan(wanted(desired, base), Live(ACCOUNT, "aws", State.of(live)), now=NOW)


def text(made: Plan, *, all_findings: bool = False) -> str:
    return render_text(plan_report(made, plan_json(made, "0"), all_findings=all_findings))


def test_old_findings_of_several_people_whom_a_plan_touches_are_one_line_with_their_names() -> None:
    def touching(number: int, *, all_findings: bool = False) -> str:
        joins = [Membership(group="everyone", user=f"person-{index:03}") for index in range(number)]
        return text(plan([*people(9), *joins], people(9)), all_findings=all_findings)

    names = ", ".join(f"person-{index:03}" for index in range(4))
    assert f"  warning: 4 users have a password and no MFA device, as before: {names} (IAM112)" in touching(4)
    assert touching(3).count("the user has had a password but no MFA device") == 3
    assert touching(4, all_findings=True).count("the user has had a password but no MFA device") == 9


def test_two_hundred_old_findings_are_one_line() -> None:
    made = plan(people(200), people(200))

    assert "warning: 200 users have a password and no MFA device (IAM112)" in text(made)
    assert len(text(made).splitlines()) <= 20
    assert text(made, all_findings=True).count("(IAM112)") == 200
    standing = [finding["standing"] for finding in plan_json(made, "0")["findings"] if finding["rule"] == "IAM112"]
    assert standing == [True] * 200


def test_drift_shows_old_findings_as_a_plan_does() -> None:
    made = plan(people(200), people(200))

    def drift(*, all_findings: bool) -> str:
        return render_text(drift_report(made, drifts(made.changes), "0", WAYS, all_findings=all_findings))

    assert "warning: 200 users have a password and no MFA device (IAM112)" in drift(all_findings=False)
    assert drift(all_findings=False).count("(IAM112)") == 1
    assert drift(all_findings=True).count("(IAM112)") == 200


def test_what_the_plan_touches_is_shown_in_full() -> None:
    made = plan([*people(3), Membership(group="everyone", user="person-001")], people(3))

    assert "user/person-001: the user has had a password" in text(made)
    assert "warning: 2 users have a password and no MFA device (IAM112)" in text(made)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_finding_of_a_change_does_not_stand(is_known: bool) -> None:
    declared = people(2)
    before = [one for one in declared if "person-001" not in str(one.address)]
    base = Base({}, desired=wanted(before)) if is_known else None
    made = plan(declared, declared, base)

    found = {str(one.address): one.standing for one in made.findings if one.rule == "IAM112"}
    assert found == {"user/person-000": True, "user/person-001": not is_known}


def test_a_warning_that_is_the_same_for_several_people_is_one_line_with_their_names() -> None:
    names = ("ann", "ben", "kim")
    crew = [
        Group(name="crew"),
        *(User(name=name) for name in names),
        *(Membership(group="crew", user=name) for name in names),
    ]
    document = Document.from_data(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*"}]}
    )

    shown = text(plan([*crew, GroupInlinePolicy(group="crew", name="ssm", document=document)], crew))

    assert "  warning: 3 users could gain a way to more access: ssm:SendCommand needs an instance with a role" in shown
    assert ": ann, ben, kim (IAM450)\n" in shown
    assert shown.count("(IAM450)") == 1
