"""A temporary policy on a user that only denies, for the time of one apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from iamctl.model.address import Address
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

if TYPE_CHECKING:
    from iamctl.policy import Document
    from iamctl.policy.widened import Fitted

TRANSITION = "iamctl-transition"
"""The name of the policy, by which a later plan recognises one that a run left behind; a number may follow."""
_NAME = late_pattern(rf"{TRANSITION}(-[0-9]+)?")
_KIND = "user-inline-policy"


@dataclass(frozen=True)
class Transition:
    """What a user is denied while the calls run that touch them."""

    user: str
    """The name when the policy is removed."""
    name: str
    fitted: Fitted
    former: str | None = None
    """The name when the policy is put on the user, where the same plan renames them."""
    calls: tuple[int, ...] = ()
    """The indexes of the call that puts it on the user and of the one that removes it."""

    @property
    def address(self) -> Address:
        """The address of the policy."""
        return Address.of(_KIND, self.user, self.name)

    @property
    def document(self) -> Document:
        """The policy document."""
        return self.fitted.document

    def to_json(self) -> Mapping[str, Any]:
        """Return the policy as ``iamctl-plan/1`` lists it."""
        return {"user": self.user, "name": self.name, "document": self.document.data, "calls": list(self.calls)}


def is_transition(policy: Address) -> bool:
    """Tell whether an address is that of a temporary policy of iamctl."""
    return policy.kind == _KIND and names_transition(policy.parts[-1])


def names_transition(name: str) -> bool:
    """Tell whether an inline policy of a user is a temporary one, by its name."""
    return _NAME.fullmatch(name) is not None
