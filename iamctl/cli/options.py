"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from iamctl.render import FindingFormat, Format
from iamctl.terminal.volume import Volume, set_volume


class CredentialReads(StrEnum):
    """How passwords, keys and devices are read."""

    AUTO = "auto"
    EXACT = "exact"


class CiSystem(StrEnum):
    """What iamctl can write CI files for."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


Tree = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="The manifest tree; left out: . or iam/ when only that holds an iamctl.yaml."),
]
AccountName = Annotated[str | None, typer.Option("--account", metavar="NAME", help="The account of iamctl.yaml.")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="The AWS profile to use.")]
Region = Annotated[str | None, typer.Option("--region", metavar="NAME", help="The AWS region; tells the partition.")]
Snapshot = Annotated[
    Path | None, typer.Option("--snapshot", metavar="FILE", help="Read the live state from a saved snapshot.")
]
Sandbox = Annotated[
    Path | None,
    typer.Option("--sandbox", metavar="FILE", help="Run against an embedded IAM, loaded from FILE and saved to it."),
]
Now = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="The clock: a date or an RFC 3339 time.", show_default=False)
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How the result is printed.")]
FindingOutput = Annotated[
    FindingFormat,
    typer.Option("--format", help="How the result is printed; sarif and codequality: the findings, on lines of files."),
]
AllowRemovals = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-removals",
        metavar="NAME=N",
        help="Permit up to N removals beyond a limit, such as users=3. Repeatable.",
    ),
]
AllowSelf = Annotated[
    bool, typer.Option("--allow-self", help="Permit changes to the caller's own user, groups' policies or role.")
]
BaseTree = Annotated[
    Path | None,
    typer.Option(
        "--base",
        metavar="DIR",
        help="The manifest tree as it was: its guard rails hold, too, and may not be loosened.",
    ),
]
AllowLoosening = Annotated[
    bool, typer.Option("--allow-loosening", help="Permit settings that are looser than those of --base.")
]
Credentials = Annotated[
    CredentialReads, typer.Option("--credentials", help="exact: read passwords, keys and devices of every user.")
]


def _says(wanted: Volume) -> Callable[[Any, Any, bool], None]:
    def says(_context: Any, _option: Any, value: bool) -> None:  # noqa: FBT001 - Typer calls it so
        if value:
            set_volume(wanted)

    return says


def _volumes() -> list[TyperOption]:
    """Return the options that every command has, before or after its name; the last one said holds."""
    texts = {
        Volume.QUIET: "No progress: print only results and errors.",
        Volume.VERBOSE: "Say on stderr what is read, which calls run and why a run waits.",
        Volume.DEBUG: "Say on stderr each answer of AWS, too: operation, time, outcome and request id, and no content.",
    }
    return [
        TyperOption(
            param_decls=[f"--{wanted.name.lower()}"],
            is_flag=True,
            default=False,
            expose_value=False,
            callback=_says(wanted),
            help=text,
        )
        for wanted, text in texts.items()
    ]


class _Command(TyperCommand):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _volumes()


class Commands(TyperGroup):
    """The group of all commands, which takes the options that they share, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _volumes()


class App(typer.Typer):
    """An application whose commands all say as much as they are asked to."""

    def command(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """Register a command, as Typer does."""
        return super().command(*args, **{"cls": _Command, **kwargs})
