"""What users may do for themselves with a password alone: change it, and enrol an MFA device."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from iamctl.access.context import Context
from iamctl.access.held import HeldPolicy
from iamctl.model import Address
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:  # a plan without changes needs no proof
    from iamctl.access.sides import Sides
    from iamctl.proof.engine import Side

_WITHOUT_MFA = Context({"aws:multifactorauthpresent": ("false",), "aws:multifactorauthage": ()})
"""The console signs with temporary credentials, so its requests state that MFA was not used."""
_SOME_DEVICE = "mfa/anything"


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
    bounded_by: HeldPolicy | None = None
    """The boundary without which it would be allowed."""

    @property
    def is_possible(self) -> bool:
        """Whether the request may succeed."""
        return self.is_allowed and self.denied_by is None


class OwnRequests:
    """What users may do for themselves in one state."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._engine = sides.engine

    def verdict(self, address: Address, action: Own) -> Verdict:
        """Return whether a user can make a request without MFA; what is possible in some context is."""
        person = self._sides.principal(address)
        if person is None:
            return Verdict(is_allowed=False)
        side, requests = self._sides.of(address), self._sides.requests
        known = person.context.joined(_WITHOUT_MFA)
        resource = self._sides.people.arn(_SOME_DEVICE) if action is Own.CREATE_DEVICE else person.arn

        def is_allowed(side: Side) -> bool:
            if action is Own.CREATE_DEVICE:
                return bool(requests.somewhere(side, action, known).allowed)
            return bool(requests.decide(side, action, resource, known).allowed)

        if is_allowed(side):
            return Verdict(is_allowed=True)
        denying = self._sides.policies(address, requests.denying(side, action, resource, known))
        is_unknown = bool(side.allow & self._engine.numbering.unread)
        if not denying and side.ceilings and is_allowed(replace(side, ceilings=())):
            return Verdict(is_unknown, bounded_by=self._sides.boundary(address))
        return Verdict(is_unknown or bool(denying), next(iter(denying), None))
