"""Writes YAML that the loader reads back as the same text, with every character visible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamctl.manifests.characters import hidden_character
from iamctl.text.late_pattern import late_pattern

_PLAIN = late_pattern(r"[A-Za-z/_]([A-Za-z0-9/_.,@+=: -]*[A-Za-z0-9/_.,@+=-])?")
_NOT_TEXT_ELSEWHERE = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What other YAML readers do not read as text: https://yaml.org/type/"""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def scalar(text: str) -> str:
    """Return ``text`` as a YAML scalar: plain if it is unambiguous, otherwise in double quotes."""
    if _PLAIN.fullmatch(text) and ": " not in text and text.lower() not in _NOT_TEXT_ELSEWHERE:
        return text
    return f'"{"".join(_ESCAPES.get(character) or _seen(character) for character in text)}"'


def comment(text: str) -> str:
    """Return a comment that stays on one line, whatever the text."""
    return f"# {''.join(map(_seen, text))}"


def without_variables(text: str) -> str:
    """Return a text for a manifest value, in which two braces do not begin a variable."""
    return text.replace("{{", "{{{{")


def block(value: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """Yield the lines of a mapping in block style; its values are mappings, lists, texts, numbers, booleans or None."""
    for key, below in value.items():
        yield from _entry(" " * indent + f"{scalar(key)}:", below, indent)


def _entry(start: str, value: Any, indent: int) -> Iterator[str]:
    if value is None:
        yield start
    elif isinstance(value, str):
        yield f"{start} {scalar(value)}"
    elif isinstance(value, int):
        yield f"{start} {str(value).lower()}"
    elif not value:
        yield f"{start} {'{}' if isinstance(value, Mapping) else '[]'}"
    elif isinstance(value, Mapping):
        yield start
        yield from block(value, indent + 2)
    else:
        yield start
        yield from _items(value, indent + 2)


def _items(items: Sequence[Any], indent: int) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield " " * indent + f"- {scalar(item)}"
            continue
        first, *rest = block(item, indent + 2)
        yield " " * indent + f"- {first.lstrip(' ')}"
        yield from rest


def _seen(character: str) -> str:
    if character.isprintable() and not hidden_character(character):
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
