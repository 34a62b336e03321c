"""The JSON Schemas of manifests and settings, put together from the kinds, and checking values against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from iamctl.kinds import section_schemas
from iamctl.manifests.settings_schema import settings_schema
from iamctl.settings import end_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SECTIONS = ("users", "groups", "memberships", "policies", "removed")

_UNTIL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)

_REMOVED: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "examples": ["user/dave"]},
    "description": "Addresses of users, groups and policies that must be gone; the line stays as the record.",
    "examples": [["user/dave", "group/legacy"]],
}


@cache
def entry_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the schema of one entry of each section that is keyed by name."""
    return section_schemas()


@cache
def file_schema() -> Mapping[str, Any]:
    """Return the schema of a whole manifest."""
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {section: _section(section) for section in SECTIONS},
        "description": "A manifest: any of the five sections.",
        "examples": [{"users": {"alice": {"path": "/people/"}}, "memberships": {"developers": ["alice"]}}],
    }


@cache
def iamctl_yaml_schema() -> Mapping[str, Any]:
    """Return the schema of iamctl.yaml."""
    return settings_schema(deepcopy(dict(entry_schemas()["users"])))


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas by name, as editors read them: the five sections, ``manifest`` and ``settings``."""
    found: dict[str, Mapping[str, Any]] = {section: _section(section) for section in SECTIONS}
    found["manifest"] = file_schema()
    found["settings"] = iamctl_yaml_schema()
    titles = {"manifest": "iamctl manifest", "settings": "iamctl.yaml"}
    return {
        name: {"$schema": DIALECT, "title": titles.get(name, f"iamctl {name}"), **_with_hints(deepcopy(dict(schema)))}
        for name, schema in found.items()
    }


def _section(section: str) -> Mapping[str, Any]:
    if section == "removed":
        return _REMOVED
    entry = dict(entry_schemas()[section])
    description = entry.pop("description", f"{section.capitalize()} by name.")
    return {"type": "object", "additionalProperties": entry, "description": description}


def _with_hints(schema: Any) -> Any:
    """Return the schema with the message of each refused key as its description, where an editor shows it."""
    if isinstance(schema, dict):
        if "x-iamctl-message" in schema and "description" not in schema:
            schema["description"] = schema["x-iamctl-message"]
        return {key: _with_hints(value) for key, value in schema.items()}
    return [_with_hints(item) for item in schema] if isinstance(schema, list) else schema


def is_until(text: str) -> bool:
    """Tell whether a text is a date or an RFC 3339 time that ``end_of`` reads."""
    if not _UNTIL.fullmatch(text):
        return False
    try:
        end_of(text)
    except (ValueError, OverflowError):
        return False
    return True


def schema_of(name: str) -> Mapping[str, Any]:
    """Return the schema of one entry of a section, of ``removed`` or of ``settings``."""
    if name == "settings":
        return iamctl_yaml_schema()
    return _REMOVED if name == "removed" else entry_schemas()[name]


@cache
def validator(name: str) -> Any:
    """Return the compiled validator for ``schema_of(name)``."""
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        dict(schema_of(name)), validate_formats=True, formats={"iamctl-until": is_until}
    )
