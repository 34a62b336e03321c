"""MFA guards: which statement takes everything from those who signed in without MFA, and whom it covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import MFA_KEY, VIA_SERVICE_KEY, AnyStatement, names_every_action
from iamctl.account.live import Live
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.policy.normalized import normalize_statement
from iamctl.policy.pattern import ANY, ONE

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
_MOST_NAMED = 3


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


def shortfalls(statement: AnyStatement) -> tuple[str, ...]:
    """Return in words what keeps a statement from being a guard; nothing for a guard."""
    return tuple(_shortfalls(statement))


def _shortfalls(statement: AnyStatement) -> Iterator[str]:
    yield from _of_form(statement)
    if statement.effect == "Deny":
        for condition in sorted(statement.condition - _NOT_ON_BEHALF - {_WITHOUT_MFA}, key=lambda one: one[:2]):
            yield _of_condition(*condition)


def _of_form(statement: AnyStatement) -> Iterator[str]:
    """Yield what keeps a statement from being a guard, whatever its conditions say."""
    if statement.effect != "Deny":
        yield "it is an Allow, which takes nothing from what other Allows give"
        return
    if getattr(statement, "opaque", None) is not None or getattr(statement, "principals", None) is not None:
        yield "it is not a statement of an identity policy"
        return
    yield from _of_actions(statement)
    if statement.negated_resource:
        yield "it spares the resources of a NotResource"
    elif ANY not in (statement.resources or ()):
        yield f"it is about {_some(statement.resources or ())} only, not about every resource"


def _of_actions(statement: AnyStatement) -> Iterator[str]:
    if not statement.negated_action:
        if not names_every_action(statement):
            yield f"it is about {_some(statement.actions)} only, not about every action"
    elif wild := [action for action in statement.actions if ANY in action or ONE in action]:
        yield f"its NotAction spares {_some(wild)}, and a pattern spares too much"
    elif more := statement.actions - _EXEMPT:
        yield f"its NotAction spares {_some(more)} as well"


def _of_condition(operator: str, key: str, values: frozenset[str]) -> str:
    if key != MFA_KEY:
        return f"it holds only under the further condition {operator} {key!r}"
    if operator == "Bool" and values == _FALSE:
        return "it says Bool, so it spares access keys, whose requests lack the key; write BoolIfExists"
    if operator == "Null":
        return "it says Null, which asks whether the key is there and not what it says; write BoolIfExists"
    return f"it says {operator} {_some(values)}; write BoolIfExists and false"


def _some(texts: frozenset[str] | list[str] | tuple[()]) -> str:
    told = [repr(text if len(text) <= 40 else f"{text[:37]}...") for text in sorted(texts)]
    rest = len(told) - _MOST_NAMED
    return ", ".join(told[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


@dataclass(frozen=True)
class NearMiss:
    """Something that a user holds, that may be meant as a guard and is none."""

    policy: str
    statement: str
    """How the statement is called; empty where the whole policy is meant."""
    why: str
    is_known: bool = True
    """Whether the document is known; any that is not may be one."""

    def __str__(self) -> str:
        return f"{self.policy}{', ' if self.statement else ''}{self.statement}: {self.why}"


@dataclass(frozen=True)
class Cover:
    """How far one user is guarded."""

    guard: HeldPolicy | None
    near_misses: tuple[NearMiss, ...] = ()
    """Of a user without a guard: what comes near, documents that are not known last."""


class _Look(NamedTuple):
    """What a document has: a guard, and statements that come near."""

    guards: bool
    near: tuple[tuple[str, str], ...] = ()


class Guards:
    """Who is guarded in one state, by the documents and never by names; each document is looked at once."""

    def __init__(self, held: PolicySources, state: State) -> None:
        self._held = held
        self._state = state
        self._looked = PerDocument(_looked)
        self._of_groups: dict[Address, HeldPolicy | None] = {}

    def guard(self, user: Address, *, without: frozenset[Address] = frozenset()) -> HeldPolicy | None:
        """Return the guard of a user: the first of their groups' but ``without``, or their boundary's; None for none."""
        for group in self._held.groups(user):
            if group not in self._of_groups:
                found = (held for held in self._held.held_by(group) if self._look(held).guards)
                self._of_groups[group] = next(found, None)
            if group not in without and (guard := self._of_groups[group]):
                return guard
        boundary = self._boundary(user)
        return boundary if boundary and self._look(boundary).guards else None

    def cover(self, user: Address) -> Cover:
        """Return the guard of a user or, where there is none, all that comes near."""
        guard = self.guard(user)
        if guard:
            return Cover(guard)
        through = [held for group in self._held.groups(user) for held in self._held.held_by(group)]
        if boundary := self._boundary(user):
            through.append(boundary)
        through += self._held.held_by(user)
        misses = (miss for held in through for miss in self._misses(held))
        return Cover(None, tuple(sorted(dict.fromkeys(misses), key=lambda miss: not miss.is_known)))

    def _boundary(self, user: Address) -> HeldPolicy | None:
        resource = self._state.get(user)
        return self._held.boundary(resource) if isinstance(resource, User) else None

    def _misses(self, held: HeldPolicy) -> Iterator[NearMiss]:
        if held.document is None:
            yield NearMiss(
                str(held), "", "the document is not known here and counts as denying nothing", is_known=False
            )
            return
        look = self._look(held)
        if look.guards:
            yield NearMiss(str(held), "", "a guard directly on a user does not count; move it to a group")
        for statement, why in look.near:
            yield NearMiss(str(held), statement, why)

    def _look(self, held: HeldPolicy) -> _Look:
        return _Look(guards=False) if held.document is None else self._looked(held.document)


def guards(live: Live, state: State) -> Guards:
    """Return who is guarded in ``state``, the account now or as a plan leaves it."""
    return Guards(PolicySources(live, state), state)


def _looked(document: Document) -> _Look:
    if document.normalized is None:
        return _Look(guards=False, near=(("", "the document is malformed and counts as denying nothing"),))
    if is_guarding(document.normalized.statements):
        return _Look(guards=True)
    blocks = document.data["Statement"]
    near = []
    for number, block in enumerate(blocks if isinstance(blocks, list) else [blocks], start=1):
        statement = normalize_statement(block)
        if looks_at_mfa(statement):
            sid = block.get("Sid")
            near.append((f"statement {sid!r}" if sid else f"statement {number}", ", and ".join(shortfalls(statement))))
    return _Look(guards=False, near=tuple(near))
