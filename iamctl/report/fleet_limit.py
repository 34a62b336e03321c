"""What a report says about the limit of removals over all accounts of a run."""

from __future__ import annotations

from dataclasses import replace

from iamctl.model.fleet_limit import FleetRemovals
from iamctl.report.blocks import Report, Section, Span, line
from iamctl.text.counted import counted

ALLOW_FLAG = "--allow-removals-in"


def limit_text(removals: FleetRemovals) -> str:
    """Return what is beyond the limit, and what allows it."""
    return (
        f"this run removes something in {removals.found} of {counted(removals.accounts, 'account')}, and the limit is "
        f"{removals.allowed}; review them, then pass {ALLOW_FLAG} {removals.found}"
    )


def with_limit(report: Report, removals: FleetRemovals) -> Report:
    """Return the report with a section about the limit right after its first, if the run is beyond it."""
    if not removals.is_beyond:
        return report
    told = line(Span("refused", "refuse"), f": {limit_text(removals)}", indent=1)
    section = Section("Fleet limit", (replace(told, is_kept=True, is_whole=True),))
    return replace(report, sections=(*report.sections[:1], section, *report.sections[1:]))
