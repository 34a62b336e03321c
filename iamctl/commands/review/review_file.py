"""Reads a review that people have filled in."""

from __future__ import annotations

import csv
from pathlib import Path

from iamctl.comparison.reviewed import Reviewed, reviewed
from iamctl.model import IamctlError
from iamctl.render.csv import plain_cell


def review_in(file: Path) -> Reviewed:
    """Return the review in a CSV file.

    Raises:
        IamctlError: it cannot be read, or is another file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = [[plain_cell(cell) for cell in row] for row in csv.reader(text, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise IamctlError(f"{file}: the review cannot be read ({error}); save it as CSV in UTF-8") from error
    found = reviewed(lines)
    if found is None:
        raise IamctlError(f"{file}: not a review; create one with 'iamctl review export'")
    return found
