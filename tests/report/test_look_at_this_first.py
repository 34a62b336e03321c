"""What stands under "Look at this first", and what merely warns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from iamctl.account.live import Live
from iamctl.commands.apply import _confirmed
from iamctl.kinds import Group, Membership, User, UserPolicy
from iamctl.kinds.credentials import Credentials
from iamctl.model import Account, Address, Finding, Plan, Severity, State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.report.findings import finding_sections
from iamctl.report.plan import risky_section
from iamctl.rules import Hit, Rule

PLAN = Plan(Account("123456789012", "prod", "aws"), datetime(2026, 11, 1, tzinfo=UTC), (), (), ())
ALICE, BOB = Address.of("user", "alice"), Address.of("user", "bob")
NOTHING = Credentials(
    has_password=False,
    access_keys=(),
    has_mfa=False,
    mfa_devices=(),
    ssh_keys=(),
    certificates=(),
    service_credentials=(),
    is_exact=True,
)
LOSS = Finding("IAM425", Severity.WARN, "loses the key", ALICE, facts=("key",), first=True, many="lose their keys")


def lines(*findings: Finding) -> list[str]:
    plan = replace(PLAN, findings=findings)
    return ["".join(span.text for span in entry.spans) for section in risky_section(plan) for entry in section.lines]


def test_any_code_can_come_first() -> None:
    assert lines(LOSS, Finding("IAM112", Severity.WARN, "has no device", BOB)) == ["alice loses the key"]


def test_equal_facts_are_one_line() -> None:
    assert lines(LOSS, replace(LOSS, address=BOB)) == ["2 users lose their keys: alice, bob"]
    plain = replace(LOSS, many="")
    assert lines(plain, replace(plain, address=BOB)) == ["each of 2 users loses the key: alice, bob"]


def test_other_facts_are_lines_of_their_own_unless_the_sentence_is_the_same() -> None:
    plain = replace(LOSS, many="")
    assert lines(plain, replace(plain, address=BOB, facts=("other",))) == ["alice loses the key", "bob loses the key"]
    assert lines(LOSS, replace(LOSS, address=BOB, facts=("other",))) == ["2 users lose their keys: alice, bob"]


def test_a_refusal_is_listed_as_such_alone() -> None:
    assert lines(replace(LOSS, severity=Severity.REFUSE)) == []


def test_a_hit_decides_for_itself_or_leaves_it_to_its_rule() -> None:
    rule = Rule("IAM425", Severity.WARN, "plan", "", "", None, first=True)
    hits = Hit(ALICE, "loses"), Hit(ALICE, "loses", first=False)
    assert [hit.finding(rule).first for hit in hits] == [True, False]
    assert Hit(ALICE, "loses", first=True).finding(replace(rule, first=False)).first


def test_the_prompt_repeats_it_right_above_the_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("iamctl.commands.apply.typed", lambda: "no\n")

    assert not _confirmed(replace(PLAN, findings=(LOSS,)))
    told = capsys.readouterr().err
    assert told.startswith(
        "\nLook at this first\n  alice loses the key\n\nApply these 0 calls to prod (123456789012)?\n"
    )


def adopting(number: int) -> list[str]:
    """Return what stands first of a plan that brings users who exist already into their first group."""
    names = [f"person-{index:02}" for index in range(number)]
    live = [Group(name="everyone"), *(User(name=name, user_id=f"AIDA{name}", credentials=NOTHING) for name in names)]
    live += [UserPolicy(user=names[0], policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")]
    wanted = [*live[:-1], *(Membership(group="everyone", user=name) for name in names)]
    account = Live("123456789012", "aws", State.of(live))
    made = make_plan(Desired(Settings("prod", "123456789012"), "aws", State.of(wanted)), account, now=PLAN.created_at)
    return lines(*(finding for finding in made.findings if finding.rule == "IAM437"))


def test_people_who_exist_already_and_have_nothing_are_one_line() -> None:
    told = adopting(3)

    assert "person-00 already exists" in told[0]
    assert "direct policy aws:ReadOnlyAccess" in told[0]
    assert told[1].startswith("2 users already exist and are in no declared group until now; attached: nothing")
    assert told[1].endswith(": person-01, person-02")


def test_more_than_20_people_who_exist_already_are_one_line_with_sums() -> None:
    (told,) = adopting(21)

    assert told.startswith("21 users already exist and are in no declared group until now; attached: 1 direct policy: ")
    assert told.endswith("person-09 and 11 more")


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("can do less: policy/b bounding user/alice denies iam:Get", "alice "),
        ("can do less: user-policy/alice/b on user/alice denies iam:Get", "alice "),
        ("makes keys for user/alice.smith", "alice "),
        ("makes keys for other/user/alice", "alice "),
        ("user/alice is protected", ""),
        ("the role trusts user/alice.", ""),
    ],
)
def test_a_subject_is_named_unless_the_sentence_does_so(message: str, subject: str) -> None:
    finding = replace(LOSS, message=message, many="")
    assert lines(finding) == [f"{subject}{message}"]
    (line,) = finding_sections([finding])[0].lines
    told = f"user/alice: {message}" if subject else message
    assert "".join(span.text for span in line.spans) == f"warning: {told} (IAM425)"


def test_equal_refusals_name_no_part_of_another_address() -> None:
    users = [Address.of("user", name) for name in ("al", *(f"u{number}" for number in range(20)))]
    found = [
        Finding("IAM425", Severity.REFUSE, f"{user} makes keys for user/alice", user, facts=("x",)) for user in users
    ]
    (line,) = finding_sections(found)[0].lines
    assert "".join(span.text for span in line.spans).startswith(
        "refused 21 times: each makes keys for user/alice: user/al, user/u0"
    )
