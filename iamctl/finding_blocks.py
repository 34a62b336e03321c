"""What is to be said about findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iamctl.model import Finding, Severity
from iamctl.render.blocks import Line, Report, Section, Span, Style, line

REFUSED = "Refused"

_MARKS: Mapping[Severity, tuple[str, Style]] = {
    Severity.ERROR: ("error", "refuse"),
    Severity.REFUSE: ("refused", "refuse"),
    Severity.WARN: ("warning", "warn"),
    Severity.INFO: ("info", "info"),
}


def findings_report(findings: Sequence[Finding], summary: str) -> Report:
    """Return the report of what was found in manifests."""
    data = {"format": "iamctl-findings/1", "findings": [finding.to_json() for finding in findings]}
    return Report(data, (*finding_sections(findings), Section("", (line(summary),))))


def finding_sections(findings: Sequence[Finding]) -> list[Section]:
    """Return what stops first, then what warns, then what informs."""
    titles = {
        Severity.ERROR: "Errors",
        Severity.REFUSE: REFUSED,
        Severity.WARN: "Warnings",
        Severity.INFO: "To know",
    }
    found = []
    for severity, title in titles.items():
        lines = tuple(finding_line(finding) for finding in findings if finding.severity is severity)
        if lines:
            found.append(Section(title, lines, is_detail=severity in {Severity.WARN, Severity.INFO}))
    return found


def finding_line(finding: Finding) -> Line:
    """Return one line: where, which rule, about what, and what to do."""
    mark, style = _MARKS[finding.severity]
    parts: list[Span] = [Span(f"{finding.origin}: ")] if finding.origin else []
    parts.append(Span(f"{mark}: ", style))
    if finding.address and str(finding.address) not in finding.message:
        parts.append(Span(f"{finding.address}: "))
    parts += [Span(finding.message), Span(f" ({finding.rule})", "dim")]
    return line(*parts, indent=1)
