"""Names and paths that IAM takes, and names that differ only by case."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.user import User
from iamctl.model import Resource, Severity
from iamctl.policy.names import name_error
from iamctl.rules import Hit, Review, rule

QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


@rule("IAM201", Severity.ERROR, stage="manifests", source=QUOTAS)
def names_hold_what_iam_takes(review: Review) -> Iterator[Hit]:
    """Names have only the characters and the length that IAM takes."""
    for resource in review.desired.state:
        most = resource.longest_live_name or resource.longest_name
        if most is None:
            continue
        name = resource.address.name
        if error := name_error(resource.noun, name, most):
            yield Hit(resource, error)
        elif isinstance(resource, User) and name.lower() == "root":
            message = "a user named root is easily taken for the root user of the account; choose another name"
            yield Hit(resource, message, Severity.WARN)


@rule("IAM201", Severity.REFUSE, source=QUOTAS)
def new_user_names_are_short_enough(review: Review) -> Iterator[Hit]:
    """The name of a user that a plan creates or renames has at most 64 characters."""
    for change in review.changes:
        new = change.after
        if new is None or new.longest_live_name is None or (change.before and change.before.address == new.address):
            continue
        name, most = new.address.name, new.longest_name or new.longest_live_name
        if len(name) > most:
            message = f"the name has {len(name)} characters; IAM takes at most {most} for a new one"
            yield Hit(new, f"{message}, so choose a shorter name")


@rule("IAM202", Severity.ERROR, stage="manifests", source=QUOTAS)
def paths_hold_what_iam_takes(review: Review) -> Iterator[Hit]:
    """Paths are `/` or begin and end with `/`; paths and descriptions have what IAM takes."""
    for resource in review.desired.state:
        yield from (Hit(resource, error) for error in resource.form_errors())


@rule("IAM203", Severity.ERROR, stage="manifests", source=QUOTAS)
def inline_policies_differ_by_more_than_case(review: Review) -> Iterator[Hit]:
    """No two inline policies of a group have names that differ only by case."""
    first: dict[tuple[str, str], GroupInlinePolicy] = {}
    for policy in review.desired.state.of_kind(GroupInlinePolicy):
        other = first.setdefault(_folded(policy), policy)
        if other is not policy:
            yield Hit(policy, f"the name differs from that of {other.address} only by case; choose another one")


@rule("IAM203", Severity.WARN, source=QUOTAS)
def names_are_spelled_as_they_are_live(review: Review) -> Iterator[Hit]:
    """Manifests spell names as the account does; IAM tells them apart without case."""
    for resource in review.desired.state:
        if resource.owner is None:
            live = review.live.state.get(resource.address)
            if live is not None and live.address.parts != resource.address.parts:
                yield Hit(resource, f"the account spells this name {live.address.name!r}, which stays; write it so")
    yield from _respelled_inline_policies(review)


def _respelled_inline_policies(review: Review) -> Iterator[Hit]:
    """Yield inline policies that the plan would put and delete under names that may be one to IAM."""
    gone = {_folded(policy): policy for policy in review.deleted if isinstance(policy, GroupInlinePolicy)}
    for change in review.changes:
        new: Resource | None = change.after
        if change.before is None and isinstance(new, GroupInlinePolicy) and (live := gone.get(_folded(new))):
            message = f"the account spells this name {live.name!r}; write it so, or choose a name that differs by more"
            yield Hit(new, f"{message} than case", Severity.REFUSE)


def _folded(policy: GroupInlinePolicy) -> tuple[str, str]:
    return policy.group.lower(), policy.name.lower()
