"""Who is affected by changes of policies, of what groups and users have, and of boundaries: by name, and through what."""

from iamctl.access.affected import Reached, affected, touched_users
from iamctl.access.held import PolicySources
from iamctl.account.live import Live, Role
from iamctl.comparison.diff import diff
from iamctl.kinds import Group, GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserPolicy
from iamctl.model import Address, State
from iamctl.model.affected import Affected, Through, Way
from iamctl.policy import Document

ARN = "arn:aws:iam::123456789012:policy/tool"
DEV, OPS = Through(Way.GROUP, "dev"), Through(Way.GROUP, "ops")
DIRECT, BOUNDARY = Through(Way.DIRECT), Through(Way.BOUNDARY)
USERS = [User(name=name) for name in ("alice", "bob", "carol", "dave")]
GROUPS = [Group(name="dev"), Group(name="ops")]


def policy(action):
    block = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return Policy(name="tool", document=Document.from_data({"Version": "2012-10-17", "Statement": block}), arn=ARN)


def members(group, *users):
    return [Membership(group=group, user=user) for user in users]


def looked_at(before, after, roles=()):
    before, after = State.of(before), State.of(after)
    changes = diff(before, after)
    live = Live("123456789012", "aws", before, roles=roles)
    sides = (Reached(PolicySources(live, state), state) for state in (before, after))
    return changes, affected(changes, *sides)


def told(before, after, roles=()):
    return {str(address): found for address, found in looked_at(before, after, roles)[1].items()}


def test_a_changed_document_affects_everybody_who_has_the_policy_once_each():
    held = [
        *GROUPS,
        *members("dev", "alice", "bob"),
        *members("ops", "bob"),
        *(GroupPolicy(group=group, policy_arn=ARN) for group in ("dev", "ops")),
        UserPolicy(user="carol", policy_arn=ARN),
        *USERS[:3],
        User(name="dave", permissions_boundary=ARN.upper().replace("ARN:AWS:IAM", "arn:aws:iam")),
    ]
    roles = (Role("ci", policies=(ARN,)), Role("bounded", boundary=ARN), Role("other"))

    found = told([policy("s3:*"), *held], [policy("ec2:*"), *held], roles)

    ways = (DEV, OPS, DIRECT, BOUNDARY)
    assert found == {"policy/tool": Affected(("alice", "bob", "carol", "dave"), ("bounded", "ci"), ways)}


def test_what_a_group_gains_affects_its_members_afterwards_and_what_it_loses_those_before():
    inline = GroupInlinePolicy(group="dev", name="logs", document=policy("logs:*").document)
    base = [*USERS, *GROUPS, policy("s3:*")]

    found = told(
        [*base, *members("dev", "alice", "bob"), GroupPolicy(group="dev", policy_arn=ARN)],
        [*base, *members("dev", "bob", "carol"), inline],
    )

    assert found[str(inline.address)] == Affected(("bob", "carol"), (), (DEV,))
    assert found[f"group-policy/dev/{ARN}"] == Affected(("alice", "bob"), (), (DEV,))
    assert len(found) == 2  # memberships name their user themselves


def test_a_boundary_that_is_set_affects_its_user_and_a_policy_that_nobody_has_affects_nobody():
    before = [*USERS, policy("s3:*")]
    after = [User(name="alice", permissions_boundary=ARN), *USERS[1:3], User(name="dave", path="/x/"), policy("ec2:*")]

    assert told(before, after) == {
        "user/alice": Affected(("alice",), (), (BOUNDARY,)),
        "policy/tool": Affected(("alice",), (), (BOUNDARY,)),
    }
    assert told([policy("s3:*")], [policy("ec2:*")]) == {"policy/tool": Affected()}


def test_touched_are_those_affected_and_those_whom_a_change_names():
    held = [*GROUPS, *members("dev", "alice"), GroupPolicy(group="dev", policy_arn=ARN), *USERS[:2]]
    before = [policy("s3:*"), *held, User(name="carol"), *USERS[3:]]
    after = [policy("ec2:*"), *held, User(name="carol", tags={"a": "b"}), *USERS[3:], *members("ops", "bob")]

    changes, found = looked_at(before, after)

    assert touched_users(changes, found) == {Address.of("user", name) for name in ("alice", "bob", "carol")}
