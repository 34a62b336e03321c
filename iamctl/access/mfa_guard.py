"""MFA guards: which statement takes everything from those who signed in without MFA, and whom it covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import MFA_KEY, VIA_SERVICE_KEY, AnyStatement, names_every_action
from iamctl.account.live import Live
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.normalized import normalize_statement
from iamctl.policy.pattern import ANY, ONE
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.guard_proof import GuardProof
    from iamctl.access.row import Example

EXEMPT = (
    "iam:ChangePassword",
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetAccountPasswordPolicy",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
    "sts:GetSessionToken",
)
"""What a guard may leave open without MFA: enough to change a first password and to enrol a device.

Deactivating devices is not among it: a thief of a password would do just that.
https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_users-self-manage-mfa-and-creds.html
"""
HARMLESS = (
    "iam:DeleteVirtualMFADevice",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:ListAccountAliases",
    "iam:ListUsers",
    "sts:GetCallerIdentity",
)
"""What published guards leave open as well: calls that give no access and change nobody else; docs/how-to/mfa.md has the reasons.

IAM deletes a virtual device only once it is deactivated.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html
"""
_EXEMPT = frozenset(map(str.lower, EXEMPT + HARMLESS))
_FALSE = frozenset({"false"})
_WITHOUT_MFA = ("BoolIfExists", MFA_KEY, _FALSE)
_WITH_FACTOR_FALSE = ("Bool", MFA_KEY, _FALSE)
_WITH_FACTOR_ABSENT = ("Null", MFA_KEY, frozenset({"true"}))
_NOT_ON_BEHALF = frozenset({("Bool", VIA_SERVICE_KEY, _FALSE), ("BoolIfExists", VIA_SERVICE_KEY, _FALSE)})


def is_guard(statement: AnyStatement) -> bool:
    """Tell whether a Deny covers every action on every resource without MFA, but for what ``EXEMPT`` and ``HARMLESS`` name.

    That it holds with MFA too, as in a user who is locked out whole, makes it no less of a guard.
    """
    if statement.effect != "Deny" or ANY not in (statement.resources or ()):
        return False  # most statements, of which nobody asks why
    return not any(_shortfalls(statement))


def is_guarding(statements: Iterable[AnyStatement]) -> bool:
    """Return whether one statement is a guard, or two are one together: with MFA false, and with the key absent."""
    halves: set[tuple[str, str, frozenset[str]]] = set()
    for statement in statements:
        if is_guard(statement):
            return True
        halves |= {half for half in (_WITH_FACTOR_FALSE, _WITH_FACTOR_ABSENT) if _is_half(statement, half)}
    return len(halves) == 2


def _is_half(statement: AnyStatement, half: tuple[str, str, frozenset[str]]) -> bool:
    if statement.effect != "Deny" or ANY not in (statement.resources or ()):
        return False
    return statement.condition - _NOT_ON_BEHALF == {half} and not any(_of_form(statement))


def looks_at_mfa(statement: AnyStatement) -> bool:
    """Tell whether a statement has a condition on MFA, so that somebody may take it for a guard."""
    return any(key == MFA_KEY for _, key, _ in statement.condition)


class Miss(Enum):
    """What keeps a statement, or a policy, from being a guard."""

    NO_DENY = auto()
    NO_IDENTITY_STATEMENT = auto()
    SOME_ACTIONS = auto()
    SPARED_PATTERNS = auto()
    SPARED_ACTIONS = auto()
    SPARED_RESOURCES = auto()
    SOME_RESOURCES = auto()
    FURTHER_CONDITION = auto()
    NOT_IF_EXISTS = auto()
    """Bool alone spares requests that lack the key, such as those of access keys."""
    KEY_PRESENCE = auto()
    """Null asks whether the key is there, not what it says."""
    OTHER_VALUES = auto()
    UNKNOWN_DOCUMENT = auto()
    MALFORMED_DOCUMENT = auto()
    ON_USER = auto()
    """A guard that a user holds directly, which a plan removes."""


@dataclass(frozen=True)
class Shortfall:
    """One reason why something is no guard, with the actions, resources or values that it is about."""

    miss: Miss
    texts: tuple[str, ...] = ()
    operator: str = ""
    key: str = ""


def shortfalls(statement: AnyStatement) -> tuple[Shortfall, ...]:
    """Return what keeps a statement from being a guard; nothing for a guard."""
    return tuple(_shortfalls(statement))


def _shortfalls(statement: AnyStatement) -> Iterator[Shortfall]:
    yield from _of_form(statement)
    if statement.effect == "Deny":
        for condition in sorted(statement.condition - _NOT_ON_BEHALF - {_WITHOUT_MFA}, key=lambda one: one[:2]):
            yield _of_condition(*condition)


def _of_form(statement: AnyStatement) -> Iterator[Shortfall]:
    """Yield what keeps a statement from being a guard, whatever its conditions say."""
    if statement.effect != "Deny":
        yield Shortfall(Miss.NO_DENY)
        return
    if getattr(statement, "opaque", None) is not None or getattr(statement, "principals", None) is not None:
        yield Shortfall(Miss.NO_IDENTITY_STATEMENT)
        return
    yield from _of_actions(statement)
    if statement.negated_resource:
        yield Shortfall(Miss.SPARED_RESOURCES)
    elif ANY not in (statement.resources or ()):
        yield Shortfall(Miss.SOME_RESOURCES, tuple(sorted(statement.resources or ())))


def _of_actions(statement: AnyStatement) -> Iterator[Shortfall]:
    if not statement.negated_action:
        if not names_every_action(statement):
            yield Shortfall(Miss.SOME_ACTIONS, tuple(sorted(statement.actions)))
    elif wild := [action for action in statement.actions if ANY in action or ONE in action]:
        yield Shortfall(Miss.SPARED_PATTERNS, tuple(sorted(wild)))
    elif more := statement.actions - _EXEMPT:
        yield Shortfall(Miss.SPARED_ACTIONS, tuple(sorted(more)))


def _of_condition(operator: str, key: str, values: frozenset[str]) -> Shortfall:
    if key != MFA_KEY:
        return Shortfall(Miss.FURTHER_CONDITION, operator=operator, key=key)
    if operator == "Bool" and values == _FALSE:
        return Shortfall(Miss.NOT_IF_EXISTS)
    if operator == "Null":
        return Shortfall(Miss.KEY_PRESENCE)
    return Shortfall(Miss.OTHER_VALUES, tuple(sorted(values)), operator)


@dataclass(frozen=True)
class Place:
    """A statement of a document: its Sid, or none, and its number from 1 on."""

    sid: str
    number: int


@dataclass(frozen=True)
class NearMiss:
    """Something that a user holds, that may be meant as a guard and is none."""

    held: HeldPolicy = field(compare=False)
    policy: str
    holder: Address
    place: Place | None
    """The statement; None where the whole policy is meant."""
    shortfalls: tuple[Shortfall, ...]

    @property
    def is_known(self) -> bool:
        """Whether the document is known; any that is not may be a guard."""
        return self.shortfalls[0].miss is not Miss.UNKNOWN_DOCUMENT


@dataclass(frozen=True)
class Cover:
    """How far one user is guarded."""

    guard: HeldPolicy | None
    near_misses: tuple[NearMiss, ...] = ()
    """Of a user without a guard: what comes near, documents that are not known last."""
    escape: Example | None = None
    """A request without MFA that what comes near lets through."""


class _Look(NamedTuple):
    """What a document has: a guard, and statements that come near."""

    guards: bool
    asks_for_mfa: bool = False
    """Whether a Deny asks whether somebody used MFA, so that it may be part of a guard."""
    near: tuple[tuple[Place | None, tuple[Shortfall, ...]], ...] = ()


class Guards:
    """Who is guarded in one state, by the documents and never by names; each document is looked at once.

    Most guards are one statement, or two of one policy. Where Denies that ask for MFA are none by their form, a proof
    decides whether they are one together; without ``proof`` they are none.
    """

    def __init__(self, held: PolicySources, state: State, proof: Callable[[], GuardProof] | None = None) -> None:
        self._held = held
        self._state = state
        self._proof = proof
        self._looked = PerDocument(_looked)
        self._of_groups: dict[Address, HeldPolicy | None] = {}
        self._asking: dict[Address, bool] = {}

    def guard(self, user: Address, *, without: frozenset[Address] = frozenset()) -> HeldPolicy | None:
        """Return the guard of a user: the first of their groups' but ``without``, or their boundary's; None for none."""
        for group in self._held.groups(user):
            if group not in self._of_groups:
                found = (held for held in self._held.held_by(group) if self._look(held).guards)
                self._of_groups[group] = next(found, None)
            if group not in without and (guard := self._of_groups[group]):
                return guard
        boundary = self._boundary(user)
        if boundary and self._look(boundary).guards:
            return boundary
        groups = [group for group in self._held.groups(user) if group not in without]
        if not any(map(self._asks, groups)) and not (boundary and self._look(boundary).asks_for_mfa):
            return None
        through = self._through(user, without)
        asking = next((held for held in through if self._look(held).asks_for_mfa), None)
        return asking if asking and self._proof and self._proof().escape(through, user) is None else None

    def cover(self, user: Address) -> Cover:
        """Return the guard of a user or, where there is none, all that comes near."""
        guard = self.guard(user)
        if guard:
            return Cover(guard)
        through = self._through(user)
        misses = (miss for held in (*through, *self._held.held_by(user)) for miss in self._misses(held))
        asks = any(self._look(held).asks_for_mfa for held in through)
        return Cover(
            None,
            tuple(sorted(dict.fromkeys(misses), key=lambda miss: not miss.is_known)),
            self._proof().escape(through, user) if self._proof and asks else None,
        )

    def _asks(self, group: Address) -> bool:
        """Return whether a policy of a group asks for MFA, which is no guard by itself."""
        if group not in self._asking:
            self._asking[group] = any(self._look(held).asks_for_mfa for held in self._held.held_by(group))
        return self._asking[group]

    def _through(self, user: Address, without: frozenset[Address] = frozenset()) -> list[HeldPolicy]:
        """Return the policies of a user's groups, and the boundary."""
        groups = (group for group in self._held.groups(user) if group not in without)
        found = [held for group in groups for held in self._held.held_by(group)]
        boundary = self._boundary(user)
        return [*found, boundary] if boundary else found

    def _boundary(self, user: Address) -> HeldPolicy | None:
        resource = self._state.get(user)
        return self._held.boundary(resource) if isinstance(resource, User) else None

    def _misses(self, held: HeldPolicy) -> Iterator[NearMiss]:
        if held.document is None:
            yield _near_miss(held, None, Shortfall(Miss.UNKNOWN_DOCUMENT))
            return
        look = self._look(held)
        if look.guards:
            yield _near_miss(held, None, Shortfall(Miss.ON_USER))
        for place, why in look.near:
            yield _near_miss(held, place, *why)

    def _look(self, held: HeldPolicy) -> _Look:
        return _Look(guards=False) if held.document is None else self._looked(held.document)


def guards(live: Live, state: State) -> Guards:
    """Return who is guarded in ``state``, the account now or as a plan leaves it."""
    return Guards(PolicySources(live, state), state)


def _near_miss(held: HeldPolicy, place: Place | None, *why: Shortfall) -> NearMiss:
    return NearMiss(held, held.policy, held.holder, place, why)


def _looked(document: Document) -> _Look:
    if document.normalized is None:
        return _Look(guards=False, near=((None, (Shortfall(Miss.MALFORMED_DOCUMENT),)),))
    if is_guarding(document.normalized.statements):
        return _Look(guards=True)
    blocks = document.data["Statement"]
    near, asks = [], False
    for number, block in enumerate(blocks if isinstance(blocks, list) else [blocks], start=1):
        statement = normalize_statement(block)
        if looks_at_mfa(statement):
            asks = asks or statement.effect == "Deny"
            near.append((Place(block.get("Sid") or "", number), shortfalls(statement)))
    return _Look(guards=False, asks_for_mfa=asks, near=tuple(near))
