"""The YAML, the JSON and the file names of an import read back as what they were, whatever the text."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from strategies import TRICKY_NAMES, documents, names

from iamctl.manifests.characters import hidden_character
from iamctl.manifests.document_file import document_text, is_kept
from iamctl.manifests.values import Variables
from iamctl.manifests.writing import file_name
from iamctl.manifests.yaml_text import block, scalar, without_variables
from iamctl.policy import Document, parse

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.one_of(TEXTS, st.sampled_from(TRICKY_NAMES)),
    lambda below: st.one_of(st.lists(TEXTS), st.dictionaries(TEXTS, below, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_yaml_reads_back_as_the_same_text_for_every_reader(value):
    text = "".join(f"{line}\n" for line in block({"section": value}))

    assert yaml.safe_load(text) == {"section": value}
    assert not hidden_character(text.replace("\n", ""))


@pytest.mark.parametrize(
    "text",
    ["alice", "/people/", "aws:ReadOnlyAccess", "Payments Team", "a@b.c", "user-policy/bob/arn:aws:iam::aws:policy/X"],
)
def test_what_nobody_could_misread_stays_without_quotes(text):
    assert scalar(text) == text


@pytest.mark.parametrize("text", ["", "~", "null", "No", "12", "=", "a: b", "a:", " a", "a ", "{{", "#", "é\u202e"])
def test_what_somebody_could_misread_is_quoted(text):
    assert scalar(text).startswith('"')


@given(st.text("{}ab "))
def test_braces_survive_the_variables(text):
    assert Variables({}).fill(without_variables(text), report=pytest.fail) == text


@given(documents())
def test_documents_read_back_as_the_same(document):
    before = Document.from_data(document)
    text = document_text(before)

    after = Document.from_data(Variables({}).fill_data(parse(text), report=pytest.fail))
    assert after.identical(before)
    assert is_kept(before)
    assert not hidden_character(text.replace("\n", ""))
    assert text.endswith("}\n")


def test_hidden_characters_of_documents_are_escaped_and_others_are_not():
    text = document_text(Document.from_data({"a": "é\u00ad\x7f\U000e0001"}))

    assert text == '{\n  "a": "é\\u00ad\\u007f\\udb40\\udc01"\n}\n'
    assert json.loads(text) == {"a": "é\u00ad\x7f\U000e0001"}


@given(st.lists(names(), unique_by=str.lower))
def test_no_two_names_share_a_file(found):
    assert len({file_name(name).lower() for name in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("deploy", "deploy"),
        ("a=,.@-_+b", "a=,.@-_+b"),
        ("..", "~..~"),
        (".git", "~.git"),
        ("-rf", "~-rf"),
        ("end.", "end.~"),
        ("CON", "~CON"),
        ("nul.txt", "~nul.txt"),
        ("console", "console"),
    ],
)
def test_file_names_are_safe_everywhere(name, expected):
    assert file_name(name) == expected
