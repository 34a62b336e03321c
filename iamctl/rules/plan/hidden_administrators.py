"""Administrators whom the manifests do not manage: ignored and undeclared users, and those by undeclared groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from iamctl.access.administrators import gives_everything
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.kinds import Group, User
from iamctl.model import Address, Severity
from iamctl.model.plan import HIDDEN_ADMINISTRATOR
from iamctl.rules import Hit, Review, rule


@rule(
    HIDDEN_ADMINISTRATOR,
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp",
    first=True,
)
def administrators_are_managed(review: Review) -> Iterator[Hit]:
    """Every administrator and every member of a declared administrator group is declared, and so is what makes them one."""
    yield from _by_undeclared_groups(review)
    if not any(address.kind == User.kind for address in (*review.scoped.ignored, *review.scoped.undeclared)):
        return
    now, _ = review.administrators
    privileged = _members_of_privileged_groups(review)
    for address in sorted({*now.users, *now.idle, *privileged}):
        why = _why_left_alone(address, review)
        if why is None or address in review.gone:
            continue
        group = None if address in {*now.users, *now.idle} else privileged[address]
        one, many = _told(group, why, is_undeclared=address in review.scoped.undeclared)
        yield Hit(address, one, facts=(str(group or "administrator"), why), many=many)


def _told(group: Address | None, why: str, *, is_undeclared: bool) -> tuple[str, str]:
    """Return what is said of one administrator, or one member of their group, and of several."""
    if is_undeclared:
        ways_out = (
            "declare the user, or list the user under 'removed'",
            "declare these users, or list them under 'removed'",
        )
    else:
        ways_out = "declare or delete the user", "declare or delete these users"
    place = f" in {group}, a group of administrators," if group else ""
    one, many = (f"is{place}", f"are{place}") if group else ("is an administrator", "are administrators")
    return f"{one} but {why}; {ways_out[0]}", f"{many} but {why}; {ways_out[1]}"


def _by_undeclared_groups(review: Review) -> Iterator[Hit]:
    """Yield declared users who are administrators only by groups or memberships that are not declared."""
    scoped, held = review.scoped, review.held[1]
    left, undeclared = frozenset(scoped.left_memberships), frozenset(scoped.undeclared)
    if not left and not any(address.kind == Group.kind for address in undeclared):
        return
    found: dict[Address, Address] = {}
    managed = set()
    of_administrators = cache(lambda group: any(map(_gives_everything, held.held_by(group))))
    for user, group in held.memberships():
        is_left = Address.of("membership", group.name, user.name) in left
        is_undeclared = is_left or group in undeclared
        if user not in scoped.desired or not (is_undeclared or group in scoped.managed):
            continue
        if of_administrators(group):
            if is_undeclared:
                found.setdefault(user, group)
            else:
                managed.add(user)
    if not found.keys() - managed:
        return
    _, after = review.administrators
    for user in sorted({*after.users, *after.idle} & found.keys() - managed):
        group = found[user]
        by = f"{group}, which is not declared; declare the group, or remove the user from it"
        if group not in scoped.undeclared:
            by = f"a membership in {group} that is not declared; declare or remove it"
        many = f"are administrators by {by.replace('the user', 'these users')}"
        yield Hit(user, f"is an administrator by {by}", facts=("administrator", str(group)), many=many)


def _why_left_alone(user: Address, review: Review) -> str | None:
    """Return why the manifests do not manage a user; None where they do."""
    if rule := review.scoped.ignored.get(user):
        return f"ignored by {rule}"
    return "not declared" if user in review.scoped.undeclared else None


def _members_of_privileged_groups(review: Review) -> dict[Address, Address]:
    """Return the members, after the plan, of declared groups that give everything, each with the first such group."""
    held, found = review.held[1], dict[Address, Address]()
    privileged = {
        group
        for group in review.scoped.managed
        if group.kind == Group.kind and any(map(_gives_everything, held.held_by(group)))
    }
    for user, group in held.memberships():
        if group in privileged:
            found.setdefault(user, group)
    return found


def _gives_everything(held: HeldPolicy) -> bool:
    document = document_of(held)
    found = document.normalized if document else None
    return found is not None and any(map(gives_everything, found.statements))
