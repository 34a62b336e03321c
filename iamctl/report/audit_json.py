"""An audit as JSON, in the format ``iamctl-audit/1``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from iamctl.audit.judged import Judgement, Verdict
from iamctl.audit.outcome import Failing, Value
from iamctl.model.settings import Acceptance
from iamctl.report.audit import Audit, accepted_until, audit_sections, audit_table
from iamctl.report.audit_words import failing_text, undecided_texts
from iamctl.report.blocks import Report
from iamctl.text.moment import to_the_second


def audit_report(audit: Audit, version: str) -> Report:
    """Return the report of an audit."""
    return Report(
        _audit_json(audit, version),
        tuple(audit_sections(audit)),
        audit_table(audit),
        marker=f"iamctl-audit {audit.account.name}",
        noun="audit",
    )


def _audit_json(audit: Audit, version: str) -> dict[str, Any]:
    """Return the audit as data; the same account and time give the same."""
    account, counts = audit.account, audit.counts
    return {
        "format": "iamctl-audit/1",
        "iamctl_version": version,
        "created_at": _time(audit.at),
        "account": {"id": account.id, "name": account.name, "partition": account.partition},
        "taken_at": _time(audit.taken_at),
        "credentials_as_of": _time(audit.credentials_as_of),
        "framework": audit.framework.value if audit.framework else None,
        "summary": {
            "controls": len(audit.judged),
            "failed": counts[Verdict.FAIL],
            "not_evaluated": counts[Verdict.NOT_EVALUATED],
            "accepted": counts[Verdict.ACCEPTED],
            "not_applicable": counts[Verdict.NOT_APPLICABLE],
            "passed": counts[Verdict.PASS],
        },
        "controls": [_judgement_json(judgement, audit) for judgement in audit.judged],
        "unused_acceptances": [_acceptance_json(one) for one in audit.unused],
    }


def _time(at: datetime | None) -> str | None:
    return to_the_second(at) if at else None


def _judgement_json(judgement: Judgement, audit: Audit) -> dict[str, Any]:
    control = judgement.control
    return {
        "id": control.id,
        "title": control.title,
        "severity": control.weight.value,
        "verdict": judgement.verdict.value,
        "ids": {framework.value: list(numbers) for framework, numbers in control.ids.items()},
        "source": control.source,
        "failing": [_failing_json(one, judgement, audit) for one in judgement.failing],
        "accepted": [
            {
                **_failing_json(one.failing, judgement, audit),
                "until": accepted_until(one),
                "reason": one.by.reason,
            }
            for one in judgement.accepted
        ],
        "undecided": [
            {"missing": one.missing.value, "address": str(one.address) if one.address else None}
            for one in judgement.undecided
        ],
        "not_evaluated": list(undecided_texts(judgement.undecided, audit.unread)),
    }


def _failing_json(failing: Failing, judgement: Judgement, audit: Audit) -> dict[str, Any]:
    origin = audit.origin(failing)
    return {
        "address": str(failing.address) if failing.address else None,
        "fact": failing.fact.value if failing.fact else None,
        "values": {name: _value(value) for name, value in failing.values.items()},
        "message": failing_text(judgement.control, failing, audit.at),
        "cure": audit.cure(failing) or None,
        "declared": not audit.is_undeclared(failing),
        "origin": origin.to_json() if origin else None,
    }


def _value(value: Value) -> Any:
    if isinstance(value, datetime):
        return _time(value)
    return list(value) if isinstance(value, tuple) else value


def _acceptance_json(one: Acceptance) -> dict[str, Any]:
    return {
        "control": one.control,
        "address": str(one.address) if one.address else None,
        "until": _time(one.until),
        "reason": one.reason,
        "origin": one.origin.to_json() if one.origin else None,
    }
