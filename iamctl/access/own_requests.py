"""What users may do for themselves with a password alone: change it, and enrol an MFA device."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.per_document import PerDocument
from iamctl.access.statements import MFA_KEY, VIA_SERVICE_KEY
from iamctl.account.live import Live
from iamctl.kinds import User
from iamctl.model import Address
from iamctl.policy import Document
from iamctl.policy.normalized import DEFAULT_VERSION, NormalizedStatement
from iamctl.policy.pattern import any_includes, resource_includes, resources_meet

_FALSE = frozenset({"false"})
_TRUE = frozenset({"true"})
_BOOL = frozenset({"Bool", "BoolIfExists"})
_OWN_NAME = re.compile(r"\$\{aws:username\}", re.IGNORECASE)


class Own(StrEnum):
    """A request that a user makes about themselves."""

    CHANGE_PASSWORD = "iam:ChangePassword"  # noqa: S105
    ENABLE_DEVICE = "iam:EnableMFADevice"
    CREATE_DEVICE = "iam:CreateVirtualMFADevice"
    """About a device of any name, which the user chooses; the other two are about the user."""


@dataclass(frozen=True)
class Verdict:
    """Whether a user can make a request without MFA."""

    is_allowed: bool
    """Whether some Allow may permit it, and the boundary as well."""
    denied_by: HeldPolicy | None = None
    """The first policy that certainly denies it."""

    @property
    def is_possible(self) -> bool:
        """Whether the request may succeed."""
        return self.is_allowed and self.denied_by is None


class _Statements:
    """The statements of a document that are about requests of ``Own``."""

    def __init__(self, document: Document) -> None:
        found = document.normalized  # None for a malformed document, which says nothing
        self.has_variables = found is not None and found.version != DEFAULT_VERSION
        self._about: Mapping[Own, tuple[NormalizedStatement, ...]] = {
            action: tuple(one for one in (found.statements if found else ()) if _is_about(one, action))
            for action in Own
        }

    def about(self, action: Own, effect: str) -> Iterator[NormalizedStatement]:
        """Yield the statements with an Effect that name the action."""
        return (statement for statement in self._about[action] if statement.effect == effect)


class OwnRequests:
    """What users may do for themselves in one state; each document is looked at once."""

    def __init__(self, held: PolicySources, live: Live) -> None:
        self._held = held
        self._prefix = f"arn:{live.partition}:iam::{live.account_id}:"
        self._statements = PerDocument(_Statements)

    def verdict(self, address: Address, user: User, action: Own) -> Verdict:
        """Return whether ``user`` can make a request without MFA; ``address`` differs from theirs after a rename."""
        through = tuple(self._held.reaching(address))
        boundary = self._held.boundary(user)
        everything = (*through, *((boundary,) if boundary else ()))
        denying = next((held for held in everything if self._matches(user, action, held, "Deny")), None)
        allowed = any(self._matches(user, action, held, "Allow") for held in through)
        return Verdict(allowed and (boundary is None or self._matches(user, action, boundary, "Allow")), denying)

    def _matches(self, user: User, action: Own, held: HeldPolicy, effect: str) -> bool:
        """Return whether a Deny certainly applies, or an Allow may; an unknown document allows and denies nothing."""
        if held.document is None:
            return effect == "Allow"
        statements = self._statements(held.document)
        for statement in statements.about(action, effect):
            if effect == "Deny" and not all(map(_holds_certainly, statement.condition)):
                continue
            if effect == "Allow" and any(map(_fails, statement.condition)):
                continue
            patterns = statement.resources or frozenset()
            if statements.has_variables:  # not in Version 2008-10-17
                patterns = frozenset(_OWN_NAME.sub(lambda _: user.name, pattern) for pattern in patterns)
            if self._names(patterns, user, action, is_certain=(effect == "Deny") != statement.negated_resource):
                if not statement.negated_resource:
                    return True
            elif statement.negated_resource:
                return True
        return False

    def _names(self, patterns: Iterable[str], user: User, action: Own, *, is_certain: bool) -> bool:
        """Return whether one of the patterns certainly names, or may name, what the request is about."""
        if action is Own.CREATE_DEVICE:
            match = resource_includes if is_certain else resources_meet
            return any(match(pattern, f"{self._prefix}mfa/*") for pattern in patterns)
        return any(resource_includes(pattern, f"{self._prefix}user{user.path}{user.name}") for pattern in patterns)


def _is_about(statement: NormalizedStatement, action: Own) -> bool:
    named = any_includes(statement.actions, action.lower())
    return named != statement.negated_action


def _holds_certainly(part: tuple[str, str, frozenset[str]]) -> bool:
    """Return whether a user's request without MFA certainly meets this part of a condition."""
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, VIA_SERVICE_KEY} and values == _FALSE


def _fails(part: tuple[str, str, frozenset[str]]) -> bool:
    """Return whether such a request certainly fails this part of a condition.

    The console signs with temporary credentials, so its requests state that MFA was not used.
    """
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, VIA_SERVICE_KEY} and values == _TRUE
