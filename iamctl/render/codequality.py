"""Findings as a Code Quality report of GitLab.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iamctl.model import Severity
from iamctl.render.json import json_text
from iamctl.report.blocks import Report
from iamctl.report.placed import PlacedFinding, placed

_SEVERITIES: Mapping[Severity, str] = {
    Severity.ERROR: "blocker",
    Severity.REFUSE: "critical",
    Severity.WARN: "minor",
    Severity.INFO: "info",
}


def render_codequality(report: Report) -> str:
    """Return the report's findings as a list of issues."""
    if report.findings is None:
        raise ValueError("this report has no findings")
    return json_text([_issue(one) for one in placed(report.findings)])


def _issue(one: PlacedFinding) -> dict[str, Any]:
    return {
        "description": one.text,
        "check_name": one.finding.rule,
        "fingerprint": one.fingerprint,
        "severity": _SEVERITIES[one.finding.severity],
        "location": {"path": one.path, "lines": {"begin": one.line}},
    }
