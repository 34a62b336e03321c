"""What a plan does not touch: undeclared and ignored users, groups, policies and members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

MANUAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_PLURALS = {"user": "users", "group": "groups", "policy": "policies"}


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
    for kind, plural in _PLURALS.items():
        names = [address.name for address in review.scoped.undeclared if address.kind == kind]
        if names:
            message = f"{counted(len(names), f'undeclared {kind}', f'undeclared {plural}')} left alone: {some(names)}"
            yield Hit(None, f"{message}; declare, remove or ignore them")


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
