"""What a page shows of each person is the account after a plan minus the account before it, never a guess from names."""

from datetime import UTC, datetime

from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iamctl.access.held import PolicySources
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, User, UserPolicy
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.report.page import Sign
from iamctl.report.page_edges import Both, Edges

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PEOPLE, GROUPS = ("ann", "bob", "Cy"), ("dev", "ops", "ann")
ARNS = tuple(f"arn:aws:iam::123456789012:policy/{name}" for name in ("p", "q"))
ALLOW = Document.from_data(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)
SOME = [
    *(Membership(group=group, user=user) for group in GROUPS for user in PEOPLE),
    *(GroupPolicy(group=group, policy_arn=arn) for group in GROUPS for arn in ARNS),
    *(UserPolicy(user=user, policy_arn=arn) for user in PEOPLE for arn in ARNS),
    *(GroupInlinePolicy(group=group, name=name, document=ALLOW) for group in GROUPS for name in ("i", "p")),
]
EDGES = st.sets(st.sampled_from(range(len(SOME))))
ROOTS = st.tuples(st.sets(st.sampled_from(PEOPLE)), st.sets(st.sampled_from(GROUPS)))


def state(roots, edges, bounded=""):
    people, groups = roots
    users = [User(name=name, permissions_boundary=ARNS[0] if name == bounded else None) for name in sorted(people)]
    found = [*users, *(Group(name=name) for name in sorted(groups))]
    ends = {None, *people}, {None, *groups}
    chosen = (SOME[number] for number in sorted(edges))
    found += [one for one in chosen if getattr(one, "user", None) in ends[0] and getattr(one, "group", None) in ends[1]]
    return State.of(found)


def page_edges(before, after):
    live = Live("123456789012", "aws", before)
    return Edges(Both(live, before, after, after, NOW, {}, {}))


def held(one, user):
    """Return the edges of the access of a user in a state: the groups, and each policy with what brings it."""
    sources, address = PolicySources(Live("123456789012", "aws", one), one), Address.of("user", user)
    if address not in one:
        return set()
    groups = sources.groups(address)
    found = {("group", group.name) for group in groups}
    found |= {(group.name, policy.key) for group in groups for policy in sources.held_by(group)}
    found |= {("", policy.key) for policy in sources.held_by(address)}
    boundary = sources.boundary(one.get(address))
    return found | ({("boundary", boundary.key)} if boundary else set())


def shown(edges, keys, person):
    """Return the same edges as the page has them, with their signs."""
    found = {}
    for edge in person.groups:
        group = edges.groups[edge.target]
        found["group", group.name] = edge.sign
        found |= {(group.name, keys[one.target]): one.sign for one in of_member(group, edge.sign)}
    found |= {("", keys[one.target]): one.sign for one in person.policies}
    return found | {("boundary", keys[one.target]): one.sign for one in person.boundary}


def of_member(group, sign):
    """Return what a member who stays, joins or leaves has through a group."""
    return {Sign.KEPT: group.policies, Sign.ADDED: group.joining, Sign.REMOVED: group.leaving}[sign]


def keys_of(edges):
    return {number: key for key, number in edges._policies.items()}


@settings(deadline=None, max_examples=examples(200))
@given(ROOTS, ROOTS, EDGES, EDGES, st.sampled_from(["", *PEOPLE]), st.sampled_from(["", *PEOPLE]))
@example(({"ann"}, {"dev"}), ({"ann", "bob"}, {"dev"}), {0, 9}, {0, 1}, "", "")
def test_green_is_after_minus_before_and_red_is_before_minus_after(roots, new_roots, was, will, bound, new_bound):
    before, after = state(roots, was, bound), state(new_roots, will, new_bound)

    edges = page_edges(before, after)
    keys = keys_of(edges)

    assert {person.name for person in edges.people} == roots[0] | new_roots[0]
    for person in edges.people:
        old, new = held(before, person.name), held(after, person.name)
        found = shown(edges, keys, person)
        assert {edge for edge, sign in found.items() if sign is Sign.ADDED} == new - old
        assert {edge for edge, sign in found.items() if sign is Sign.REMOVED} == old - new
        assert {edge for edge, sign in found.items() if sign is Sign.KEPT} == old & new


def test_a_new_member_does_not_lose_what_the_group_loses():
    dev, ann = SOME.index(GroupPolicy(group="dev", policy_arn=ARNS[0])), SOME.index(Membership(group="dev", user="ann"))
    roots = ({"ann"}, {"dev"})

    edges = page_edges(state(roots, {dev}), state(roots, {ann}))

    (person,), (group,) = edges.people, edges.groups
    (joined,) = person.groups
    assert joined.sign is Sign.ADDED
    assert of_member(group, joined.sign) == ()
    assert [one.sign for one in group.policies] == [Sign.REMOVED]


def test_a_policy_says_what_it_allows_and_whether_its_document_is_known():
    inline = SOME.index(next(one for one in SOME if isinstance(one, GroupInlinePolicy) and one.name == "i"))
    managed = SOME.index(GroupPolicy(group="dev", policy_arn=ARNS[1]))

    edges = page_edges(state(((), {"dev"}), set()), state(((), {"dev"}), {inline, managed}))

    found = {policy.name: policy for policy in edges.policies()}
    assert found["i (inline)"].is_known
    assert found["i (inline)"].grants[0].startswith("s3 ")
    assert not found["q"].is_known
    assert found["q"].grants == ()


def test_a_group_counts_its_members_before_and_after():
    roots = ({"ann", "bob"}, {"dev"})

    (group,) = page_edges(state(roots, {0, 1}), state(roots, {1})).groups

    assert group.members == (2, 1)
