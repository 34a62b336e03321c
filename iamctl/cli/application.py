"""Typer applications whose commands are imported and read when a command line names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info, get_command_name, get_group
from typer.models import CommandInfo

if TYPE_CHECKING:
    from iamctl.terminal.log import Verbosity

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

    def late_group(self, name: str, *, short_help: str, epilog: str, about: str = "") -> Callable[[Any], Any]:
        """Register a group by a function that returns the application with its commands; ``about`` is its help."""

        def register(found: Callable[[], App]) -> Callable[[], App]:
            late = type(_LateGroup.__name__, (_LateGroup,), {"app": staticmethod(found)})
            self.add_typer(
                App(),
                cls=late,
                name=name,
                no_args_is_help=True,
                short_help=short_help,
                help=about or short_help,
                epilog=epilog,
            )
            return found

        return register

    def _add(self, function: Callable[[], Callable[..., Any]], *args: Any, **kwargs: Any) -> None:
        reading = type(_Command.__name__, (_Command,), {"function": staticmethod(function)})
        super().command(*args, **{"cls": reading, **kwargs})(_stand_in)


def _stand_in() -> None:
    """Stand for a function that is not found yet."""
