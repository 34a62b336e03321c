"""The command line of discovery in an organization."""

from __future__ import annotations

from typing import Annotated

import typer

from iamctl.cli.options import CredentialReads, OutputFormat, Profile, Region, Sandbox, Tree, source_options
from iamctl.render import Format


def discover(
    directory: Tree = None,
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = None,
    tags: Annotated[
        bool, typer.Option("--tags", help="Read the tags of accounts even if no selector in iamctl.yaml uses them.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 2 if the file differs from the organization.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Write the accounts of the AWS organization to the accounts file next to iamctl.yaml, and show what changed.

    The role under 'organization: discover' must be in the management account or in that of a delegated administrator.
    Commit the file: all other commands read it and never ask Organizations. An account that left the organization is
    no longer managed; nothing in it is removed.
    """
    from iamctl.commands.fleet.discover import discover as run

    source = source_options(profile, region, None, sandbox, CredentialReads.AUTO)
    return run(directory, source, tags=tags, check=check, output=output.value)
