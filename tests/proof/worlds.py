"""Small worlds in which every request can be listed, and what policies allow there, worked out without the engine."""

import re
from datetime import UTC, datetime
from itertools import product

from hypothesis import strategies as st

from iamctl.policy.normalized import normalize
from iamctl.proof.decide import Held
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Engine, Side
from iamctl.proof.lines import holds, line
from iamctl.proof.statements import NO_FACTS
from iamctl.proof.universe import Universe

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ACTIONS = ("s3:GetObject", "s3:GetBucketAcl", "s3:PutObject", "ec2:DescribeInstances", "iam:CreateUser")
ACTION_PATTERNS = (*ACTIONS, "s3:*", "s3:Get*", "s3:?etObject", "*")
UNIVERSE = Universe(ACTION_PATTERNS)
RESOURCES = (
    "*",
    *(
        f"arn:{':'.join(parts)}"
        for parts in product(["aws"], ["s3", "iam"], ["", "x"], ["", "x"], ["", "x", "xy", "x:x", "user/x"])
    ),
)
IMPOSSIBLE = {("s3:GetBucketAcl", "arn:aws:s3:::user/x")}
"""What nobody can request: no bucket has a slash in its name."""
RESOURCE_PATTERNS = st.one_of(
    st.sampled_from(
        [
            "*",
            "arn:*",
            "arn:aws:s3:::x*",
            "arn:aws:s3:*",
            "arn:aws:s3:::*",
            "arn:aws:*:x",
            "arn:aws:s3:*:*:x",
            "arn:aws:s3:::x?",
            "arn:aws:iam::x:user/*",
        ]
    ),
    st.builds(
        lambda service, rest: f"arn:aws:{service}{rest}",
        st.sampled_from(["s3", "s?", "*", "iam"]),
        st.text(":x*?y", max_size=7),
    ),
)
CONTEXTS = tuple(
    {"k": k, "aws:multifactorauthpresent": mfa, "n": n}
    for k, mfa, n in product([(), ("a",), ("b",), ("ab",)], [(), ("true",), ("false",)], [(), ("1",), ("2",)])
)
LINES = (
    *(
        ("StringEquals", "k", "a"),
        ("StringNotEquals", "k", "a"),
        ("StringLike", "k", "a*"),
        ("StringNotLikeIfExists", "k", "*b"),
        ("Null", "k", "true"),
    ),
    *(
        ("Bool", "aws:MultiFactorAuthPresent", "true"),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
        ("Null", "aws:MultiFactorAuthPresent", "false"),
    ),
    *(("NumericLessThan", "n", "2"), ("NumericNotEquals", "n", "1"), ("NumericEqualsIfExists", "n", "2")),
)
NOTHING = {}
WIDTH = len(RESOURCES) * len(CONTEXTS)


@st.composite
def statements(draw, effects=("Allow", "Allow", "Deny"), resources=RESOURCE_PATTERNS, lines=LINES):
    """Return one statement of the small world."""
    found = {"Effect": draw(st.sampled_from(effects))}
    actions = draw(st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2))
    found[draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))] = actions
    found[draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))] = draw(
        st.lists(RESOURCE_PATTERNS, min_size=1, max_size=2)
    )
    drawn = draw(st.lists(st.sampled_from(lines), max_size=2))
    if drawn:
        found["Condition"] = {operator: {key: value} for operator, key, value in drawn}
    return found


def policies(most=3, **parts):
    """Return documents of the small world."""
    return st.lists(statements(**parts), min_size=1, max_size=most).map(
        lambda found: normalize({"Version": "2012-10-17", "Statement": found})
    )


@st.composite
def sides(draw, **parts):
    """Return what one person has: policies, and perhaps a boundary."""
    boundary = draw(st.none() | policies(most=2, **parts))
    return Held((draw(policies(**parts)),), () if boundary is None else ((boundary,),))


