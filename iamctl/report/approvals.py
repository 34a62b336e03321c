"""The line that would approve what a plan is refused for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.model import Finding, Severity
from iamctl.model.approval_line import Approval
from iamctl.report.blocks import Line, Section, Span, line

_APPROVABLE = frozenset({"IAM103", "IAM123", "IAM401", "IAM410"})
"""Rules whose refusals an approval may permit."""


def approval_sections(needed: Iterable[Approval], findings: Iterable[Finding] = ()) -> Iterator[Section]:
    """Yield the line for approvals.yaml that permits exactly what is refused, and which refusals it does not permit."""
    told = ", ".join(f'"{approval}"' for approval in needed)
    if not told:
        return
    lines = [
        line(
            "This line permits exactly that, in this account. Add it to approvals.yaml for its code owners:", indent=1
        ),
        Line((Span(f"approve: [{told}]"),), indent=1, is_to_copy=True, is_whole=True),
    ]
    others = {one.rule for one in findings if one.severity in {Severity.REFUSE, Severity.ERROR}} - _APPROVABLE
    if others:
        lines.append(line(f"These refusals remain: {', '.join(sorted(others))}.", indent=1))
    yield Section("To approve", tuple(lines))
