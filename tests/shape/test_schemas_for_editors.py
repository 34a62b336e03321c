"""The schemas tell an editor what to show: what each key means, how it is written, and our words for what is wrong."""

import pytest
from jsonschema import Draft202012Validator

from iamctl.commands.schema import all_schemas

SCHEMAS = all_schemas()
WRITTEN = ("manifest", "settings", "users", "groups", "memberships", "policies", "removed")
"""What people write; all others are written by iamctl."""


def parts(schema, path=()):
    """Yield every schema inside a schema with the path to it; conditions of ``if`` show nothing."""
    if isinstance(schema, dict):
        yield path, schema
        for key in ("properties", "patternProperties", "$defs"):
            for name, below in schema.get(key, {}).items():
                yield from parts(below, (*path, name))
        for key in ("additionalProperties", "items", "then", "else", "not"):
            yield from parts(schema.get(key), (*path, f"<{key}>"))
        for key in ("allOf", "anyOf", "oneOf"):
            for below in schema.get(key, ()):
                yield from parts(below, (*path, f"<{key}>"))


def properties(name):
    for path, schema in parts(SCHEMAS[name]):
        for key, below in schema.get("properties", {}).items():
            yield "/".join((*path, key)), below


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_says_what_it_is(name):
    assert [path for path, schema in properties(name) if not schema.get("description")] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_name_that_is_a_key_says_what_stands_there(name):
    silent = [
        path
        for path, schema in parts(SCHEMAS[name])
        if isinstance(below := schema.get("additionalProperties"), dict)
        and below.get("type") != "string"
        and not (below.get("description") or schema.get("description"))
    ]

    assert silent == []


@pytest.mark.parametrize("name", WRITTEN)
def test_every_property_that_people_write_has_an_example_or_a_choice(name):
    silent = [path for path, schema in properties(name) if not {"examples", "enum", "not"} & schema.keys()]

    assert silent == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_examples_and_defaults_fit(name):
    for _, schema in parts(SCHEMAS[name]):
        for value in (*schema.get("examples", ()), *([schema["default"]] if "default" in schema else [])):
            Draft202012Validator(schema).validate(value)


def test_what_is_refused_is_explained_and_not_offered():
    user = SCHEMAS["manifest"]["properties"]["users"]["additionalProperties"]["properties"]

    for key in ("policies", "inline_policies"):
        assert user[key]["doNotSuggest"] is True
        assert user[key]["deprecationMessage"] == user[key]["description"]
        assert "make the user" in user[key]["description"]


def test_our_message_stands_in_place_of_a_pattern():
    account = SCHEMAS["settings"]["properties"]["accounts"]["additionalProperties"]["properties"]

    assert account["id"]["patternErrorMessage"] == "expected an account id of 12 digits"


def test_the_name_of_each_user_group_and_policy_says_what_it_is():
    for section in ("users", "groups", "memberships", "policies"):
        assert SCHEMAS["manifest"]["properties"][section]["additionalProperties"]["description"]
