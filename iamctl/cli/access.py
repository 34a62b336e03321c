"""The commands below ``iamctl access``: what people may do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iamctl.cli.application import App
from iamctl.cli.complete import complete_group, complete_user
from iamctl.cli.options import (
    AccountName,
    BaseTree,
    CredentialReads,
    FindingOutput,
    Now,
    OutputFormat,
    Profile,
    Region,
    Sandbox,
    Snapshot,
    Tree,
    source_options,
)
from iamctl.render import FindingFormat, Format

access_app = App(rich_markup_mode=None)

TreeOption = Annotated[
    Path | None,
    typer.Option(
        "--dir", metavar="DIR", help="Manifest directory (default: ., or iam/ if only that contains iamctl.yaml)."
    ),
]
Declared = Annotated[bool, typer.Option("--declared", help="Ask about the manifests alone, without an account.")]
Planned = Annotated[bool, typer.Option("--planned", help="Ask about the account as the plan would leave it.")]
When = Annotated[
    list[str] | None,
    typer.Option(
        "--when",
        metavar="KEY=VALUE",
        help="State a condition key of the request; KEY=absent if the request lacks it. Repeatable.",
        show_default=False,
    ),
]
OnlyUsers = Annotated[
    list[str] | None,
    typer.Option(
        "--user",
        metavar="NAME",
        help="Show only this user, or role/NAME. Repeatable.",
        autocompletion=complete_user,
        show_default=False,
    ),
]
OnlyGroups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="NAME",
        help="Show only members of this group, before or after the change. Repeatable.",
        autocompletion=complete_group,
        show_default=False,
    ),
]


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
    from iamctl.commands.access.check import check as run

    source = source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO)
    return run(directory, source, account=account, now=now, output=output.value)


@access_app.command(
    short_help="Show who gains and loses access.", epilog="Example: iamctl access diff iam/ --user carol --full"
)
def diff(
    directory: Tree = None,
    users: OnlyUsers = None,
    groups: OnlyGroups = None,
    full: Annotated[bool, typer.Option("--full", help="Show every row in full.")] = False,
    declared: Annotated[
        bool, typer.Option("--declared", help="Compare with the manifests of --base, without an account.")
    ] = False,
    base: BaseTree = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Show what a plan changes of the access of users and roles, as the access section of iamctl plan does.

    With --declared, the command compares the manifests with those of --base instead.
    """
    from iamctl.commands.access.diff import diff as run

    return run(
        directory,
        source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO),
        users=users or [],
        groups=groups or [],
        is_declared=declared,
        is_full=full,
        account=account,
        now=now,
        base=base,
        output=output.value,
    )


@access_app.command(
    short_help="Show why a request is allowed or not.",
    epilog="Example: iamctl access explain carol s3:GetObject arn:aws:s3:::logs/x",
)
def explain(
    person: Annotated[
        str, typer.Argument(metavar="PERSON", help="A user, or role/NAME.", autocompletion=complete_user)
    ],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="One action, for example s3:GetObject.")],
    resource: Annotated[
        str | None,
        typer.Argument(metavar="[RESOURCE]", help="One ARN; not needed for an action that acts on no resource."),
    ] = None,
    when: When = None,
    declared: Declared = False,
    planned: Planned = False,
    directory: TreeOption = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Show whether one request is allowed, every statement about its action, and what is missing.

    The person is signed in with MFA unless --when states otherwise; a result that differs without MFA is shown as well.
    The command reads the live account by default.
    """
    from iamctl.commands.access.explain import explain as run
    from iamctl.commands.access.states import Wanted

    source = source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO)
    wanted = Wanted(directory, source, account, now, declared=declared, planned=planned)
    return run(wanted, person=person, action=action, resource=resource, when=when or [], output=output.value)


@access_app.command(
    "who-can",
    short_help="Show who may make a request.",
    epilog="Example: iamctl access who-can s3:DeleteObject 'arn:aws:s3:::acme-*/*'",
)
def who_can(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="ACTION... [RESOURCE]",
            help="Actions or patterns of actions, then an ARN or a pattern of ARNs (default: any resource).",
        ),
    ],
    when: When = None,
    declared: Declared = False,
    planned: Planned = False,
    directory: TreeOption = None,
    account: AccountName = None,
    profile: Profile = None,
    region: Region = None,
    snapshot: Snapshot = None,
    sandbox: Sandbox = None,
    now: Now = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Show which users and roles may make some requests: always, always with MFA, or in part.

    For everybody else it is proved that they may not. The command reads the live account by default.
    """
    from iamctl.commands.access.states import Wanted
    from iamctl.commands.access.who_can import who_can as run

    source = source_options(profile, region, snapshot, sandbox, CredentialReads.AUTO)
    wanted = Wanted(directory, source, account, now, declared=declared, planned=planned)
    return run(wanted, words=words, when=when or [], output=output.value)
