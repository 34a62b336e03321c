"""The nearest known word is offered, and nothing where none is near."""

import pytest

from iamctl.policy.condition_grammar import condition_errors
from iamctl.policy.grammar import suggestion
from iamctl.policy.normalized import STATEMENT_ELEMENTS
from iamctl.text.nearest import did_you_mean, nearest


def test_a_word_in_another_case_is_the_nearest():
    assert nearest("readonlyaccess", ["ReadOnlyAcces", "ReadOnlyAccess"]) == "ReadOnlyAccess"


def test_a_misspelt_word_is_offered_in_its_own_spelling():
    assert did_you_mean("DEVELOPRES", {"Developers", "ops"}) == "; did you mean 'Developers'?"


def test_nothing_is_offered_where_none_is_near():
    assert did_you_mean("finance", ["developers", "ops"]) == ""
    assert did_you_mean("", []) == ""


def test_the_answer_does_not_depend_on_the_order_of_the_known_words():
    known = ["team-a", "team-b", "Team-A"]

    assert len({nearest("team-c", words) for words in (known, known[::-1])}) == 1
    assert {nearest("TEAM-A", words) for words in (known, known[::-1])} == {"Team-A"}


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("alise", ("alice", "bob"), "alice"),  # 0.80
        ("abcdefgxyz", ("abcdefg123",), "abcdefg123"),  # 0.70: the limit
        ("abcdefxyzz", ("abcdef1234",), None),  # 0.60
        ("admin", ("administrators",), None),  # a beginning alone is not enough
        ("dev", ("developers", "deb"), None),  # of three letters two: 0.67
    ],
)
def test_words_are_near_from_seven_tenths_on(word, known, meant):
    assert nearest(word, known) == meant


ELEMENTS = f"known: {', '.join(STATEMENT_ELEMENTS)}"


@pytest.mark.parametrize(
    ("element", "way_out"),
    [
        ("Efect", "did you mean 'Effect'?"),
        ("actions", "did you mean 'Action'?"),
        ("Resources", "did you mean 'Resource'?"),
        ("NotResorce", "did you mean 'NotResource'?"),
        ("Cond", ELEMENTS),
        ("Allow", ELEMENTS),
    ],
)
def test_an_unknown_element_of_a_statement_gets_the_nearest_or_all(element, way_out):
    assert suggestion(element, STATEMENT_ELEMENTS) == way_out


@pytest.mark.parametrize(
    ("operator", "way_out"),
    [
        ("StringEqual", "did you mean 'StringEquals'?"),
        ("stringlikeifexist", "did you mean 'StringLikeIfExists'?"),
        ("ForAnyValues:StringLike", "did you mean 'ForAnyValue:StringLike'?"),
        ("ipadress", "did you mean 'IpAddress'?"),
        ("Contains", "see the IAM User Guide on condition operators"),
    ],
)
def test_an_unknown_operator_gets_the_nearest_with_prefix_and_suffix(operator, way_out):
    [(path, message)] = condition_errors(("Condition",), {operator: {"aws:username": "a"}})

    assert path == ("Condition", operator)
    assert message == f"{operator!r} is not a condition operator; {way_out}"
