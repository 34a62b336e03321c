"""The commands below ``iamctl review``: access reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.application import App
from iamctl.cli.options import (
    OUTPUT,
    AccountName,
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
from iamctl.render import EvidenceFormat, Format, ReviewFormat

review_app = App(rich_markup_mode=None)

ReviewFile = Annotated[Path, typer.Argument(metavar="FILE", help="The review as CSV or xlsx.")]


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
    output: Annotated[ReviewFormat, OUTPUT] = ReviewFormat.CSV,
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
    file: ReviewFile,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Check that every row has a decision and none was altered; print totals, and what to change for revocations.

    Decisions are keep, change, revoke, defer and except. Exits 3 if the review is incomplete or altered.
    """
    from iamctl.commands.review.check import check as run

    return run(file, output=output.value)


@review_app.command(
    short_help="Show when each revocation was merged and applied.",
    epilog="Example: iamctl review evidence review.csv iam/ --journal journals/",
)
def evidence(
    file: ReviewFile,
    directory: Tree = None,
    ref: Annotated[
        str, typer.Option("--ref", metavar="REF", help="Branch or commit that is applied; its first parents count.")
    ] = "HEAD",
    journals: Annotated[
        list[Path] | None,
        typer.Option(
            "--journal",
            metavar="PATH",
            help="A journal, or a folder of journals (default: .iamctl/journal). Repeatable.",
            show_default=False,
        ),
    ] = None,
    now: Now = None,
    output: Annotated[EvidenceFormat, OUTPUT] = EvidenceFormat.TEXT,
) -> int:
    """Show by which commit each revocation came into the manifests, and which call of an apply carried it out.

    The command reads the git history of DIR and the journals of apply; it asks AWS nothing. What is not found has a
    reason. Exits 2 if a revocation lacks evidence, and 3 if 'review check' refuses the review.
    """
    from iamctl.commands.review.evidence import evidence as run

    return run(file, directory, ref=ref, journals=journals or [], now=now, output=output.value)
