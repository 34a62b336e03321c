"""Adds people, groups and policies to a report that is shown as a page, and writes pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.model import IamctlError
from iamctl.render import FORMATS
from iamctl.report.blocks import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from iamctl.access.together import AccessChanges
    from iamctl.account.live import Live
    from iamctl.comparison.scoped import Scoped
    from iamctl.model import Address, Plan, State
    from iamctl.model.settings import Desired
    from iamctl.planning.plan import Comparison
    from iamctl.report.audit import Audit
    from iamctl.report.page_edges import Both

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
    from iamctl.report.page_plan import notes_of, page_of, rule_table
    from iamctl.rules import after_changes, rules

    after = after_changes(compared.scoped.whole, plan.changes if plan else compared.changes)
    found = plan.findings if plan else ()
    notes, table = notes_of(found), rule_table(found, {rule.code: rule.title for rule in rules()} if found else {})
    both = _both(compared.desired, compared.live, compared.scoped, after, compared.now, notes)
    shown = plan if has_cards else None
    return replace(report, page=page_of(report, both, shown, access, findings=table, is_first=is_first))


def with_audit_page(report: Report, audit: Audit, desired: Desired, live: Live) -> Report:
    """Return the report of an audit with people, groups and policies as they are."""
    from iamctl.comparison.scope import scope
    from iamctl.report.page_audit import audit_page, notes_of_audit

    scoped = scope(desired, live.state, audit.at)
    both = _both(desired, live, scoped, scoped.whole, audit.at, notes_of_audit(audit))
    return replace(report, page=audit_page(report, audit, both))


def _both(
    desired: Desired, live: Live, scoped: Scoped, after: State, now: datetime, notes: Mapping[Address, tuple[str, ...]]
) -> Both:
    from iamctl.report.page_edges import Both
    from iamctl.rules.plan.standing_ways import standing_ways

    return Both(
        live=live,
        before=scoped.whole,
        after=after,
        desired=desired.state,
        now=now,
        status={
            **dict.fromkeys(scoped.undeclared, "not declared, left alone"),
            **{address: f"ignored by {rule}" for address, rule in scoped.ignored.items()},
        },
        notes=notes,
        ways=standing_ways(live, scoped.whole, after, now),
    )


def save_page(path: Path, report: Report) -> None:
    """Write a report as a page to a file.

    Raises:
        IamctlError: the file cannot be written.
    """
    try:
        path.write_text(FORMATS[PAGE](report), encoding="utf-8")
    except OSError as error:
        raise IamctlError(f"{path}: the page cannot be saved: {error.strerror}") from error
