"""What a plan does not touch: undeclared and ignored users, groups, policies and members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.kinds import root_kinds
from iamctl.kinds.membership import Membership
from iamctl.kinds.policy import Policy
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

MANUAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"


@rule("IAM211", Severity.REFUSE, source=MANUAL)
def nothing_ignored_is_named(review: Review) -> Iterator[Hit]:
    """What is declared or removed is not ignored at the same time."""
    ignored, desired = review.scoped.ignored, review.desired
    for resource in desired.state:
        if resource.owner is not None:
            continue
        pattern = ignored.get(resource.address) or desired.settings.ignore_rule_for(
            resource.address, getattr(resource, "path", "/"), getattr(resource, "tags", None) or {}
        )
        if pattern:
            yield Hit(resource, f"it is declared but ignored by {pattern}; remove it here, or narrow scope.ignore")
    for address, origin in desired.removed.items():
        if pattern := ignored.get(address):
            message = f"it is to be removed but ignored by {pattern}; remove the line, or narrow scope.ignore"
            yield Hit(address, message, origin=origin)


@rule("IAM404", Severity.INFO, source=MANUAL)
def everything_live_is_declared(review: Review) -> Iterator[Hit]:
    """Users, groups and policies of the account are declared, removed or ignored."""
    for kind in root_kinds():
        names = [address.name for address in review.scoped.undeclared if address.kind == kind.kind]
        if names and kind.section:
            message = f"{counted(len(names), f'undeclared {kind.section.noun}')} left alone: {some(names)}"
            yield Hit(None, f"{message}; declare, remove or ignore them")


@rule("IAM409", Severity.INFO, source=MANUAL)
def ended_memberships_leave_the_manifest(review: Review) -> Iterator[Hit]:
    """A membership that has ended and is gone needs no line any more."""
    for membership in review.desired.ended:
        if membership.address not in review.scoped.whole:
            yield Hit(membership, f"it ended {getattr(membership, 'until', '')} and is gone; the line can go")


@rule("IAM414", Severity.INFO, source=MANUAL)
def groups_left_alone_hold_no_declared_people(review: Review) -> Iterator[Hit]:
    """Declared users who hold access through a group that is left alone are named."""
    left: dict[Address, list[str]] = defaultdict(list)
    for resource in review.scoped.whole:
        if isinstance(resource, Membership):
            group, user = resource.references
            if group not in review.scoped.managed and user in review.scoped.desired:
                left[group].append(resource.user)
    for group, names in sorted(left.items()):
        why = "ignored" if group in review.scoped.ignored else "undeclared"
        message = f"{counted(len(names), 'declared user')} in this {why} group: {some(sorted(names))}"
        yield Hit(group, f"{message}; what it gives them is not in this plan")


@rule("IAM415", Severity.WARN, source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html")
def roles_do_not_change_along(review: Review) -> Iterator[Hit]:
    """A document that changes is not held by a role, which changes along."""
    for change in review.changes:
        before, after = change.before, change.after
        if isinstance(before, Policy) and isinstance(after, Policy) and before.document != after.document:
            held, bounds = review.live.role_policies, review.live.role_boundaries
            names = sorted({*held.get(before.arn, ()), *bounds.get(before.arn, ())})
            if names:
                yield Hit(after, f"{counted(len(names), 'role')} held by it change along: {some(names)}")


@rule("IAM405", Severity.INFO, source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html")
def members_left_alone(review: Review) -> Iterator[Hit]:
    """Members of declared groups that are left alone are named, and a group that has ignored ones stays."""
    left: dict[Address, list[str]] = defaultdict(list)
    for address in review.scoped.left_memberships:
        left[Address.of("group", address.parts[0])].append(address.name)
    for group, names in sorted(left.items()):
        ignored = [name for name in names if Address.of("user", name) in review.scoped.ignored]
        others = [name for name in names if Address.of("user", name) not in review.scoped.ignored]
        if group in review.gone:
            message = f"the group is planned for removal but has ignored members: {some(ignored or others)}"
            yield Hit(group, f"{message}; take them out or keep the group", Severity.REFUSE)
            continue
        parts = [f"ignored {some(ignored)}"] if ignored else []
        parts += [f"undeclared {some(others)}"] if others else []
        yield Hit(group, f"{counted(len(names), 'member')} left alone: {'; '.join(parts)}")
