"""``python -m benchmarks``: measure, print, and write the tables into ``docs/performance.md``.

``python -m benchmarks accounts`` measures only trees of many accounts, and leaves the other tables as they are.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks import accounts, measure
from benchmarks.access import CASES as ACCESS_CASES
from benchmarks.applies import timed
from benchmarks.ordering_cases import CASES
from benchmarks.others import USERS
from benchmarks.tables import BARE, Results, tables
from benchmarks.terraform import compared

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- Written by make bench. -->", "<!-- End of what make bench writes. -->"
BEGIN_ACCOUNTS, END_ACCOUNTS = "<!-- Accounts, written by make bench. -->", "<!-- End of the accounts. -->"


MOST_SECONDS_OF_AN_APPLY = 300
"""On the clock, for each of those with a goal in seconds."""

MOST_SECONDS = 340
"""On the clock, for all of it; the largest apply comes last and gets what is left."""


def main() -> None:
    if sys.argv[1:] == ["accounts"]:
        _write_accounts(measure.starts()[BARE])
        return
    end = time.monotonic() + MOST_SECONDS
    starts = measure.starts()
    _tell(f"starts: {starts}")
    works = [_told(work) for users in measure.SIZES for work in measure.reads(users)]
    orderings = {case: measure.ordering(case, most_seconds=40) for case in CASES}
    _tell(f"orderings: {orderings}")
    missed_share = measure.missed_share()
    access = measure.access(ACCESS_CASES, most_seconds=40)
    _tell(f"access: {access}")
    for users in measure.SIZES:
        work = measure.fresh_apply(users, end - time.monotonic())
        if work:
            works.append(_told(work))
    applies = tuple(timed(MOST_SECONDS_OF_AN_APPLY))
    _tell(f"applies: {applies}")
    beside = compared(USERS)
    _tell(f"beside Terraform: {beside}")
    simulated = measure.simulated(most_seconds=60)
    _tell(f"simulated: {simulated}")
    results = Results(
        starts,
        tuple(sorted(works, key=lambda work: work.users)),
        orderings,
        missed_share,
        access,
        applies,
        simulated,
        beside,
    )
    text = tables(results)
    sys.stdout.write(text)
    _write(text, BEGIN, END)
    _write_accounts(starts[BARE])


def _write_accounts(bare_seconds: float) -> None:
    text = accounts.section(accounts.measured(), bare_seconds)
    sys.stdout.write(text)
    _write(text, BEGIN_ACCOUNTS, END_ACCOUNTS)


def _write(text: str, begin: str, end: str) -> None:
    """Replace what is between two lines of the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
    if begin not in page:
        page = f"{page}\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")


def _told(work: measure.Work) -> measure.Work:
    _tell(f"{work.users} users, {work.name}: {work.cost.cpu_seconds:.2f} s, {work.cost.call_count} calls")
    return work


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
