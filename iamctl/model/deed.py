"""Who changed something in the account, and when, as CloudTrail recorded it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from iamctl.text.late_dataclass import dataclass


class ActorKind(StrEnum):
    """What sort of identity made a call."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    OTHER = "other"
    """A service, or an identity from outside."""


@dataclass(frozen=True)
class Actor:
    """The identity that made a call."""

    kind: ActorKind
    name: str
    """The name of the user or role, or what CloudTrail calls the identity."""
    session: str = ""
    """The name of the session of a role."""
    source_identity: str = ""


@dataclass(frozen=True)
class Deed:
    """One recorded call."""

    operation: str
    at: datetime
    actor: Actor
    address: str
    """The network address or the service that it came from."""
    event_id: str

    @property
    def is_of_iamctl(self) -> bool:
        """Whether an apply of iamctl made it, by the name of its session."""
        return self.actor.kind is ActorKind.ROLE and self.actor.session.startswith("iamctl-")


class Unfound(StrEnum):
    """Why nobody is named."""

    NO_EVENT = "no-event"
    """CloudTrail has no such event, or not yet, or no longer."""
    NOT_RECORDED_SO = "not-recorded-so"
    """It is not known by which call such a difference comes about."""
    NOT_LOOKED_UP = "not-looked-up"
    """There were more differences than look-ups."""
    FAILED = "failed"
    """A look-up was refused."""


@dataclass(frozen=True)
class Attribution:
    """Who made a difference, or why that is not known."""

    deed: Deed | None = None
    why: Unfound | None = None
    reason: str = ""
    """Why a look-up failed, in AWS's words."""
