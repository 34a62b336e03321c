"""Who may do everything in an account, by what the documents say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.known_policies import GIVES_EVERYTHING, TAKES_EVERYTHING
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import MFA_KEY, AnyStatement, is_about_every_resource, names_every_action
from iamctl.kinds import AccessKey, LoginProfile, User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.pattern import action_includes

_MFA_OPERATORS = frozenset({"Bool", "BoolIfExists"})


@dataclass(frozen=True)
class Administrators:
    """Those to whom an Allow gives every action on every resource, which their permissions boundary does, too.

    A condition that asks for MFA and nothing else does no harm; a Deny of all of IAM without a condition does.
    """

    users: tuple[Address, ...]
    """Users with a password or an active access key, and those of whom the live state does not tell, by name."""
    doubtful: tuple[Address, ...]
    """Those of them of whom it does not tell."""
    roles: tuple[str, ...]
    idle: tuple[Address, ...] = ()
    """Users who would be one, and have neither a password nor an active access key."""


def administrators(sources: PolicySources, whole: State, state: State) -> Administrators:
    """Return the administrators of ``state``, the account now or as a plan leaves it; ``sources`` are of that state.

    ``whole`` is the account now: its users have credentials, and a user whom it does not hold has none yet.
    """
    reaches = _Reaches()
    signing = _signing(state)
    found: dict[Address, bool | None] = {}
    for address, user in state.resources.items():
        if isinstance(user, User) and reaches.is_full(sources.reaching(address), sources.boundary(user)):
            found[address] = _can_sign(address, whole.get(address), signing)
    roles = (
        role.name for role in sources.roles if reaches.is_full(sources.of_role(role), sources.boundary_of_role(role))
    )
    return Administrators(
        users=tuple(sorted(address for address, can_sign in found.items() if can_sign is not False)),
        doubtful=tuple(sorted(address for address, can_sign in found.items() if can_sign is None)),
        idle=tuple(sorted(address for address, can_sign in found.items() if can_sign is False)),
        roles=tuple(sorted(roles)),
    )


class _Reach(NamedTuple):
    """What documents do to the whole of what there is: give all of it, take all of IAM away."""

    gives: bool = False
    takes: bool = False

    @property
    def is_full(self) -> bool:
        return self.gives and not self.takes


class _Reaches:
    """The reach of policies, each document looked at once."""

    def __init__(self) -> None:
        self._of_document = PerDocument(_reach)

    def is_full(self, held: Iterable[HeldPolicy], boundary: HeldPolicy | None) -> bool:
        """Return whether policies give everything and take nothing, and the boundary, if any, leaves everything open."""
        return self._joined(held).is_full and (boundary is None or self._of(boundary).is_full)

    def _joined(self, held: Iterable[HeldPolicy]) -> _Reach:
        gives = takes = False
        for policy in held:
            reach = self._of(policy)
            gives, takes = gives or reach.gives, takes or reach.takes
        return _Reach(gives, takes)

    def _of(self, held: HeldPolicy) -> _Reach:
        """Return the reach of a policy; one whose document is not known gives and takes nothing."""
        if held.policy in GIVES_EVERYTHING:
            return _Reach(gives=True)
        if held.policy in TAKES_EVERYTHING:
            return _Reach(takes=True)
        return self._of_document(held.document) if held.document else _Reach()


def _reach(document: Document) -> _Reach:
    """Return the reach of a document; a malformed one, which IAM would not have taken, has none."""
    if document.normalized is None:
        return _Reach()
    statements = document.normalized.statements
    return _Reach(any(map(gives_everything, statements)), any(map(takes_iam, statements)))


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
    names_iam = any(action_includes(pattern, "iam:*") for pattern in statement.actions)
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
