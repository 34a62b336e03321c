"""Who holds which policy is looked up in one place, for users, groups and roles."""

from iamctl.access.held import PolicySources
from iamctl.access.per_document import PerDocument
from iamctl.account.live import Live, Role
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User, UserPolicy
from iamctl.model import Address, State
from iamctl.policy import Document

READ = Document.from_data(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
)
ARN = "arn:aws:iam::123456789012:policy/Read"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ROLE = Role("Ci", (ADMIN,), {"Inline": READ}, ARN)
STATE = State.of(
    (
        User(name="alice", permissions_boundary=ARN),
        Policy(name="Read", document=READ, arn=ARN),
        Membership(group="ops", user="alice"),
        Membership(group="dev", user="alice"),
        GroupPolicy(group="dev", policy_arn=ARN),
        GroupInlinePolicy(group="ops", name="Own", document=READ),
        UserPolicy(user="alice", policy_arn=ADMIN),
    )
)
SOURCES = PolicySources(Live("123456789012", "aws", STATE, roles=(ROLE,)), STATE)
ALICE = Address.of("user", "alice")


def told(held):
    return [(str(one.holder), one.policy, one.key, one.way, one.document) for one in held]


def test_policies_reach_a_user_through_groups_and_directly():
    assert told(SOURCES.reaching(ALICE)) == [
        ("group/dev", "policy/Read", ARN.lower(), "group", READ),
        ("group/ops", "group-inline-policy/ops/Own", "group-inline-policy/ops/Own", "group", READ),
        ("user/alice", "aws:AdministratorAccess", ADMIN.lower(), "user", None),
    ]


def test_a_boundary_is_no_policy_that_reaches_a_user():
    assert told([SOURCES.boundary(STATE.get(ALICE))]) == [("user/alice", "policy/Read", ARN.lower(), "boundary", READ)]


def test_a_role_has_policies_and_a_boundary_too():
    assert told(SOURCES.of_role(ROLE)) == [
        ("role/Ci", "aws:AdministratorAccess", ADMIN.lower(), "role", None),
        ("role/Ci", "role/Ci/Inline", "role/ci/Inline", "role", READ),
    ]
    assert told([SOURCES.boundary_of_role(ROLE)]) == [("role/Ci", "policy/Read", ARN.lower(), "boundary", READ)]


def test_an_answer_is_worked_out_once_for_each_document():
    asked = []
    answer = PerDocument(lambda document: asked.append(document) or len(asked))
    same = Document.from_data(READ.data)

    assert [answer(READ), answer(same), answer(READ)] == [1, 2, 1]
