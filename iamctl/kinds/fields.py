"""The fields that entries of several kinds have in common, as a manifest writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iamctl.model import Writes


def path_field(path: str, writing: Writes) -> dict[str, Any]:
    """Return the path, or nothing for the path that IAM gives by default."""
    return {} if path == "/" else {"path": writing.text(path)}


def tags_field(tags: Mapping[str, str], writing: Writes) -> dict[str, Any]:
    """Return the tags by key, or nothing where there are none."""
    ordered = {key: writing.text(tags[key]) for key in sorted(tags, key=lambda key: (key.lower(), key))}
    return {"tags": ordered} if ordered else {}
