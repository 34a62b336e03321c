"""Reads a review that people have filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from iamctl.comparison.reviewed import Reviewed, reviewed
from iamctl.model import IamctlError
from iamctl.render.csv import plain_cell
from iamctl.render.xlsx import MAGIC, workbook_sheets


def review_in(file: Path) -> Reviewed:
    """Return the review in a CSV file or an Excel workbook.

    Raises:
        IamctlError: it cannot be read, or is another file.
    """
    try:
        data = file.read_bytes()
        found = next(filter(None, map(reviewed, _tables(data))), None)
    except OSError as error:
        raise IamctlError(f"{file}: the review cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise IamctlError(
            f"{file}: the review cannot be read ({error}); save it as CSV in UTF-8, or as xlsx"
        ) from error
    except IamctlError as error:
        raise IamctlError(f"{file}: {error}") from error
    if found is None:
        raise IamctlError(f"{file}: not a review; create one with 'iamctl review export'")
    return found


def _tables(data: bytes) -> Iterator[list[list[str]]]:
    if data.startswith(MAGIC):
        yield from workbook_sheets(data)
    else:
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        yield [[plain_cell(cell) for cell in row] for row in csv.reader(text, strict=True)]
