"""The nearest known word is offered, and nothing where none is near."""

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
