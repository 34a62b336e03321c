"""The commands below ``iamctl access``: what people may do."""

from __future__ import annotations

from iamctl.cli.options import (
    AccountName,
    App,
    Commands,
    CredentialReads,
    FindingOutput,
    Now,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import FindingFormat

access_app = App(cls=Commands, rich_markup_mode=None, no_args_is_help=True)


@access_app.command(
    short_help="Check assertions on the live account.",
    epilog="Example: iamctl access check iam/ --sandbox account.json",
)
def check(
    directory: Tree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: FindingOutput = FindingFormat.TEXT,
) -> int:
    """Check the assertions of the manifests on the live account. Exits 3 if one is refuted or not decided.

    Suitable for scheduled runs. The account may differ from the manifests otherwise; see iamctl drift.
    """
    from iamctl.commands.access_check import access_check as run

    source = source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO)
    return run(directory, source, account=account, now=now, output=output.value)
