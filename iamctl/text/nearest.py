"""Which known word somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

CUTOFF = 0.7
"""How alike two words must be (0 to 1) to be taken for each other; found by trying misspelt names."""


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
