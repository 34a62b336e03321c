"""Policy documents are read strictly, and every mistake has a place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.policy import Document, DocumentError, parse, positions
from iamctl.policy.parse import JsonNumber, minified

MISTAKES = {
    "": (1, 1, "empty"),
    " \n ": (2, 2, "empty"),
    "This is not JSON": (1, 1, "not a JSON value"),
    '{"a": 1,}': (1, 9, "there is a comma before the closing bracket"),
    '{"a": [1, 2,\n ]}': (2, 2, "there is a comma before the closing bracket"),
    '{"a": 1 // why\n}': (1, 9, "JSON does not allow comments"),
    '# why\n{"a": 1}': (1, 1, "JSON does not allow comments"),
    '{"a": 1, /* b */ "b": 2}': (1, 10, "JSON does not allow comments"),
    "{'a': 1}": (1, 2, "double quotes"),
    '{"a": NaN}': (1, 7, "NaN is not valid JSON"),
    '{"a": "NaN",\n "b": -Infinity}': (2, 7, "-Infinity is not valid JSON"),
    '{"a": 1,\n "b": 2,\n "a": 3}': (3, 2, "duplicate key 'a'"),
    '[{"x": {"a": [1, {"k": 1, "\\u006b": 2}]}}]': (1, 27, "duplicate key 'k'"),
    '{"a": 1': (1, 8, "the JSON is incomplete"),
    '{"a" 1}': (1, 6, "a colon is missing"),
    '{"a": 1 "b": 2}': (1, 9, "a comma or a closing bracket is missing"),
    '{"a": 1} x': (1, 10, "content after the end of the JSON"),
    '{"a": "b\n"}': (1, 9, "a line break or control character"),
    '{"a": "\\d"}': (1, 8, "backslash"),
    '{"a": "b': (1, 7, "a double quote is not closed"),
    '\ufeff{"a": 1}': (1, 1, "byte order mark"),
    "[" * 33 + "]" * 33: (1, 33, "more than 32"),
    " " * 131_073: (1, 1, "131073 characters"),
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: repr(text[:30]))
def test_mistakes_have_a_place_and_plain_words(text):
    line, column, words = MISTAKES[text]

    with pytest.raises(DocumentError, match=words) as caught:
        parse(text)

    error = caught.value
    assert words in error.message
    assert (error.line, error.column) == (line, column)
    assert error.message[:1].islower() or error.message.startswith(("NaN", "JSON", "-Inf"))
    assert not error.message.endswith(".")


def test_a_hundred_thousand_brackets_are_refused_at_once():
    assert Document.from_text("[" * 100_000).error.column == 33


def test_a_repeated_key_tells_its_path():
    with pytest.raises(DocumentError) as caught:
        parse('{"Statement": [{}, {"Sid": "a", "Effect": "Allow", "Sid": "b"}]}')

    assert caught.value.path == ("Statement", 1, "Sid")


def test_numbers_keep_every_digit():
    data = parse('{"a": 9007199254740993, "b": 0.10000000000000000001, "c": 1e400}')

    assert data == {"a": "9007199254740993", "b": "0.10000000000000000001", "c": "1e400"}
    assert all(isinstance(number, JsonNumber) for number in data.values())
    assert minified(data) == '{"a":9007199254740993,"b":0.10000000000000000001,"c":1e400}'


def test_positions_tell_where_keys_and_items_stand():
    text = '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Allow",\n   "Action": ["a:b",\n     "c:d"]}]}'

    places = positions(text)

    assert places[()] == (1, 1)
    assert places[("Version",)] == (1, 2)
    assert places[("Statement",)] == (2, 2)
    assert places[("Statement", 0)] == (3, 3)
    assert places[("Statement", 0, "Action")] == (4, 4)
    assert places[("Statement", 0, "Action", 1)] == (5, 6)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def paths(data, path=()):
    yield path
    members = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in members:
        yield from paths(value, (*path, key))


@given(values, st.sampled_from([None, 2]))
def test_what_is_written_reads_back_and_has_positions(data, indent):
    text = json.dumps(data, indent=indent, ensure_ascii=False)

    assert json.loads(minified(parse(text))) == data
    assert minified(data) == minified(parse(minified(data)))
    assert set(positions(text)) == set(paths(data))


@given(st.text(max_size=30) | st.text('{}[]:,"\\ nul1-.eE\n', max_size=30))
def test_any_text_parses_as_json_does_or_has_a_place(text):
    document = Document.from_text(text)

    if document.error:
        assert 1 <= document.error.line <= text.count("\n") + 1
        assert document.error.column >= 1
    else:
        json.loads(text)
        assert document.text == Document.from_text(document.text).text


def test_half_surrogates_are_written_as_escapes():
    text = Document.from_text('{"Id": "\\ud800x"}').text

    assert text == '{"Id":"\\ud800x"}'
    assert text.encode()
