"""Renderers: pure functions from a report to text; a new format is its file and its line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from importlib import import_module
from typing import Literal

from iamctl.report.blocks import Report

NEEDS: Mapping[str, Literal["", "table", "findings"]] = {
    "text": "",
    "json": "",
    "markdown": "",
    "csv": "table",
    "sarif": "findings",
    "codequality": "findings",
}
"""What a report must have for a format beside data and sections. The format ``x`` is ``render_x`` in ``x.py``."""


def _render(name: str, report: Report) -> str:
    """Return a report in the format ``name``, whose module is imported now: only one of them is ever used."""
    return str(getattr(import_module(f"{__name__}.{name}"), f"render_{name}")(report))


FORMATS: Mapping[str, Callable[[Report], str]] = {name: partial(_render, name) for name in NEEDS}


def _names(*needs: str) -> Iterator[tuple[str, str]]:
    return ((name.upper(), name) for name, need in NEEDS.items() if need in needs and name != "text")


class Format(StrEnum):
    """How every result can be printed."""

    TEXT = "text"
    vars().update(_names(""))


class TableFormat(StrEnum):
    """How a result that is a table, too, can be printed."""

    TEXT = "text"
    vars().update(_names("", "table"))


class FindingFormat(StrEnum):
    """How a result that has findings can be printed."""

    TEXT = "text"
    vars().update(_names("", "findings"))
