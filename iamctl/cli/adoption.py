"""The command that writes manifests for an existing account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.options import (
    CredentialReads,
    Credentials,
    DirectPolicies,
    DirectPolicyPlan,
    Include,
    IsUpdate,
    MergeEqual,
    OwnedBy,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    TakeOver,
    UpdatedAddresses,
    source_options,
)

ImportedAccount = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        help="Name of the account in iamctl.yaml (default: main; with --update the only one).",
        show_default=False,
    ),
]

AccountSettings = Annotated[
    bool, typer.Option("--account-settings", help="Also declare the password policy and the alias of the account.")
]


def import_(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Directory for the manifests; new or empty, unless --update is given.")
    ],
    addresses: UpdatedAddresses = None,
    is_update: IsUpdate = False,
    account: ImportedAccount = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    credentials: Credentials = CredentialReads.AUTO,
    direct_policies: DirectPolicies = DirectPolicyPlan.KEEP,
    merge_equal_policies: MergeEqual = False,
    account_settings: AccountSettings = False,
    include: Include = None,
    owned_by: OwnedBy = None,
    take_over: TakeOver = False,
) -> int:
    """Write manifests that declare a live account as it is, so that plan finds no changes.

    With '--update' the manifests in DIR are edited to declare what was changed by hand: all of it, or the ADDRESSES
    that drift prints. Comments, order and layout stay. Example: iamctl import iam/ --update membership/admins/mallory

    With '--direct-policies groups' the manifests have a group for each distinct set of policies that users have
    directly, and plan moves the policies there. Nobody gains or loses access. With '--owned-by' the manifests ignore what
    Terraform or CloudFormation manages; with '--take-over' they declare it, and files show how these tools let go of it.
    """
    from iamctl.commands.import_ import import_ as run
    from iamctl.commands.ownership import Owners
    from iamctl.manifests.declarable import ImportWishes

    wishes = ImportWishes(
        moves_direct=direct_policies is DirectPolicyPlan.GROUPS,
        merges_equal=merge_equal_policies,
        account_settings=account_settings,
        include=tuple(include or ()),
    )
    source = source_options(profile, region, snapshot, sandbox, credentials)
    if is_update or addresses:
        from iamctl.commands.update import update
        from iamctl.model.failures import UsageError

        if not is_update or wishes != ImportWishes() or owned_by or take_over:
            raise UsageError("addresses need --update, and --update takes no flags about what to import")
        return update(directory, source, addresses or [], account=account)
    owners = Owners.of(owned_by or (), takes_over=take_over)
    return run(directory, source, account="main" if account is None else account, wishes=wishes, owners=owners)
