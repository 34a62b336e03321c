"""What counts as looser than before, and that the stricter of two settings is as strict as both."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iamctl.comparison.settings_guard import counterparts, loosenings, stricter
from iamctl.kinds import removal_limits
from iamctl.manifests.base import read_base
from iamctl.model import Address
from iamctl.model.settings import (
    IgnoreRule,
    Limit,
    MfaSettings,
    PolicyException,
    Settings,
)

PAIRS = [
    (setting, *pair)
    for setting, pairs in yaml.load(
        (Path(__file__).parent / "pairs.yaml").read_text(encoding="utf-8"), yaml.BaseLoader
    ).items()
    for pair in pairs
]
SCOPED = ("ignore", "ignore_tags", "undeclared")


def settings_from(folder, setting, value):
    """Return what iamctl.yaml with one setting means."""
    folder.mkdir()
    part = {"scope": {setting: value}} if setting in SCOPED else {setting: value}
    if setting == "limits":
        part = {"limits": {name: int(limit) if limit.isdecimal() else limit for name, limit in value.items()}}
    if setting in {"mfa", "access_keys"}:
        part = {setting: {name: int(given) if given.isdecimal() else given for name, given in value.items()}}
    prod = {"id": "123456789012", **({"assume_role": value} if setting == "assume_role" and value else {})}
    part = {} if setting == "assume_role" or value == "null" else part
    whole = {"version": 1, "accounts": {"prod": prod}, **part}
    (folder / "iamctl.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    return read_base(folder)["prod"]


@pytest.mark.parametrize(("setting", "ours", "base", "looser"), PAIRS, ids=map(str, PAIRS))
def test_what_is_looser_than_the_base(setting, ours, base, looser, tmp_path):
    found = loosenings(settings_from(tmp_path / "ours", setting, ours), settings_from(tmp_path / "base", setting, base))

    assert [loosening.setting for loosening in found] == looser
    assert all(loosening.origin for loosening in found)


def test_a_loosening_stands_where_it_was_written(tmp_path):
    (tmp_path / "iamctl.yaml").write_text(
        "version: 1\naccounts:\n  prod:\n    id: '123456789012'\n    limits:\n      users: 50%\n"
        "scope:\n  ignore:\n  - user/x\n  - user/y\nlimits: {groups: 1}\n",
        encoding="utf-8",
    )
    base = Settings("prod", "123456789012", protect=("user/a",), ignore=(IgnoreRule(address="user/x"),))

    found = loosenings(read_base(tmp_path)["prod"], base)

    assert {loosening.setting: str(loosening.origin) for loosening in found} == {
        "protect": "iamctl.yaml:3:3",
        "limits.users": "iamctl.yaml:6:14",
        "scope.ignore": "iamctl.yaml:10:5",
    }


def test_an_account_is_compared_with_that_of_its_id_and_that_of_its_name():
    test, prod = Settings("test", "210987654321"), Settings("prod", "123456789012")
    accounts = {"test": test, "prod": prod}

    assert counterparts(prod, accounts) == (prod,)
    assert counterparts(replace(prod, account_id=test.account_id), accounts) == (test, prod)
    assert counterparts(replace(prod, account_name="renamed"), accounts) == (prod,)
    assert counterparts(Settings("new", "111111111111"), accounts) == ()


names = st.text("ab", max_size=3)
patterns = st.text("ab*?[]", max_size=4)
moments = st.none() | st.integers(1, 4).map(lambda day: datetime(2027, 1, day, tzinfo=UTC))
paths = st.sampled_from(["/", "/a/", "/a/b/", "/ab/"])
addresses = st.builds(Address.of, st.sampled_from(["user", "group"]), names)
limits = st.integers(0, 6).map(lambda count: Limit(count=count)) | st.sampled_from(
    [Limit(share=share) for share in (0.0, 0.05, 0.1, 0.25, 1.0)]
)
address_patterns = st.builds("{}/{}".format, st.sampled_from(["user", "group", "us*"]), patterns)
tags = st.dictionaries(st.sampled_from("kl"), names, max_size=2)
ignore_rules = (
    address_patterns.map(lambda text: IgnoreRule(address=text))
    | paths.map(lambda path: IgnoreRule(path=path))
    | st.dictionaries(st.sampled_from("kl"), patterns, min_size=1).map(lambda t: IgnoreRule(tags=tuple(t.items())))
)
choices = st.sampled_from(["report", "drift", "remove"])
undeclared = dict.fromkeys(("user", "group", "policy"), choices) | {"membership": st.sampled_from(["report", "remove"])}


def few(values):
    return st.lists(values, max_size=3, unique=True).map(tuple)


settings = st.builds(
    Settings,
    account_name=st.just("prod"),
    account_id=st.just("123456789012"),
    undeclared=st.fixed_dictionaries(undeclared),
    ignore=few(ignore_rules),
    ignore_tags=few(patterns),
    protect=few(address_patterns),
    limits=st.dictionaries(st.sampled_from(sorted(removal_limits())), limits, max_size=2).map(
        lambda d: {**removal_limits(), **d}
    ),
    mfa=st.builds(MfaSettings, st.sampled_from(["warn", "refuse"]), st.integers(0, 9)),
    exceptions=st.lists(
        st.builds(PolicyException, names.map(lambda name: Address.of("user-inline-policy", name, "p")), until=moments),
        max_size=3,
        unique_by=lambda exception: exception.address,
    ).map(tuple),
)
resources = st.tuples(addresses, paths, tags)
livings = st.integers(0, 70)
rails = st.lists(
    st.tuples(st.just("protect"), addresses)
    | st.tuples(st.just("ignore"), resources)
    | st.tuples(st.just("tag"), names)
    | st.tuples(st.just("mfa"), st.sampled_from(["existing", "enrol_within_days"]))
    | st.tuples(st.just("limit"), st.tuples(st.sampled_from(sorted(removal_limits())), livings)),
    min_size=5,
    max_size=20,
)


def looseness(found, rail):
    """Return how much a settings lets through at one place; more is looser."""
    what, about = rail
    if what == "protect":
        return not found.is_protected(about)
    if what == "ignore":
        return found.ignore_rule_for(*about) is not None
    if what == "mfa":
        return found.mfa.existing == "warn" if about == "existing" else found.mfa.enrol_within_days
    if what == "tag":
        return not found.owns_tag(about)
    return found.limits[about[0]].allowed(about[1])


@given(settings, settings, rails)
def test_the_stricter_is_as_strict_as_both_at_every_place(ours, base, places):
    both = stricter(ours, base)

    for rail in places:
        least = min(looseness(ours, rail), looseness(base, rail))
        if rail[0] == "tag":  # what both leave to others by patterns that cross is compared
            assert looseness(both, rail) <= least
        else:
            assert looseness(both, rail) == least


@given(settings, settings)
def test_the_stricter_is_no_loosening_of_either(ours, base):
    both = stricter(ours, base)

    assert loosenings(both, ours) == loosenings(both, base) == ()


def test_what_is_ignored_in_three_trees_is_what_all_of_them_ignore():
    rules = (IgnoreRule(address="user/svc-*"), IgnoreRule(path="/ci/"), IgnoreRule(address="user/*-x"))
    trees = [Settings("prod", "123456789012", ignore=(rule,)) for rule in rules]
    joined = reduce(stricter, (*trees, trees[0]))

    def is_ignored(name, path):
        return joined.ignore_rule_for(Address.of("user", name), path, {}) is not None

    assert is_ignored("svc-x", "/ci/")
    assert not any((is_ignored("svc-x", "/"), is_ignored("svc-y", "/ci/"), is_ignored("x-x", "/ci/")))
    assert str(joined.ignore[0]) == "user/svc-* and path /ci/ and user/*-x"
    assert all(loosenings(tree, joined) for tree in trees)


@given(settings, settings, settings)
def test_three_trees_may_be_joined(one, other, third):
    joined = reduce(stricter, (one, other, third))

    assert all(loosenings(joined, tree) == () for tree in (one, other, third))


@given(settings)
def test_nothing_is_looser_than_itself(ours):
    assert loosenings(ours, ours) == ()


@given(settings, settings, rails)
def test_what_lets_more_through_is_found(ours, base, places):
    if any(looseness(ours, rail) > looseness(base, rail) for rail in places):
        assert loosenings(ours, base)


@given(settings, settings, rails)
def test_without_a_loosening_our_own_settings_hold(ours, base, places):
    if not loosenings(ours, base):
        both = stricter(ours, base)

        assert [looseness(both, rail) for rail in places] == [looseness(ours, rail) for rail in places]
        assert both.undeclared == ours.undeclared
        assert {(item.address, item.until) for item in both.exceptions} == {
            (item.address, item.until) for item in ours.exceptions
        }


@given(settings, settings, st.randoms(use_true_random=False))
def test_the_order_of_lists_is_nothing(ours, base, random):
    def shuffled(tree):
        lists = ("ignore", "ignore_tags", "protect", "exceptions")
        return replace(
            tree, **{name: tuple(random.sample(getattr(tree, name), len(getattr(tree, name)))) for name in lists}
        )

    assert set(loosenings(shuffled(ours), shuffled(base))) == set(loosenings(ours, base))
