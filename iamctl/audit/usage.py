"""Which services groups allow, and which of them their members used, as AWS's service last accessed data tells it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from iamctl.text.late_dataclass import dataclass

TRACKING_DAYS = 400
"""How long AWS keeps attempts at most; in some regions less."""


@dataclass(frozen=True)
class ServiceUse:
    """One service that the policies of a group allow."""

    namespace: str
    """The prefix of its actions, such as ``s3``."""
    name: str = ""
    last_used: datetime | None = None
    """The last attempt of a member, whichever policy allowed or denied it; None for none that AWS keeps."""
    used_by: str = ""
    """The ARN of the member who made it."""


@dataclass(frozen=True)
class GroupUsage:
    """One group: what it allows, and what of that its members used."""

    group: str
    members: int
    services: tuple[ServiceUse, ...] = ()
    """What its policies allow, by namespace."""
    problem: str = ""
    """Why it is not known what the group allows; empty where it is."""

    @property
    def used(self) -> tuple[ServiceUse, ...]:
        """The services that a member used."""
        return tuple(one for one in self.services if one.last_used)

    @property
    def unused(self) -> tuple[ServiceUse, ...]:
        """The services that nobody in the group used."""
        return tuple(one for one in self.services if not one.last_used)


def group_usage(group: str, members: int, answer: Mapping[str, Any]) -> GroupUsage:
    """Return what the answer of a completed job says about a group.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
    """
    services = (
        ServiceUse(
            one["ServiceNamespace"],
            one.get("ServiceName", ""),
            one.get("LastAuthenticated"),
            one.get("LastAuthenticatedEntity", ""),
        )
        for one in answer.get("ServicesLastAccessed") or ()
    )
    return GroupUsage(group, members, tuple(sorted(services, key=lambda one: one.namespace)))
