"""A plan as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.kinds import Membership
from iamctl.model import Change, Plan, Resource
from iamctl.model.affected import Affected
from iamctl.report.words import membership_terms, reason_text, terms_texts
from iamctl.text.moment import to_the_second


def plan_json(plan: Plan, version: str, access: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the plan in the format ``iamctl-plan/1`` (``schemas/plan.schema.json``), and what it changes of access."""
    counts = Counter(change.action.value for change in plan.changes)
    severities = Counter(finding.severity.value for finding in plan.findings)
    return {
        "format": "iamctl-plan/1",
        "iamctl_version": version,
        "created_at": to_the_second(plan.created_at),
        "account": {"id": plan.account.id, "name": plan.account.name, "partition": plan.account.partition},
        "plan_digest": plan.plan_digest,
        "manifest_digest": plan.manifest_digest,
        "live_fingerprint": plan.live_fingerprint,
        "settings_compared": plan.settings_compared,
        "manifests_compared": plan.manifests_compared,
        "credentials_as_of": to_the_second(plan.credentials_as_of) if plan.credentials_as_of else None,
        "truncated": False,
        "summary": {
            "create": counts["create"],
            "update": counts["update"],
            "delete": counts["delete"],
            "calls": len(plan.calls),
            "ignored": sum(count for _, count in plan.ignored),
            "unmanaged": len(plan.undeclared),
            "refused": severities["refuse"],
            "warnings": severities["warn"],
            "risks": len(plan.risks),
        },
        "changes": [
            _change_json(change, calls, plan.affected.get(change.address))
            for change, calls in zip(plan.changes, plan.calls_of, strict=True)
        ],
        "access": access,
        "declared_changes": [change.to_json() for change in plan.declared_changes],
        "access_unchanged": [str(address) for address in plan.access_unchanged],
        "access_unproved": [str(address) for address in plan.access_unproved],
        "cosmetic": [str(address) for address in plan.cosmetic],
        "calls": [call.to_json() for call in plan.calls],
        "approve": [str(approval) for approval in plan.approve],
        "upcoming": [one.to_json() for one in plan.upcoming],
        "findings": [finding.to_json() for finding in plan.findings],
    }


def _change_json(change: Change, calls: tuple[int, ...], affected: Affected | None) -> dict[str, Any]:
    origin = change.after.origin if change.after else None
    return {
        "address": str(change.address),
        "kind": change.address.kind,
        "action": change.action.value,
        "before": change.before.to_json() if change.before else None,
        "after": change.after.to_json() if change.after else None,
        "fields": list(change.fields),
        "reason": reason_text(change),
        "terms": [*_terms(change.after)] if change.after else [],
        "affected": affected.to_json() if affected else None,
        "origin": origin.to_json() if origin else None,
        "calls": list(calls),
    }


def _terms(resource: Resource) -> Iterator[str]:
    yield from terms_texts(resource)
    yield from membership_terms(resource) if isinstance(resource, Membership) else ()
