"""A finding that a membership causes points at the membership, not at the user."""

from __future__ import annotations

from dataclasses import replace

from iamctl.kinds import Membership
from iamctl.model import Address, Change, Finding, Severity
from iamctl.planning.causes import with_causes
from iamctl.text.origin import Origin

ALICE = Address.of("user", "alice")
USER, ADMINS, DEV = (Origin("users.yaml", 2, 3), Origin("memberships.yaml", 5, 7), Origin("memberships.yaml", 9, 7))
RISK = Finding("IAM418", Severity.WARN, "becomes an administrator", ALICE, USER, ("administrator",), first=True)


def place(finding: Finding, **groups: Origin) -> Origin | None:
    changes = [Change(None, Membership(group=group, user="alice", origin=origin)) for group, origin in groups.items()]
    (found,) = with_causes([finding], changes)
    return found.origin


def test_the_only_new_membership_is_the_cause() -> None:
    assert place(RISK, admins=ADMINS) == ADMINS


def test_of_several_it_is_the_one_that_the_facts_name() -> None:
    assert place(RISK, admins=ADMINS, dev=DEV) == USER
    assert place(replace(RISK, facts=("escalation", "group/dev")), admins=ADMINS, dev=DEV) == DEV


def test_what_existed_before_stays_at_its_user() -> None:
    assert place(replace(RISK, standing=True), admins=ADMINS) == USER
    assert place(RISK) == USER


def test_a_refusal_and_a_warning_that_names_the_group_point_at_the_membership() -> None:
    refusal = Finding("IAM111", Severity.REFUSE, "this plan adds a policy", ALICE, USER)
    warning = Finding("IAM450", Severity.WARN, "could gain a way", ALICE, USER, ("group/admins",))
    assert place(refusal, admins=ADMINS) == place(warning, admins=ADMINS, dev=DEV) == ADMINS
    assert place(refusal, admins=ADMINS, dev=DEV) == USER


def test_a_warning_about_the_user_alone_stays_at_the_user() -> None:
    assert place(Finding("IAM112", Severity.WARN, "no device", ALICE, USER), admins=ADMINS) == USER
