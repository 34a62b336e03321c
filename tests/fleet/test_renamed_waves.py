"""A wave that lets more accounts fail is named under whichever name its accounts are now."""

import pytest

from iamctl.model.settings import Settings
from iamctl.model.wave import WaveRule
from iamctl.rules.managed_accounts import looser_waves


def tree(**waves):
    """Return the accounts of waves: name to how many may fail and the numbers of the accounts."""
    return {
        f"a{number}": Settings(f"a{number}", f"{number:012}", wave=WaveRule(name, rank, most))
        for rank, (name, (most, numbers)) in enumerate(waves.items())
        for number in numbers
    }


BASE = tree(canary=(0, [1, 2]), rest=(1, [3, 4]))


def told(now):
    return {name: finding.message for name, finding in looser_waves(BASE, now)}


@pytest.mark.parametrize(
    ("now", "waves"),
    [
        (tree(first=(5, [1, 2]), rest=(1, [3, 4])), {"first"}),
        (tree(rest=(1, [1, 2]), canary=(1, [3, 4])), {"rest", "canary"}),
        (tree(rest=(1, [1, 2]), canary=(0, [3, 4])), {"rest"}),
        (tree(all=(1, [1, 2, 3, 4])), {"all"}),
        (tree(one=(1, [1]), two=(2, [2]), rest=(1, [3, 4])), {"one", "two"}),
        (tree(first=(2, [1, 9]), rest=(1, [3, 4])), {"first"}),
        (tree(canary=(5, [1, 2]), rest=(1, [3, 4])), {"canary"}),
        (tree(first=(0, [1, 2]), rest=(1, [3, 4])), set()),
        (tree(canary=(0, [1]), rest=(1, [2, 3, 4])), set()),
        (tree(canary=(0, [9]), rest=(1, [3, 4])), set()),
        (tree(canary=(0, [1, 2]), rest=(1, [3, 4]), new=(7, [9])), set()),
        (BASE, set()),
    ],
    ids=[
        "renamed",
        "swapped, and both looser",
        "swapped",
        "made one",
        "split",
        "renamed, with one account less and a new one",
        "the same name",
        "renamed only",
        "an account moves, and others stay",
        "its accounts are no longer managed",
        "a new wave",
        "nothing",
    ],
)
def test_a_wave_is_compared_with_the_one_in_which_its_accounts_were(now, waves):
    assert set(told(now)) == waves


def test_the_message_names_both_waves():
    assert told(tree(first=(5, [1, 2]), rest=(1, [3, 4]))) == {
        "first": "the next wave begins although 5 accounts of wave 'first' failed, instead of 0: in the base, 'a1', 'a2' "
        "were in wave 'canary'"
    }
