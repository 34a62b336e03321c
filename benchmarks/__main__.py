"""``python -m benchmarks``: measure, print, and write the tables into ``docs/performance.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import measure
from benchmarks.ordering_cases import CASES
from benchmarks.tables import Results, tables

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- Written by make bench. -->", "<!-- End of what make bench writes. -->"


def main() -> None:
    starts = measure.starts()
    _tell(f"starts: {starts}")
    works = []
    for users in measure.SIZES:
        for work in measure.works(users):
            _tell(f"{users} users, {work.name}: {work.cost.cpu_seconds:.2f} s, {work.cost.call_count} calls")
            works.append(work)
    orderings = {case: measure.ordering(case, 60) for case in CASES}
    results = Results(starts, tuple(works), orderings, measure.missed_share())
    text = tables(results)
    sys.stdout.write(text)
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
