"""What a plan works out once: the comparison of the manifests with the account."""

from datetime import UTC, datetime

from iamctl.access.delta import changes_between
from iamctl.account.live import live_account
from iamctl.kinds import Group, GroupPolicy, User
from iamctl.model import Address, State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import compare, make_plan, plan_of, review_of

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ACCOUNT = "123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SNAPSHOT = {
    "account": {"id": ACCOUNT, "partition": "aws"},
    "UserDetailList": [{"UserName": "u", "GroupList": ["g"]}],
    "GroupDetailList": [
        {"GroupName": "g", "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]}
    ],
}
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "Document": DOCUMENT}
POLICY = {"PolicyName": "ReadOnlyAccess", "Arn": READ_ONLY, "PolicyVersionList": [VERSION]}


def desired(*resources):
    return Desired(Settings("prod", ACCOUNT), "aws", State.of(resources))


def test_the_documents_of_aws_change_no_resource():
    before, after = live_account(SNAPSHOT), live_account({**SNAPSHOT, "Policies": [POLICY]})

    assert READ_ONLY in after.aws_documents
    assert before.state == after.state


def test_a_comparison_that_knows_more_gives_the_plan_of_a_fresh_one():
    wanted = desired(User(name="u"), Group(name="g"), GroupPolicy(group="g", policy_arn=READ_ONLY))
    known = live_account({**SNAPSHOT, "Policies": [POLICY]})
    compared = compare(wanted, live_account(SNAPSHOT), NOW)

    assert compared.unread_policies == (READ_ONLY,)
    assert compared.knowing(known).unread_policies == ()
    assert plan_of(review_of(compared.knowing(known))) == make_plan(wanted, known, now=NOW)


def test_without_changes_no_document_is_asked_for():
    live = live_account(SNAPSHOT)

    assert compare(desired(*live.state), live, NOW).unread_policies == ()


def test_what_becomes_known_later_is_held_as_if_it_had_been_known_at_once():
    account = {
        **SNAPSHOT,
        "UserDetailList": [
            {
                "UserName": "u",
                "GroupList": ["g"],
                "PermissionsBoundary": {"PermissionsBoundaryArn": READ_ONLY},
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": DOCUMENT}],
            }
        ],
        "RoleDetailList": [{"RoleName": "r", "AttachedManagedPolicies": [{"PolicyArn": READ_ONLY}]}],
    }
    user = User(name="u", permissions_boundary=READ_ONLY)
    wanted, known = desired(user, Group(name="g")), live_account({**account, "Policies": [POLICY]})
    before = compare(wanted, live_account(account), NOW)
    assert all(held.document is None for held in before.sources.held_by(Address.of("group", "g")))
    assert READ_ONLY.lower() not in before.holdings.documents

    late, fresh = before.knowing(known), compare(wanted, known, NOW)

    assert late.holdings == fresh.holdings
    assert told(late.sources, user) == told(fresh.sources, user)
    assert [document for *_, document in told(late.sources, user)].count(None) == 0


def test_a_role_is_not_touched_when_documents_of_aws_become_known():
    inline = [{"PolicyName": "own", "PolicyDocument": DOCUMENT}]
    account = {**SNAPSHOT, "RoleDetailList": [{"RoleName": "r", "RolePolicyList": inline}]}
    known = live_account({**account, "Policies": [POLICY]})
    late = compare(desired(User(name="u"), Group(name="g")), live_account(account), NOW).knowing(known)
    before, after = review_of(late).sides

    role = Address.of("role", "r")
    assert before.holdings(role) == after.holdings(role)
    assert changes_between(before, after, late.desired.state).unchanged == 0


def told(sources, user):
    held = [*sources.direct(), *sources.reaching(user.address), sources.boundary(user)]
    held += [one for role in sources.roles for one in sources.of_role(role)]
    return [(str(one.holder), one.policy, one.key, one.way, one.document and one.document.text) for one in held]
