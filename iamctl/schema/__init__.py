"""JSON Schemas of what iamctl writes: plans, snapshots, findings, drift, audits, reviews, memberships, assertions, runs over many accounts and the results of apply."""

from __future__ import annotations

from iamctl.schema.access import access_check_schema
from iamctl.schema.audit import audit_schema
from iamctl.schema.discovery import discovery_schema
from iamctl.schema.files import restore_schema, saved_plan_schema, snapshot_schema
from iamctl.schema.fleet import fleet_result_schema, fleet_schema
from iamctl.schema.questions import access_diff_schema, access_explain_schema, access_who_can_schema
from iamctl.schema.results import apply_schema, drift_schema, findings_schema, members_schema, plan_schema, run_schema
from iamctl.schema.review import review_check_schema, review_evidence_schema, review_schema
from iamctl.schema.usage import usage_schema

__all__ = [
    "access_check_schema",
    "access_diff_schema",
    "access_explain_schema",
    "access_who_can_schema",
    "apply_schema",
    "audit_schema",
    "discovery_schema",
    "drift_schema",
    "findings_schema",
    "fleet_result_schema",
    "fleet_schema",
    "members_schema",
    "plan_schema",
    "restore_schema",
    "review_check_schema",
    "review_evidence_schema",
    "review_schema",
    "run_schema",
    "saved_plan_schema",
    "snapshot_schema",
    "usage_schema",
]
