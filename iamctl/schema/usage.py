"""The JSON Schema of what groups allow and what their members used."""

from __future__ import annotations

from typing import Any

from iamctl.schema.parts import (
    CREATED,
    DRAFT,
    INDEX,
    TEXT,
    TEXT_OR_NULL,
    TIME_OR_NULL,
    VERSION,
    account_of,
    format_of,
    object_of,
    rows_of,
)


def usage_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-usage/1``, which ``audit --usage`` prints."""
    service = {
        "namespace": {**TEXT, "description": "The prefix of its actions."},
        "name": {**TEXT, "description": "Its name, as AWS has it."},
        "last_used": {**TIME_OR_NULL, "description": "The last attempt of a member; null: none that AWS keeps."},
        "used_by": {**TEXT_OR_NULL, "description": "The ARN of the member who made it."},
    }
    group = {
        "group": {**TEXT, "description": "The name of the group."},
        "members": {**INDEX, "description": "How many members it has."},
        "allowed": {**INDEX, "description": "How many services its policies allow."},
        "used": {**INDEX, "description": "How many of them a member used."},
        "services": rows_of(service, "The services that its policies allow."),
        "not_evaluated": {**TEXT_OR_NULL, "description": "Why nothing is known of it; null: it is."},
    }
    body = {
        "format": format_of("iamctl-usage/1"),
        "iamctl_version": VERSION,
        "created_at": CREATED,
        "account": account_of("id", "name", "partition"),
        "tracking_days": {**INDEX, "description": "How many days AWS keeps attempts at most."},
        "calls": {**INDEX, "description": "How many calls it took, beside those that read the account."},
        "groups": rows_of(group, "The groups with members, by name."),
        "groups_without_members": {"type": "array", "items": TEXT, "description": "The other groups."},
    }
    return {"$schema": DRAFT, "title": "Services that groups allow and use", **object_of(body)}
