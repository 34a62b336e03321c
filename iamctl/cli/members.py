"""The command line of members."""

from __future__ import annotations

from typing import Annotated

import typer

from iamctl.cli.complete import complete_group, complete_user
from iamctl.cli.options import (
    AccountName,
    CredentialReads,
    Now,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import TableFormat


def members(
    directory: Tree = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group",
            metavar="NAME",
            help="Show only this group, declared or live, with its policies. Repeatable.",
            autocompletion=complete_group,
        ),
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(
            "--user",
            metavar="NAME",
            help="Show the groups of this user in detail. Repeatable.",
            autocompletion=complete_user,
        ),
    ] = None,
    declared: Annotated[bool, typer.Option("--declared", help="Show only the manifests; read no account.")] = False,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: Annotated[
        TableFormat, typer.Option("--format", help="Output format; csv is a table, html one file for a browser.")
    ] = TableFormat.TEXT,
) -> int:
    """List the members of each group, declared and live.

    IAM does not record when a user joined a group: 'not before' is the day on which the user or the group was created,
    whichever is later. In CSV, a cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    from iamctl.commands.members import members as run

    return run(
        directory,
        source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO),
        account=account,
        now=now,
        groups=group or [],
        users=user or [],
        declared_only=declared,
        output=output.value,
    )
