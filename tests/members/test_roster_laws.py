"""Laws of the roster: it says what the plan does, each membership once, whichever way it is cut."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamctl.account.live import Live
from iamctl.comparison.members import Standing, Status, created_at, declared_roster, live_roster, selected
from iamctl.comparison.scope import scope
from iamctl.kinds import Group, Membership, User
from iamctl.model import Action, Address, Reason, State, Why
from iamctl.model.settings import Desired, IgnoreRule, Settings
from iamctl.planning.plan import make_plan
from iamctl.render import FORMATS, TableFormat
from iamctl.report.member_changes import member_sections
from iamctl.report.members import members_report

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
USERS = ("alice", "Bob", "svc-1", "dan")
GROUPS = ("dev", "Ops", "sys-x")


@st.composite
def accounts(draw):
    """A desired and a live state of a few users and groups, spelled as it comes, with every setting that counts."""

    def spelled(name):
        return draw(st.sampled_from([name, name.lower(), name.upper()]))

    def state(users, groups, **more):
        people = {user: spelled(user) for user in users}
        teams = {group: spelled(group) for group in groups}
        pairs = [(group, user) for group in groups for user in users if draw(st.booleans())]
        memberships = [Membership(group=teams[group], user=people[user], **more) for group, user in pairs]
        roots = [*(User(name=name) for name in people.values()), *(Group(name=name) for name in teams.values())]
        return roots, memberships

    some_users = st.lists(st.sampled_from(USERS), unique=True)
    some_groups = st.lists(st.sampled_from(GROUPS), unique=True)
    live_roots, live_memberships = state(draw(some_users), draw(some_groups))
    roots, memberships = state(draw(some_users), draw(some_groups))
    has_ended = [draw(st.integers(0, 3)) == 0 for _ in memberships]
    named = {resource.address for resource in roots}
    removed = {
        resource.address: None for resource in live_roots if resource.address not in named and draw(st.booleans())
    }
    policy = st.sampled_from(["report", "remove"])
    settings = Settings(
        account_name="test",
        account_id="123456789012",
        undeclared={kind: draw(policy) for kind in ("user", "group", "membership")},
        ignore=tuple(IgnoreRule(address=text) for text in ("user/svc-*", "group/sys-*") if draw(st.booleans())),
    )
    desired = Desired(
        settings=settings,
        partition="aws",
        state=State.of([*roots, *(one for one, ended in zip(memberships, has_ended, strict=True) if not ended)]),
        ended=tuple(
            Membership(group=one.group, user=one.user, until="2026-11-20")
            for one, ended in zip(memberships, has_ended, strict=True)
            if ended
        ),
        removed=removed,
    )
    return desired, Live("123456789012", "aws", State.of([*live_roots, *live_memberships]))


def made(desired, live):
    return live_roster(desired, scope(desired, live.state, NOW), live, NOW)


def pairs(members):
    return Counter((member.group.lower(), member.user.lower()) for member in members)


@given(accounts())
def test_whoever_joins_and_leaves_is_who_the_plan_adds_and_removes(account):
    plan = make_plan(*account, now=NOW)
    roster = made(*account)

    changed = {action: set() for action in Action}
    for change in plan.changes:
        if change.address.kind == "membership":
            changed[change.action].add(change.address)
    goes = [one for one in roster.members if one.status is Status.LEAVES or (one.status is Status.ENDED and one.live)]
    joins = [one for one in roster.members if one.status is Status.JOINS]
    assert {Address.of("membership", one.group, one.user) for one in joins} == changed[Action.CREATE]
    assert {Address.of("membership", one.group, one.user) for one in goes} == changed[Action.DELETE]


@given(accounts())
def test_each_membership_stands_once_by_group_and_once_by_person(account):
    desired, live = account
    roster = made(desired, live)

    everything = {
        resource.address
        for resource in (*desired.state, *desired.ended, *live.state)
        if isinstance(resource, Membership)
    }
    by_group = pairs(roster.members)
    assert by_group == Counter((address.key[1], address.key[2]) for address in everything)
    assert by_group == pairs(member for person in roster.people for member in person.members)


@given(accounts())
def test_live_and_declared_are_what_the_two_states_hold(account):
    desired, live = account
    roster = made(desired, live)

    def held(state):
        return Counter((one.address.key[1], one.address.key[2]) for one in state if isinstance(one, Membership))

    assert pairs(one for one in roster.members if one.live) == held(live.state)
    assert pairs(one for one in roster.members if one.declared) == held(desired.state)


@given(accounts())
def test_live_names_are_spelled_as_they_are_live(account):
    desired, live = account
    names = {resource.address.name for resource in live.state}
    folded = {name.lower() for name in names}

    for row in (*made(desired, live).groups, *made(desired, live).people):
        assert row.name in names or row.name.lower() not in folded


@given(accounts(), st.sets(st.sampled_from(USERS)), st.sets(st.sampled_from(GROUPS)))
def test_a_selection_keeps_just_what_is_asked_for(account, users, groups):
    roster = made(*account)
    users &= {person.name for person in roster.people}
    groups &= {group.name for group in roster.groups}

    found = selected(roster, groups, users)

    wanted = [one for one in roster.members if (not groups or one.group in groups) and (not users or one.user in users)]
    assert list(found.members) == wanted
    assert pairs(found.members) == pairs(member for person in found.people for member in person.members)


@given(accounts(), st.sampled_from(TableFormat))
def test_every_format_names_everybody(account, output):
    roster = made(*account)

    text = FORMATS[output](members_report(roster))

    assert all(one.user in text and one.group in text for one in roster.members)


@given(accounts())
def test_the_manifests_alone_tell_the_declared_memberships(account):
    desired, _ = account
    roster = declared_roster(desired, NOW)

    declared = [one for one in roster.members if one.declared]
    assert pairs(declared) == pairs(one for one in desired.state if isinstance(one, Membership))
    assert {one.live for one in roster.members} <= {None}
    assert roster.totals["ended"] == len(desired.ended)


def test_why_is_told_for_whoever_leaves_or_is_left_alone():
    live = State.of(
        [
            *(Group(name=name) for name in ("dev", "old", "other", "sys-x")),
            *(User(name=name) for name in ("alice", "bob", "carol", "svc-1", "trudy")),
            *(Membership(group="dev", user=name) for name in ("alice", "bob", "carol", "svc-1", "trudy")),
            *(Membership(group=group, user="alice") for group in ("old", "other", "sys-x")),
        ]
    )
    declared = [Group(name="dev"), User(name="alice"), User(name="carol")]
    ended = Membership(group="dev", user="carol", until="2026-11-20", why="cover")
    ignore = (IgnoreRule(address="user/svc-*"), IgnoreRule(address="group/sys-*"))
    desired = Desired(
        Settings("test", "123456789012", ignore=ignore),
        "aws",
        State.of(declared),
        (ended,),
        {Address.of("group", "old"): None, Address.of("user", "bob"): None},
    )

    roster = made(desired, Live("123456789012", "aws", live))

    assert {(one.group, one.user): (one.status.value, one.because) for one in roster.members} == {
        ("dev", "alice"): ("leaves", Why(Reason.UNDECLARED)),
        ("dev", "bob"): ("leaves", Why(Reason.DELETED_WITH, Address.of("user", "bob"))),
        ("dev", "carol"): ("ended", Why(Reason.EXPIRED, date="2026-11-20")),
        ("dev", "svc-1"): ("ignored", Why(Reason.IGNORED, Address.of("user", "svc-1"), rule="user/svc-*")),
        ("dev", "trudy"): ("leaves", Why(Reason.USER_UNDECLARED, Address.of("user", "trudy"))),
        ("old", "alice"): ("leaves", Why(Reason.DELETED_WITH, Address.of("group", "old"))),
        ("other", "alice"): ("undeclared", Why(Reason.GROUP_UNDECLARED, Address.of("group", "other"))),
        ("sys-x", "alice"): ("ignored", Why(Reason.IGNORED, Address.of("group", "sys-x"), rule="group/sys-*")),
    }
    assert {group.name: group.standing for group in roster.groups} == {
        "dev": Standing.DECLARED,
        "old": Standing.REMOVED,
        "other": Standing.UNDECLARED,
        "sys-x": Standing.IGNORED,
    }


def test_an_ended_membership_that_is_left_alone_says_both():
    live = State.of([Group(name="dev"), User(name="bob"), Membership(group="dev", user="bob")])
    settings = Settings("test", "123456789012", undeclared={"membership": "report"})
    ended = Membership(group="dev", user="bob", until="2026-11-20")
    desired = Desired(settings, "aws", State.of([Group(name="dev"), User(name="bob")]), (ended,))

    (member,) = made(desired, Live("123456789012", "aws", live)).members

    left = (Status.UNDECLARED, Why(Reason.EXPIRED_LEFT_ALONE))
    goes = (Status.ENDED, Why(Reason.EXPIRED, date="2026-11-20"))
    plan = make_plan(desired, Live("123456789012", "aws", live), now=NOW)
    assert (member.status, member.because) == (goes if plan.changes else left)


def test_a_membership_is_not_older_than_its_user_and_its_group():
    snapshot = {
        "UserDetailList": [
            {"UserName": "alice", "CreateDate": "2025-06-01T23:30:00-05:00"},
            {"UserName": "bob", "CreateDate": "2023-01-01T00:00:00Z"},
            {"UserName": "carol"},
            {"UserName": "dan", "CreateDate": "soon"},
        ],
        "GroupDetailList": [{"GroupName": "Dev", "CreateDate": "2024-02-01T09:00:00Z"}],
    }
    names = ("alice", "bob", "carol", "dan")
    live = State.of(
        [
            Group(name="Dev"),
            *(User(name=name) for name in names),
            *(Membership(group="Dev", user=name) for name in names),
        ]
    )
    declared = [Group(name="dev"), User(name="robert", renamed_from="bob"), Membership(group="dev", user="robert")]
    declared += [User(name="eve"), Membership(group="dev", user="eve")]
    desired = Desired(Settings("test", "123456789012"), "aws", State.of(declared))

    scoped = scope(desired, live, NOW)
    roster = live_roster(desired, scoped, Live("123456789012", "aws", live), NOW, created_at(snapshot))

    assert {one.user: one.not_before for one in roster.members} == {
        "alice": "2025-06-02",
        "carol": "2024-02-01",
        "dan": "2024-02-01",
        "eve": None,
        "robert": "2024-02-01",
    }


@pytest.mark.parametrize("number", [10, 11, 500])
def test_a_plan_names_ten_who_join_a_group_and_counts_the_rest(number):
    people = [f"u{index:04}" for index in range(number)]
    declared = [Group(name="all"), *(User(name=name) for name in people)]
    declared += [Membership(group="all", user=name) for name in people]
    desired = Desired(Settings("test", "123456789012"), "aws", State.of(declared))
    plan = make_plan(desired, Live("123456789012", "aws", State.of([])), now=NOW)

    (section,) = member_sections(plan)

    group, told = section.lines
    text = "".join(span.text for span in told.spans)
    assert [span.text for span in group.spans] == ["all", f"  (0 -> {number:,} members)"]
    assert text.startswith("+ u0000, u0001, ")
    assert text.count("u") == 10
    assert (f" and {number - 10:,} more" in text) == (number > 10)
    assert told.spans[0].whole == ("+ " + ", ".join(people) if number <= 50 else "")
