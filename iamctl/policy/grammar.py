"""IAM's grammar of identity policies: finds what IAM would refuse to store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iamctl.policy.condition_grammar import condition_errors
from iamctl.policy.normalized import DOCUMENT_ELEMENTS, EFFECTS, STATEMENT_ELEMENTS, VERSIONS
from iamctl.policy.parse import JsonNumber, Path
from iamctl.policy.resource_pattern import resource_error
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import nearest

_IDENTITY_ELEMENTS = tuple(element for element in STATEMENT_ELEMENTS if "Principal" not in element)
_REFUSED_CHARACTER = late_pattern("[^\u0009\u000a\u000d\u0020-\u00ff]")
_SID = late_pattern("[A-Za-z0-9]*")
_VENDOR = late_pattern(r"[A-Za-z0-9.-]+")
_ACTION_NAME = late_pattern(r"[A-Za-z0-9*?_.-]+")


@dataclass(frozen=True)
class GrammarError:
    """One thing that IAM refuses; ``path`` leads to it, as in ``("Statement", 0, "Effect")``."""

    path: Path
    message: str


def grammar_errors(data: Any) -> tuple[GrammarError, ...]:
    """Return what IAM refuses in ``data`` as an inline policy, all of it.

    Unknown services, actions and condition keys are accepted by IAM and are no errors here, nor is a document without
    Version, in which policy variables are plain text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    return tuple(GrammarError(path, message) for path, message in _document_errors(data))


def managed_grammar_errors(data: Any) -> tuple[GrammarError, ...]:
    """Return what IAM refuses in ``data`` as a managed policy: it wants the Version of 2012 there.

    The error of CreatePolicy is "Policy document must be version 2012-10-17 or greater".
    """
    errors = grammar_errors(data)
    if not isinstance(data, dict):
        return errors
    if "Version" not in data:
        return GrammarError((), f'Version is missing; add "Version": {_quoted(VERSIONS[1])}'), *errors
    if data["Version"] == VERSIONS[0]:
        message = f"a managed policy needs Version {VERSIONS[1]!r}, not {VERSIONS[0]!r}"
        return GrammarError(("Version",), message), *errors
    return errors


Found = Iterator[tuple[Path, str]]


def _document_errors(data: Any) -> Found:
    if not isinstance(data, dict):
        yield (), f"a policy document must be an object with Version and Statement, not {_type(data)}"
        return
    yield from _element_errors((), data, DOCUMENT_ELEMENTS, "a policy document")
    if not _is_plain(data):
        yield from _character_errors((), data)
    yield from _version_errors(data)
    if "Id" in data and not _is_text(data["Id"]):
        yield ("Id",), f"Id must be a string, not {_type(data['Id'])}"
    if "Statement" not in data:
        yield (), "Statement is missing"
        return
    statement = data["Statement"]
    if isinstance(statement, dict):
        yield from _statement_errors(("Statement",), statement)
    elif not isinstance(statement, list):
        yield ("Statement",), f"Statement must be a list of statements, not {_type(statement)}"
    elif not statement:
        yield ("Statement",), "Statement is empty; a policy needs at least one statement"
    else:
        for index, block in enumerate(statement):
            yield from _statement_errors(("Statement", index), block)
        yield from _sid_repetitions(statement)


def _version_errors(data: Mapping[str, Any]) -> Found:
    if "Version" in data and data["Version"] not in VERSIONS:
        yield ("Version",), f"Version must be {VERSIONS[1]!r}, not {data['Version']!r}"


def _element_errors(path: Path, block: Mapping[str, Any], known: tuple[str, ...], owner: str) -> Found:
    for element in block:
        if element not in known:
            yield (*path, element), f"{element!r} is not an element of {owner}; {suggestion(str(element), known)}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the way out for an unknown word: the nearest known one, or all of them."""
    words = tuple(known)
    near = nearest(word, words)
    return f"did you mean {near!r}?" if near else f"known: {', '.join(words)}"


def _is_plain(value: Any) -> bool:
    """Return whether all texts are printable ASCII, which is seen sooner than where another character is."""
    if isinstance(value, str):
        return value.isascii() and value.isprintable()
    if isinstance(value, dict):
        for key, member in value.items():
            if not (_is_plain(str(key)) and _is_plain(member)):
                return False
    elif isinstance(value, list):
        for item in value:
            if not _is_plain(item):
                return False
    return True


