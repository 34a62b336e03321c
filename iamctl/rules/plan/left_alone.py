"""What a plan leaves alone: undeclared and ignored users, groups, policies and members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds import User, root_kinds
from iamctl.kinds.membership import Membership
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

MANUAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"


@rule("IAM211", Severity.REFUSE, source=MANUAL)
def nothing_ignored_is_named(review: Review) -> Iterator[Hit]:
    """Nothing is both ignored and declared, or both ignored and removed."""
    ignored, desired = review.scoped.ignored, review.desired
    for resource in desired.state:
        if resource.owner is not None:
            continue
        pattern = ignored.get(resource.address) or desired.settings.ignore_rule_for(
            resource.address, getattr(resource, "path", "/"), getattr(resource, "tags", None) or {}
        )
        if pattern:
            yield Hit(resource, f"this is declared but ignored by {pattern}; remove it here, or narrow scope.ignore")
    for address, origin in desired.removed.items():
        if pattern := ignored.get(address):
            message = f"this is listed under removed but ignored by {pattern}; delete the line, or narrow scope.ignore"
            yield Hit(address, message, origin=origin)


@rule("IAM404", Severity.INFO, source=MANUAL)
def everything_live_is_declared(review: Review) -> Iterator[Hit]:
    """All users, groups and policies of the account are declared, removed or ignored."""
    for kind in root_kinds():
        names = [address.name for address in review.scoped.undeclared if address.kind == kind.kind]
        if names and kind.section:
            message = f"{counted(len(names), f'undeclared {kind.section.noun}')} left alone: {some(names)}"
            yield Hit(None, f"{message}; declare, remove or ignore them")


@rule("IAM409", Severity.INFO, source=MANUAL, plural="expired memberships can be deleted from the manifests")
def ended_memberships_leave_the_manifest(review: Review) -> Iterator[Hit]:
    """A membership or a user that has expired and was removed needs no line in the manifest."""
    for ended in review.desired.ended:
        if ended.address in review.scoped.whole or not isinstance(ended, (Membership, User)):
            continue
        what = "membership" if isinstance(ended, Membership) else "user"
        yield Hit(ended, f"this {what} expired on {ended.until} and has been removed; delete the line")


@rule("IAM414", Severity.INFO, source=MANUAL, plural="groups that are left alone have declared members")
def groups_left_alone_hold_no_declared_people(review: Review) -> Iterator[Hit]:
    """Declared users who have access through a group that is left alone are named."""
    left: dict[Address, list[str]] = defaultdict(list)
    for resource in review.scoped.whole:
        if isinstance(resource, Membership):
            group, user = resource.references
            if group not in review.scoped.managed and user in review.scoped.desired:
                left[group].append(resource.user)
    for group, names in sorted(left.items()):
        why = "ignored" if group in review.scoped.ignored else "undeclared"
        message = f"{counted(len(names), 'declared user')} in this {why} group: {some(sorted(names))}"
        yield Hit(group, f"{message}; this plan does not show what the group grants them")


@rule(
    "IAM405",
    Severity.INFO,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html",
    plural="groups have members that are left alone",
)
def members_left_alone(review: Review) -> Iterator[Hit]:
    """Members of declared groups that are left alone are named; a group with ignored members is not deleted."""
    left: dict[Address, list[str]] = defaultdict(list)
    for address in review.scoped.left_memberships:
        left[Address.of("group", address.parts[0])].append(address.name)
    for group, names in sorted(left.items()):
        ignored = [name for name in names if Address.of("user", name) in review.scoped.ignored]
        others = [name for name in names if Address.of("user", name) not in review.scoped.ignored]
        if group in review.gone:
            message = f"the group is to be deleted but has ignored members: {some(ignored or others)}"
            yield Hit(group, f"{message}; remove them from the group, or keep the group", Severity.REFUSE)
            continue
        parts = [f"ignored {some(ignored)}"] if ignored else []
        parts += [f"undeclared {some(others)}"] if others else []
        yield Hit(group, f"{counted(len(names), 'member')} left alone: {'; '.join(parts)}")
