"""A report as an Excel workbook in which every cell is text; and the cells of a workbook that people have filled in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from iamctl.model import IamctlError
from iamctl.report.blocks import Line, Report, line
from iamctl.text.visible import visible

MAGIC = b"PK\x03\x04"
"""What a workbook begins with: it is a ZIP archive."""

_SHEET = "review"
_MOST_UNPACKED = 256 * 2**20
"""Bytes of all parts of a workbook together; a small archive can hold far more than fits into memory."""

_MOST_CHARACTERS = 32_767
"""https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3"""

_TEXT = 49
"""The number of the built-in format for text.

https://learn.microsoft.com/en-us/dotnet/api/documentformat.openxml.spreadsheet.numberingformat
"""

_WIDEST = 40
"""Characters of the widest column."""

_INSTALL = "Excel workbooks need XlsxWriter and python-calamine; install iamctl with the extra 'review', or use CSV"


def render_xlsx(report: Report) -> bytes:
    """Return the report's table as a workbook, with its head above the columns.

    Every cell is text, so that no spreadsheet runs one as a formula or rewrites a date. Only the cells of the columns
    that people fill in can be edited.

    Raises:
        IamctlError: XlsxWriter is not installed, or a text is longer than a cell can be.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise IamctlError(_INSTALL) from error
    if report.table is None:
        raise ValueError("this report has no table")
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    _write(workbook, report)
    workbook.close()
    return file.getvalue()


def _write(workbook: Any, report: Report) -> None:
    table = report.table
    assert table is not None
    sheet = workbook.add_worksheet(_SHEET)
    text = {"num_format": _TEXT, "quote_prefix": True}
    fixed, free, bold = (workbook.add_format(one) for one in (text, {**text, "locked": False}, {"bold": True}))
    formats = [free if column in table.to_fill else fixed for column in table.columns]
    for row, (name, value) in enumerate(table.head):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, _cell(line(value)), fixed)
    top = len(table.head) + 1 if table.head else 0
    widths = [len(column) for column in table.columns]
    for place, column in enumerate(table.columns):
        sheet.write_string(top, place, column, bold)
    for row, cells in enumerate(table.rows, top + 1):
        for place, told in enumerate(map(_cell, cells)):
            sheet.write_string(row, place, told, formats[place])
            widths[place] = max(widths[place], len(told))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width + 2, _WIDEST))
    last = top + len(table.rows)
    for column, choices in table.to_fill.items():
        place, allowed = table.columns.index(column), {"validate": "list", "source": list(choices)}
        if choices and table.rows:
            sheet.data_validation(top + 1, place, last, place, allowed)
    sheet.freeze_panes(top + 1, 1)
    sheet.autofilter(top, 0, last, len(table.columns) - 1)
    sheet.protect("", {"autofilter": True, "format_columns": True})


def _cell(cell: Line) -> str:
    text = visible("".join(span.text for span in cell.spans))
    if len(text) > _MOST_CHARACTERS:
        raise IamctlError(f"a cell of a workbook has at most {_MOST_CHARACTERS:,} characters; use --format csv")
    return text


def workbook_sheets(data: bytes) -> Iterator[list[list[str]]]:
    """Yield the cells of each sheet as text, in rows; a formula counts as what it shows.

    Raises:
        IamctlError: python-calamine is not installed, or it is not a workbook that it can read.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise IamctlError(_INSTALL) from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
                raise IamctlError("the workbook is larger than 256 MiB when unpacked")
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            rows: Sequence[Sequence[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield [list(map(_text, row)) for row in rows]
    except (zipfile.BadZipFile, CalamineError, ValueError) as error:
        raise IamctlError(f"the workbook cannot be read ({error})") from error


def _text(value: Any) -> str:
    """Return what a cell shows; a number that somebody typed has no decimals unless it needs them."""
    match value:
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.hour == value.minute == value.second == 0:
            return f"{value:%Y-%m-%d}"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