def _character_errors(path: Path, value: Any) -> Found:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""
    if isinstance(value, str):
        refused = _REFUSED_CHARACTER.search(value)
        if refused:
            code = f"U+{ord(refused[0]):04X}"
            yield path, f"IAM does not allow the character {code} in a policy; use characters up to U+00FF"
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _character_errors((*path, key), str(key))
            yield from _character_errors((*path, key), member)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _character_errors((*path, index), item)


def _statement_errors(path: Path, block: Any) -> Found:
    if not isinstance(block, dict):
        yield path, f"a statement must be an object, not {_type(block)}"
        return
    for element in ("Principal", "NotPrincipal"):
        if element in block:
            message = f"{element} is not allowed in an identity policy; remove it: the policy applies to the identity that it is attached to"
            yield (*path, element), message
    others = {element: value for element, value in block.items() if element not in {"Principal", "NotPrincipal"}}
    yield from _element_errors(path, others, _IDENTITY_ELEMENTS, "a statement")
    yield from _sid_errors(path, block)
    yield from _effect_errors(path, block)
    yield from _list_errors(path, block, "Action")
    yield from _list_errors(path, block, "Resource")
    if "Condition" in block:
        yield from condition_errors((*path, "Condition"), block["Condition"])


def _sid_errors(path: Path, block: Mapping[str, Any]) -> Found:
    sid = block.get("Sid", "")
    if not _is_text(sid):
        yield (*path, "Sid"), f"Sid must be a string, not {_type(sid)}"
    elif not _SID.fullmatch(sid):
        yield (*path, "Sid"), f"Sid {sid!r} may contain only the letters A-Z and a-z and digits"


def _sid_repetitions(statements: list[Any]) -> Found:
    first: dict[str, int] = {}
    for index, block in enumerate(statements):
        sid = block.get("Sid") if isinstance(block, dict) else None
        if not isinstance(sid, str) or not sid:
            continue
        if first.setdefault(sid, index) != index:
            place = first[sid] + 1
            yield ("Statement", index, "Sid"), f"Sid {sid!r} is also used by statement {place}; make each Sid unique"


def _effect_errors(path: Path, block: Mapping[str, Any]) -> Found:
    if "Effect" not in block:
        yield path, 'Effect is missing; add "Effect": "Allow" or "Deny"'
    elif block["Effect"] not in EFFECTS:
        effect = block["Effect"]
        if isinstance(effect, str) and effect.capitalize() in EFFECTS:
            yield (*path, "Effect"), f"Effect is case-sensitive; write {effect.capitalize()!r}, not {effect!r}"
        else:
            yield (*path, "Effect"), f"Effect must be 'Allow' or 'Deny', not {effect!r}"


def _list_errors(path: Path, block: Mapping[str, Any], element: str) -> Found:
    present = [name for name in (element, f"Not{element}") if name in block]
    if not present:
        yield path, f"{element} is missing; add {element} or Not{element}"
    if len(present) == 2:
        yield (*path, present[1]), f"a statement must have either {present[0]} or {present[1]}, not both"
    check = action_error if element == "Action" else resource_error
    for name in present:
        values = block[name]
        if isinstance(values, list) and not values:
            yield (*path, name), f"{name} is an empty list; a statement needs at least one {element.lower()}"
        items = enumerate(values) if isinstance(values, list) else [(None, values)]
        for index, value in items:
            place = (*path, name) if index is None else (*path, name, index)
            message = (
                check(value)
                if _is_text(value)
                else f"{name} must be a string or a flat list of strings, not {_type(value)}"
            )
            if message:
                yield place, message


def action_error(action: str) -> str | None:
    """Return why IAM refuses ``action`` in a policy, or None; unknown services and actions pass.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    if action == "*":
        return None
    vendor, colon, name = action.partition(":")
    if not colon:
        return f"{action!r} has no service prefix; write it as 's3:GetObject'"
    if ":" in name:
        return f"{action!r} has more than one colon; write service:name"
    if vendor != "*" and not _VENDOR.fullmatch(vendor):
        return f"{vendor!r} in {action!r} is not a service prefix; use letters, digits, '-' and '.'"
    if not _ACTION_NAME.fullmatch(name):
        return f"{name!r} in {action!r} is not an action name; use letters, digits and the wildcards '*' and '?'"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, JsonNumber)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (JsonNumber, int, float)):
        return f"the number {value}"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "a string"
