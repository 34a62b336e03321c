"""Passwords fit every policy that an account can have, and are drawn evenly."""

from collections import Counter
from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from iamctl.handover.password import DIGITS, LOWERCASE, SYMBOLS, UPPERCASE, PasswordPolicy, make_password

AWS_SYMBOLS = set("!@#$%^&*()_+-=[]{}|'")

policies = st.builds(
    PasswordPolicy,
    min_characters=st.integers(6, 128),
    needs_lowercase=st.booleans(),
    needs_uppercase=st.booleans(),
    needs_digits=st.booleans(),
    needs_symbols=st.booleans(),
    needs_kinds=st.integers(0, 4),
)


@given(policies)
def test_every_policy_is_met(policy):
    password = make_password(policy)

    assert not list(policy.shortfalls(password))
    assert max(20, policy.min_characters) == len(password)


def test_a_password_that_falls_short_is_told_in_words_of_aws():
    policy = PasswordPolicy(12, True, True, True, True)

    assert list(policy.shortfalls("aaaa")) == [
        "MinimumPasswordLength: 12",
        "RequireUppercaseCharacters",
        "RequireNumbers",
        "RequireSymbols",
        "3 of lowercase, uppercase, numbers and symbols",
    ]


def test_only_characters_that_aws_takes_and_nobody_mistakes():
    everything = LOWERCASE + UPPERCASE + DIGITS + SYMBOLS

    assert set(SYMBOLS) <= AWS_SYMBOLS
    assert len(set(everything)) == len(everything)
    assert not set(everything) & set("lI1oO0S5Z") - {"5"}


def test_no_password_is_made_twice_and_all_characters_occur():
    made = [make_password(PasswordPolicy()) for _ in range(300)]

    assert len(set(made)) == 300
    assert Counter("".join(made)).keys() == set(LOWERCASE + UPPERCASE + DIGITS + SYMBOLS)


def test_a_draw_that_lacks_a_kind_is_drawn_again():
    drawn = cycle("a" * 20 + "aA2-" * 5)

    assert make_password(PasswordPolicy(), lambda _: next(drawn)) == "aA2-" * 5
