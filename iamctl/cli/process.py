"""The process that runs a command line: its streams, its signals and its exit code.

The command line is imported when it runs, so that its thousands of values are made after ``collect_seldom``.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TextIO

EXIT_ERROR = 1
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the codes of the manual, whatever Typer would have chosen."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # the same bytes in every locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stderr = _heard_or_not(sys.stderr)
    collect_seldom()
    code = run_command_line(sys.argv[1:] if arguments is None else arguments)
    code = _flushed(code)
    gc.freeze()  # else the interpreter looks for garbage in all modules and values once more when it ends
    sys.exit(code)


def collect_seldom() -> None:
    """Collect garbage rarely: the values of a plan live until its end, and hardly any are cycles."""
    gc.set_threshold(1_000_000, 50, 100)


def run_command_line(arguments: list[str]) -> int:
    """Return the exit code of a command line; usage errors are 64, Ctrl-C and SIGTERM 130."""
    from iamctl.cli.app import app

    signal.signal(signal.SIGTERM, _interrupt)
    return _guarded(lambda: app(arguments, standalone_mode=False, prog_name="iamctl"))


def _guarded(run: Callable[[], Any]) -> int:
    import typer
    from typer.exceptions import TyperException

    try:
        code = run()
    except TyperException as error:
        show = getattr(error, "show", None)
        if show:
            show()
        else:
            typer.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:
        explained = _explained(error)
        if explained is None:
            raise
        return explained
    if code == EXIT_INTERRUPTED:  # Typer makes a silent exit of Ctrl-C
        typer.echo("interrupted", err=True)
    return code if isinstance(code, int) else 0


def _explained(error: Exception) -> int | None:
    """Print what an error says and return its exit code; None for an error that nobody expects.

    The model is imported here, since most command lines end without an error.
    """
    import typer

    from iamctl.model import IamctlError, ManifestError
    from iamctl.text.visible import visible

    match error:
        case ManifestError():
            _show_findings(error)
        case IamctlError():
            typer.echo(f"error: {visible(str(error))}", err=True)
        case BrokenPipeError():
            _drop_output()
        case OSError():
            _drop_output()
            place = f"{error.filename}: " if error.filename else ""
            typer.echo(f"error: {visible(f'{place}{error.strerror or error}')}", err=True)
        case _:
            return None
    return error.exit_code if isinstance(error, IamctlError) else EXIT_ERROR


class _HeardOrNot(io.FileIO):
    """Loses what nobody reads: an apply must not end in the middle since its log cannot be written."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _heard_or_not(stream: TextIO) -> TextIO:
    """Return a stream to the same file that raises nothing when it is written."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = _HeardOrNot(stream.fileno(), "w", closefd=False)
    raw.name = stream.name
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _flushed(code: int) -> int:
    """Return the exit code once all output is written, 1 in place of 0 where it cannot be."""
    try:
        sys.stdout.flush()
    except OSError as error:
        failed = _explained(error) or EXIT_ERROR
        return code or failed
    return code


def _open_closed_streams() -> None:
    """Replace the streams that the caller closed: nothing is read, nothing is shown."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _drop_output() -> None:
    """Make the interpreter's last flush silent, since the reader closed the pipe."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _show_findings(error: Any) -> None:
    from iamctl.terminal.show import show_findings

    show_findings(error.findings)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
