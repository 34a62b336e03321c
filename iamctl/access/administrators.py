"""Who may do everything in an account, by what the documents decide."""

from __future__ import annotations

from dataclasses import dataclass

from iamctl.access.people import People
from iamctl.access.powers import Powers
from iamctl.access.statements import MFA_KEY, AnyStatement, is_about_every_resource, names_every_action
from iamctl.access.truth import Truth
from iamctl.kinds import AccessKey, LoginProfile, User
from iamctl.model import Address, State
from iamctl.policy.pattern import any_includes

_MFA_OPERATORS = frozenset({"Bool", "BoolIfExists"})


@dataclass(frozen=True)
class Administrators:
    """Those who certainly may do everything, with MFA and from anywhere, and may change what others may do.

    A Deny does no harm that leaves them a way to give access to somebody; a boundary has to let everything through.
    """

    users: tuple[Address, ...]
    """Users with a password or an active access key, and those of whom the live state does not tell, by name."""
    doubtful: tuple[Address, ...]
    """Those of them of whom it does not tell."""
    roles: tuple[str, ...]
    idle: tuple[Address, ...] = ()
    """Users who would be one, and have neither a password nor an active access key."""


def administrators(people: People, powers: Powers, whole: State, state: State) -> Administrators:
    """Return the administrators of ``state``, the account now or as a plan leaves it; ``people`` are of that state.

    ``whole`` is the account now: its users have credentials, and a user whom it does not hold has none yet.
    """
    signing = _signing(state)
    found = {
        person.address: _can_sign(person.address, whole.get(person.address), signing)
        for person in people.users(powers.may_suffice)
        if powers.has_everything(person) is Truth.YES
    }
    roles = (person.address.name for person in people.roles() if powers.has_everything(person) is Truth.YES)
    return Administrators(
        users=tuple(sorted(address for address, can_sign in found.items() if can_sign is not False)),
        doubtful=tuple(sorted(address for address, can_sign in found.items() if can_sign is None)),
        idle=tuple(sorted(address for address, can_sign in found.items() if can_sign is False)),
        roles=tuple(sorted(roles)),
    )


def gives_everything(statement: AnyStatement) -> bool:
    """Tell whether an Allow gives every action on every resource, with no condition but MFA."""
    return (
        statement.effect == "Allow"
        and not statement.negated_action
        and names_every_action(statement)
        and is_about_every_resource(statement)
        and all(map(_asks_for_mfa, statement.condition))
    )


def takes_iam(statement: AnyStatement) -> bool:
    """Tell whether a statement denies everything, or of IAM so much that nobody could mend access with the rest."""
    names_iam = any_includes(statement.actions, "iam:*")
    is_denied = statement.effect == "Deny" and names_iam != statement.negated_action
    return is_denied and is_about_every_resource(statement) and not statement.condition


def _asks_for_mfa(condition: tuple[str, str, frozenset[str]]) -> bool:
    operator, key, values = condition
    return operator in _MFA_OPERATORS and key == MFA_KEY and {value.lower() for value in values} == {"true"}


def _signing(state: State) -> frozenset[Address]:
    """Return the users with a password or an active key in a state, as far as these are known one by one."""
    held = (resource for resource in state if isinstance(resource, (LoginProfile, AccessKey)))
    return frozenset(
        Address.of("user", resource.user)
        for resource in held
        if isinstance(resource, LoginProfile) or resource.is_active
    )


def _can_sign(address: Address, live: object, signing: frozenset[Address]) -> bool | None:
    """Tell whether a user has a password or an active key; None where that is not known."""
    if address in signing:
        return True
    if not isinstance(live, User):
        return False
    held = live.credentials
    if any(key.is_active and key.id is None for key in held.access_keys or ()):
        return True
    return None if held.has_password is None or held.access_keys is None else False
