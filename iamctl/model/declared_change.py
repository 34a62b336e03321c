"""A change of the manifests that no call carries out now."""

from __future__ import annotations

from typing import Any

from iamctl.model.address import Address
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

DECLARED = "declared"
"""The field of a resource that manifests begin or cease to declare, while the account already is as they want."""
ENDED = "ended"
"""The value of ``DECLARED`` for what has ended already."""
LATER = "later"
"""The value of ``DECLARED`` for what would have begun later."""
REMOVED = "removed"
"""The field of a line under ``removed`` that comes or goes."""


@dataclass(frozen=True)
class DeclaredChange:
    """What the manifests or the settings said in the base, and what they say now."""

    address: Address | None
    """The resource; None for a setting."""
    field: str
    """The field of the resource, or the setting, such as ``secrets.deliver``."""
    before: Any
    """A JSON value; None for what was left out."""
    after: Any
    origin: Origin | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the change as ``iamctl-plan/1`` lists it."""
        return {
            "address": str(self.address) if self.address else None,
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "origin": self.origin.to_json() if self.origin else None,
        }
