"""Findings for tests of SARIF and Code Quality, and the schemas that the results must fit."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft4Validator, Draft202012Validator

from iamctl.model import Address, Finding, Origin, Severity
from iamctl.render import FORMATS
from iamctl.report.blocks import Report
from iamctl.report.placed import Findings, RuleText

SCHEMAS = Path(__file__).parent / "render/schemas"
RULES = (
    RuleText("IAM101", Severity.REFUSE, "A title.", "https://docs.example/101"),
    RuleText("IAM304", Severity.WARN, "Another.", "https://docs.example/304"),
)


def found(
    message="a thing is wrong", *, rule="IAM101", severity=Severity.WARN, address=None, place=("a.yaml", 3, 5), facts=()
):
    named = Address.of(*address.split("/")) if address else None
    return Finding(rule, severity, message, named, place and Origin(*place), facts)


def report(*findings, folder="iam", account_id="", category="validate"):
    return Report({}, (), findings=Findings(findings, RULES, folder, "1.2.3", category, account_id))


@cache
def _validator(name):
    kind = Draft4Validator if name.startswith("sarif") else Draft202012Validator
    return kind(json.loads((SCHEMAS / name).read_text(encoding="utf-8")), format_checker=kind.FORMAT_CHECKER)


def checked_sarif(text):
    """Return the run of a SARIF log that fits the schema of OASIS."""
    log = json.loads(text)
    _validator("sarif-2.1.0-rtm.5.json").validate(log)
    (run,) = log["runs"]
    return run


def checked_issues(text):
    """Return the issues of a Code Quality report that fits what GitLab describes."""
    issues = json.loads(text)
    _validator("codequality.schema.json").validate(issues)
    return issues


def sarif(*findings, **more):
    return checked_sarif(FORMATS["sarif"](report(*findings, **more)))


def issues(*findings, **more):
    return checked_issues(FORMATS["codequality"](report(*findings, **more)))
