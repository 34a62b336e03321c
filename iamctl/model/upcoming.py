"""What the next days bring without any change of the manifests."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from iamctl.model.address import Address
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import to_the_second
from iamctl.text.origin import Origin


class Event(StrEnum):
    """What happens to a membership, a user, an exception or an access key."""

    BEGINS = "begins"
    ENDS = "ends"
    DELETED = "deleted"
    """The wait of a user who has ended, or of a key that iamctl made inactive, is over."""


@dataclass(frozen=True)
class Upcoming:
    """One thing that becomes due soon."""

    at: datetime
    event: Event
    address: Address
    date: str
    """The date or RFC 3339 time that the manifest contains, or the day that follows from it."""
    reason: str = ""
    origin: Origin | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the entry of ``upcoming`` in ``iamctl-plan/1``."""
        return {
            "address": str(self.address),
            "event": self.event.value,
            "at": to_the_second(self.at),
            "date": self.date,
            "reason": self.reason or None,
            "origin": self.origin.to_json() if self.origin else None,
        }