def engine_for(*held, **limits):
    """Return an engine, and the sides."""
    engine = Engine(UNIVERSE, NOW, **limits)
    return engine, *(side_of(engine, one) for one in held)


def side_of(engine, held, facts=NO_FACTS):
    """Return the side of what somebody holds."""
    allow = deny = 0
    ceilings = []
    for document in held.policies:
        numbers = engine.statements(document, facts)
        allow, deny = allow | numbers.allow, deny | numbers.deny
    for group in held.ceilings:
        ceiling = 0
        for document in group:
            numbers = engine.statements(document, facts)
            ceiling, deny = ceiling | numbers.allow, deny | numbers.deny
        ceilings.append(ceiling)
    return Side(allow, deny, tuple(ceilings))


def allowed(held, reading, facts=NOTHING):
    """Return, for each action, the requests of a person that are allowed, as bits of resources and contexts."""
    sets = [held.policies, *held.ceilings]
    found = {}
    for action in ACTIONS:
        bits = (1 << WIDTH) - 1
        for group in sets:
            allows = 0
            for statement in (statement for one in group for statement in one.statements):
                if statement.effect == "Allow":
                    allows |= matching(statement, action, reading, facts)
            bits &= allows
        for statement in (statement for group in sets for one in group for statement in one.statements):
            if statement.effect == "Deny":
                bits &= ~matching(statement, action, reading, facts)
        for place, resource in enumerate(RESOURCES):
            if (action, resource) in IMPOSSIBLE:
                bits &= ~((1 << len(CONTEXTS)) - 1 << place * len(CONTEXTS))
        found[action] = bits
    return found


def matching(statement, action, reading, facts=NOTHING):
    """Return the requests with an action that a statement matches."""
    named = any(fits(pattern, action.lower()) for pattern in statement.actions)
    if named == statement.negated_action:
        return 0
    contexts = 0
    lines = [
        (key.lower(), line(operator, key, [text for value in values if (text := replaced(value, facts)) is not None]))
        for operator, key, values in statement.condition
    ]
    for place, context in enumerate(CONTEXTS):
        if all(holds(one, facts.get(key, context.get(key, ()))) for key, one in lines):
            contexts |= 1 << place
    patterns = [text for pattern in statement.resources if (text := replaced(pattern, facts)) is not None]
    bits = 0
    for place, resource in enumerate(RESOURCES):
        if any(reaches(pattern, resource, reading) for pattern in patterns) != statement.negated_resource:
            bits |= contexts << place * len(CONTEXTS)
    return bits


def replaced(text, facts):
    """Return a text with its variables replaced; None where one has no value."""
    for name, values in facts.items():
        variable = f"${{{name}}}"
        if variable in text:
            if not values:
                return None
            text = text.replace(variable, values[0])
    return text


def fits(pattern, text):
    """Return whether a glob matches, character by character."""
    places = {0}
    for character in text:
        following = set()
        for place in places:
            while place < len(pattern) and pattern[place] == "*":
                following.add(place)
                place += 1
            if place < len(pattern) and pattern[place] in ("?", character):
                following.add(place + 1)
        places = following
    return any(not pattern[place:].strip("*") for place in places)


def reaches(pattern, resource, reading):
    """Return whether a resource pattern matches, in one reading of its stars."""
    if reading is Reading.GLOB or not pattern.strip("*"):
        return fits(pattern, resource)
    parts = pattern.split(":", 5)
    if reading is Reading.PARTS:
        parts += ["*"] * (6 - len(parts))
        actual = resource.split(":", 5)
        return len(actual) == 6 and all(map(fits, parts, actual))
    expression = []
    for place, part in enumerate(parts):
        text = (
            re.escape(part)
            .replace(r"\?", "." if place == 5 else "[^:]")
            .replace(r"\*", ".*" if place == 5 else "[^:]*")
        )
        expression.append(f"{text.removesuffix('[^:]*')}.*" if place < 5 and part.endswith("*") else text)
    return re.fullmatch(":".join(expression), resource, re.DOTALL) is not None
