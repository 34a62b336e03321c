"""The evidence for an access review: when each revocation was merged and applied, or why that is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from iamctl.comparison.evidence import NamedRun
from iamctl.comparison.reviewed import POPULATION, Reviewed
from iamctl.model import OutcomeStatus
from iamctl.model.evidence import Applied, Commit, Evidence, Merged, NotApplied, NotMerged
from iamctl.report.blocks import Line, Report, Section, Span, Style, Table, line
from iamctl.report.review import revocation_text
from iamctl.text.counted import counted
from iamctl.text.visible import visible

COLUMNS = (
    "key",
    "ticket",
    "reviewer",
    "decided_on",
    "merged",
    "merge",
    "merged_at",
    "commit",
    "author",
    "authored_at",
    "merge_note",
    "applied",
    "call",
    "applied_at",
    "journal",
    "apply_note",
)
"""The columns of the evidence as a table."""

_NOT_MERGED: Mapping[NotMerged, str] = {
    NotMerged.NO_HISTORY: "the history of the manifests cannot be read",
    NotMerged.UNREADABLE: "the manifests of the newest commit have errors or lack the account; see iamctl validate",
    NotMerged.STILL_DECLARED: "the manifests still declare it",
    NotMerged.NOT_LISTED: "the manifests never declared this user, and 'removed' does not list them",
    NotMerged.NOT_NEEDED: "no merge is needed: the manifests never declared it, so an apply removes it",
    NotMerged.ALREADY_ABSENT: (
        "the manifests of the review did not declare it either: it has ended, or an earlier merge removed it"
    ),
}
_NOT_APPLIED: Mapping[NotApplied, str] = {
    NotApplied.NO_JOURNAL: "there is no journal of this account since the review; name the folder with --journal",
    NotApplied.NO_CALL: "no journal has a call that removes it",
    NotApplied.FAILED: "the call failed",
    NotApplied.UNKNOWN: "the outcome of the call is unknown",
    NotApplied.UNDONE: "a later call gave it back",
}
_SHORT_ID = 12


def evidence_report(review: Reviewed, name: str, found: Sequence[Evidence], runs: Sequence[NamedRun]) -> Report:
    """Return what is known of each revocation of a review, as text and as a table."""
    head = {
        "account": review.head.get("account", ""),
        "account id": review.head.get("account id", ""),
        "review made at": review.head.get("made at", ""),
        POPULATION: review.head.get(POPULATION, ""),
        "journals": str(len(runs)),
    }
    sections = [Section(f"Evidence for review {name} of {head['account']}", tuple(_refusals(review)))]
    sections += [Section(revocation_text(str(one.address), one.ticket), tuple(_lines(one))) for one in found]
    sections.append(Section("", tuple(_summary(found, runs))))
    rows = tuple(tuple(line(_cells(one)[column]) for column in COLUMNS) for one in found)
    return Report(_json(head, review, found), tuple(sections), Table(COLUMNS, rows, head=tuple(head.items())))


def _refusals(review: Reviewed) -> Iterator[Line]:
    if not review.is_unaltered or review.problems:
        yield line(Span("the review is altered or incomplete; see iamctl review check", "refuse"), indent=1)


def _lines(one: Evidence) -> Iterator[Line]:
    merged, applied = one.merged, one.applied
    is_merged = merged.merge is not None or merged.why is NotMerged.NOT_NEEDED
    yield line(Span("merged: "), Span(_merged_text(merged), _style(is_known=is_merged)), indent=1)
    is_applied = applied.call is not None and applied.why is None
    yield line(Span("applied: "), Span(_applied_text(applied), _style(is_known=is_applied)), indent=1)


def _style(*, is_known: bool) -> Style:
    return "" if is_known else "warn"


def _merged_text(merged: Merged) -> str:
    if merged.merge is None:
        return _merge_note(merged)
    note = f"; {_merge_note(merged)}" if merged.unread else ""
    if merged.change is None or merged.change == merged.merge:
        return f"{_commit_text(merged.merge)}{note}"
    return f"{_commit_text(merged.change)}, merged {_time(merged.merge.committed_at)} {_id_text(merged.merge)}{note}"


def _commit_text(commit: Commit) -> str:
    return f'{_time(commit.authored_at)} by {commit.author} {_id_text(commit)} "{commit.subject}"'


def _id_text(commit: Commit) -> str:
    return f"in commit {commit.id[:_SHORT_ID]}"


def _merge_note(merged: Merged) -> str:
    if merged.why is None:
        if not merged.unread:
            return ""
        return (
            f"the manifests of {counted(merged.unread, 'commit')} before it cannot be read, and may have had it first"
        )
    more = f" ({merged.reason})" if merged.reason else f" at {merged.place}" if merged.place else ""
    return f"{_NOT_MERGED[merged.why]}{more}"


def _applied_text(applied: Applied) -> str:
    call = applied.call
    if call is None:
        return _apply_note(applied)
    told = f"{_time(call.at)} {call.operation} in journal {call.journal}"
    note = _apply_note(applied)
    return f"{note}: {told}" if applied.why else f"{told}; {note}" if note else told


def _apply_note(applied: Applied) -> str:
    call = applied.call
    if applied.why is None:
        return "it was already gone" if call and call.status is OutcomeStatus.ALREADY_GONE else ""
    error = f" ({call.error})" if call and call.error else ""
    return f"{_NOT_APPLIED[applied.why]}{error}"


def _summary(found: Sequence[Evidence], runs: Sequence[NamedRun]) -> Iterator[Line]:
    merged = sum(one.merged.merge is not None or one.merged.why is NotMerged.NOT_NEEDED for one in found)
    applied = sum(one.applied.call is not None and one.applied.why is None for one in found)
    told = f"{counted(len(found), 'revocation')}: {merged} merged, {applied} applied"
    yield line(Span(told, "strong"))
    if damaged := sum(bool(one.run.damaged) for one in runs):
        yield line(Span(f"{counted(damaged, 'journal')} cannot be read in full; see iamctl journal", "warn"))


def _cells(one: Evidence) -> Mapping[str, str]:
    """Return the row of a revocation; a column that does not apply is empty."""
    merge, change, call = one.merged.merge, one.merged.change, one.applied.call
    is_not_needed = one.merged.why is NotMerged.NOT_NEEDED
    cells = {
        "key": str(one.address),
        "ticket": one.ticket,
        "reviewer": one.reviewer,
        "decided_on": one.decided_on,
        "merged": "yes" if merge else "not needed" if is_not_needed else "not found",
        "merge": merge.id if merge else "",
        "merged_at": _time(merge.committed_at) if merge else "",
        "commit": change.id if change else "",
        "author": change.author if change else "",
        "authored_at": _time(change.authored_at) if change else "",
        "merge_note": _merge_note(one.merged),
        "applied": "yes" if call and one.applied.why is None else "not found",
        "call": call.operation if call else "",
        "applied_at": _time(call.at) if call else "",
        "journal": call.journal if call else "",
        "apply_note": _apply_note(one.applied),
    }
    return {column: visible(text) for column, text in cells.items()}


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(head: Mapping[str, str], review: Reviewed, found: Sequence[Evidence]) -> dict[str, Any]:
    return {
        "format": "iamctl-review-evidence/1",
        "head": dict(head),
        "is_unaltered": review.is_unaltered,
        "is_complete": not review.problems,
        "revocations": [
            {
                **_cells(one),
                "why_not_merged": one.merged.why.value if one.merged.why else None,
                "why_not_applied": one.applied.why.value if one.applied.why else None,
            }
            for one in found
        ],
    }
