"""The plan told for people: who joins and leaves, what must not be missed, and numbers that add up."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from effort import examples, first
from hypothesis import given, settings
from strategies import snapshots

from iamctl.account.live import Live, Role, live_account
from iamctl.kinds import (
    KINDS,
    Group,
    GroupInlinePolicy,
    GroupPolicy,
    LoginProfile,
    Membership,
    Policy,
    User,
    removal_limits,
)
from iamctl.kinds.credentials import Credentials, HeldCredential
from iamctl.model import Address, Finding, Severity, State
from iamctl.model.settings import Desired, Limit, Settings
from iamctl.planning.plan import make_plan
from iamctl.planning.plan_json import plan_json
from iamctl.policy import Document
from iamctl.render.markdown import MOST_CHARACTERS, render_markdown
from iamctl.render.text import render_text
from iamctl.report.blocks import Report, Section, line
from iamctl.report.reports import plan_report

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ALL = "arn:aws:iam::123456789012:policy/all"
NOBODY = Credentials(
    has_password=False,
    access_keys=(),
    has_mfa=False,
    mfa_devices=(),
    ssh_keys=(),
    certificates=(),
    service_credentials=(),
    is_exact=True,
)


BLOCKS = """
People
  + alice will be created
      + joins dev, ops (until 2026-12-31)
  ~ bob
      + joins dev
      - leaves ops

Groups
  ~ dev
      affects 2 users: alice, bob
      + gains policy aws:ReadOnlyAccess
  ~ ops
      affects 1 user: alice
      + gains inline policy logs
          + statement 1: Allow logs:GetLogEvents on *
