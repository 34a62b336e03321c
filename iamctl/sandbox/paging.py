"""Listings in pages: ``MaxItems``, ``Marker`` and ``IsTruncated``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.iam.exceptions import ValidationError

DEFAULT_ITEMS = 100
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html"""

MARK = "iamctl-sandbox"


def page(request: Any, items: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the items that ``request`` asks for, and the ``IsTruncated`` and ``Marker`` of its answer.

    Raises:
        ValidationError: the marker is none that this listing gave.
    """
    everything = list(items)
    marker = request.param("Marker")
    start, after_empty = position(marker, request.querystring["Action"][0], len(everything))
    size = request.param("MaxItems") or DEFAULT_ITEMS
    if request.account.short_pages is not None:
        size = min(size, request.account.short_pages)
        if not after_empty and start < len(everything):
            return [], {"IsTruncated": True, "Marker": f"{MARK}/{request.querystring['Action'][0]}/{start}/go"}
    end = start + size
    if end >= len(everything):
        return everything[start:], {"IsTruncated": False}
    return everything[start:end], {
        "IsTruncated": True,
        "Marker": f"{MARK}/{request.querystring['Action'][0]}/{end}/",
    }


def position(marker: str | None, operation: str, total: int) -> tuple[int, bool]:
    """Return where a page starts, and whether the page before it was an empty one."""
    if marker is None:
        return 0, False
    parts = marker.split("/")
    if len(parts) != 4 or parts[:2] != [MARK, operation] or not parts[2].isdecimal() or int(parts[2]) > total:
        raise ValidationError("Invalid Marker.")
    return int(parts[2]), parts[3] == "go"
