"""The JSON Schema of who made a difference."""

from __future__ import annotations

from typing import Any

from iamctl.model.deed import ActorKind, Unfound
from iamctl.schema.parts import TEXT, TEXT_OR_NULL, TIME_OR_NULL, object_of


def actor_of() -> dict[str, Any]:
    """Return the schema of an actor; null where nobody asked for it."""
    found = {
        "why": {
            "enum": [*(why.value for why in Unfound), None],
            "description": "Why the actor is unknown; null: it is known.",
        },
        "reason": {**TEXT, "description": "Why a look-up failed."},
        "kind": {"enum": [*(kind.value for kind in ActorKind), None], "description": "What sort of identity it was."},
        "name": {**TEXT_OR_NULL, "description": "The name of the user or role."},
        "session": {**TEXT_OR_NULL, "description": "The name of the session of a role."},
        "source_identity": {**TEXT_OR_NULL, "description": "The source identity of the session."},
        "operation": {**TEXT_OR_NULL, "description": "The recorded call."},
        "at": {**TIME_OR_NULL, "description": "When it was made."},
        "source_address": {**TEXT_OR_NULL, "description": "The network address or service that it came from."},
        "event_id": {**TEXT_OR_NULL, "description": "The id of the event in CloudTrail."},
        "is_of_iamctl": {"type": "boolean", "description": "Whether an apply of iamctl made it."},
    }
    described = "Who made the difference (drift --actor); null: --actor was not given, or a date that passed or a merge caused it."
    return {**object_of(found), "type": ["object", "null"], "description": described}
