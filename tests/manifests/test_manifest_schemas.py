"""The published schemas are sound, tell editors what to show, and two validators agree on them."""

import copy

import jsonschema
import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iamctl.manifests import schemas
from iamctl.manifests.schema import is_until, section_names

NAMES = (*section_names(), "manifest", "settings", "approvals", "accounts-file")
MANIFEST = yaml.load(
    """
users: {alice: {path: /x/, tags: {a: b}, permissions_boundary: b}, bob: {renamed_from: robert}, carol: }
groups: {dev: {path: /, policies: [a], inline_policies: {x: {Version: "2012-10-17"}}, members: open}}
memberships: {dev: [alice, {user: bob, until: "2026-12-31", reason: x}]}
policies: {p: {file: p.json, description: x, tags: {a: b}}}
removed: [user/dave]
assertions:
  a: {forbid: {actions: ["iam:*"], but_actions: ["iam:Get*"], access: [write], resources: ["*"], when: {"aws:x": [absent, b]}}, strict: true}
  b: {who: [group/dev], except: [user/a, {address: user/b, until: "2026-12-31"}], until: "2026-12-31", within: {file: p.json}}
  c: {no_way_to: [administrator, role/x], severity: warn, existing: refuse, reason: x}
""",
    yaml.CSafeLoader,
)
SETTINGS = yaml.load(
    """
version: 1
accounts: {prod: {id: "123456789012", manifests: [a], variables: {a: b}, assume_role: {plan: "arn:aws:iam::123456789012:role/x"}}}
scope: {undeclared: {users: report}, ignore: [user/x, {path: /a/}, {tag: {a: b}}], ignore_tags: [x]}
protect: [user/a]
limits: {users: 3, groups: 10%}
exceptions: [{address: user-policy/a/b, reason: x, until: "2026-12-31"}]
defaults: {users: {path: /x/, tags: {a: b}}}
""",
    yaml.CSafeLoader,
)


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_sound(name):
    schema = schemas()[name]

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]


def test_there_are_no_other_schemas():
    assert set(schemas()) == set(NAMES)


def test_examples_fit_their_schema():
    def check(schema):
        if isinstance(schema, dict):
            for example in schema.get("examples", ()) if isinstance(schema.get("examples"), list) else ():
                jsonschema.Draft202012Validator(schema).validate(example)
            for below in schema.values():
                check(below)

    for schema in schemas().values():
        check(schema)


def test_the_good_ones_are_good():
    assert _verdicts("manifest", MANIFEST) == (True, True)
    assert _verdicts("settings", SETTINGS) == (True, True)


def _verdicts(name, value):
    schema = schemas()[name]
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("iamctl-until")(is_until)
    slow = jsonschema.Draft202012Validator(schema, format_checker=formats)
    fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, formats={"iamctl-until": is_until})
    return slow.is_valid(value), fast.is_valid(value)


def _places(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(below, (*path, key))


@given(st.data())
def test_two_validators_agree_on_damaged_files(data):
    name, good = data.draw(st.sampled_from([("manifest", MANIFEST), ("settings", SETTINGS)]))
    value = copy.deepcopy({"root": good})
    path = ("root", *data.draw(st.sampled_from(sorted(_places(good), key=repr))))
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    other = st.sampled_from(
        [None, True, 0, 1, -1, "", "x", "10%", "open", "2026-12-31", [], {}, ["x"], {"x": "y"}, {"user": "a"}]
    )
    holder[path[-1]] = data.draw(other)
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[data.draw(st.sampled_from(["path", "policies", "x", "id"]))] = data.draw(other)

    slow, fast = _verdicts(name, value["root"])

    assert slow == fast


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-12-31", True),
        ("2026-12-31T18:00:00Z", True),
        ("2026-12-31T18:00:00.5+01:00", True),
        ("2026-02-29", False),
        ("2026-12-31T18:00:00", False),
        ("2026-W01-1", False),
        ("20261231T180000Z", False),
        ("2026-12-31T25:00:00Z", False),
        ("9999-12-31", False),
        ("0001-01-01T00:00:00+23:59", False),
        ("", False),
    ],
)
def test_ends_are_dates_or_times_with_an_offset(text, fits):
    assert is_until(text) is fits
