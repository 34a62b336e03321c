"""Adds people, groups and policies to a report that is shown as a page, and writes pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.model import IamctlError
from iamctl.render import FORMATS
from iamctl.report.blocks import Report

if TYPE_CHECKING:
    from iamctl.access.together import AccessChanges
    from iamctl.model import Plan
    from iamctl.planning.plan import Comparison

PAGE = "html"
"""The format whose reports need a page."""


def with_page(
    report: Report,
    compared: Comparison,
    plan: Plan | None = None,
    access: AccessChanges | None = None,
    *,
    has_cards: bool = False,
    is_first: bool = False,
) -> Report:
    """Return the report with people, groups and policies; with ``has_cards`` also what the plan does to whom.

    With ``is_first`` the sections of the report come before the groups.
    """
    from iamctl.report.page_edges import Both
    from iamctl.report.page_plan import notes_of, page_of
    from iamctl.rules import after_changes
    from iamctl.rules.plan.standing_ways import standing_ways

    scoped = compared.scoped
    after = after_changes(scoped.whole, plan.changes if plan else compared.changes)
    both = Both(
        live=compared.live,
        before=scoped.whole,
        after=after,
        desired=compared.desired.state,
        now=compared.now,
        status={
            **dict.fromkeys(scoped.undeclared, "not declared, left alone"),
            **{address: f"ignored by {rule}" for address, rule in scoped.ignored.items()},
        },
        notes=notes_of(plan.findings if plan else ()),
        ways=standing_ways(compared.live, scoped.whole, after, compared.now),
    )
    return replace(report, page=page_of(report, both, plan if has_cards else None, access, is_first=is_first))


def save_page(path: Path, report: Report) -> None:
    """Write a report as a page to a file.

    Raises:
        IamctlError: the file cannot be written.
    """
    try:
        path.write_text(FORMATS[PAGE](report), encoding="utf-8")
    except OSError as error:
        raise IamctlError(f"{path}: the page cannot be saved: {error.strerror}") from error
