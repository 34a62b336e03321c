"""``iamctl review check``: check what reviewers filled in."""

from __future__ import annotations

from pathlib import Path

from iamctl.commands.review.review_file import review_in
from iamctl.report.review import check_report
from iamctl.terminal.show import show


def check(file: Path, *, output: str) -> int:
    """Print whether a review is complete and unaltered; return 3 when it is not, else 0."""
    found = review_in(file)
    show(check_report(found, file.name), output)
    return 0 if found.is_unaltered and not found.problems else 3
