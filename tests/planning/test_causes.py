"""A finding that a membership or a policy of a group causes points at that, not at the user."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iamctl.kinds import GroupPolicy, Membership, Policy, User
from iamctl.model import Address, Change, Finding, Severity
from iamctl.model.affected import Affected
from iamctl.planning.causes import with_causes
from iamctl.policy import Document
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


READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
PASS = {"Sid": "Pass", "Effect": "Allow", "Action": ["ec2:*", "iam:Pass*"], "Resource": "*"}
LOGS = {"Sid": "Logs", "Effect": "Allow", "Action": "logs:*", "Resource": "*"}
DENY = {"Sid": "Deny", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
WAY = replace(RISK, facts=("escalation", "group/dev", "policy/x", "ACCESS_OF_TARGET", "iam:PassRole", "role/build"))


def policy(name: str, *statements: dict[str, Any]) -> Policy:
    document = Document({"Version": "2012-10-17", "Statement": list(statements)}, place_of=lambda path: at(name, path))
    return Policy(name=name, arn=f"arn:aws:iam::123456789012:policy/{name}", document=document)


def at(name: str, path: tuple[str | int, ...]) -> Origin:
    return Origin(f"policies/{name}.json", 1 if len(path) < 2 else 10 * (int(path[1]) + 1), 5)


def edited(finding: Finding, *changes: Change) -> Origin | None:
    """Return the place of a finding in a plan that changes policies of alice's groups."""
    reached = Affected(users=("Alice",), roles=("build",))
    (found,) = with_causes([finding], changes, {change.address: reached for change in changes})
    assert replace(found, origin=finding.origin) == finding
    return found.origin


def test_a_new_statement_that_allows_the_action_is_the_cause() -> None:
    change = Change(policy("x", READ), policy("x", READ, LOGS, PASS, DENY))
    other = Change(policy("y", READ), policy("y", READ, PASS))
    assert edited(WAY, other, change) == at("x", ("Statement", 2))
    assert edited(replace(WAY, facts=WAY.facts[:4]), change) == at("x", ("Statement", 1))
    assert edited(replace(RISK, address=None, facts=("administrator", "role/build")), change) == at(
        "x", ("Statement", 1)
    )


def test_a_refusal_is_on_the_line_of_the_request_that_it_shows() -> None:
    facts = ("iam:PassRole", "arn:aws:iam::123456789012:role/x", "group/dev", "policy/x")
    refusal = Finding("IAM111", Severity.REFUSE, "this plan changes policy/x", ALICE, USER, facts)
    assert edited(refusal, Change(policy("x", READ), policy("x", READ, LOGS, PASS))) == at("x", ("Statement", 2))


def test_of_several_changed_policies_the_one_that_fits_best_is_the_cause() -> None:
    everything = {**LOGS, "Action": "*"}
    changes = (Change(policy("x", READ), policy("x", READ, LOGS)), Change(policy("y", READ), policy("y", everything)))
    assert edited(RISK, *changes) == at("y", ("Statement", 0))


def test_a_lost_deny_is_due_to_the_changed_deny_or_to_where_it_was() -> None:
    guard = replace(RISK, facts=("guard", "group/everyone", "policy/x"))
    weaker = {**DENY, "Action": "s3:Get*"}
    assert edited(guard, Change(policy("x", READ, DENY), policy("x", LOGS, READ, weaker))) == at("x", ("Statement", 2))
    assert edited(guard, Change(policy("x", READ, DENY, LOGS), policy("x", READ, LOGS))) == at("x", ("Statement", 1))
    assert edited(guard, Change(policy("x", READ, DENY), policy("x", READ))) == at("x", ("Statement", 0))
    locked = replace(RISK, rule="IAM426", facts=("no-device", "policy/x on group/everyone"))
    assert edited(locked, Change(policy("x"), policy("x", READ, DENY))) == at("x", ("Statement", 1))


def test_a_new_attachment_is_the_cause_if_no_document_changed() -> None:
    arn = "arn:aws:iam::123456789012:policy/x"
    attached = Change(None, GroupPolicy(group="dev", policy_arn=arn, origin=DEV))
    elsewhere = Change(None, GroupPolicy(group="all", policy_arn=arn, origin=ADMINS))
    assert edited(WAY, elsewhere, attached) == edited(RISK, attached) == DEV
    assert edited(WAY, attached, Change(policy("x", READ), policy("x", PASS))) == at("x", ("Statement", 0))


def test_a_finding_on_somebody_else_or_about_the_own_entry_stays_at_the_user() -> None:
    change = Change(policy("x", READ), policy("x", READ, PASS))
    own = Change(User(name="alice"), User(name="alice", path="/x/"))
    assert edited(replace(RISK, address=Address.of("user", "bob")), change) == USER
    assert edited(RISK, change, own) == USER
    assert edited(replace(RISK, rule="IAM462"), change) == USER
    assert edited(replace(WAY, standing=True), change) == USER
