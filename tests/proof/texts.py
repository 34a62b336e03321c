"""Patterns and texts for the tests of the proof engine, and a second way to match them: regular expressions."""

import re
from functools import cache
from itertools import product

from hypothesis import strategies as st

from iamctl.proof.encoding import INNER, ONE, SOME, STAR, STEM

LONGEST = 4
FREE = "x"
"""A character that no pattern of the tests holds."""
TEXTS = tuple("".join(letters) for size in range(LONGEST + 1) for letters in product("ab:" + FREE, repeat=size))
"""Every text of up to four characters, the shortest first."""
EXPRESSIONS = {STAR: "(?s:.)*", ONE: "(?s:.)", STEM: "[^:]*", INNER: "[^:]", SOME: "[^:]"}


@cache
def expression(pattern):
    return re.compile("".join(EXPRESSIONS.get(token) or re.escape(token) for token in pattern))


def fits(pattern, text):
    return expression(pattern).fullmatch(text) is not None


def truth(patterns, text):
    return tuple(fits(pattern, text) for pattern in patterns)


def patterns(tokens=("a", "b", ":", STAR, ONE, STEM, INNER), most=5):
    return st.lists(st.sampled_from(tokens), max_size=most).map("".join)
