"""The commands below ``iamctl permissions``: what the roles that run iamctl need."""

from __future__ import annotations

from typing import Annotated

import typer

from iamctl.cli.application import App
from iamctl.cli.options import AccountName, Tree

permissions_app = App(rich_markup_mode=None)

Partition = Annotated[
    str, typer.Option("--partition", metavar="NAME", help="Partition of the account, for example aws-us-gov.")
]

WithTransition = Annotated[
    bool, typer.Option("--allow-transition", help="Allow what 'apply --allow-transition' needs as well.")
]


@permissions_app.command(
    short_help="Print the policy of the role that runs plan.", epilog="Example: iamctl permissions plan iam/"
)
def plan(directory: Tree = None, account: AccountName = None, partition: Partition = "aws") -> int:
    """Print the least-privilege IAM policy of the role that runs iamctl plan and drift, as JSON."""
    from iamctl.commands.permissions import permissions as run

    return run(directory, "plan", account=account, partition=partition)


@permissions_app.command(
    short_help="Print the policy of the role that discovers accounts.",
    epilog="Example: iamctl permissions discover > discover-permissions.json",
)
def discover() -> int:
    """Print the IAM policy of the role that runs iamctl fleet discover, as JSON.

    The role must be in the management account of the organization, or in that of a delegated administrator.
    """
    from iamctl.commands.permissions import discovery_permissions

    return discovery_permissions()


@permissions_app.command(
    short_help="Print the policy of the role that runs apply.",
    epilog="Example: iamctl permissions apply iam/ > apply-permissions.json",
)
def apply(
    directory: Tree = None,
    account: AccountName = None,
    partition: Partition = "aws",
    path: Annotated[
        list[str] | None,
        typer.Option(
            "--path",
            metavar="PATH",
            help="Allow writes below this path as well, for example if users are to move from there. Repeatable.",
        ),
    ] = None,
    allow_transition: WithTransition = False,
) -> int:
    """Print the least-privilege IAM policy of the role that runs iamctl apply, as JSON.

    It allows what plans for these manifests can contain: the kinds and paths that they declare, and what they remove.
    Anyone with this role can grant themselves anything, like everyone who can change IAM.
    """
    from iamctl.commands.permissions import permissions as run

    return run(
        directory,
        "apply",
        account=account,
        partition=partition,
        paths=path or [],
        with_transition=allow_transition,
    )
