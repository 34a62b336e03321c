"""The JSON Schemas of manifests and settings, assembled from the kinds, and their validators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from iamctl.kinds import KINDS, root_kinds, section_schemas, sections
from iamctl.manifests.assertion_schema import assertion_schema, assertions_schema
from iamctl.manifests.organization_schema import accounts_file_schema
from iamctl.manifests.quick_shape import surely_matches
from iamctl.manifests.settings_schema import settings_schema
from iamctl.model import Resource, Section
from iamctl.text.late_pattern import late_pattern
from iamctl.text.moment import end_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_UNTIL = late_pattern(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)

REMOVED = "removed"
"""The section that belongs to no kind: what must be gone."""

ASSERTIONS = "assertions"
"""The section of what must hold in the account, keyed by name; iamctl.yaml may have it, too."""

APPROVE = "approve"
"""The only key of approvals.yaml."""

_LONGEST_WORDS = 300


def section_names() -> tuple[str, ...]:
    """Return the names of all sections of a manifest, in the order of the kinds."""
    return *sections(), REMOVED, ASSERTIONS


def entry_schemas() -> Mapping[str, Mapping[str, Any]]:
    """Return the schema of one entry of each section that is keyed by name."""
    return _entry_schemas(KINDS.known)


@cache
def _entry_schemas(_kinds: tuple[type[Resource], ...]) -> Mapping[str, Mapping[str, Any]]:
    return section_schemas()


def file_schema() -> Mapping[str, Any]:
    """Return the schema of a whole manifest."""
    found = {name: _section(section) for name, (_, section) in sections().items()}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {**found, REMOVED: _removed(), ASSERTIONS: assertions_schema()},
        "description": "A manifest: any of its sections.",
        "examples": [{"users": {"alice": {"path": "/people/"}}, "memberships": {"developers": ["alice"]}}],
    }


def iamctl_yaml_schema() -> Mapping[str, Any]:
    """Return the schema of iamctl.yaml."""
    return _iamctl_yaml_schema(KINDS.known)


@cache
def _iamctl_yaml_schema(_kinds: tuple[type[Resource], ...]) -> Mapping[str, Any]:
    return settings_schema(deepcopy(dict(entry_schemas()["users"])))


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas by name, as editors read them: the sections, ``manifest`` and those of the other files."""
    found: dict[str, Mapping[str, Any]] = {**file_schema()["properties"]}
    found["manifest"] = file_schema()
    found["settings"] = iamctl_yaml_schema()
    found["approvals"] = approvals_schema()
    found["accounts-file"] = accounts_file_schema()
    titles = {
        "manifest": "iamctl manifest",
        "settings": "iamctl.yaml",
        "approvals": "approvals.yaml",
        "accounts-file": "accounts.lock.yaml",
    }
    return {
        name: {"$schema": DIALECT, "title": titles.get(name, f"iamctl {name}"), **_with_hints(deepcopy(dict(schema)))}
        for name, schema in found.items()
    }


def approvals_schema() -> Mapping[str, Any]:
    """Return the schema of approvals.yaml."""
    example = f"sha256:{'0123456789abcdef' * 4} 91 user policies, 30 access keys"
    line = {
        "type": "string",
        "pattern": f"^sha256:[0-9a-f]{{64}} [A-Za-z0-9][A-Za-z0-9 ,:._-]{{0,{_LONGEST_WORDS}}}$",
        "x-iamctl-message": "expected a line as a refused plan prints it: 'sha256:...' and what it approves",
        "examples": [example],
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [APPROVE],
        "properties": {
            APPROVE: {
                "type": "array",
                "items": line,
                "description": "Lines that refused plans print. Each permits exactly the removals, or the looser settings, "
                "of that plan. Delete a line once it is applied.",
                "examples": [[example]],
            }
        },
        "description": "Approvals next to iamctl.yaml; code owners of this file decide.",
        "examples": [{APPROVE: [example]}],
    }


