"""The options of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info, get_command_name, get_group
from typer.models import CommandInfo

from iamctl.cli.complete import complete_account
from iamctl.render import FindingFormat, Format, PageFormat

if TYPE_CHECKING:
    from iamctl.terminal.log import Verbosity


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

_VERBOSITIES: Mapping[Verbosity, str] = {
    "quiet": "Show no progress; print only results and errors.",
    "verbose": "Log to stderr what is read, which calls run, and why a run waits.",
    "debug": "Log each answer of AWS as well: operation, duration, status and request id, but no content.",
}


def _sets(wanted: Verbosity) -> Callable[[Any, Any, bool], None]:
    def set_it(context: Any, _option: Any, value: bool) -> None:  # noqa: FBT001 - Typer calls it so
        if value:
            from iamctl.terminal.log import set_verbosity

            set_verbosity(wanted)
            context.find_root().call_on_close(lambda: set_verbosity("normal"))

    return set_it


def _verbosity_options() -> list[TyperOption]:
    """Return the options that every command has, before or after its name; the last one on the line applies."""
    return [
        TyperOption(
            param_decls=[f"--{name}"], is_flag=True, default=False, expose_value=False, callback=_sets(name), help=text
        )
        for name, text in _VERBOSITIES.items()
    ]


class _Command(TyperCommand):
    """A command whose function is found, and its parameters read, when it runs or shows its help: one of all commands does."""

    function: ClassVar[Callable[[], Callable[..., Any]]]
    """Returns the function."""
    _is_read = False

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the context of a run, as Typer does."""
        if not self._is_read:
            info = CommandInfo(callback=type(self).function())
            read = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
            self.callback, self.params, self.help = read.callback, [*read.params, *_verbosity_options()], read.help
            self._is_read = True
        return super().make_context(*args, **kwargs)


class Commands(TyperGroup):
    """The group of all commands, which accepts their shared options as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _verbosity_options()


class _LateGroup(Commands):
    """A group whose commands are imported when one of them is wanted, or the list of all."""

    app: ClassVar[Callable[[], App]]
    """Returns the application with its commands."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self._load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def _load(self) -> None:
        self.commands = self.commands or get_group(type(self).app()).commands


class App(typer.Typer):
    """An application whose commands all have the options for verbosity.

    A function that is registered as late imports what it returns: a command line names one command of all.
    """

    def command(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """Register a command, as Typer does; its parameters are read later."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self._add(lambda: function, *(args or (get_command_name(function.__name__),)), **kwargs)
            return function

        return register

    def late_command(self, name: str, *, short_help: str, epilog: str) -> Callable[[Any], Any]:
        """Register a command by a function that returns its function."""

        def register(found: Callable[[], Callable[..., Any]]) -> Callable[[], Callable[..., Any]]:
            self._add(found, name, short_help=short_help, epilog=epilog)
            return found

        return register

    def late_group(
        self,
        name: str,
        *,
        short_help: str,
        epilog: str,
        help: str = "",  # noqa: A002 - as Typer calls it
    ) -> Callable[[Any], Any]:
        """Register a group by a function that returns the application with its commands."""

        def register(found: Callable[[], App]) -> Callable[[], App]:
            late = type(_LateGroup.__name__, (_LateGroup,), {"app": staticmethod(found)})
            self.add_typer(
                App(),
                cls=late,
                name=name,
                no_args_is_help=True,
                short_help=short_help,
                help=help or short_help,
                epilog=epilog,
            )
            return found

        return register

    def _add(self, function: Callable[[], Callable[..., Any]], *args: Any, **kwargs: Any) -> None:
        reading = type(_Command.__name__, (_Command,), {"function": staticmethod(function)})
        super().command(*args, **{"cls": reading, **kwargs})(_stand_in)


def _stand_in() -> None:
    """Stand for a function that is not found yet."""


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