"""


def allow(*actions):
    block = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return Document.from_data({"Version": "2012-10-17", "Statement": [block]})


def plan_of(live, desired, removed=(), groups=(), roles=()):
    limits = {name: Limit(count=10_000) for name in removal_limits()}
    wanted = Desired(
        Settings("prod", ACCOUNT, limits=limits),
        "aws",
        State.of(desired),
        removed=dict.fromkeys([*(Address.of("user", n) for n in removed), *(Address.of("group", n) for n in groups)]),
    )
    return make_plan(wanted, Live(ACCOUNT, "aws", State.of(live), roles=roles), now=NOW)


def told(plan, render=render_text):
    return render(plan_report(plan, plan_json(plan, "0")))


def user(name, **more):
    return User(name=name, credentials=NOBODY, **more)


def test_a_person_has_one_block_and_a_group_another():
    base = [Group(name="dev"), Group(name="ops"), user("bob"), Membership(group="ops", user="bob")]
    desired = [
        Group(name="dev"),
        Group(name="ops"),
        user("alice"),
        user("bob"),
        Membership(group="dev", user="alice"),
        Membership(group="ops", user="alice", until="2026-12-31"),
        Membership(group="dev", user="bob"),
        GroupPolicy(group="dev", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        GroupInlinePolicy(group="ops", name="logs", document=allow("logs:GetLogEvents")),
    ]
    text = told(plan_of(base, desired))

    assert BLOCKS in text


def test_a_change_of_a_policy_names_the_first_ten_users_and_all_where_details_are_folded():
    names = [f"u{number:02d}" for number in range(12)]
    people = [user(name, permissions_boundary=ALL if name == "u11" else None) for name in names]
    members = [Membership(group="dev", user=name) for name in names[:11]]
    groups = [Group(name="dev"), GroupPolicy(group="dev", policy_arn=ALL)]
    live, desired = (
        [*people, *groups, *members, Policy(name="all", document=allow(action), arn=ALL)] for action in ("s3:*", "*")
    )
    plan = plan_of(live, desired, roles=(Role("ci", policies=(ALL,)),))

    ways = "through group dev, direct attachment, permissions boundary"
    begins = ", ".join(names[:10])
    assert f"      affects 12 users and 1 role {ways}: {begins} and 2 more; role ci\n" in told(plan)
    assert f"`{', '.join(names)}; role ci`" in told(plan, render_markdown)


def test_what_must_not_be_missed_comes_first():
    policy = Policy(name="all", document=allow("*"), arn=ALL)
    signs = [LoginProfile(user=name) for name in ("root1", "root2", "eve")]
    people = [user("root1"), user("root2"), user("eve"), user("carol")]
    groups = [Group(name="admins"), GroupPolicy(group="admins", policy_arn=ALL), policy]
    members = [Membership(group="admins", user=name) for name in ("root1", "root2")]
    live = [*people, *groups, *members, *signs, Membership(group="admins", user="carol")]
    desired = [*people[:3], *groups, *members, *signs, Membership(group="admins", user="eve")]
    text = told(plan_of(live, desired, removed=["carol"]))

    first = text[text.index("Look at this first") :].split("\n\n")[0].splitlines()
    assert first[1:] == [
        "  eve becomes an administrator",
        "  eve already exists and is in no declared group until now; attached: nothing",
        "  carol will be deleted, with 1 group",
    ]
    assert text.index("Look at this first") < text.index("People")


def test_who_loses_the_guard_comes_before_what_follows_from_it():
    """Whose guard goes is the cause, though rules and lines of others come first."""
    enrolling = ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    deny = {"Effect": "Deny", "NotAction": enrolling, "Resource": "*", "Condition": {"BoolIfExists": without["Bool"]}}
    guard = [{"Effect": "Allow", "Action": enrolling, "Resource": "*"}, deny]
    before, after = (
        Policy(name="mfa", document=Document.from_data({"Version": "2012-10-17", "Statement": found}), arn=ALL)
        for found in (guard, [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
    )
    held = [user("abe"), LoginProfile(user="abe"), Group(name="all"), GroupPolicy(group="all", policy_arn=ALL)]
    held.append(Membership(group="all", user="abe"))
    text = told(plan_of([*held, before], [*held, after]))

    first = text[text.index("Look at this first") :].split("\n\n")[0].splitlines()
    assert first[1] == "  abe loses the MFA guard policy/all on group/all"
    assert len(first) > 2


@settings(deadline=None, max_examples=examples(16))
@given(snapshots())
def test_every_live_user_and_group_is_managed_ignored_or_undeclared(snapshot):
    live = live_account(snapshot)
    half = [resource for number, resource in enumerate(live.state.of_kind(User)) if number % 2]
    plan = make_plan(Desired(Settings("p", live.account_id), "aws", State.of(half)), live, now=NOW)

    assert plan.counts["user"].live == len(live.state.of_kind(User))
    assert plan.counts["group"].live == len(live.state.of_kind(Group))


def test_every_kind_has_words_of_its_own():
    assert len({kind.title for kind in KINDS}) == len({kind.kind for kind in KINDS}) == len(KINDS)
    assert all(kind.noun for kind in KINDS)


@pytest.mark.parametrize("people", first(2, [1, 1500, 30]))
def test_markdown_stays_below_the_limit_and_never_leaves_out_what_goes(people):
    names = [f"person-{number:04d}" for number in range(people)]
    gone = [f"leaver-{number:02d}" for number in range(20)]
    live = [Group(name="everyone"), *map(user, gone)]
    tagged = [user(name, tags={"email": f"{name}@example.com"}) for name in names]
    desired = [Group(name="everyone"), *tagged, *(Membership(group="everyone", user=name) for name in names)]
    page = told(plan_of(live, desired, removed=gone), render_markdown)

    assert len(page) <= MOST_CHARACTERS
    assert all(f"`{name} will be deleted`" in page for name in gone)
    assert ("more lines are left out of this page" in page) == (people == 1500)
    assert page.count("<details") == page.count("</details>") > 0
    assert page.startswith("<!-- iamctl-plan prod -->\n")


@pytest.mark.parametrize("people", first(1, [21, 1000, 3000]))
def test_a_page_names_everybody_who_goes(people):
    gone = [f"leaver-{number:04d}" for number in range(people)]
    live = [*map(user, gone), Group(name="dev"), *(Membership(group="dev", user=name) for name in gone)]
    page = told(plan_of(live, [Group(name="dev"), user("alice")], removed=gone), render_markdown)

    assert len(page) <= MOST_CHARACTERS
    assert f"- **`{people:,} users will be deleted with {people:,} groups: {', '.join(gone)}`**\n" in page
    assert "that do" not in page


def test_up_to_twenty_who_go_have_a_line_each():
    gone = [f"leaver-{number:04d}" for number in range(20)]
    text = told(plan_of(list(map(user, gone)), [user("alice")], removed=gone))

    assert all(f"  {name} will be deleted\n" in text for name in gone)


def test_what_goes_along_is_told_in_sums():
    held = [HeldCredential(name) for name in "ABC"]
    keys = replace(NOBODY, ssh_keys=(held[0], held[1]), certificates=(held[2],))
    gone = [User(name=f"leaver-{number:02d}", credentials=keys if number else NOBODY) for number in range(30)]
    removed = [resource.name for resource in gone]
    groups = [Group(name=f"team-{number:02d}") for number in range(25)]
    members = [Membership(group=group.name, user=user.name) for group in groups for user in gone]
    signs = [LoginProfile(user=removed[0])]
    text = told(plan_of([*gone, *groups, *members, *signs], [user("alice")], removed, [one.name for one in groups]))

    first = text[text.index("Look at this first") :].split("\n\n")[0].splitlines()[1:]
    sums = "750 groups, 1 password, 58 SSH keys, 29 signing certificates"
    assert first == [
        f"  30 users will be deleted with {sums}: {', '.join(removed)}",
        f"  25 groups will be deleted with 750 memberships: {', '.join(one.name for one in groups)}",
    ]


def test_many_administrators_are_named_in_one_line():
    policy = Policy(name="all", document=allow("*"), arn=ALL)
    names = [f"person-{number:02d}" for number in range(30)]
    live = [*map(user, names), *(LoginProfile(user=name) for name in names)]
    live += [Group(name="admins"), GroupPolicy(group="admins", policy_arn=ALL), policy]
    text = told(plan_of(live, [*live, *(Membership(group="admins", user=name) for name in names)]))

    assert f"  30 users become administrators: {', '.join(names)}\n" in text


@pytest.mark.parametrize("people", first(2, [20, 21, 1500]))
def test_refusals_that_say_the_same_are_one_line_where_they_are_many(people):
    gone = [f"guarded-{number:04d}" for number in range(people)]
    others = [Finding("IAM408", Severity.REFUSE, f"{reason} each", Address.of("user", "x")) for reason in "ab"]
    says = "is protected and would be removed; remove it from protect first, in a separate change"
    same = [
        Finding("IAM408", Severity.REFUSE, f"user/{name} {says}", Address.of("user", name), facts=("deleted",))
        for name in gone
    ]
    plan = replace(plan_of([user("alice")], [user("alice")]), findings=(others[0], *same, others[1]))
    first = told(plan)[told(plan).index("Refused\n") :].split("\n\n")[0].splitlines()[1:]

    assert len(first) == (22 if people == 20 else 3)
    assert first[0] == "  refused: user/x: a each (IAM408)"
    if people > 20:
        names = ", ".join(f"user/{name}" for name in gone)
        assert first[1] == f"  refused {people:,} times: each {says}: {names} (IAM408)"
        assert names in told(plan, render_markdown)


def test_refusals_for_different_reasons_stay_apart():
    found = [
        Finding("IAM201", Severity.REFUSE, f"user/u{number} has {number} reasons", Address.of("user", f"u{number}"))
        for number in range(30)
    ]
    found += [Finding("IAM401", Severity.REFUSE, "this plan removes too much")] * 30
    text = told(replace(plan_of([user("alice")], [user("alice")]), findings=tuple(found)))

    assert text.count("  refused: ") == 60


def test_a_page_without_room_for_all_names_says_so_at_its_top():
    gone = [f"leaver-{number:04d}-{'x' * 40}" for number in range(2000)]
    page = told(plan_of(list(map(user, gone)), [user("alice")], removed=gone), render_markdown)

    assert MOST_CHARACTERS * 0.9 < len(page) <= MOST_CHARACTERS
    assert page.splitlines()[1] == "**4 lines are left out or cut; the whole plan is in its text and its JSON.**"
    names, left = re.search(
        r"2,000 users will be deleted: (.*),`\*\* … \(([0-9,]+) characters are left out\)", page
    ).groups()
    shown = names.split(", ")
    assert shown == gone[: len(shown)]
    assert int(left.replace(",", "")) == len(", ".join(gone)) - len(f"{names},")


def test_no_reason_however_long_leaves_other_sections_no_room():
    policy = Policy(name="all", document=allow("*"), arn=ALL)
    live = [user("eve"), Group(name="admins"), GroupPolicy(group="admins", policy_arn=ALL), policy, Group(name="dev")]
    live += [LoginProfile(user="eve"), Membership(group="dev", user="eve")]
    until = Membership(group="dev", user="eve", until="2026-11-30", why="because @all " * 6_000)
    page = told(plan_of(live, [*live[:-1], until, Membership(group="admins", user="eve")]), render_markdown)

    assert "**`eve becomes an administrator`**" in page
    assert "joins admins" in page
    (ending,) = (text for text in page.splitlines() if "2026-11-30" in text and "because" in text)
    assert re.search(r" because(?: `@all`)? … \([0-9,]{6} characters are left out\)$", ending)
    assert len(ending) < 1000
    assert page.splitlines()[1] == "**1 line is left out or cut; the whole plan is in its text and its JSON.**"
    assert page.rstrip().endswith("`")


def test_a_line_is_cut_only_where_the_page_has_no_room():
    said = "x" * 5_000

    assert said in render_markdown(Report({}, (Section("People", (line(said),)),)))
    assert said not in render_markdown(Report({}, (Section("People", (line(said),)),)), 4_000)


@pytest.mark.parametrize("before", first(2, range(8)))
def test_no_cut_is_inside_an_escape(before):
    said = "y" * before + "\x1b" * 20_000
    page = render_markdown(Report({}, (Section("People", (line(said),), is_detail=True),)))

    shown = re.search("- `(.*)` … ", page)[1]
    assert re.fullmatch(r"y*(\\u\{001B\})+", shown)
    left = int(re.search(r"\(([0-9,]+) characters are left out", page)[1].replace(",", ""))
    assert len(shown) + left == before + 20_000 * len(r"\u{001B}")


def test_what_is_no_detail_keeps_its_first_lines_and_comes_before_all_details():
    many = tuple(line(f"number {number}") for number in range(9_000))
    sections = (Section("A", many, is_detail=True), Section("B", many), Section("C", many), Section("", many[:3]))

    page = render_markdown(Report({}, sections))
    first, second, third = re.split("^### [BC]$", page, flags=re.MULTILINE)

    assert len(page) <= MOST_CHARACTERS
    left = [int(number.replace(",", "")) for number in re.findall(r"\*\*([0-9,]+) more lines are left out", page)]
    assert first.count("- `number") == 0
    assert second.count("- `number") > third.count("- `number") > 20
    assert page.rstrip().endswith("- `number 2`")
    assert page.startswith(
        f"**{sum(left):,} lines are left out or cut; the whole report is in its text and its JSON.**"
    )
    assert [left[0], page.count("- `number") + left[1] + left[2]] == [9_000, 18_003]


def test_the_longest_detail_is_cut_first():
    short, long = ([line(f"person-{number} joins") for number in range(count)] for count in (50, 5000))
    sections = (Section("People", tuple(long), is_detail=True), Section("Who joins", tuple(short), is_detail=True))

    page = render_markdown(Report({}, sections))

    people, joins = page.split("<b>Who joins</b>")
    assert "more lines are left out of this page" in people
    assert "person-49 joins" in joins
    assert "left out" not in joins
    assert MOST_CHARACTERS * 0.9 < len(page) <= MOST_CHARACTERS
