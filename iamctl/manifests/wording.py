"""Words for mistakes: what was found, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.text.nearest import nearest

_FEW = 12


def meant(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, ``; known are a, b`` where there are few, or nothing."""
    words = tuple(known)
    near = nearest(word[:256], words)
    if near is not None:
        return f"; did you mean {near!r}?"
    return f"; known are {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def listed(words: Iterable[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    quoted = [repr(word) for word in words]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), *quoted[-1:])))
