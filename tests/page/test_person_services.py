"""The page says of every person which services they may use, as the access review does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from page_text import checked_page

from iamctl.access.services import Services
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Membership, Policy, User, UserInlinePolicy
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.render.html import render_html
from iamctl.report.access_words import LEVELS
from iamctl.report.blocks import Report, Section
from iamctl.report.page import Page, Sign
from iamctl.report.page_edges import Both, Edges

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PEOPLE = ("ann", "bob")
GROUPS = ("dev", "ops", "all")
BOUNDARY = "arn:aws:iam::123456789012:policy/edge"


def document(effect, actions, resource="*", *, verb="Action", condition=None):
    statement = {"Effect": effect, verb: actions, "Resource": resource}
    return Document.from_data(
        {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    )


MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DOCUMENTS = (
    document("Allow", "s3:*"),
    document("Allow", ["sqs:SendMessage", "iam:GetUser", "iam:PutUserPolicy"]),
    document("Allow", "s3:GetObject", "arn:aws:s3:::own/*"),
    document("Allow", "ec2:*", condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    document("Deny", ["s3:Put*", "s3:Delete*", "sqs:*"]),
    document("Deny", "*", "arn:aws:s3:::own/*"),
    document("Deny", ["iam:List*", "iam:Get*"], verb="NotAction", condition=MFA),
    document("Allow", "*"),
)
BOUNDS = (None, document("Allow", ["s3:*", "iam:*"]), document("Allow", ["ec2:*", "s3:List*"]))
HOLDERS = (
    *((GroupInlinePolicy, "group", name) for name in GROUPS),
    *((UserInlinePolicy, "user", one) for one in PEOPLE),
)
HELD = st.sets(st.tuples(st.sampled_from(range(len(HOLDERS))), st.sampled_from(range(len(DOCUMENTS)))), max_size=4)
MEMBERS = st.sets(st.tuples(st.sampled_from(GROUPS), st.sampled_from(PEOPLE)))
SIDE = st.tuples(MEMBERS, HELD, st.sampled_from(range(3)), st.sets(st.sampled_from(PEOPLE)))


def state(side):
    members, held, bound, bounded = side
    resources = [
        *(User(name=one, permissions_boundary=BOUNDARY if one in bounded else None) for one in PEOPLE),
        *(Group(name=one) for one in GROUPS),
        *(Membership(group=group, user=user) for group, user in members),
    ]
    for holder, number in held:
        kind, key, name = HOLDERS[holder]
        resources.append(kind(**{key: name}, name=f"p{number}", document=DOCUMENTS[number]))
    if BOUNDS[bound]:
        resources.append(Policy(name="edge", arn=BOUNDARY, document=BOUNDS[bound]))
    return State.of(resources)


def live(one):
    return Live("123456789012", "aws", one)


def page_of(before, after):
    return _page(Edges(Both(live(before), before, after, after, NOW, {}, {})))


def _page(edges):
    return Page(NOW, people=edges.people, groups=edges.groups, policies=edges.policies(), services=edges.services())


def shown(page, number, *, after):
    """Return what the page says of a person before or after: what any of their policies adds."""
    person, services = page.people[number], page.services
    edges = [*person.policies]
    for edge in person.groups:
        group = page.groups[edge.target]
        edges += {Sign.KEPT: group.policies, Sign.ADDED: group.joining, Sign.REMOVED: group.leaving}[edge.sign]
    found = {}
    for edge in edges:
        if edge.sign is (Sign.REMOVED if after else Sign.ADDED):
            continue
        less = services.limited[services.of_people[number][after]]
        now = services.before.get(edge.target, services.after[edge.target])
        share = less.get(edge.target, services.after[edge.target] if after else now)
        for level, names in share.levels:
            found.setdefault(level, set()).update(names)
    return found


def reviewed(sides, person):
    return {part.level: set(part.services) for part in Services(sides).of(person).levels}


@settings(deadline=None, max_examples=examples(24))
@given(SIDE, SIDE)
@example(({("dev", "ann")}, {(0, 0), (3, 4)}, 1, {"ann"}), ({("dev", "ann")}, {(0, 1), (3, 4)}, 2, {"ann"}))
@example((set(), {(3, 7), (4, 7)}, 0, set()), ({("all", "bob")}, {(3, 7), (4, 7), (2, 4)}, 2, {"ann"}))
def test_the_page_says_of_everybody_what_the_review_says(was, will):
    before, after = state(was), state(will)

    edges = Edges(Both(live(before), before, after, after, NOW, {}, {}))
    page = _page(edges)

    assert [person.name for person in page.people] == list(PEOPLE)
    for number, name in enumerate(PEOPLE):
        person = Address.of("user", name)
        for side, sides in enumerate(edges._sides):
            assert shown(page, number, after=bool(side)) == reviewed(sides, person)


def test_a_condition_on_a_tag_is_decided_for_each_person():
    tagged = document("Allow", "sqs:*", condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    own = document("Allow", "s3:GetObject", "arn:aws:s3:::home/${aws:username}/*")
    one = State.of(
        [
            *(User(name=name, tags={"team": team}) for name, team in (("ann", "red"), ("bob", "blue"))),
            Group(name="all"),
            *(Membership(group="all", user=name) for name in PEOPLE),
            GroupInlinePolicy(group="all", name="tagged", document=tagged),
            GroupInlinePolicy(group="all", name="own", document=own),
        ]
    )

    page = page_of(one, one)

    told = [{LEVELS[level]: names for level, names in shown(page, number, after=True).items()} for number in range(2)]
    assert told[0]["write"] == {"sqs"}
    assert told[0]["read"] == {"s3", "sqs"}
    assert told[1] == {"read": {"s3"}}


def test_people_with_equal_limits_share_them():
    people = [f"user-{number}" for number in range(40)]
    one = State.of(
        [
            *(User(name=name) for name in people),
            *(Group(name=name) for name in GROUPS),
            *(Membership(group=GROUPS[number % 2], user=name) for number, name in enumerate(people)),
            *(Membership(group="all", user=name) for name in people),
            GroupInlinePolicy(group="dev", name="s3", document=DOCUMENTS[0]),
            GroupInlinePolicy(group="ops", name="sqs", document=DOCUMENTS[1]),
            GroupInlinePolicy(group="all", name="deny", document=DOCUMENTS[4]),
        ]
    )

    page = page_of(one, one)

    assert len(page.services.limited) == 2
    assert {*page.services.of_people} == {(1, 1)}
    data = checked_page(render_html(Report({}, (Section("A", ()),), page=page)))["page"]
    assert len(data["profiles"]) == 1


@pytest.fixture(scope="module")
def both():
    """Return a page on which ann gains a service, loses one and keeps others."""
    before = state(({("dev", "ann"), ("all", "ann")}, {(0, 0), (0, 1), (2, 4)}, 0, set()))
    after = state(({("dev", "ann"), ("ops", "ann")}, {(0, 0), (0, 1), (3, 3)}, 0, set()))
    return render_html(Report({}, (Section("A", ()),), page=page_of(before, after)))


def test_the_browser_shows_services_by_level_with_signs(opened, both):
    found = opened(both, fragment="#person=ann")

    titles = found("[...document.querySelectorAll('.one h4')].map((one) => one.textContent)")
    assert "Access by service" in titles
    told = found(
        "Object.fromEntries([...document.querySelectorAll('.one .uses dt')].map((one) => "
        "[one.textContent, [...one.nextSibling.children].map((part) => part.textContent)]))"
    )
    assert told["write"] == ["s3", "+ ec2, sqs"]
    assert told["read"] == ["iam, s3", "+ ec2"]
    assert told["permissions management"] == ["iam, s3", "+ ec2"]
