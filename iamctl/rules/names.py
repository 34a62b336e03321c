"""Names and paths that IAM accepts, and names that differ only by case."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.group import Group
from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.user import User
from iamctl.model import Resource, Severity
from iamctl.policy.names import name_error, risky_path_character
from iamctl.rules import Hit, Review, rule

QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


@rule("IAM201", Severity.ERROR, stage="manifests", source=QUOTAS)
def names_hold_what_iam_takes(review: Review) -> Iterator[Hit]:
    """Names use characters that IAM accepts and are not too long."""
    for resource in review.desired.state:
        most = resource.longest_live_name or resource.longest_name
        if most is None:
            continue
        name = resource.address.name
        if error := name_error(resource.noun, name, most):
            yield Hit(resource, error)
        elif isinstance(resource, User) and name.lower() == "root":
            message = "a user named root is easily confused with the root user of the account; choose another name"
            yield Hit(resource, message, Severity.WARN)


@rule("IAM201", Severity.REFUSE, source=QUOTAS)
def new_user_names_are_short_enough(review: Review) -> Iterator[Hit]:
    """A user that a plan creates or renames has a name of at most 64 characters."""
    for change in review.changes:
        new = change.after
        if new is None or new.longest_live_name is None or (change.before and change.before.address == new.address):
            continue
        name, most = new.address.name, new.longest_name or new.longest_live_name
        if len(name) > most:
            message = f"the name has {len(name)} characters; IAM allows at most {most} for a new name"
            yield Hit(new, f"{message}. Choose a shorter one")


@rule("IAM202", Severity.ERROR, stage="manifests", source=QUOTAS)
def paths_hold_what_iam_takes(review: Review) -> Iterator[Hit]:
    """Paths are `/` or begin and end with `/`; paths and descriptions use characters that IAM accepts."""
    for resource in review.desired.state:
        for error in resource.form_errors():
            yield Hit(resource, error)


@rule("IAM203", Severity.ERROR, stage="manifests", source=QUOTAS)
def inline_policies_differ_by_more_than_case(review: Review) -> Iterator[Hit]:
    """The inline policies of a group have names that differ by more than case."""
    first: dict[tuple[str, str], GroupInlinePolicy] = {}
    for policy in review.desired.state.of_kind(GroupInlinePolicy):
        other = first.setdefault(_folded(policy), policy)
        if other is not policy:
            yield Hit(policy, f"this name differs from that of {other.address} only by case; choose another name")


@rule("IAM202", Severity.REFUSE, source=QUOTAS)
def new_paths_mean_nothing_elsewhere(review: Review) -> Iterator[Hit]:
    """The path of what a plan creates or moves has no character that is a wildcard or ends a value elsewhere."""
    for change in review.changes:
        resource = change.after
        if not isinstance(resource, User | Group) or (
            change.before is not None and getattr(change.before, "path", "") == resource.path
        ):
            continue
        if character := risky_path_character(resource.path):
            message = f"the path {resource.path!r} has the character {character!r}, which IAM accepts"
            yield Hit(
                resource, f"{message} and which means something else in ARNs of policies and in scripts; leave it out"
            )


@rule("IAM203", Severity.WARN, source=QUOTAS, plural="names are spelt differently in the account")
def names_are_spelled_as_they_are_live(review: Review) -> Iterator[Hit]:
    """Manifests spell names as the account does; IAM ignores case when it compares names."""
    for resource in review.desired.state:
        if resource.owner is None:
            live = review.live.state.get(resource.address)
            if live and live.address is not resource.address and live.address.parts != resource.address.parts:
                yield Hit(
                    resource, f"the account spells this {live.address.name!r} and keeps that spelling; use it here"
                )
    yield from _respelled_inline_policies(review)


def _respelled_inline_policies(review: Review) -> Iterator[Hit]:
    """Yield inline policies that the plan would put and delete under names that IAM may treat as one."""
    gone = {_folded(policy): policy for policy in review.deleted if isinstance(policy, GroupInlinePolicy)}
    for change in review.changes:
        new: Resource | None = change.after
        if change.before is None and isinstance(new, GroupInlinePolicy) and (live := gone.get(_folded(new))):
            message = f"the account spells this name {live.name!r}; use that spelling, or a name that differs by more"
            yield Hit(new, f"{message} than case", Severity.REFUSE)


def _folded(policy: GroupInlinePolicy) -> tuple[str, str]:
    return policy.group.lower(), policy.name.lower()
