"""The JSON Schemas of manifests and settings, put together from the kinds, and checking values against them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from iamctl.kinds import section_schemas
from iamctl.manifests.settings_schema import settings_schema
from iamctl.model.settings import end_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SECTIONS = ("users", "groups", "memberships", "policies", "removed")

_UNTIL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)

_REMOVED: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "examples": ["user/dave"]},
    "description": "Addresses of users, groups and policies that must be gone; the line stays as the record.",
    "examples": [["user/dave", "group/legacy"]],
}

_ENTRIES: Mapping[str, str] = {
    "users": "One user; its name is the key.",
    "groups": "One group; its name is the key.",
    "memberships": "All members of one group; its name is the key, and `[]` is nobody.",
    "policies": "One customer-managed policy; its name is the key.",
}

_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "users": {"alice": {"path": "/people/", "tags": {"team": "payments"}}},
    "groups": {"developers": {"policies": ["deploy-payments", "aws:ReadOnlyAccess"]}},
    "memberships": {"developers": ["alice", {"user": "bob", "until": "2026-12-31"}]},
    "policies": {"deploy-payments": {"file": "policies/deploy.json"}},
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
    described = entry.pop("description")
    entry["description"] = _ENTRIES[section]
    return {
        "type": "object",
        "additionalProperties": entry,
        "description": described,
        "examples": [{name: example} for name, example in _EXAMPLES[section].items()],
    }


def _with_hints(schema: Any) -> Any:
    """Return the schema with what editors show: our messages in place of theirs, and no refused key among the choices.

    ``errorMessage`` and what else is not of JSON Schema are words of the language server for JSON of VS Code, on which
    that for YAML builds; all others pass over them.
    """
    if isinstance(schema, dict):
        hints: dict[str, Any] = {}
        if message := schema.get("x-iamctl-message"):
            hints = {"description": message, "patternErrorMessage" if "pattern" in schema else "errorMessage": message}
            if schema.get("not") == {}:
                hints |= {"deprecationMessage": message, "doNotSuggest": True}
        return {**hints, **{key: _with_hints(value) for key, value in schema.items()}}
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
