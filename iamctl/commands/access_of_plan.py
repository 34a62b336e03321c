"""What a plan changes of everybody's access; worked out only where a plan has changes and somebody wants to see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from iamctl.commands.propose import Proposal
from iamctl.report.blocks import Section
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.together import AccessChanges

Detail = Literal["summary", "full", "none"]


@dataclass(frozen=True)
class AccessShown:
    """What a report and its JSON say of access."""

    sections: tuple[Section, ...] = ()
    data: Mapping[str, Any] | None = None
    found: AccessChanges | None = None


def access_of(proposal: Proposal, detail: Detail) -> AccessShown:
    """Return what to show of the access that a plan changes; nothing for a plan without changes."""
    if detail == "none" or not proposal.plan.changes:
        return AccessShown()
    from iamctl.report.access import access_sections
    from iamctl.report.access_json import access_json

    found = changes_of(proposal)
    return AccessShown(tuple(access_sections(found, detail)), access_json(found), found)


def changes_of(proposal: Proposal) -> AccessChanges:
    """Return what a plan changes of everybody's access."""
    from iamctl.access.delta import changes_between

    return changes_between(*proposal.review.sides, proposal.compared.desired.state)
