"""``iamctl schema``: print a JSON Schema."""

from __future__ import annotations

import json
import sys
from typing import Any

from iamctl import manifests
from iamctl import schema as formats
from iamctl.model.failures import UsageError


def schema(name: str | None) -> int:
    """Print one schema, or the names of all."""
    schemas = all_schemas()
    if name is None:
        sys.stdout.write("".join(f"{known}\n" for known in sorted(schemas)))
        return 0
    if name not in schemas:
        raise UsageError(f"unknown schema {name!r}; use one of {', '.join(sorted(schemas))}")
    sys.stdout.write(json.dumps(schemas[name], indent=2, ensure_ascii=True) + "\n")
    return 0


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas that ``iamctl schema`` prints and ``schemas/`` holds, of manifests and of output, by name."""
    return {
        **manifests.schemas(),
        "plan": formats.plan_schema(),
        "saved-plan": formats.saved_plan_schema(),
        "apply": formats.apply_schema(),
        "members": formats.members_schema(),
        "findings": formats.findings_schema(),
        "drift": formats.drift_schema(),
        "fleet": formats.fleet_schema(),
        "fleet-result": formats.fleet_result_schema(),
        "discovery": formats.discovery_schema(),
        "audit": formats.audit_schema(),
        "usage": formats.usage_schema(),
        "access-check": formats.access_check_schema(),
        "access-diff": formats.access_diff_schema(),
        "access-explain": formats.access_explain_schema(),
        "access-who-can": formats.access_who_can_schema(),
        "review": formats.review_schema(),
        "review-check": formats.review_check_schema(),
        "review-evidence": formats.review_evidence_schema(),
        "run": formats.run_schema(),
        "restore": formats.restore_schema(),
        "snapshot": formats.snapshot_schema(),
    }
