"""What is seen to match without a validator matches for the validator, and plain manifests are seen to."""

import json
from copy import deepcopy
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifest_trees import NOW

from iamctl.kinds import sections
from iamctl.manifests import read_tree, schema
from iamctl.manifests.quick_shape import surely_matches
from iamctl.manifests.schema import ASSERTIONS, REMOVED, fixed_keys, is_until, schema_of, validator

FORMATS = {"iamctl-until": is_until}
NAMES = [
    *(name for name, (_, section) in sections().items() if not section.has_fixed_keys),
    *(
        f"{name}/{key}"
        for name, (_, section) in sections().items()
        if section.has_fixed_keys
        for key in fixed_keys(name)
    ),
    *(REMOVED, ASSERTIONS, "settings", "approvals", "accounts-file"),
]
ODD = [
    *(None, True, False, 0, 1, -3, 91, 10**18, "", " ", "x", "none", "a\nb", "é", "\x1c", "2026-12-31", "2026-13-01"),
    *("1", "1\n", "90d", "user/x", "arn:aws:s3:::x", "*", [], {}, ["x"], ["x", "x"], [1, True], {"x": 1}),
]
WORDS = ["deliver", "recipients", "id", "count", "rotate", "every", "until", "tags", "forbid", "x"]


def examples(of):
    """Yield the examples of a schema and of its parts, which match them."""
    if isinstance(of, dict):
        yield from ((of, example) for example in of.get("examples", ()))
        for part in of.values():
            yield from examples(part)
    elif isinstance(of, list):
        for part in of:
            yield from examples(part)


def whole(name):
    return [example for part, example in examples(schema_of(name)) if part is schema_of(name)]


@st.composite
def damaged(draw):
    """Return the name of a schema, and one of its examples with changes anywhere."""
    name = draw(st.sampled_from([name for name in NAMES if whole(name)]))
    value = deepcopy(draw(st.sampled_from(whole(name))))
    for _ in range(draw(st.integers(0, 3))):
        value = changed(draw, value)
    return name, value


def changed(draw, value):
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: changed(draw, value[key])}
    if isinstance(value, dict) and draw(st.booleans()):
        key = draw(st.sampled_from([*value, *WORDS]))
        kept = {name: part for name, part in value.items() if name != key}
        return kept if draw(st.booleans()) else {**kept, key: draw(st.sampled_from(ODD))}
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], changed(draw, value[place]), *value[place + 1 :]]
    return draw(st.sampled_from(ODD))


@settings(deadline=None)
@given(damaged())
def test_what_surely_matches_matches(case):
    name, value = case

    if surely_matches(value, schema_of(name), FORMATS):
        assert validator(name).is_valid(value), json.dumps(value)


@pytest.mark.parametrize("name", NAMES)
def test_every_odd_value_of_every_part_is_judged_as_by_the_validator(name):
    for part, example in examples(schema_of(name)):
        compiled = jsonschema_rs.Draft202012Validator(dict(part), validate_formats=True, formats=FORMATS)
        for value in (example, *ODD):
            if surely_matches(value, part, FORMATS):
                assert compiled.is_valid(value), (part, value)


IS_X = {"properties": {"x": {"const": "y"}}, "required": ["x"]}


@pytest.mark.parametrize(
    "part",
    [
        *({"const": 1}, {"enum": [1, "x"]}, {"uniqueItems": True}, {"minimum": 1}, {"maximum": 0}, {"type": "integer"}),
        *(
            {"if": IS_X, "then": {"required": ["z"]}},
            {"additionalProperties": False},
            {"propertyNames": {"const": "y"}},
        ),
        {"allOf": [{"type": "object"}, {"minProperties": 2}]},
    ],
    ids=str,
)
def test_a_keyword_is_judged_as_by_the_validator(part):
    compiled = jsonschema_rs.Draft202012Validator(part)
    values = [*ODD, {"x": "y"}, {"x": "y", "z": 1}, {"x": "n"}, {"y": 1}, ["x", "y"]]

    judged = [(surely_matches(value, part, FORMATS), compiled.is_valid(value)) for value in values]

    assert (True, False) not in judged
    assert (True, True) in judged
    assert (False, False) in judged


def test_examples_are_seen_to_match():
    seen = [surely_matches(example, part, FORMATS) for name in NAMES for part, example in examples(schema_of(name))]

    assert sum(seen) > 0.95 * len(seen) > 100


@pytest.mark.parametrize(
    "keyword", [{"oneOf": [{}]}, {"patternProperties": {"x": {}}}, {"format": "date"}, {"type": "number"}, {"not": {}}]
)
def test_what_is_not_known_is_left_to_the_validator(keyword):
    assert not surely_matches("x", keyword, FORMATS)


def test_a_plain_tree_compiles_no_validator_and_a_wrong_value_does(monkeypatch):
    asked = []
    compiled = schema.validator
    monkeypatch.setattr(schema, "validator", lambda name: asked.append(name) or compiled(name))
    schema._shape_of.cache_clear()

    tree = read_tree(Path(__file__).parents[2] / "examples/acme")
    tree.declare(*tree.accounts, now=NOW)
    assert asked == []

    assert not schema.shape_of("users").matches({"path": 1})
    assert [problem.kind.name for problem in schema.shape_of("users").problems({"path": 1})] == ["type"]
    assert set(asked) == {"users"}


def test_of_many_values_the_validator_looks_at_the_later_ones(monkeypatch):
    monkeypatch.setattr(schema, "_FEW", 2)
    asked = []
    compiled = schema.validator
    monkeypatch.setattr(schema, "validator", lambda name: asked.append(name) or compiled(name))

    shape = schema.Shape("users")
    assert [shape.matches({"path": "/"}) for _ in range(2)] == [True] * 2
    assert asked == []
    assert [shape.matches({"path": "/"}) for _ in range(2)] == [True] * 2
    assert asked == ["users"]
