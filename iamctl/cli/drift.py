"""The command line of drift."""

from __future__ import annotations

from typing import Annotated

import typer

from iamctl.cli.options import (
    AccountName,
    AllFindings,
    CredentialReads,
    Credentials,
    Now,
    PageFile,
    PageOutput,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import PageFormat

Actor = Annotated[
    bool, typer.Option("--actor", help="Look up in CloudTrail who made each difference; at most 20 requests.")
]
Applied = Annotated[
    str | None,
    typer.Option(
        "--applied",
        metavar="REF",
        help="Commit whose manifests were applied last; changes merged since then do not count.",
        show_default=False,
    ),
]
StartedBy = Annotated[
    str | None,
    typer.Option(
        "--event",
        metavar="JSON",
        help="Name the event of CloudTrail or EventBridge that started this run; also a file.",
        show_default=False,
    ),
]


def drift(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    page: PageFile = None,
    output: PageOutput = PageFormat.TEXT,
    credentials: Credentials = CredentialReads.AUTO,
    all_findings: AllFindings = False,
    actor: Actor = False,
    applied: Applied = None,
    event: StartedBy = None,
) -> int:
    """Report how the account differs from the manifests. Exits 2 if it does. Suitable for scheduled runs.

    Changes that are merged but not applied yet count as differences, unless --applied is given. Expired memberships,
    and other changes that are merely due, are listed separately and do not count.
    """
    from iamctl.commands.drift import drift as run

    return run(
        directory,
        source_options(profile, region, snapshot, sandbox, credentials),
        account=account,
        now=now,
        output=output.value,
        all_findings=all_findings,
        page=page,
        actor=actor,
        applied=applied,
        event=event,
    )
