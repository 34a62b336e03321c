"""Checks a review that people have filled in: complete, unaltered, and with totals that add up."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from iamctl.text.late_dataclass import dataclass

FIXED = (
    "key",
    "change",
    "user",
    "user_id",
    "group",
    "owner",
    "created",
    "console",
    "last_sign_in",
    "mfa",
    "access_keys",
    "groups",
    "administrator",
    "ways_up",
    "services",
    "until",
    "reason",
    "declared",
)
"""The columns that iamctl fills in."""

DECIDED = ("decision", "reviewer", "decided_on", "ticket")
"""The columns that reviewers fill in."""

POPULATION = "population"
"""The line of the head with the digest of the rows."""


class Decision(StrEnum):
    """What a reviewer decides about a row."""

    KEEP = "keep"
    CHANGE = "change"
    REVOKE = "revoke"
    DEFER = "defer"
    EXCEPT = "except"


class Problem(StrEnum):
    """What is wrong with a row."""

    NO_DECISION = "no-decision"
    UNKNOWN_DECISION = "unknown-decision"
    NO_REVIEWER = "no-reviewer"
    NO_DATE = "no-date"
    NO_TICKET = "no-ticket"


Row = Mapping[str, str]


@dataclass(frozen=True)
class Reviewed:
    """A review as a file has it."""

    head: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def is_unaltered(self) -> bool:
        """Whether the columns that iamctl fills in are as they were."""
        return self.head.get(POPULATION) == digest(self.rows)

    @property
    def problems(self) -> tuple[tuple[Row, Problem], ...]:
        """What is missing, row by row."""
        return tuple((row, problem) for row in self.rows for problem in _problems(row))

    @property
    def totals(self) -> Mapping[Decision, int]:
        """How many rows have which decision; without problems they add up to the number of rows."""
        found = Counter(row.get("decision", "").strip().lower() for row in self.rows)
        return {decision: found[decision.value] for decision in Decision}

    @property
    def revoked(self) -> tuple[Row, ...]:
        """The rows that are to be revoked."""
        return tuple(row for row in self.rows if row.get("decision", "").strip().lower() == Decision.REVOKE.value)


def digest(rows: Iterable[Row]) -> str:
    """Return the digest of the columns that iamctl fills in; an apostrophe before a formula does not count."""
    cells = [[row.get(column, "").lstrip("'") for column in FIXED] for row in rows]
    return f"sha256:{hashlib.sha256(json.dumps(cells, ensure_ascii=True).encode()).hexdigest()}"


def reviewed(lines: Sequence[Sequence[str]]) -> Reviewed | None:
    """Return the review in the lines of a file: the head, an empty line, the columns, the rows; None for another file."""
    for number, cells in enumerate(lines):
        if tuple(cells[: len(FIXED)]) == FIXED:
            head = {line[0]: line[1] for line in lines[:number] if len(line) > 1}
            rows = tuple(dict(zip(cells, line, strict=False)) for line in lines[number + 1 :] if any(line))
            return Reviewed(head, rows)
    return None


def changes(rows: Iterable[Row], previous: Reviewed) -> Iterator[str]:
    """Yield ``new``, ``changed`` or ``same`` for each row, compared with an earlier review."""
    before = {row["key"]: row for row in previous.rows}
    compared = [column for column in FIXED if column not in {"change", "last_sign_in", "access_keys"}]
    for row in rows:
        old = before.get(row["key"])
        is_same = old is not None and all(old.get(column, "") == row[column] for column in compared)
        yield "new" if old is None else "same" if is_same else "changed"


def _problems(row: Row) -> Iterator[Problem]:
    told = {column: row.get(column, "").strip() for column in DECIDED}
    if not told["decision"]:
        yield Problem.NO_DECISION
        return
    if told["decision"].lower() not in {decision.value for decision in Decision}:
        yield Problem.UNKNOWN_DECISION
    if not told["reviewer"]:
        yield Problem.NO_REVIEWER
    if not told["decided_on"]:
        yield Problem.NO_DATE
    if told["decision"].lower() == Decision.REVOKE.value and not told["ticket"]:
        yield Problem.NO_TICKET
