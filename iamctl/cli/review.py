"""The commands below ``iamctl review``: access reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.options import (
    AccountName,
    App,
    Commands,
    CredentialReads,
    Now,
    OutputFormat,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import Format, ReviewFormat

review_app = App(cls=Commands, rich_markup_mode=None, no_args_is_help=True)


@review_app.command(
    short_help="Export every user and membership for a review.",
    epilog="Example: iamctl review export iam/ --profile prod > review.csv",
)
def export(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", metavar="FILE", help="The last review; what changed since then comes first."),
    ] = None,
    output: Annotated[ReviewFormat, typer.Option("--format", help="Output format.")] = ReviewFormat.CSV,
) -> int:
    """Export every live user and membership with empty columns for decision, reviewer, date and ticket.

    The head states account, times and the digest of the rows, so that 'review check' notices a removed row. In CSV,
    a cell that a spreadsheet would run as a formula begins with an apostrophe. A workbook (xlsx) has text in every cell
    and needs the extra 'review'.
    """
    from iamctl.commands.review.export import export as run

    return run(
        directory,
        source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO),
        account=account,
        now=now,
        previous=previous,
        output=output.value,
    )


@review_app.command(
    short_help="Check that a filled-in review is complete.", epilog="Example: iamctl review check review.csv"
)
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The review as CSV or xlsx.")],
    output: OutputFormat = Format.TEXT,
) -> int:
    """Check that every row has a decision and none was altered; print totals, and what to change for revocations.

    Decisions are keep, change, revoke, defer and except. Exits 3 if the review is incomplete or altered.
    """
    from iamctl.commands.review.check import check as run

    return run(file, output=output.value)
