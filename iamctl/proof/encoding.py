"""Encodes patterns of policies: private-use characters are the wildcards, so a literal ``*`` stays a literal."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from iamctl.proof.key_names import documented
from iamctl.text.late_pattern import late_pattern

STAR = "\ue000"
"""Any text."""
ONE = "\ue001"
"""One character."""
STEM = "\ue002"
"""Any text without a colon."""
INNER = "\ue003"
"""One character that is not a colon."""

SOME = "\ue004"
"""One character that is not a colon, or a symbol: how the name in an ARN begins."""

Pattern = str
"""A text in which ``STAR``, ``ONE``, ``STEM``, ``INNER``, ``SOME`` and symbols have their meaning, and all else is literal."""

_WILDCARDS = {"*": STAR, "?": ONE}
_ENCODED = str.maketrans(_WILDCARDS)
_SPELLED = str.maketrans({STAR: "*", STEM: "*", ONE: "?", INNER: "?", SOME: "?"})
_ESCAPED = late_pattern(r"\$\{([*?$])\}|(.)", re.DOTALL)
_NARROWED = str.maketrans({STAR: STEM, ONE: INNER})
_WILDCARD = late_pattern(f"[{STAR}{ONE}{STEM}{INNER}{SOME}]")
_ARN_PARTS = 6
_VARIABLE = late_pattern(r"\$\{[^}]*\}|\*")
_FREE_RUN = late_pattern(f"[{STAR}{ONE}]{{2,}}")
_STEM_RUN = late_pattern(f"[{STEM}{INNER}]{{2,}}")
_REPEATED = late_pattern(f"{STEM}*{STAR}[{STAR}{STEM}]*")
_FIRST_SYMBOL = 0xF0000
_SYMBOLS = 0xFFFE
_SYMBOL = late_pattern(f"[{chr(_FIRST_SYMBOL)}-{chr(_FIRST_SYMBOL + _SYMBOLS)}]")
_number_of: dict[str, int] = {}
_name_of: dict[int, str] = {}


ANY_ARN: Pattern = ":".join(["arn", *[STEM] * 4, STAR])
"""Every ARN; a request is about one, or about the text ``*`` if its action acts on no resource."""


class Reading(Enum):
    """What a ``*`` in the first five parts of an ARN matches; AWS does not state it exactly, so a proof holds for all.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """

    PARTS = "parts"
    """Text inside its part; a short ARN is filled up with ``*``."""
    ENDS = "ends"
    """Text inside its part, but a ``*`` at the end of a part also reaches over colons."""
    GLOB = "glob"
    """Any text."""


def encode_literal(text: str) -> Pattern:
    """Return the pattern that matches ``text`` alone."""
    return text


def encode_text(text: str, *, escapes: bool = True) -> Pattern:
    """Return the pattern for a text in which ``*`` is any text and ``?`` one character.

    ``${*}``, ``${?}`` and ``${$}`` are literals, unless ``escapes`` is False: policies of 2008 have no variables.
    """
    return _tidy(_tokens(text, escapes))


@lru_cache(maxsize=1 << 15)
def encode_resource(text: str, reading: Reading, *, escapes: bool = True) -> Pattern:
    """Return the pattern for the resource of a statement, as one reading understands it.

    Variables are replaced already, or are symbols.
    """
    tokens = _tokens(text, escapes)
    if reading is Reading.GLOB or not tokens.strip(STAR):
        return _tidy(tokens)
    parts = tokens.split(":", _ARN_PARTS - 1)
    head, rest = parts[: _ARN_PARTS - 1], parts[_ARN_PARTS - 1 :]
    if reading is Reading.ENDS:
        return _tidy(":".join([*map(_open_end, head), *rest]))
    head += [STAR] * (_ARN_PARTS - 1 - len(head))
    return _tidy(":".join([*(part.translate(_NARROWED) for part in head), *(rest or [STAR])]))


@lru_cache(maxsize=1 << 15)
def encode_widest(text: str, *, escapes: bool = True) -> Pattern:
    """Return a pattern for the resource of a statement that matches what any reading does."""
    tokens = _tokens(text, escapes)
    return _tidy(tokens if tokens.count(":") >= _ARN_PARTS - 1 else tokens + STAR)


@lru_cache(maxsize=1 << 12)
def encode_format(text: str) -> Pattern:
    """Return the pattern for a documented format of ARNs: ``arn:${Partition}:s3:::${BucketName}``, none of it empty."""
    *head, rest = _VARIABLE.sub(SOME + STEM, text).split(":", _ARN_PARTS - 1)
    return ":".join([*head, rest.replace(STEM, STAR)])


def opened(pattern: Pattern) -> Pattern:
    """Return ``pattern`` with every symbol opened to any text, which is the widest that it can mean."""
    return _tidy(_SYMBOL.sub(STAR, pattern))


def has_symbol(pattern: Pattern) -> bool:
    """Return whether a pattern or a text contains an unknown variable."""
    return _SYMBOL.search(pattern) is not None


def has_wildcard(pattern: Pattern) -> bool:
    """Return whether a pattern matches more than one text, or an unknown one."""
    return _WILDCARD.search(pattern) is not None or has_symbol(pattern)


@lru_cache(maxsize=1 << 12)
def symbol(name: str) -> str:
    """Return the character for an unknown variable; the same for the same name, whatever the case.

    It is shown as AWS spells the name: who used it first in this process must not show in any output.
    """
    key, comma, default = name.partition(",")
    shown = f"{documented(key)}{comma}{default}"
    if shown not in _number_of:
        number = zlib.crc32(shown.lower().encode()) % _SYMBOLS  # no count: the order of first use must not show either
        while number in _name_of:
            number = (number + 1) % _SYMBOLS
        _number_of[shown], _name_of[number] = number, shown
    return chr(_FIRST_SYMBOL + _number_of[shown])


@lru_cache(maxsize=1 << 14)
def spelled(pattern: Pattern) -> str:
    """Return a pattern or a found text as a reader knows it: with ``*``, ``?`` and ``${variables}``."""
    return _SYMBOL.sub(_variable, pattern.translate(_SPELLED))


def is_symbol(character: str) -> bool:
    """Return whether a character is that of an unknown variable."""
    return ord(character) >= _FIRST_SYMBOL


def _variable(found: re.Match[str]) -> str:
    return f"${{{_name_of[ord(found[0]) - _FIRST_SYMBOL]}}}"


def _tokens(text: str, escapes: bool) -> Pattern:  # noqa: FBT001 - a private step
    if not escapes or "${" not in text:
        return text.translate(_ENCODED)
    found: Iterable[tuple[str, str]] = _ESCAPED.findall(text)
    return "".join(literal or _WILDCARDS.get(character, character) for literal, character in found)


def _open_end(part: Pattern) -> Pattern:
    stem = part.rstrip(STAR)
    return stem.translate(_NARROWED) + STAR * (stem != part)


def _tidy(pattern: Pattern) -> Pattern:
    """Return the one form that equal runs of wildcards share: single characters first, then one star."""
    if STAR not in pattern and STEM not in pattern:
        return pattern
    tidy = _FREE_RUN.sub(lambda run: ONE * run[0].count(ONE) + STAR * (STAR in run[0]), pattern)
    tidy = _STEM_RUN.sub(lambda run: INNER * run[0].count(INNER) + STEM * (STEM in run[0]), tidy)
    return _REPEATED.sub(STAR, tidy)
