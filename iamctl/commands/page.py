"""Adds people, groups and policies to a report that is shown as a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamctl.report.blocks import Report

if TYPE_CHECKING:
    from iamctl.access.together import AccessChanges
    from iamctl.model import Plan
    from iamctl.planning.plan import Comparison

PAGE = "html"
"""The format whose reports need a page."""


def with_page(
    report: Report,
    output: str,
    compared: Comparison,
    plan: Plan | None = None,
    access: AccessChanges | None = None,
    *,
    has_cards: bool = False,
) -> Report:
    """Return the report with its page if the format shows one; with ``has_cards`` also what the plan does to whom."""
    if output != PAGE:
        return report
    from iamctl.report.page_edges import Both
    from iamctl.report.page_plan import notes_of, page_of
    from iamctl.rules import after_changes

    scoped = compared.scoped
    both = Both(
        live=compared.live,
        before=scoped.whole,
        after=after_changes(scoped.whole, plan.changes if plan else compared.changes),
        desired=compared.desired.state,
        now=compared.now,
        status={
            **dict.fromkeys(scoped.undeclared, "not declared, left alone"),
            **{address: f"ignored by {rule}" for address, rule in scoped.ignored.items()},
        },
        notes=notes_of(plan.findings if plan else ()),
    )
    return replace(report, page=page_of(report, both, plan if has_cards else None, access))
