"""Why one request is allowed or not, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from iamctl.access.explain import Explained, Explanation, Verdict
from iamctl.model import Account
from iamctl.report.access_json import example_json, sources_json
from iamctl.report.question import question_json


def explanation_json(found: Explanation, account: Account, now: datetime, state: str, *, fits: bool) -> dict[str, Any]:
    """Return an explanation in the format ``iamctl-access-explain/1``."""
    return {
        **question_json("iamctl-access-explain/1", account, now, state),
        "person": str(found.person),
        "request": example_json(found.request),
        "is_documented": fits,
        **_verdict(found.verdict),
        "without_mfa": _verdict(found.without_mfa) if found.without_mfa else None,
        "unknown": sources_json(found.unread),
        "trust": {"role": str(found.trust[0]), "allows": found.trust[1].name.lower()} if found.trust else None,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "decision": verdict.decision.value,
        "lacking": [decision.value for decision in verdict.lacking],
        "statements": _statements(verdict.statements),
    }


def _statements(statements: Sequence[Explained]) -> list[dict[str, Any]]:
    return [
        {
            "part": one.part.value,
            **sources_json([one.source])[0],
            "effect": one.effect,
            "reach": one.reach.name.lower().replace("_", "-"),
            "resources": list(one.resources),
            "not_resource": one.is_not_resource,
            "condition": [
                {
                    "key": asked.when.key,
                    "operator": asked.when.operator,
                    "values": list(asked.when.values),
                    "request": list(asked.values) if asked.is_known else None,
                    "holds": asked.holds,
                }
                for asked in one.asked
            ],
        }
        for one in statements
    ]
