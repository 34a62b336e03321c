"""Escapes characters that could deceive a reader, a terminal or a log."""

from __future__ import annotations

import unicodedata

from iamctl.text.late_pattern import late_pattern

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, formats (also bidirectional and zero-width ones), surrogates, private and unassigned code points."""

_SHAPELESS = late_pattern(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that have no shape of their own; the last two variation selectors only choose between two
shapes of an emoji.

https://www.unicode.org/reports/tr36/
"""

_MOST_MARKS = 2
"""So many combining marks does a letter have in living languages; more of them run into the lines around."""

_COMMAND_SIGNS = late_pattern("##+")


def visible(text: str) -> str:
    r"""Return ``text`` with every character that is not seen as itself written as ``\u{XXXX}``.

    That covers terminal escapes, line ends, bidirectional controls, zero-width characters and spaces other than the
    plain one, so that the result stays on its line and in its cell; also combining marks that have no letter, and those
    after the second on one. A ``#`` behind another is written so, too:
    ``##[`` and ``##vso[`` begin commands wherever they stand in a log.

    https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
    """
    if "##" in text:
        text = _COMMAND_SIGNS.sub(lambda match: f"#{escaped('#') * (len(match[0]) - 1)}", text)
    if text.isascii() and text.isprintable():
        return text
    parts, marks = list[str](), _MOST_MARKS
    for character in text:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        parts.append(character if marks <= _MOST_MARKS and _is_plain(character) else escaped(character))
    return "".join(parts)


def escaped(character: str) -> str:
    r"""Return a character as ``\u{XXXX}``."""
    return f"\\u{{{ord(character):04X}}}"


def _is_plain(character: str) -> bool:
    if character == " ":
        return True
    if _SHAPELESS.match(character):
        return False
    category = unicodedata.category(character)
    return category not in _HIDDEN_CATEGORIES and category != "Zs"
