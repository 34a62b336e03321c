"""What shows that decisions of an access review were carried out: commits, and calls in journals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from iamctl.model.address import Address
from iamctl.model.plan import OutcomeStatus
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin


@dataclass(frozen=True)
class Commit:
    """A commit of the repository with the manifests."""

    id: str
    author: str
    authored_at: datetime
    committed_at: datetime
    subject: str
    parents: tuple[str, ...] = ()


class NotMerged(StrEnum):
    """Why no commit is named."""

    NO_HISTORY = "no-history"
    """The history cannot be read."""
    UNREADABLE = "unreadable"
    """The manifests of the newest commit have mistakes."""
    STILL_DECLARED = "still-declared"
    NOT_LISTED = "not-listed"
    """No manifest declared the user, and ``removed`` does not list them."""
    NOT_NEEDED = "not-needed"
    """No manifest declared the membership, so that any apply removes it."""
    ALREADY_ABSENT = "already-absent"
    """It was gone in the manifests that the review saw: by its end, or by a merge that was not applied."""


class NotApplied(StrEnum):
    """Why no call is named."""

    NO_JOURNAL = "no-journal"
    """There is no journal of this account since the review."""
    NO_CALL = "no-call"
    """No journal has such a call."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It was sent, and its outcome is not known."""
    UNDONE = "undone"
    """A later call gave it back."""


@dataclass(frozen=True)
class Merged:
    """How a revocation came into the manifests, or why that is not known."""

    merge: Commit | None = None
    """The commit of the main line that has it and whose parent had not."""
    change: Commit | None = None
    """The commit that removed the line: one of the merged branch, or the commit of the main line itself."""
    why: NotMerged | None = None
    reason: str = ""
    """More about why, in the words of git."""
    place: Origin | None = None
    """Where it is still declared."""
    unread: int = 0
    """How many commits before the merge could not be read, so that one of them may have done it."""


@dataclass(frozen=True)
class RevokingCall:
    """A call that took something away, or gave it back, as a journal has it."""

    journal: str
    operation: str
    at: datetime
    status: OutcomeStatus
    error: str = ""


@dataclass(frozen=True)
class Applied:
    """Which call carried a revocation out, or why that is not known."""

    call: RevokingCall | None = None
    """The call; with ``why`` the one that failed, is unknown, or gave it back."""
    why: NotApplied | None = None


@dataclass(frozen=True)
class Evidence:
    """What is known of one revocation."""

    address: Address
    ticket: str
    reviewer: str
    decided_on: str
    merged: Merged
    applied: Applied

    @property
    def is_complete(self) -> bool:
        """Whether the revocation is in the manifests, as far as it must be, and a call has carried it out."""
        is_merged = self.merged.merge is not None or self.merged.why is NotMerged.NOT_NEEDED
        return is_merged and self.applied.call is not None and self.applied.why is None
