"""Reports values that do not match their schema in plain words, with their places; rule IAM002."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from iamctl.manifests.node import Path, Places
from iamctl.manifests.other_tools import meant_word
from iamctl.manifests.schema import schema_of, shape_of
from iamctl.model import Address, Finding, Severity
from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import did_you_mean, either

RULE = "IAM002"

_TYPES = {
    "string": "text",
    "object": "a mapping",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
}
_WITH_OWN_WORDS = frozenset(
    {"pattern", "const", "minimum", "maximum", "minProperties", "maxProperties", "minLength", "propertyNames", "not"}
)
"""Keywords whose message is the ``x-iamctl-message`` next to them."""


@dataclass(frozen=True)
class Subject:
    """What a value belongs to: its name in messages (``user 'alice'``), its address and the places of its parts."""

    words: str
    places: Places
    address: Address | None = None
    of_manifests: Collection[str] = ()
    """The keys that belong at the top of a manifest instead."""


def shape_findings(name: str, value: Any, subject: Subject) -> Iterator[Finding]:
    """Yield how a typed value does not match the schema called ``name``; two keywords may give the same finding."""
    for problem in shape_of(name).problems(value):
        path, keyword = tuple(problem.instance_path), problem.kind.name
        beside = _beside(schema_of(name), problem.schema_path, keyword)
        for message, key in _messages(problem, path, beside, subject):
            on_key = keyword in {"additionalProperties", "propertyNames", "not"}
            place = subject.places.key((*path, *key)) if on_key else _place(subject.places, (*path, *key))
            yield Finding(beside.get("x-iamctl-rule", RULE), Severity.ERROR, message, subject.address, place)


def _place(places: Places, path: Path) -> Any:
    while path and path not in places:
        path = path[:-1]
    return places[path]


def _beside(schema: Any, schema_path: list[str | int], keyword: str) -> Mapping[str, Any]:
    """Return the part of the schema that contains the keyword."""
    steps = list(schema_path)
    while steps and steps.pop() != keyword:
        pass
    for step in steps:
        schema = schema[step]
    return schema if isinstance(schema, Mapping) else {}


def _messages(problem: Any, path: Path, beside: Mapping[str, Any], subject: Subject) -> Iterator[tuple[str, Path]]:
    """Yield each message, and the key or number of what it is about if that is not the value itself."""
    keyword, kind = problem.kind.name, problem.kind
    if keyword == "additionalProperties":
        for key in kind.unexpected:
            if not path and key in subject.of_manifests:
                yield f"{key!r} is a section of manifests; move it to another file of the folder", (key,)
            else:
                yield f"unknown key {key!r}{_in(path, subject)}{meant_word(key, _welcome(beside))}", (key,)
    elif keyword == "uniqueItems":
        entries = problem.instance
        for number in (number for number, entry in enumerate(entries) if entry in entries[:number]):
            yield f"duplicate entry {entries[number]!r}{_in(path, subject)}; keep one", (number,)
    elif keyword == "required":
        yield f"{kind.property!r} is missing{_as(path, subject)}", ()
    elif keyword == "propertyNames":
        key = kind.error.instance
        yield f"invalid key {key!r}{_in(path, subject)}; {beside.get('x-iamctl-message', 'rename it')}", (key,)
    elif "x-iamctl-message" in beside and (
        keyword in _WITH_OWN_WORDS
        or (keyword == "type" and "const" in beside)
        or (keyword in {"type", "enum"} and "enum" in beside and not isinstance(problem.instance, str))
    ):
        yield _own_words(keyword, path, beside, subject), ()
    else:
        yield f"{_expected(problem, beside)}{_as(path, subject)}{_found(problem)}", ()


def _own_words(keyword: str, path: Path, beside: Mapping[str, Any], subject: Subject) -> str:
    message: str = beside["x-iamctl-message"]
    names = _names(path)
    label = repr(names) if names else subject.words
    return message if keyword == "not" or not label else f"{label}: {message}"


def _welcome(beside: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, schema in beside.get("properties", {}).items() if "not" not in schema)


def _expected(problem: Any, beside: Mapping[str, Any]) -> str:
    keyword, kind = problem.kind.name, problem.kind
    if keyword == "type":
        types = [_TYPES.get(name, name) for name in kind.types if name != "null"]
        return f"expected {' or '.join(types)}"
    if keyword == "enum":
        return f"expected {either(map(str, kind.options))}"
    if keyword == "format":
        return "expected a date (for example 2026-12-31) or a time (for example 2026-12-31T18:00:00Z)"
    if keyword in {"minItems", "minProperties", "minLength"}:
        return "expected at least one entry" if keyword != "minLength" else "expected text"
    if keyword == "maxLength":
        return f"expected at most {beside[keyword]} characters"
    if keyword in {"minimum", "maximum"}:
        return f"expected a number that is {'at least' if keyword == 'minimum' else 'at most'} {beside[keyword]}"
    return "the value does not match the schema"


def _found(problem: Any) -> str:
    keyword, value = problem.kind.name, problem.instance
    if keyword == "enum" and isinstance(value, str):
        return f", found {value!r}{did_you_mean(value, map(str, problem.kind.options))}"
    if keyword == "format":
        return f", found {value!r}" if value else ", found nothing"
    if keyword == "type":
        return f", found {_kind_of(value)}"
    if keyword == "maxLength":
        return f", found {len(value):,}"
    return ", found none" if keyword in {"minItems", "minProperties"} else ""


def _kind_of(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"the number {value}"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text"


def _in(path: Path, subject: Subject) -> str:
    names = _names(path)
    if names and subject.words:
        return f" in {names!r} of {subject.words}"
    if names:
        return f" in {names!r}"
    return f" of {subject.words}" if subject.words else ""


def _as(path: Path, subject: Subject) -> str:
    names = _names(path)
    if names and subject.words:
        return f" for {names!r} of {subject.words}"
    if names:
        return f" for {names!r}"
    return f" for {subject.words}" if subject.words else ""


def _names(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))
