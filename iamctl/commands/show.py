"""Printing: results to stdout, errors to stderr, colour only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from iamctl.model import Finding, Severity
from iamctl.render import FORMATS
from iamctl.render.blocks import Report

_COLOURS = {
    "create": "green",
    "update": "yellow",
    "delete": "red",
    "refuse": "bold red",
    "warn": "yellow",
    "info": "cyan",
    "dim": "dim",
    "strong": "bold",
}


def show(report: Report, output: str) -> None:
    """Print the report to stdout in one of ``iamctl.render.FORMATS``."""
    if output == "text" and is_colourful(sys.stdout):
        _show_coloured(report)
    else:
        sys.stdout.write(FORMATS[output](report))
    sys.stdout.flush()


def show_findings(findings: Iterable[Finding]) -> None:
    """Print what is wrong with the manifests to stderr, one line each."""
    from iamctl.finding_blocks import finding_sections
    from iamctl.render.text import render_text

    told = tuple(findings)
    for section in finding_sections(told):
        sys.stderr.write(render_text(Report({}, (section,))))
    errors = sum(finding.severity is Severity.ERROR for finding in told)
    sys.stderr.write(f"\n{errors} {'error' if errors == 1 else 'errors'}.\n")


def note(text: str) -> None:
    """Print a line for whoever watches, to stderr."""
    from iamctl.render.visible import visible

    sys.stderr.write(f"{visible(text)}\n")


def is_colourful(stream: TextIO) -> bool:
    """Tell whether ``stream`` is a terminal that takes colour; a non-empty NO_COLOR says no.

    https://no-color.org
    """
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _show_coloured(report: Report) -> None:
    from rich.console import Console
    from rich.text import Text

    from iamctl.render.text import text_lines

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, markup=False, emoji=False)
    for spans in text_lines(report):
        console.print(Text.assemble(*((span.text, _COLOURS.get(span.style, "")) for span in spans)))
