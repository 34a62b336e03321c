"""Decodes files, and finds characters that a reviewer cannot see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from iamctl.manifests.bounds import MAX_FINDINGS
from iamctl.model import Finding, Origin, Severity
from iamctl.text.late_pattern import late_pattern

_HIDDEN = late_pattern(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|\r(?!\n)"
)
"""Controls, bidirectional controls, and characters without a shape; the last two variation selectors, which only
choose between two shapes of an emoji, are allowed.

https://www.unicode.org/reports/tr36/ and https://trojansource.codes/
"""

_BIDIRECTIONAL = late_pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INDENTING_TAB = late_pattern(r"^ *\t(?=[ \t]*[^ \t\r\n])", re.MULTILINE)


def error(message: str, path: str, line: int = 1, column: int = 1) -> Finding:
    """Return a mistake in a file, rule IAM001."""
    return Finding("IAM001", Severity.ERROR, message, origin=Origin(path, line, column))


def warning(message: str, path: str, line: int = 1, column: int = 1) -> Finding:
    """Return a warning about a file, rule IAM004."""
    return Finding("IAM004", Severity.WARN, message, origin=Origin(path, line, column))


def decode(path: str, data: bytes) -> tuple[str | None, list[Finding]]:
    """Return the text of a file without its byte order mark, or None, and the findings on its characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [error("the file is UTF-16; save it as UTF-8", path)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = data[: problem.start].decode("utf-8")
        message = f"the byte {data[problem.start]:#04x} is not UTF-8; save the file as UTF-8"
        return None, [error(message, path, *_place(before, len(before)))]
    findings = []
    if text.startswith("\ufeff"):
        text = text[1:]
        findings.append(warning("the file begins with a byte order mark, which is ignored; save it without one", path))
    found = list(_refused(path, text))
    return (None if found else text), findings + found


def _refused(path: str, text: str) -> Iterator[Finding]:
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return
    for count, match in enumerate(_HIDDEN.finditer(text)):
        if count == MAX_FINDINGS:
            yield error("more hidden characters follow", path, *_place(text, match.start()))
            return
        yield error(describe_hidden(match[0]), path, *_place(text, match.start()))


def indenting_tabs(path: str, text: str) -> Iterator[Finding]:
    """Yield the tabs in the indentation of a YAML text."""
    if "\t" not in text:
        return
    for count, match in enumerate(_INDENTING_TAB.finditer(text)):
        if count == MAX_FINDINGS:
            return
        yield error("a tab is used for indentation; use spaces", path, *_place(text, match.end() - 1))


def describe_hidden(character: str) -> str:
    """Return the message for a hidden character."""
    code = f"U+{ord(character):04X}"
    if character == "\r":
        return f"there is a carriage return {code} without a line feed; end lines with LF or CR LF"
    name = unicodedata.name(character, "")
    title = f"{code} ({name})" if name else code
    if _BIDIRECTIONAL.match(character):
        return f"the bidirectional control {title} makes text look different from what it is; remove it"
    kind = "control character" if unicodedata.category(character) == "Cc" else "invisible character"
    return f"the {kind} {title} is not visible in a review; remove it"


def hidden_character(text: str) -> str | None:
    """Return the first character of a text that is not visible, or None."""
    if text.isascii() and text.isprintable():
        return None
    match = _HIDDEN.search(text)
    if match:
        return match[0]
    return next((character for character in text if character in "\n\t"), None)


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
