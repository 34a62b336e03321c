"""All JSON Schemas by name: of manifests and of what iamctl writes."""

from __future__ import annotations

from typing import Any

from iamctl import formats, manifests


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas that ``iamctl schema`` prints and ``schemas/`` holds."""
    return {
        **manifests.schemas(),
        "plan": formats.plan_schema(),
        "apply": formats.apply_schema(),
        "members": formats.members_schema(),
        "findings": formats.findings_schema(),
        "drift": formats.drift_schema(),
        "restore": formats.restore_schema(),
        "snapshot": formats.snapshot_schema(),
    }
