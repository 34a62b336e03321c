"""All JSON Schemas by name: of manifests and of what iamctl writes."""

from __future__ import annotations

from typing import Any

from iamctl import manifests, schema


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas that ``iamctl schema`` prints and ``schemas/`` holds."""
    return {
        **manifests.schemas(),
        "plan": schema.plan_schema(),
        "apply": schema.apply_schema(),
        "members": schema.members_schema(),
        "findings": schema.findings_schema(),
        "drift": schema.drift_schema(),
        "restore": schema.restore_schema(),
        "snapshot": schema.snapshot_schema(),
    }
