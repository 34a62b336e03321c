"""Who joins a group later, by the ``from`` of a membership that was merged before, and gets what a plan gives the group now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, User
from iamctl.model import Address, Resource, Severity, State
from iamctl.policy import Document
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.risks import risks_are_named


@rule(
    "IAM461",
    Severity.INFO,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html",
    plural="users join later",
)
def later_members_are_named(review: Review) -> Iterator[Hit]:
    """Users who join a group later are named where a plan gives the group more, first if that makes them administrators."""
    joining = _joining(review)
    if not joining:
        return
    risks = _risks(review, joining)
    for user, memberships in joining.items():
        told = " and ".join(f"{one.group} on {one.begins}" for one in memberships)
        dates = tuple(f"{one.group} {one.begins}" for one in memberships)
        subject = review.scoped.desired.get(user) or user
        for risk in risks.get(user, ()):
            message = f"joins {told} and then {risk.message}"
            yield Hit(subject, message, Severity.WARN, facts=("risk", *dates, *risk.facts), first=True)
        if user not in risks:
            gained = "then also has what this plan gives the group"
            yield Hit(subject, f"joins {told} and {gained}", facts=("later", *dates), many=f"join {told} and {gained}")


def _joining(review: Review) -> Mapping[Address, list[Membership]]:
    """Return the memberships that begin later in groups that get more by the plan, by user and date."""
    later = [one for one in review.desired.upcoming if isinstance(one, Membership) and one.begins]
    found: defaultdict[Address, list[Membership]] = defaultdict(list)
    if later and (groups := _strengthened(review)):
        for one in sorted(later, key=lambda one: (one.begins or "", one.address)):
            user = Address.of(User.kind, one.user)
            if one.owner in groups and user in review.after and one.address not in review.after:
                found[user].append(one)
    return dict(sorted(found.items()))


def _strengthened(review: Review) -> frozenset[Address]:
    """Return the groups that have more policies after the plan, or others, with an Allow or with unknown documents."""
    after = review.held[1]
    found, policies = set[Address](), set[str]()
    for change in review.changes:
        match change.after:
            case GroupInlinePolicy() as one if one.owner and _allows(one.document):
                found.add(one.owner)
            case GroupPolicy() as one if one.owner and _allows(after.documents.get(one.policy_arn.lower())):
                found.add(one.owner)
            case Policy() as one if _allows(one.document):
                policies.add(one.arn.lower())
    if policies:
        found |= {held.holder for held in after.direct() if held.key in policies and held.holder.kind == Group.kind}
    return frozenset(found)


def _allows(document: Document | None) -> bool:
    meaning = document.normalized if document else None
    return meaning is None or any(statement.effect == "Allow" for statement in meaning.statements)


def _risks(review: Review, joining: Mapping[Address, list[Membership]]) -> Mapping[Address, list[Hit]]:
    """Return what the plan would bring if these users were members already, beyond what it brings now."""
    members: dict[Address, Resource] = {one.address: one for found in joining.values() for one in found}
    whole = State({**review.scoped.whole.resources, **members})
    then = replace(review, scoped=replace(review.scoped, whole=whole), sources=None)
    now = {(_address(hit), hit.facts) for hit in risks_are_named(review)}
    found: defaultdict[Address, list[Hit]] = defaultdict(list)
    for hit in risks_are_named(then):
        address = _address(hit)
        if address and address in joining and (address, hit.facts) not in now:
            found[address].append(hit)
    return found


def _address(hit: Hit) -> Address | None:
    return hit.subject.address if isinstance(hit.subject, Resource) else hit.subject
