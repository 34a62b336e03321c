"""The JSON Schema of a discovery."""

from __future__ import annotations

from typing import Any

from iamctl.comparison.organization import AccountChangeKind
from iamctl.report.discovery import DISCOVERY_FORMAT
from iamctl.schema.parts import DRAFT, TEXT, format_of, object_of

_YES_OR_NO = {"type": "boolean"}


def discovery_schema() -> dict[str, Any]:
    """Return the schema of the format ``iamctl-discovery/1``, which ``fleet discover`` prints."""
    account = {
        "change": {"enum": [kind.value for kind in AccountChangeKind], "description": "What changed."},
        "id": {**TEXT, "description": "The account id."},
        "name": {**TEXT, "description": "The name of the account; it is text from outside."},
        "ou": {**TEXT, "description": "The names of its organizational units from the root."},
        "state": {**TEXT, "description": "Its state in the words of Organizations."},
    }
    sides = {
        "tags": {"type": "object", "additionalProperties": TEXT, "description": "Its tags, if they were read."},
        "before": {**TEXT, "description": "The old name, path, state or tags."},
        "after": {**TEXT, "description": "The new name, path, state or tags."},
    }
    change = object_of(account)
    body = {
        "format": format_of(DISCOVERY_FORMAT),
        "iamctl_version": {**TEXT, "description": "The version that discovered."},
        "accounts_file": {**TEXT, "description": "The file, relative to iamctl.yaml."},
        "differs": {**_YES_OR_NO, "description": "Whether the file had other content than the organization."},
        "written": {**_YES_OR_NO, "description": "Whether the file was written."},
        "accounts": {"type": "integer", "minimum": 0, "description": "How many accounts the file has now."},
        "changes": {
            "type": "array",
            "items": {**change, "properties": {**account, **sides}},
            "description": "What changed since the file was written.",
        },
    }
    return {"$schema": DRAFT, "title": "Accounts of an organization", **object_of(body)}
