"""Who may do everything in an account, by what the documents say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from iamctl.account.live import Live, Role
from iamctl.kinds import (
    AccessKey,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    Policy,
    User,
    UserInlinePolicy,
    UserPolicy,
)
from iamctl.kinds.arn import is_aws_managed, policy_name
from iamctl.model import Address, State
from iamctl.policy import Atom, Document
from iamctl.policy.normalized import NormalizedStatement
from iamctl.policy.pattern import ANY, action_includes

_EVERY_ACTION = frozenset({ANY, "*:*"})
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


def administrators(live: Live, whole: State, state: State) -> Administrators:
    """Return the administrators of ``state``, the account now or as a plan leaves it.

    ``whole`` is the account now: its users have credentials, and a user whom it does not hold has none yet.
    """
    reaches = _Reaches(live, state)
    held = _held(state, reaches)
    for membership in state:
        if isinstance(membership, Membership) and (group := held.get(Address.of("group", membership.group))):
            member = Address.of("user", membership.user)
            held[member] = _joined((held.get(member, _Reach()), group))
    signing = _signing(state)
    found: dict[Address, bool | None] = {}
    for address, reach in held.items():
        user = state.get(address)
        if isinstance(user, User) and reach.is_full and reaches.is_within(user.permissions_boundary):
            found[address] = _can_sign(address, whole.get(address), signing)
    return Administrators(
        users=tuple(sorted(address for address, can_sign in found.items() if can_sign is not False)),
        doubtful=tuple(sorted(address for address, can_sign in found.items() if can_sign is None)),
        idle=tuple(sorted(address for address, can_sign in found.items() if can_sign is False)),
        roles=tuple(sorted(role.name for role in live.roles if reaches.is_full(role))),
    )


class _Reach(NamedTuple):
    """What documents do to the whole of what there is: give all of it, take all of IAM away."""

    gives: bool = False
    takes: bool = False

    @property
    def is_full(self) -> bool:
        return self.gives and not self.takes


class _Reaches:
    """The reach of policies in one state, each document looked at once."""

    def __init__(self, live: Live, state: State) -> None:
        own = {policy.arn.lower(): policy.document for policy in state if isinstance(policy, Policy)}
        self._documents = {**{arn.lower(): document for arn, document in live.aws_documents.items()}, **own}
        self._known: dict[str, _Reach] = {}

    def of_policy(self, arn: str) -> _Reach:
        """Return the reach of a managed policy; one whose document is not known gives and takes nothing."""
        found = self._known.get(arn)
        if found is None:
            found = self._known[arn] = self._look_up(arn)
        return found

    def is_within(self, boundary: str | None) -> bool:
        """Tell whether a permissions boundary, or none, leaves everything open."""
        return boundary is None or self.of_policy(boundary).is_full

    def is_full(self, role: Role) -> bool:
        held = [self.of_policy(arn) for arn in role.policies]
        reach = _joined((*held, *map(_reach, role.inline.values())))
        return reach.is_full and self.is_within(role.boundary)

    def _look_up(self, arn: str) -> _Reach:
        if is_aws_managed(arn):  # by name, since a snapshot seldom holds AWS's own documents
            name = policy_name(arn)
            if name in _AWS_MANAGED:
                return _AWS_MANAGED[name]
        document = self._documents.get(arn.lower())
        return _reach(document) if document else _Reach()


_AWS_MANAGED = {"AdministratorAccess": _Reach(gives=True), "AWSDenyAll": _Reach(takes=True)}
"""https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"""


def _held(state: State, reaches: _Reaches) -> dict[Address, _Reach]:
    """Return the reach of what groups and users hold themselves, where it has any."""
    found: dict[Address, _Reach] = {}
    for resource in state:
        if isinstance(resource, (GroupPolicy, UserPolicy)):
            reach = reaches.of_policy(resource.policy_arn)
        elif isinstance(resource, (GroupInlinePolicy, UserInlinePolicy)):
            reach = _reach(resource.document)
        else:
            continue
        if (owner := resource.owner) and any(reach):
            found[owner] = _joined((found.get(owner, _Reach()), reach))
    return found


def _joined(reaches: Iterable[_Reach]) -> _Reach:
    all_of_them = tuple(reaches)
    return _Reach(any(reach.gives for reach in all_of_them), any(reach.takes for reach in all_of_them))


def _reach(document: Document) -> _Reach:
    """Return the reach of a document; a malformed one, which IAM would not have taken, has none."""
    if document.normalized is None:
        return _Reach()
    statements = document.normalized.statements
    return _Reach(any(map(gives_everything, statements)), any(map(takes_iam, statements)))


def gives_everything(statement: NormalizedStatement | Atom) -> bool:
    """Tell whether an Allow gives every action on every resource, with no condition but MFA."""
    return (
        statement.effect == "Allow"
        and not statement.negated_action
        and bool(statement.actions & _EVERY_ACTION)
        and _is_about_everything(statement)
        and all(map(_asks_for_mfa, statement.condition))
    )


def takes_iam(statement: NormalizedStatement | Atom) -> bool:
    """Tell whether a statement denies everything, or of IAM so much that nobody could mend access with the rest."""
    names_iam = any(action_includes(pattern, "iam:*") for pattern in statement.actions)
    is_denied = statement.effect == "Deny" and names_iam != statement.negated_action
    return is_denied and _is_about_everything(statement) and not statement.condition


def _is_about_everything(statement: NormalizedStatement | Atom) -> bool:
    return not statement.negated_resource and ANY in (statement.resources or ())


def _asks_for_mfa(condition: tuple[str, str, frozenset[str]]) -> bool:
    operator, key, values = condition
    return (
        operator in _MFA_OPERATORS
        and key == "aws:multifactorauthpresent"
        and {value.lower() for value in values} == {"true"}
    )


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
