"""How many examples a law is tried on: all of them where exhaustive tests run, a quarter elsewhere."""

LEAST = 2
"""A law with fewer examples than this would say little."""

_SHARE = [4]


def choose(marker_expression):
    """Have the laws try all their examples unless the expression leaves exhaustive tests out."""
    _SHARE[0] = 4 if marker_expression == "not exhaustive" else 1


def examples(number):
    """Return how many examples this run tries of a law that tries ``number`` in make test-all."""
    return max(min(number, LEAST), number // _SHARE[0])
