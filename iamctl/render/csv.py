"""A report as comma-separated values, of which no cell is a formula."""

from __future__ import annotations

import csv
import io

from iamctl.report.blocks import Line, Report, line
from iamctl.text.visible import visible

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell; IAM names may begin with four of them.

https://owasp.org/www-community/attacks/CSV_Injection
"""


def render_csv(report: Report) -> str:
    """Return the report's table with a header, as RFC 4180 has it but for line feeds at the ends.

    A cell that a spreadsheet would run begins with an apostrophe.
    """
    if report.table is None:
        raise ValueError("this report has no table")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if report.table.head:
        writer.writerows([*([name, _cell(line(value))] for name, value in report.table.head), []])
    writer.writerow(report.table.columns)
    writer.writerows([_cell(cell) for cell in row] for row in report.table.rows)
    return text.getvalue()


def _cell(cell: Line) -> str:
    text = "".join(span.text for span in cell.spans)
    return f"'{visible(text)}" if text.startswith(_FORMULA_STARTS) else visible(text)


def plain_cell(text: str) -> str:
    """Return the text of a cell without the apostrophe that keeps it from being a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
