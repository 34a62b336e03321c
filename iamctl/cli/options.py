"""The options of commands."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from iamctl.cli.complete import complete_account
from iamctl.render import FindingFormat, Format, PageFormat


class CredentialReads(StrEnum):
    """How passwords, keys and devices are read."""

    AUTO = "auto"
    EXACT = "exact"


class AccessDetail(StrEnum):
    """How much of the changes of access a plan shows."""

    SUMMARY = "summary"
    FULL = "full"
    NONE = "none"


class DirectPolicyPlan(StrEnum):
    """What import does with policies that users have directly."""

    KEEP = "keep"
    GROUPS = "groups"


class CiSystem(StrEnum):
    """The CI systems that init can write files for."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


Tree = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="Manifest directory (default: ., or iam/ if only that contains iamctl.yaml)."),
]
AccountName = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NAME",
        help="Name of the account in iamctl.yaml; needed if there are several.",
        autocompletion=complete_account,
    ),
]
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="AWS profile to use (default: as the AWS CLI).")
]
IsUpdate = Annotated[
    bool, typer.Option("--update", help="Edit the manifests in DIR to declare what was changed by hand.")
]
UpdatedAddresses = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ADDRESS]...",
        help="With --update, what to adopt, such as user/alice (default: all that drift reports).",
        show_default=False,
    ),
]
DirectPolicies = Annotated[
    DirectPolicyPlan,
    typer.Option(
        "--direct-policies",
        help="Policies directly on users: keep them as exceptions, or write groups that replace them.",
    ),
]
MergeEqual = Annotated[
    bool,
    typer.Option(
        "--merge-equal-policies",
        help="Write one managed policy for inline policies of groups that are equal by meaning.",
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="PATTERN",
        help="Import what matches, for example 'user/ses-smtp-user.*', although AWS or another tool made it. Repeatable.",
    ),
]
OwnedBy = Annotated[
    list[str] | None,
    typer.Option(
        "--owned-by",
        metavar="TOOL",
        help="Ignore what a tool manages: terraform:FILE (of 'terraform show -json'), cloudformation (by tags), or "
        "cloudformation:FILE (of 'aws cloudformation list-stack-resources'). Repeatable.",
    ),
]
TakeOver = Annotated[
    bool,
    typer.Option(
        "--take-over",
        help="Import what --owned-by names, and write to DIR/take-over what makes the tool let go without deleting.",
    ),
]
Region = Annotated[str | None, typer.Option("--region", metavar="NAME", help="AWS region; determines the partition.")]
Snapshot = Annotated[
    Path | None,
    typer.Option("--snapshot", metavar="FILE", help="Read the live state from a saved snapshot instead of AWS."),
]
Sandbox = Annotated[
    Path | None,
    typer.Option("--sandbox", metavar="FILE", help="Use an embedded IAM, loaded from FILE; apply saves to FILE."),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", metavar="TIME", help="Use this date or RFC 3339 time instead of the current time.", show_default=False
    ),
]
OUTPUT = typer.Option("--format", help="Output format.")
"""The option of every command whose formats need no further words."""

OutputFormat = Annotated[Format, OUTPUT]
PageFile = Annotated[
    Path | None,
    typer.Option(
        "--page", metavar="FILE", help="Save the report as one file for a browser as well.", show_default=False
    ),
]
PageOutput = Annotated[PageFormat, typer.Option("--format", help="Output format; html is one file for a browser.")]
FindingOutput = Annotated[
    FindingFormat,
    typer.Option(
        "--format",
        help="Output format; html is one file for a browser, sarif and codequality list the findings by file and line.",
    ),
]
AllowRemovals = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-removals",
        metavar="NAME=N",
        help="Allow up to N removals of a kind even beyond its limit, for example users=3. Repeatable.",
    ),
]
AllowSelf = Annotated[
    bool, typer.Option("--allow-self", help="Allow changes to the caller's own user, role or groups' policies.")
]
DetailedExitcode = Annotated[bool, typer.Option("--detailed-exitcode", help="Exit 2 if there are changes.")]
ShowCommands = Annotated[bool, typer.Option("--show-commands", help="List the calls as AWS CLI commands as well.")]
AllowTransition = Annotated[
    bool,
    typer.Option(
        "--allow-transition",
        help="Allow temporary policies on users that only deny, where no order of the other calls is safe.",
    ),
]
BaseTree = Annotated[
    Path | None,
    typer.Option(
        "--base",
        metavar="DIR",
        help="The manifests before this change. Their guard rails apply as well; loosening one is refused.",
    ),
]
AllowLoosening = Annotated[
    bool, typer.Option("--allow-loosening", help="Allow settings that are looser than those of --base.")
]
Credentials = Annotated[
    CredentialReads,
    typer.Option(
        "--credentials",
        help="How to read passwords, keys and MFA devices; exact reads them user by user, however many there are.",
    ),
]


Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation; required without a terminal.")]
ExpectDigest = Annotated[
    str | None,
    typer.Option(
        "--expect-digest",
        metavar="sha256:...",
        help="Apply only the plan with this digest; exit 5 if it is another.",
        show_default=False,
    ),
]
SaveTo = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Save the plan to FILE as well, for apply --plan.", show_default=False),
]
SavedPlan = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Apply only the plan that 'plan --out FILE' saved; exit 5 and show what changed if it is another.",
        show_default=False,
    ),
]
RunId = Annotated[
    str | None,
    typer.Option("--run", metavar="ID", help="Remove the lock if this run holds it.", show_default=False),
]
OnlyDue = Annotated[
    bool,
    typer.Option(
        "--due",
        "--only-expired",
        help="Apply only what is due: ends and beginnings that have passed, and keys whose wait is over.",
    ),
]
AllFindings = Annotated[
    bool, typer.Option("--all-findings", help="Show existing findings in full, not one line for each rule.")
]
Access = Annotated[
    AccessDetail,
    typer.Option("--access", help="How much to show of who gains and loses access; none does not work it out."),
]
SandboxNow = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="Use this time instead of the current time; only with --sandbox.",
        show_default=False,
    ),
]
Parallel = Annotated[
    int,
    typer.Option(
        "--parallel",
        min=1,
        max=32,
        metavar="N",
        help="Calls under way at the same time; never two to one user, group or policy.",
    ),
]
Patience = Annotated[
    str,
    typer.Option(
        "--patience",
        metavar="DURATION",
        help="How long to repeat a call that AWS throttles or that needs something not visible yet: 90s, 2m, 1h.",
    ),
]
ShowCalls = Annotated[bool, typer.Option("--show-calls", help="List the AWS calls in order.")]


def source_options(
    profile: str | None,
    region: str | None,
    snapshot: Path | None,
    sandbox: Path | None,
    credentials: CredentialReads,
) -> Any:
    """Return where a command reads the live account."""
    from iamctl.source.open import SourceOptions

    return SourceOptions(profile, region, snapshot, sandbox, credentials.value)
