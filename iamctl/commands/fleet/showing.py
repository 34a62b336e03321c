"""Shows the results of a run over many accounts as one report, and saves its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from iamctl import __version__
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.page import PAGE, save_page
from iamctl.model.fleet import AccountResult, FleetCommand
from iamctl.model.fleet_limit import FleetRemovals
from iamctl.report.fleet import NextSteps, RunFacts, fleet_report
from iamctl.report.fleet_limit import with_limit
from iamctl.terminal.show import show


def show_report(
    results: Sequence[AccountResult],
    command: FleetCommand,
    now: datetime,
    *,
    output: str,
    page: Path | None = None,
    directory: Path | None = None,
    steps: NextSteps | None = None,
    selection: str = "",
    limit: FleetRemovals | None = None,
    facts: RunFacts = RunFacts(),
) -> None:
    """Print the report of a run in a format, and save it as a page if ``page`` names a file."""
    report = fleet_report(results, command, __version__, steps or NextSteps(), selection=selection, facts=facts)
    report = in_ci(with_limit(report, limit) if limit else report, directory)
    paged = report
    if page or output == PAGE:
        from iamctl.report.page_fleet import with_fleet_page

        paged = with_fleet_page(report, results, command, now)
    show(paged if output == PAGE else report, output)
    if page:
        save_page(page, paged)
