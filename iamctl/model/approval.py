"""What was approved, and in what a plan differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from iamctl.text.late_dataclass import dataclass


class Subject(StrEnum):
    """What of a plan differs from the approved one."""

    CALL = "call"
    ORDER = "order"
    """The calls are the same, and what they need or their order is not."""
    IDENTITY = "id"
    """The unique id of something that calls touch: another one has its name."""
    TERMS = "terms"
    """On which terms something is made, such as who can read a password."""
    DOCUMENT = "document"
    """The text of a policy that a call brings to somebody."""
    RISK = "risk"
    """A finding under "Look at this first"."""
    DECLARED = "declared"
    """A change of the manifests that no call carries out now."""
    UNCHANGED = "unchanged"
    """A user whose access is proved to stay the same."""


@dataclass(frozen=True)
class Difference:
    """One thing in which a plan differs from the approved one; JSON values, None where there is none on that side."""

    subject: Subject
    name: str
    before: Any
    """As approved."""
    after: Any
    """As planned now."""

    def to_json(self) -> dict[str, Any]:
        """Return the difference as ``iamctl-apply/1`` lists it."""
        return {"subject": self.subject.value, "name": self.name, "before": self.before, "after": self.after}


@dataclass(frozen=True)
class ApprovedPlan:
    """A plan that was saved for somebody to approve."""

    file: str
    account_id: str
    partition: str
    created_at: str
    plan_digest: str
    covered: Mapping[str, Any]
    """What the digest covers."""
