"""Printing: results to stdout, errors to stderr, colour and the width of the terminal only on a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO

from iamctl.model import Finding, Severity
from iamctl.model.failures import UsageError
from iamctl.render import BINARY_FORMATS, FORMATS
from iamctl.report.blocks import Report
from iamctl.text.counted import counted

if TYPE_CHECKING:
    from rich.text import Text

HANGING = 3
"""How many steps farther in a line goes on that is wider than the terminal: farther than what stands below it."""

_COLOURS = {
    "create": "green",
    "update": "yellow",
    "delete": "red",
    "refuse": "bold red",
    "warn": "yellow",
    "info": "cyan",
    "dim": "dim",
    "quiet": "dim",
    "strong": "bold",
}


def show(report: Report, output: str) -> None:
    """Print the report to stdout in one of the formats of ``iamctl.render``.

    Raises:
        UsageError: the format is not text, and stdout is a terminal.
    """
    if output in BINARY_FORMATS:
        _show_bytes(BINARY_FORMATS[output](report), output)
    elif output == "text" and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        _show_on_terminal(report)
    else:
        sys.stdout.write(FORMATS[output](report))
    sys.stdout.flush()


def _show_bytes(data: bytes, output: str) -> None:
    if sys.stdout.isatty():
        raise UsageError(f"a terminal cannot show {output}; write it to a file, for example with > review.{output}")
    sys.stdout.buffer.write(data)


def show_findings(findings: Iterable[Finding]) -> None:
    """Print what is wrong with the manifests to stderr, one line each."""
    from iamctl.render.text import render_text
    from iamctl.report.findings import finding_sections

    told = tuple(findings)
    for section in finding_sections(told):
        sys.stderr.write(render_text(Report({}, (section,))))
    errors = sum(finding.severity is Severity.ERROR for finding in told)
    sys.stderr.write(f"\n{counted(errors, 'error')}.\n")


def note(text: str) -> None:
    """Print a line for whoever watches, to stderr."""
    from iamctl.text.visible import visible

    sys.stderr.write(f"{visible(text)}\n")


def is_colourful(stream: TextIO) -> bool:
    """Tell whether ``stream`` is a terminal that takes colour; a non-empty NO_COLOR says no.

    https://no-color.org
    """
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show_on_terminal(report: Report) -> None:
    """Print the report as wide as the terminal is, with colour where it is wanted."""
    from rich.console import Console
    from rich.text import Text

    from iamctl.render.text import INDENT, text_lines

    console = Console(
        file=sys.stdout,
        color_system="auto" if is_colourful(sys.stdout) else None,
        highlight=False,
        soft_wrap=True,
        markup=False,
        emoji=False,
    )
    for entry in text_lines(report):
        text = Text.assemble(*((span.text, _COLOURS.get(span.style, "")) for span in entry.spans))
        width = sys.maxsize if entry.is_to_copy else console.width
        margin, hanging = INDENT * entry.indent, INDENT * HANGING
        for number, part in enumerate(_broken(text, width - len(margin), len(hanging))):
            console.print(Text(margin + hanging if number else margin) + part)


def _broken(text: Text, width: int, hanging: int) -> Iterator[Text]:
    """Yield a line in parts that are no wider than the terminal, each after the first ``hanging`` columns farther in.

    A word is never broken: an ARN or a password in two parts could not be copied.
    """
    from rich.cells import cell_len

    begins, free = [], width
    for word in re.finditer(r"\S+\s*", text.plain):
        needed = cell_len(word[0].rstrip())
        if needed > free and word.start():
            begins.append(word.start())
            free = width - hanging
        free -= cell_len(word[0])
    for part in text.divide(begins) if begins else (text,):
        part.rstrip()
        yield part
