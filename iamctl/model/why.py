"""Why a change is made, as data; the report layer has the words."""

from __future__ import annotations

from enum import StrEnum

from iamctl.model.address import Address
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin


class Reason(StrEnum):
    """Why a resource becomes what it is desired to be, or why a membership is left as it is."""

    DECLARED = "declared"
    UNDECLARED = "undeclared"
    DIFFERS = "differs"
    RENAMED = "renamed"
    DELETED_WITH = "deleted-with"
    """Something that it belongs to is deleted."""
    USER_UNDECLARED = "user-undeclared"
    GROUP_UNDECLARED = "group-undeclared"
    REMOVED = "removed"
    """The manifests list it under ``removed``."""
    EXPIRED = "expired"
    EXCEPTION_ENDED = "exception-ended"
    BEGUN = "begun"
    """The ``from`` of the membership has passed."""
    NOT_YET = "not-yet"
    """The ``from`` of the live membership lies ahead."""
    USER_ENDED = "user-ended"
    """The ``until`` of the user has passed."""
    IGNORED = "ignored"
    LEFT_ALONE = "left-alone"
    """The settings leave undeclared memberships alone."""
    EXPIRED_LEFT_ALONE = "expired-left-alone"
    TOO_MANY_KEYS = "too-many-keys"
    TOO_MANY_API_KEYS = "too-many-api-keys"
    KEY_RETIRED = "key-retired"
    """The manifests name it under ``retire``."""
    KEY_UNUSED = "key-unused"
    KEY_ACTIVE_AGAIN = "key-active-again"
    KEY_DUE = "key-due"
    """The rotation of an access key is due: a second one is created."""
    KEY_MISSING = "key-missing"
    """A user whose access key rotates has none that works."""
    KEY_REPLACED = "key-replaced"
    """A newer access key is in use in its place."""
    KEY_INTERRUPTED = "key-interrupted"
    """It was created by a run that ended before anyone had its secret."""
    KEY_MAKES_ROOM = "key-makes-room"
    """It is inactive and would prevent the next rotation."""
    KEY_NOTED = "key-noted"
    """The note of an interrupted creation is no longer needed."""
    TOO_OLD = "password-too-old"
    CONSOLE_NOT_GRANTED = "console-not-granted"


KEY_CARE: frozenset[Reason] = frozenset(
    {
        Reason.KEY_UNUSED,
        Reason.KEY_DUE,
        Reason.KEY_REPLACED,
        Reason.KEY_INTERRUPTED,
        Reason.KEY_MAKES_ROOM,
        Reason.KEY_NOTED,
    }
)
"""The reasons of what a rotation of access keys does again and again."""

APPLIED_WHEN_DUE: frozenset[Reason] = frozenset(
    {
        Reason.EXPIRED,
        Reason.EXCEPTION_ENDED,
        Reason.BEGUN,
        Reason.USER_ENDED,
        *KEY_CARE,
    }
)
"""The reasons of the changes that ``apply --due`` runs."""

DUE: frozenset[Reason] = APPLIED_WHEN_DUE | {Reason.TOO_OLD}
"""The reasons that time alone brings about."""


@dataclass(frozen=True)
class Why:
    """A reason with its data: the resource, the date or the line of a manifest that it is about."""

    reason: Reason
    by: Address | None = None
    """What it was called before, what it is deleted with, or what is undeclared or ignored."""
    date: str = ""
    """A date or an RFC 3339 time, as the manifest writes it."""
    origin: Origin | None = None
    rule: str = ""
    """The setting that decides it, such as the pattern that ignores a user."""
    days: int = 0
    """How old the thing in ``by`` is."""
    note: str = ""
    """The ``reason`` that the manifest gives."""

    @property
    def is_due(self) -> bool:
        """Whether time alone brought it about, not a person."""
        return self.reason in DUE
