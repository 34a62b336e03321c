"""Documents that are made to be slow take bounded work, and what is not searched is never "nothing gained"."""

import time
from datetime import UTC, datetime

import pytest

from iamctl.policy.normalized import normalize
from iamctl.proof.engine import Engine, Side
from iamctl.proof.universe import Universe

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
MOST_SECONDS = 15
"""CPU seconds for one comparison."""
STARS = "*".join("abcdefghij" * 4)
MARKS = "?" * 40


def allow(resource, condition=None, action="s3:*"):
    found = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**found, "Condition": condition} if condition else found


def deny(resource, condition=None):
    return {**allow(resource, condition), "Effect": "Deny"}


def values(number, text):
    return [f"*{text}*{place}*x*{place}*" for place in range(number)]


def many_lines(number):
    return {
        operator: {f"aws:RequestTag/{place}-{operator}": values(6, str(place)) for place in range(number)}
        for operator in ("StringLike", "StringNotLike")
    }


HOSTILE = {
    "forty stars": (
        [allow(f"arn:aws:s3:::{STARS}*{place}") for place in range(30)],
        [allow(f"arn:aws:s3:::*{STARS}")],
    ),
    "question marks": (
        [allow(f"arn:aws:s3:::*{MARKS}{place}*") for place in range(30)],
        [allow(f"arn:aws:s3:::*{'?' * 30}*")],
    ),
    "resources by the hundred": (
        [allow([f"arn:aws:s3:::*{one}*{other}*" for one in "abcdefghij" for other in "klmnopqrst"])],
        [allow("arn:aws:s3:::*u*v*")],
    ),
    "values with stars": (
        [allow("*", {"StringLike": {"aws:RequestTag/a": values(30, "v")}})],
        [allow("*", {"StringLike": {"aws:RequestTag/a": values(30, "w")}})],
    ),
    "eight lines": (
        [allow("*", many_lines(4)) for _ in range(2)],
        [allow("*", {"StringLike": {"aws:RequestTag/z": "*q*"}})],
    ),
    "denies with many conditions": (
        [deny(f"arn:aws:s3:::*{place}*", many_lines(2)) for place in range(12)],
        [allow("*"), *(deny(f"arn:aws:s3:::*{place}*", {"Null": {f"k{place}": "true"}}) for place in range(40))],
    ),
    "what is left out of what is left out": (
        [{**allow("*"), "NotResource": [f"arn:aws:s3:::{place}*"]} for place in range(2)],
        [
            allow("arn:aws:s3:::*"),
            *(
                {"Effect": "Deny", "Action": "s3:*", "NotResource": [f"arn:aws:s3:::*{a}*", f"arn:aws:s3:::*{b}*"]}
                for a, b in zip("abcdefghijkl", "mnopqrstuvwx", strict=True)
            ),
        ],
    ),
    "a wide boundary": ([allow("arn:aws:s3:::a*")], [allow(f"arn:aws:s3:::*{place}*{place}*") for place in range(60)]),
}


def document(statements):
    for statement in statements:
        if "NotResource" in statement:
            statement.pop("Resource", None)
    return normalize({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_take_bounded_work_and_are_no_proof(name):
    engine = Engine(Universe(["s3:*"]), NOW)
    old, new = (engine.statements(document(statements)) for statements in HOSTILE[name])
    ceiling = engine.statements(document([allow(f"arn:aws:s3:::*{place}*") for place in range(60)])).allow
    start = time.process_time()

    ceilings = (ceiling,) if name == "a wide boundary" else ()
    gains = engine.gains(Side(old.allow, old.deny), Side(new.allow, new.deny, ceilings))

    assert gains
    assert time.process_time() - start < MOST_SECONDS


@pytest.mark.exhaustive
def test_boundaries_of_sixty_allows_on_both_sides_take_bounded_work():
    def tagged(word):
        return [
            allow(f"arn:aws:s3:::*{word}{place}*", {"StringLike": {f"aws:RequestTag/{word}{place}": f"*{place}*"}})
            for place in range(60)
        ]

    engine = Engine(Universe(["s3:*"]), NOW)
    old, bound, new, other = (engine.statements(document(tagged(word))).allow for word in "abcd")
    start = time.process_time()

    gains = engine.gains(Side(old, ceilings=(bound,)), Side(new, ceilings=(other,)))

    assert any(not gain.exact for gain in gains)
    assert time.process_time() - start < MOST_SECONDS
