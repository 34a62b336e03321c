"""How many examples a law is tried on: all of them where exhaustive tests run, an eighth elsewhere."""

import pytest

LATER = pytest.mark.exhaustive

LEAST = 2
"""A law with fewer examples than this would say little."""

_SHARE = [8]


def choose(marker_expression):
    """Have the laws try all their examples unless the expression leaves exhaustive tests out."""
    _SHARE[0] = 8 if marker_expression == "not exhaustive" else 1


def examples(number):
    """Return how many examples this run tries of a law that tries ``number`` in make test-all."""
    return max(min(number, LEAST), number // _SHARE[0])


def first(kept, values):
    """Return values for ``parametrize``: the first ``kept`` are tried by every run, the others by make test-all."""
    always, later = values[:kept], values[kept:]
    return [*always, *(pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=LATER) for one in later)]
