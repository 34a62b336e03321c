"""Makes what must not act on a terminal, a log or a reader visible."""

from __future__ import annotations

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, formats (also bidirectional and zero-width ones), surrogates, private and unassigned code points."""


def visible(text: str) -> str:
    r"""Return ``text`` with every character that is not seen as itself written as ``\u{XXXX}``.

    That covers terminal escapes, line ends, bidirectional controls, zero-width characters and spaces other than the
    plain one, so that the result stays on its line and in its cell.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_plain(character) else f"\\u{{{ord(character):04X}}}" for character in text)


def _is_plain(character: str) -> bool:
    if character == " ":
        return True
    category = unicodedata.category(character)
    return category not in _HIDDEN_CATEGORIES and category != "Zs"
