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
