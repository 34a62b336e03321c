"""Names, paths and tags are told apart as IAM tells them apart; whatever passes fits IAM's own patterns."""

import re

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.policy.names import (
    described,
    description_error,
    look_alike,
    name_error,
    path_error,
    policy_path_error,
    tag_errors,
)

SHAPES = {
    ("user", 64): "userNameType",
    ("group", 128): "groupNameType",
    ("policy", 128): "policyNameType",
}
MODEL = botocore.session.Session().get_service_model("iam")
TEXTS = st.text(alphabet=st.sampled_from("aZ0+=,.@_-/! \n\u00fc\u0430~"), max_size=70)


def fits(shape, text):
    rules = MODEL.shape_for(shape).metadata
    pattern = re.compile(rules.get("pattern", ".*"), re.ASCII | re.DOTALL)
    return rules.get("min", 0) <= len(text) <= rules["max"] and pattern.fullmatch(text) is not None


@given(TEXTS, st.sampled_from(sorted(SHAPES)))
def test_names_are_judged_as_the_service_model_does(text, kind):
    assert (name_error(kind[0], text, kind[1]) is None) == fits(SHAPES[kind], text)


@given(TEXTS.map(lambda text: f"/{text}/") | TEXTS)
def test_paths_are_judged_as_the_service_model_does(text):
    assert (path_error(text) is None) == fits("pathType", text)
    assert (policy_path_error(text) is None) == fits("policyPathType", text)


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129])
@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_names_of_any_length_are_judged_as_the_service_model_does(kind, length):
    assert (name_error(kind[0], "a" * length, kind[1]) is None) == fits(SHAPES[kind], "a" * length)


@pytest.mark.parametrize("length", [2, 3, 511, 512, 513])
def test_paths_of_any_length_are_judged_as_the_service_model_does(length):
    path = f"/{'a' * (length - 2)}/"

    assert (path_error(path) is None) == fits("pathType", path)
    assert (policy_path_error(path) is None) == fits("policyPathType", path)


@pytest.mark.parametrize(
    ("character", "like"),
    {
        "а": "a",
        "ü": "u",
        "ａ": "a",
        "Α": "A",
        "\u2013": "-",
        "ß": None,
        "\u200b": None,
        "\u00a0": None,
        "日": None,
    }.items(),
)
def test_look_alikes(character, like):
    assert look_alike(character) == like


def test_a_character_is_described_by_code_point_name_and_looks():
    assert described("а") == "U+0430 CYRILLIC SMALL LETTER A, which looks like 'a'"
    assert described("\u200b") == "U+200B ZERO WIDTH SPACE"
    assert described("\u0085") == "U+0085"
    assert described(" ") == "' '"


def test_descriptions_have_a_length():
    assert description_error("ü" * 1000) is None
    assert "1001 characters" in description_error("x" * 1001)


@pytest.mark.parametrize(
    ("tags", "error"),
    [
        ({"k" * 128: "v" * 256}, None),
        ({"k" * 129: ""}, "has 129 characters; IAM allows at most 128"),
        ({"k": "v" * 257}, "has 257 characters; IAM allows at most 256"),
        ({"日本 \u2028 k_.:/=+-@": "٣"}, None),
        ({"": ""}, "a tag has an empty key; remove it or add a key"),
        ({"k": "a\tb"}, "contains '\\t'"),
        ({"k*": ""}, "contains '*'"),
        ({"Aws:k": ""}, "begins with 'aws:'"),
        ({f"k{number}": "" for number in range(50)}, None),
        ({f"k{number}": "" for number in range(51)}, "there are 51 tags; IAM allows at most 50"),
    ],
)
def test_tags(tags, error):
    errors = list(tag_errors(tags))

    assert (error is None) == (errors == [])
    assert error is None or error in errors[0]
