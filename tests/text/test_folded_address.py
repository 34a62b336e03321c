"""Addresses compare, hash and sort by the names that IAM tells apart, and show the names as they were spelled."""

import copy
import pickle
import sys
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.kinds import UserInlinePolicy
from iamctl.model import Address

ALICE, SPELLED = Address.of("user", "alice"), Address.of("user", "Alice")
PARTS = st.lists(st.text(st.sampled_from("aAb\0\1İiΣσ/")), min_size=1, max_size=3)
ADDRESSES = st.builds(
    lambda kind, parts: Address.of(kind, *parts), st.sampled_from(["user", "user-inline-policy"]), PARTS
)


def key(address):
    """Return what tells an address from others, written down again."""
    folded = [part.lower() for part in address.parts]
    if address.kind == UserInlinePolicy.kind:
        folded[-1] = address.parts[-1]
    return (address.kind, *folded)


@given(ADDRESSES, ADDRESSES)
def test_addresses_compare_and_sort_by_their_folded_names(one, other):
    assert (one == other) == (key(one) == key(other))
    assert (one != other) == (key(one) != key(other))
    assert (one < other) == (key(one) < key(other))
    assert one.key == key(one)
    assert (one.rank < other.rank) == ((key(one), one.parts) < (key(other), other.parts))
    if one == other:
        assert {one: 1}[other] == 1


@given(ADDRESSES)
def test_an_address_shows_its_names_as_they_were_spelled(one):
    text = "/".join((one.kind, *one.parts))
    assert [str(one), f"{one}", "%s" % one, format(one)] == [text] * 4  # noqa: UP031 - each way to show it
    assert f"{one:>90}" == f"{text:>90}"
    assert repr(one) == f"Address(kind={one.kind!r}, parts={one.parts!r})"
    assert one.name == one.parts[-1]


@given(ADDRESSES)
def test_a_copy_of_an_address_is_the_same(one):
    for made in (pickle.loads(pickle.dumps(one)), copy.copy(one), copy.deepcopy(one), Address(one.kind, one.parts)):
        assert (made, str(made), made.parts) == (one, str(one), one.parts)


def test_two_spellings_are_one_address_and_each_is_kept():
    assert ALICE == SPELLED
    assert len({ALICE, SPELLED}) == 1
    assert [str(ALICE), str(SPELLED)] == ["user/alice", "user/Alice"]
    assert Address.of("user", "alice") is ALICE


def test_names_of_a_kind_that_keeps_case_differ_by_it_and_those_of_its_owner_do_not():
    kind = UserInlinePolicy.kind
    assert Address.of(kind, "alice", "deploy") == Address.of(kind, "Alice", "deploy")
    assert Address.of(kind, "alice", "deploy") != Address.of(kind, "alice", "Deploy")


def test_a_letter_that_folds_by_what_follows_folds_as_in_a_part_alone():
    """A sigma at the end of a word has another small letter."""
    assert Address.of("membership", "ΟΔΟΣ", "Α") == Address.of("membership", "οδος", "α")


def test_an_address_equals_no_text():
    for text in ("user/alice", "user", "alice", "user/Alice", repr(ALICE)):
        assert text != ALICE
        assert text not in {ALICE: 1}


@pytest.mark.parametrize("name", ["kind", "parts", "name", "other"])
def test_an_address_does_not_change(name):
    with pytest.raises(FrozenInstanceError):
        setattr(ALICE, name, "bob")
    with pytest.raises(FrozenInstanceError):
        delattr(ALICE, name)
    assert str(ALICE) == "user/alice"


def test_comparing_and_hashing_addresses_calls_no_python_function():
    one, other, calls = Address.of("user", "alice"), Address.of("user", "ALICE"), []
    sys.setprofile(lambda _, event, __: calls.append(event) if event == "call" else None)
    try:
        found = (
            one == other,
            hash(one) == hash(other),
            one in {other: 1},
            sorted([one, other]),
            Address.of("user", "alice"),
        )
    finally:
        sys.setprofile(None)
    assert calls == []
    assert found[:3] == (True, True, True)
