"""Findings as SARIF 2.1.0, for code scanning on GitHub and for editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from iamctl.model import Severity
from iamctl.render.json import json_text
from iamctl.report.blocks import Report
from iamctl.report.placed import Findings, PlacedFinding, RuleText, placed
from iamctl.text.counted import counted

MAX_RESULTS = 25_000
"""GitHub refuses a run of more results, and shows 5,000 of them.

https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
"""

MAX_GZIP_BYTES = 10_000_000
"""GitHub refuses a larger file.

https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/file-too-large
"""

_LEVELS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.REFUSE: "error",
    Severity.WARN: "warning",
    Severity.INFO: "note",
}

_ROOT = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """Return the report's findings as a SARIF log of one run; the heaviest where they are too many for GitHub."""
    if report.findings is None:
        raise ValueError("this report has no findings")
    found = tuple(placed(report.findings))
    count = min(len(found), MAX_RESULTS)
    while True:
        text = json_text(_log(report.findings, found[:count], left_out=len(found) - count))
        if len(text) <= MAX_GZIP_BYTES:
            return text
        size = len(gzip.compress(text.encode(), mtime=0))
        if size <= MAX_GZIP_BYTES:
            return text
        count = count * MAX_GZIP_BYTES // size * 9 // 10


def _log(findings: Findings, found: Sequence[PlacedFinding], *, left_out: int) -> dict[str, Any]:
    indexes = {rule.code: index for index, rule in enumerate(findings.rules)}
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if left_out:
        words = f"{counted(left_out, 'more finding is', 'more findings are')} left out, since GitHub takes no larger file; none of them weighs more"
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": words}}]
    run = {
        "tool": {
            "driver": {
                "name": "iamctl",
                "version": findings.version,
                "semanticVersion": findings.version,
                "rules": [_rule(rule) for rule in findings.rules],
            }
        },
        "automationDetails": {"id": f"iamctl/{findings.category}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory in which iamctl ran."}}},
        "invocations": [invocation],
        "results": [_result(one, indexes) for one in found],
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _rule(rule: RuleText) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.title},
        "help": {"text": f"{rule.title} Why: {rule.source}"},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(one: PlacedFinding, indexes: Mapping[str, int]) -> dict[str, Any]:
    finding = one.finding
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(one.path),
            "region": {"startLine": one.line, "startColumn": one.column},
        }
    }
    if finding.address:
        location["logicalLocations"] = [{"fullyQualifiedName": str(finding.address), "kind": "resource"}]
    index = {"ruleIndex": indexes[finding.rule]} if finding.rule in indexes else {}
    return {
        "ruleId": finding.rule,
        **index,
        "level": _LEVELS[finding.severity],
        "message": {"text": one.text},
        "locations": [location],
        # GitHub tells results apart by the first alone, which would otherwise be made of the line: two on one are one
        "partialFingerprints": {"primaryLocationLineHash": one.fingerprint, "iamctl/v1": one.fingerprint},
    }


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path, errors="backslashreplace")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}
