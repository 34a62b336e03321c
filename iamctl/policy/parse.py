"""JSON text of policy documents: strict reading with positions, and writing without white space."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from json.encoder import encode_basestring
from typing import Any

from iamctl.text.late_pattern import late_pattern

MAX_CHARACTERS = 131_072
"""IAM takes no longer policy document, counted with white space.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""

MAX_DEPTH = 32
"""Objects and lists inside each other; a policy needs six. Our own limit, against documents made to exhaust a parser."""

Path = tuple[str | int, ...]
Place = tuple[int, int]

_TOKEN = late_pattern(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+|"', re.DOTALL)
_SURROGATE = late_pattern("[\ud800-\udfff]")


class DocumentError(ValueError):
    """A text that is not a JSON policy document; ``line`` and ``column`` count from 1, ``path`` leads to the value."""

    def __init__(self, message: str, line: int = 1, column: int = 1, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.path = path


class JsonNumber(str):
    """A JSON number as it is written, so that no digit is lost in a float."""

    __slots__ = ()


def parse(text: str) -> Any:
    """Return the data of a JSON text; numbers are ``JsonNumber``.

    Refused is what parsers disagree about: repeated keys, NaN and Infinity, half surrogates, text after the end.

    Raises:
        DocumentError: the text is not strict JSON, longer than ``MAX_CHARACTERS`` or deeper than ``MAX_DEPTH``.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(f"the document has {len(text)} characters; IAM allows at most {MAX_CHARACTERS}")
    if text.startswith("\ufeff"):
        raise DocumentError("the document begins with a byte order mark; save it as UTF-8 without one")
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=partial(_object, text),
            parse_constant=partial(_refuse_constant, text),
            parse_float=JsonNumber,
            parse_int=JsonNumber,
        )
    except json.JSONDecodeError as error:
        raise DocumentError(_plain_message(error), error.lineno, error.colno) from error


def positions(text: str) -> dict[Path, Place]:
    """Return line and column of every value of a JSON text, by its path; of a member, where its key stands."""
    found: dict[Path, Place] = {}
    for path, offset in _walk(text):
        found.setdefault(path, _place(text, offset))
    return found


def minified(data: Any) -> str:
    """Return JSON without white space around values: keys in their order, characters beyond ASCII as they are."""
    text = _written(data)
    return text if text.isascii() else _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _written(data: Any) -> str:
    kind = type(data)
    if kind is str:
        return encode_basestring(data)
    if kind is dict:
        return "{" + ",".join([f"{encode_basestring(str(key))}:{_written(data[key])}" for key in data]) + "}"
    if kind is list:
        return "[" + ",".join([_written(item) for item in data]) + "]"
    return str(data) if kind is JsonNumber else json.dumps(data)


def _object(text: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse_repeated_key(text)
    return members


def _refuse_repeated_key(text: str) -> None:
    seen: set[Path] = set()
    for path, offset in _walk(text):
        if path in seen:
            raise DocumentError(f"duplicate key {path[-1]!r}; keep one", *_place(text, offset), path)
        seen.add(path)


def _refuse_constant(text: str, name: str) -> Any:
    for token in _TOKEN.finditer(text):
        if token[0] == name:
            raise DocumentError(f"{name} is not valid JSON; write a number or a string", *_place(text, token.start()))
    raise DocumentError(f"{name} is not valid JSON; write a number or a string")


def _refuse_depth(text: str) -> None:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                message = f"objects and lists are nested more than {MAX_DEPTH} levels deep"
                raise DocumentError(message, *_place(text, token.start()))
        elif token[0] in "]}":
            depth -= 1


def _walk(text: str) -> Iterator[tuple[Path, int]]:
    """Yield path and offset of every value of a text that is JSON apart from repeated keys."""
    path: list[str | int] = []
    in_object: list[bool] = []
    key_expected = False
    yield (), 0
    for token in _TOKEN.finditer(text):
        word, offset = token[0], token.start()
        if key_expected and word[0] == '"':
            path[-1] = json.loads(word, strict=False)
            key_expected = False
            yield tuple(path), offset
            continue
        if word in "]}":
            path.pop()
            in_object.pop()
            continue
        if word == ",":
            key_expected = in_object[-1]
            if not key_expected:
                path[-1] = _next_index(path[-1])
            continue
        if word == ":":
            continue
        if in_object and not in_object[-1]:
            yield tuple(path), offset
        if word in "[{":
            in_object.append(word == "{")
            key_expected = in_object[-1]
            path.append("" if key_expected else 0)


def _next_index(index: str | int) -> int:
    assert isinstance(index, int)
    return index + 1


def _place(text: str, offset: int) -> Place:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _plain_message(error: json.JSONDecodeError) -> str:
    rest, before = error.doc[error.pos :].lstrip(), error.doc[: error.pos].rstrip()
    if not error.doc.strip():
        return "the document is empty; a policy document must be a JSON object"
    for text in (rest, rest[1:].lstrip() if rest[:1] == "," else ""):
        if text.startswith(("//", "/*", "#")):
            return "JSON does not allow comments; remove them"
    if (before.endswith(",") and rest[:1] in {"]", "}"}) or re.match(r",\s*[\]}]", rest):
        return "there is a comma before the closing bracket; remove it"
    if rest.startswith("'"):
        return "JSON requires double quotes around strings"
    if not rest:
        return "the JSON is incomplete; a bracket or a quote is not closed"
    for test, message in _MESSAGES:
        if test(error.msg):
            return message
    return f"this is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def _begins(prefix: str) -> Callable[[str], bool]:
    return lambda message: message.startswith(prefix)


_MESSAGES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (_begins("Expecting ',' delimiter"), "a comma or a closing bracket is missing before this"),
    (_begins("Expecting ':' delimiter"), "a colon is missing after the key"),
    (_begins("Expecting property name"), "a key in double quotes is missing here"),
    (_begins("Expecting value"), "this is not a JSON value; strings need double quotes"),
    (_begins("Extra data"), "there is content after the end of the JSON; remove it"),
    (_begins("Unterminated string"), "a double quote is not closed"),
    (_begins("Invalid control character"), "a string contains a line break or control character; write it as \\n"),
    (_begins("Invalid \\"), "a backslash is followed by a character that JSON cannot escape; write two backslashes"),
)
