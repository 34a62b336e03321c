"""Which known word somebody may have meant, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

CUTOFF = 0.7
"""How alike two words must be (0 to 1) to be taken for each other; found by trying misspelt names."""

_FEW = 12
"""How many known words a message lists at most."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like ``word``, case aside, or None; the order of ``known`` does not count."""
    spelling = {other.lower(): other for other in sorted(known, reverse=True)}
    if word.lower() in spelling:
        return spelling[word.lower()]
    near = get_close_matches(word.lower(), sorted(spelling), n=1, cutoff=CUTOFF)
    return spelling[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question to put behind a message, ``; did you mean 'bob'?``, or nothing."""
    found = nearest(word, known)
    return f"; did you mean {found!r}?" if found else ""


def meant(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, ``; known: a, b`` if there are few, or nothing."""
    words = tuple(known)
    near = nearest(word[:256], words)
    if near is not None:
        return f"; did you mean {near!r}?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def either(words: Iterable[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    quoted = [repr(word) for word in words]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), *quoted[-1:])))
