"""What the manifests said in the base (``--base``) and say otherwise now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iamctl.kinds import Membership
from iamctl.kinds.rotation import SECRETS_MANAGER
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.text.moment import end_of, start_of

if TYPE_CHECKING:
    from iamctl.access.escalation import Escalations
    from iamctl.model.declared_change import DeclaredChange

_PROTECT = "https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/break-glass-access.html"
_LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"


@rule("IAM430", Severity.ERROR, stage="manifests", source=_PROTECT)
def protected_things_stay_declared(review: Review) -> Iterator[Hit]:
    """What is protected and was declared in the base is still declared."""
    yield from _dropped(review)


@rule("IAM430", Severity.REFUSE, source=_PROTECT)
def protected_things_of_a_plan_stay_declared(review: Review) -> Iterator[Hit]:
    """What is protected and was declared in the base is still declared."""
    yield from _dropped(review)


def _dropped(review: Review) -> Iterator[Hit]:
    desired, base = review.desired, review.desired.base
    if base is None or base.desired is None:
        return
    from iamctl.comparison.settings_guard import counterparts

    allowed = Severity.WARN if base.loosening_allowed else None
    settings = (desired.settings, *counterparts(desired.settings, base.accounts))
    renamed = {
        Address.of(resource.kind, old) for resource in desired.state if (old := getattr(resource, "renamed_from", None))
    }
    for resource in base.desired.state:
        address = resource.address
        is_kept = address in desired.state or address in renamed or address in desired.removed
        if resource.owner is None and not is_kept and any(one.is_protected(address) for one in settings):
            message = "this is protected, and the manifests of the base declare it, but these do not"
            way_out = "declare it, or remove it from protect first, in a separate change"
            yield Hit(address, f"{message}; {way_out}", allowed, first=bool(allowed))


@rule("IAM432", Severity.WARN, source=_LEAST)
def the_manifests_of_the_base_are_compared(review: Review) -> Iterator[Hit]:
    """The manifests of the base can be read, so that the plan compares them."""
    base = review.desired.base
    if base is None or base.desired is not None:
        return
    from iamctl.comparison.settings_guard import is_compared

    if is_compared(review.desired):
        message = "the manifests of the base have errors, so they were not compared"
        yield Hit(None, f"{message} and every ended membership counts under the limits; correct the base first")


_MEMBERS = "; members of this group are administrators or can become administrators"


@rule("IAM431", Severity.WARN, source=_LEAST, first=True)
def later_consequences_are_named(review: Review) -> Iterator[Hit]:
    """A change that needs no call now, and later makes an administrator, or gives one more time, more keys, or a secret to others, is named."""
    changes = [change for change in review.declared_changes if change.address]
    if not changes:
        return
    administrators = {*review.administrators[1].users, *review.administrators[1].idle}
    ways = review.escalations[1]
    for change in changes:
        assert change.address is not None
        user = Address.of("user", change.address.name)
        facts = (change.field, str(change.address), str(change.before), str(change.after))
        if change.field == "until" and _is_later(change):
            group = _privileged(change.address, ways)
            stays = f"stays in {group}" if group else "stays an administrator"
            end = f"until {change.after}" if change.after else "without an end"
            if group or change.address in administrators or ways.ways(change.address):
                message = f"{stays} {end}, instead of until {change.before}{_MEMBERS if group else ''}"
                yield Hit(user, message, origin=change.origin, facts=facts)
        elif change.field == "from" and _is_sooner(change) and (group := _privileged(change.address, ways)):
            before = f", instead of on {change.before}" if change.before else ""
            message = f"joins {group} on {change.after}{before}{_MEMBERS}"
            yield Hit(user, message, origin=change.origin, facts=facts)
        elif change.field == "access_keys" and change.after > change.before:
            if user in administrators or ways.ways(user):
                more = f"may have {change.after} active access keys instead of {change.before}"
                yield Hit(user, f"{more}, with the permissions of an administrator", origin=change.origin, facts=facts)
        elif change.field == "rotate.deliver" and change.after:
            before = f" instead of {_receiver(change.before)}" if change.before else ""
            message = f"will have its next access key delivered to {_receiver(change.after)}{before}"
            yield Hit(user, message, origin=change.origin, facts=facts)
        elif change.field == "age_recipient" and change.after:
            message = f"will have the next password encrypted for {change.after} as well"
            yield Hit(user, message, origin=change.origin, facts=facts)


def _receiver(deliver: str) -> str:
    return "an age file" if deliver == "age" else f"the secret {deliver.removeprefix(SECRETS_MANAGER)}"


def _is_later(change: DeclaredChange) -> bool:
    return change.before is not None and (change.after is None or end_of(change.after) > end_of(change.before))


def _is_sooner(change: DeclaredChange) -> bool:
    return bool(change.after) and (not change.before or start_of(change.after) < start_of(change.before))


def _privileged(membership: Address, ways: Escalations) -> Address | None:
    """Return the group of a membership if it makes its members administrators, or lets them become administrators."""
    if membership.kind != Membership.kind:
        return None
    group = Address.of("group", membership.parts[0])
    return group if ways.is_privileged(group, Address.of("user", membership.name)) else None
