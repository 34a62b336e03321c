"""Who may do everything in an account, by what the documents decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import People
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import MFA_KEY, AnyStatement, is_about_every_resource, names_every_action
from iamctl.kinds import AccessKey, LoginProfile, User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.pattern import ANY, ONE, any_includes
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:  # a plan without changes needs no proof, as long as nobody may do everything
    from iamctl.access.authority import Authority

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


def administrators(people: People, authority: Callable[[], Authority], whole: State, state: State) -> Administrators:
    """Return the administrators of ``state``, the account now or as a plan leaves it; ``people`` are of that state.

    ``authority`` is asked only about those who hold an Allow that is about every service. ``whole`` is the account now:
    its users have credentials, and a user whom it does not hold has none yet.
    """
    about_everything = PerDocument(_is_about_everything)

    def may_suffice(held: HeldPolicy) -> bool:
        document = document_of(held)
        return document is not None and about_everything(document)

    signing = _signing(state)
    asked = list(people.users(may_suffice))
    roles = [person for person in people.roles() if any(map(may_suffice, person.holding.policies))]
    full = {person.address for person in (*asked, *roles) if authority().is_administrator(person)}
    found = {
        person.address: _can_sign(person.address, whole.get(person.address), signing)
        for person in asked
        if person.address in full
    }
    return Administrators(
        users=tuple(sorted(address for address, can_sign in found.items() if can_sign is not False)),
        doubtful=tuple(sorted(address for address, can_sign in found.items() if can_sign is None)),
        idle=tuple(sorted(address for address, can_sign in found.items() if can_sign is False)),
        roles=tuple(sorted(role.address.name for role in roles if role.address in full)),
    )


def _is_about_everything(document: Document) -> bool:
    """Return False where no Allow can be about the actions of services to come, which everything includes."""
    statements = document.normalized.statements if document.normalized else ()
    return any(
        statement.effect == "Allow"
        and (statement.negated_action or any({ANY, ONE} & set(name.partition(":")[0]) for name in statement.actions))
        for statement in statements
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
