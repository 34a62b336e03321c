"""Who gets more access than the plan shows: by acting as another user or role, or by removing a Deny."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iamctl.access.step import Step
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.ways_told import facts_of, more_ways, needs_more, told_gain

_MOST = 4


@rule(
    "IAM450",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html",
    of_access=True,
)
def ways_to_more_access_are_named(review: Review) -> Iterator[Hit]:
    """Users and roles that gain a way to more access short of administrator are named, with what the way needs."""
    if not review.changes:
        return
    before, after = review.escalations
    for person in after.people():
        if after.is_full(person) or before.is_full(person) or after.ways(person):
            continue
        found = after.lesser(person)
        if not found:
            continue
        known = {step.key for step in (*before.lesser(person), *before.ways(person))}
        fresh = [step for step in found if step.key not in known]
        there = [step for step in fresh if not needs_more(step)]
        if there:
            yield _hit(review, person, there, first=True)
        if missing := [step for step in fresh if needs_more(step)]:
            yield _hit(review, person, missing, first=False)


def _place(step: Step, is_administrator: Callable[[Address], bool]) -> tuple[bool, bool]:
    """Return where a step stands: those to roles that the account has first, and first of all to administrators."""
    return not any(map(is_administrator, step.through)), not (step.through or step.target)


def _hit(review: Review, person: Address, fresh: list[Step], *, first: bool) -> Hit:
    administrators = review.escalations[1].is_full
    told_first = sorted(fresh, key=lambda step: _place(step, administrators))[:_MOST]
    gains = [told_gain(step, administrators) for step in told_first]
    if len(fresh) > _MOST:
        gains.append(more_ways(len(fresh) - _MOST))
    subject = review.scoped.desired.get(person) or person
    told = "; ".join(gains)
    one, several = ("gains a way", "gain a way") if first else ("could gain a way", "could gain a way")
    facts = tuple(fact for step in fresh for fact in facts_of(step))
    return Hit(
        subject, f"{one} to more access: {told}", facts=facts, many=f"{several} to more access: {told}", first=first
    )
