"""``iamctl plan``: read live IAM and show what would change."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from iamctl.commands.access_of_plan import Detail, access_of
from iamctl.commands.ci_surroundings import in_ci
from iamctl.commands.located_findings import located_mistakes, with_findings
from iamctl.commands.page import PAGE, save_page, with_page
from iamctl.commands.propose import plan_data, propose, removals
from iamctl.commands.workspace import moment, open_workspace
from iamctl.model import IamctlError
from iamctl.planning.saved_plan import saved_plan
from iamctl.render.json import json_text
from iamctl.render.markdown import left_out
from iamctl.report.reports import plan_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show


def plan(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    out: Path | None,
    output: str,
    detailed_exitcode: bool,
    allow_removals: list[str],
    allow_self: bool,
    allow_transition: bool,
    base: Path | None,
    allow_loosening: bool,
    show_calls: bool,
    show_commands: bool,
    all_findings: bool,
    access: Detail,
    page: Path | None = None,
) -> int:
    """Print the plan; return 3 when it is refused, 2 when asked to and there are changes, else 0."""
    time, allowed = moment(now), removals(allow_removals)
    category = f"plan/{account}" if account else "plan"
    with (
        located_mistakes(output, directory, category),
        open_workspace(
            directory, source, account=account, now=time, base=base, allow_loosening=allow_loosening
        ) as workspace,
    ):
        propose_with = partial(propose, allow_self=allow_self, allow_transition=allow_transition)
        proposal = propose_with(workspace, allowed_removals=allowed, trusts_report=True)
    made, shown = proposal.plan, access_of(proposal, access)
    data = plan_data(made, shown.data)
    reported = partial(
        plan_report, made, data, show_commands=show_commands, all_findings=all_findings, access=shown.sections
    )
    report = in_ci(reported(show_calls=show_calls), directory)
    if page or output == PAGE:
        whole = reported(show_calls=True)
        paged = in_ci(with_page(whole, proposal.compared, made, shown.found, has_cards=True), directory)
        report = paged if output == PAGE else report
    data["truncated"] = output == "markdown" and left_out(report) > 0
    show(with_findings(report, made.findings, output, directory, category, account_id=made.account.id), output)
    if out:
        _save(out, json_text(saved_plan(made, data)))
    if page:
        save_page(page, paged)
    if made.is_refused:
        return 3
    return 2 if detailed_exitcode and made.changes else 0


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise IamctlError(f"{path}: the plan cannot be saved: {error.strerror}") from error