def _removed() -> Mapping[str, Any]:
    *plurals, last = (kind.section.plural for kind in root_kinds() if kind.section)
    return {
        "type": "array",
        "items": {"type": "string", "examples": ["user/dave"]},
        "description": f"Addresses of {', '.join(plurals)} and {last} that must not exist; keep the line as the record. "
        "Also policies of users that only deny: `user-policy/USER/ARN` and `user-inline-policy/USER/NAME`.",
        "examples": [["user/dave", "group/legacy"]],
    }


def _section(section: Section) -> Mapping[str, Any]:
    entry = dict(entry_schemas()[section.name])
    if section.has_fixed_keys:
        return entry
    described = entry.pop("description")
    entry["description"] = section.entry
    return {
        "type": "object",
        "additionalProperties": entry,
        "description": described,
        "examples": [{name: example} for name, example in section.example.items()],
    }


def _with_hints(schema: Any) -> Any:
    """Return the schema with hints for editors: our messages instead of theirs, and no refused key among the choices.

    ``errorMessage`` and the other keys outside JSON Schema belong to the JSON language server of VS Code, on which
    the YAML one builds; other tools ignore them.
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
    """Return whether a text is a date or an RFC 3339 time that ``end_of`` can read."""
    if not _UNTIL.fullmatch(text):
        return False
    try:
        end_of(text)
    except (ValueError, OverflowError):
        return False
    return True


_FORMATS = {"iamctl-until": is_until}
_FEW = 100
"""So many values of a schema are looked at before its validator is compiled, which looks at them faster."""


def schema_of(name: str) -> Mapping[str, Any]:
    """Return the schema of one entry of a section, of ``removed``, or of a file that is not a manifest.

    Where a section has fixed keys, ``account/alias`` is the one of a key.
    """
    others = {
        "settings": iamctl_yaml_schema,
        "approvals": approvals_schema,
        "accounts-file": accounts_file_schema,
        REMOVED: _removed,
        ASSERTIONS: assertion_schema,
    }
    section, _, key = name.partition("/")
    found = others[name]() if name in others else entry_schemas()[section]
    return found["properties"][key] if key else found


def entry_schema_name(section: str, name: str) -> str | None:
    """Return what ``schema_of`` calls the schema of an entry; None for a key that its section does not have."""
    if not has_fixed_keys(section):
        return section
    return f"{section}/{name}" if name in fixed_keys(section) else None


def has_fixed_keys(section: str) -> bool:
    """Return whether the keys of a section are not names."""
    return section in sections() and sections()[section][1].has_fixed_keys


def fixed_keys(section: str) -> tuple[str, ...]:
    """Return the keys of a section whose keys are not names."""
    return tuple(entry_schemas()[section]["properties"])


def validator(name: str) -> Any:
    """Return the compiled validator for ``schema_of(name)``."""
    return _validator(name, KINDS.known)


@cache
def _validator(name: str, _kinds: tuple[type[Resource], ...]) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(dict(schema_of(name)), validate_formats=True, formats=_FORMATS)


class Shape:
    """The test whether values match a schema; only one that has many values, or a wrong one, is compiled."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = _FEW
        self._is_valid: Callable[[Any], bool] | None = None

    def matches(self, value: Any) -> bool:
        """Return whether a value matches."""
        if self._left:
            self._left -= 1
            if surely_matches(value, schema_of(self._name), _FORMATS):
                return True
        if self._is_valid is None:
            self._is_valid = validator(self._name).is_valid
        return self._is_valid(value)

    def problems(self, value: Any) -> Iterator[Any]:
        """Yield the mistakes in a value, as ``jsonschema_rs`` reports them."""
        if not self.matches(value):
            yield from validator(self._name).iter_errors(value)


def shape_of(name: str) -> Shape:
    """Return the test for ``schema_of(name)``."""
    return _shape_of(name, KINDS.known)


@cache
def _shape_of(name: str, _kinds: tuple[type[Resource], ...]) -> Shape:
    return Shape(name)
