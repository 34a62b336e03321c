"""What ``iamctl access diff`` reports: the section of access of a plan, alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from iamctl.access.together import AccessChanges
from iamctl.model import Account
from iamctl.report.access import access_sections
from iamctl.report.access_json import access_json
from iamctl.report.blocks import Report, Section, Span, line
from iamctl.report.question import question_json
from iamctl.text.counted import counted


def access_diff_report(
    found: AccessChanges, account: Account, kind: str, now: datetime, *, refused: int, is_full: bool
) -> Report:
    """Return the report; ``refused`` is the number of findings that refuse the plan."""
    by = "by the plan" if kind == "planned" else "between the two manifest directories"
    title = f"Changes of access in {account.name} ({account.id}, {account.partition}) {by}"
    sections = [Section(title, ())]
    if refused:
        told = f"The plan is refused by {counted(refused, 'finding')}; see iamctl plan."
        sections.append(Section("", (line(Span(told, "refuse")),)))
    sections += access_sections(found, "full" if is_full else "summary", "--full")
    return Report(_json(found, account, kind, now, refused), tuple(sections), noun="list of changes")


def _json(found: AccessChanges, account: Account, kind: str, now: datetime, refused: int) -> dict[str, Any]:
    return {
        **question_json("iamctl-access-diff/1", account, now, kind),
        "refused": refused,
        "access": access_json(found),
    }
