"""From what an import writes, a plan finds nothing to change: for every account, read from a file or by API calls."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from strategies import ACCOUNT, snapshots
from world import world

from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.commands.workspace import declared, open_tree
from iamctl.kinds import User
from iamctl.manifests.write import manifest_files, policies_to_describe
from iamctl.planning.plan import make_plan

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TRUSTED = settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])


def plan_of_import(live):
    with tempfile.TemporaryDirectory() as directory:
        for path, text in manifest_files(live, account_name="main").files.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        desired = declared(open_tree(Path(directory)), "main", live.partition, NOW)
    return make_plan(desired, live, now=NOW)


@TRUSTED
@given(snapshots(odd=True))
def test_a_plan_from_an_import_changes_and_refuses_nothing(snapshot):
    plan = plan_of_import(live_account(snapshot))

    assert plan.changes == ()
    assert plan.calls == ()
    assert not plan.is_refused


@settings(TRUSTED, max_examples=examples(15))
@given(snapshots(odd=True))
def test_so_it_is_when_the_account_is_read_by_api_calls(snapshot):
    with world(snapshot) as sandbox:
        known = sandbox.live.fetch(Needs())
        needs = Needs.of(policy_details=policies_to_describe(live_account(known)))
        live = live_account(sandbox.live.fetch(needs, known))
    plan = plan_of_import(live)

    assert len(live.state.of_kind(User)) == len(snapshot["UserDetailList"])
    assert plan.changes == ()
    assert not plan.is_refused


@TRUSTED
@given(snapshots())
def test_of_what_iam_takes_all_is_declared_but_what_only_roles_use(snapshot):
    found = manifest_files(live_account(snapshot), account_name="main")
    plan = plan_of_import(live_account(snapshot))

    assert found.refused == {}
    assert found.counts["users"] == len(snapshot["UserDetailList"])
    assert found.counts["groups"] == len(snapshot["GroupDetailList"])
    assert found.counts["memberships"] == sum(len(user["GroupList"]) for user in snapshot["UserDetailList"])
    assert found.counts["policies"] + found.role_policies == len(snapshot["Policies"])
    assert len(plan.undeclared) == found.role_policies
    assert plan.ignored == ()


@TRUSTED
@given(snapshots(odd=True))
def test_the_order_of_lists_in_a_snapshot_changes_no_byte(snapshot):
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in snapshot.items()}

    assert files(turned) == files(snapshot)


def files(snapshot):
    return manifest_files(live_account(snapshot), account_name=ACCOUNT).files


ODD = {
    "a tag that looks like a key of an access key": [{"Key": "AKIAIOSFODNN7EXAMPLE", "Value": "laptop"}],
    "a tag whose value is the id of an access key": [{"Key": "key", "Value": "AKIAIOSFODNN7EXAMPLE"}],
    "a tag that looks like a password": [{"Key": "Password", "Value": "in the safe"}],
    "a tag with a character that IAM does not take": [{"Key": "x\u2800", "Value": "v\u3164"}],
    "a tag with half a character": [{"Key": "x", "Value": "\ud800"}],
}


@pytest.mark.parametrize("tags", ODD.values(), ids=ODD)
def test_users_that_manifests_may_not_declare_stay_as_they_are_in_their_groups(tags):
    plan = plan_of_import(live_account(account([{"UserName": "u", "GroupList": ["g"], "Tags": tags}])))

    assert plan.changes == ()


def test_users_whose_boundary_the_account_does_not_know_stay_as_they_are():
    user = {"UserName": "u", "GroupList": ["g"], "PermissionsBoundary": {"PermissionsBoundaryArn": GONE}}
    plan = plan_of_import(live_account(account([user])))

    assert plan.changes == ()
    assert not plan.is_refused


GONE = f"arn:aws:iam::{ACCOUNT}:policy/gone"
NAMES = ["AKIAIOSFODNN7EXAMPLE", "{{", "a*", "a\nb", "\u202e\u3164", "half \ud800", "<<", "[x]"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_manifests_may_not_hold_change_nothing_wherever_they_stand(name):
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    inline = [{"PolicyName": name, "PolicyDocument": ALLOW}]
    attached = [{"PolicyName": name, "PolicyArn": policy_arn}]
    user = {"UserName": name, "GroupList": ["g"]}
    other = {"UserName": "other", "GroupList": ["g", name], "UserPolicyList": inline}
    third = {"UserName": "third", "GroupList": ["g"], "AttachedManagedPolicies": attached}
    bounded = {"UserName": "bounded", "PermissionsBoundary": {"PermissionsBoundaryArn": policy_arn}}
    group = {"GroupName": name, "AttachedManagedPolicies": attached}
    with_inline = {"GroupName": "h", "GroupPolicyList": inline}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": ALLOW}
    policy = {"PolicyName": name, "Arn": policy_arn, "PolicyVersionList": [version]}
    snapshot = account([user, other, third, bounded], [group, with_inline], [policy])

    plan = plan_of_import(live_account(snapshot))

    assert plan.changes == ()
    assert not plan.is_refused


def test_documents_with_a_secret_stay_as_they_are_in_aws_and_are_not_written():
    statement = {"Sid": "AKIAIOSFODNN7EXAMPLE", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    secret = {"Version": "2012-10-17", "Statement": [statement]}
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": secret}
    policy = {"PolicyName": "p", "Arn": policy_arn, "PolicyVersionList": [version]}
    group = {"GroupName": "k", "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": policy_arn}]}
    with_inline = {"GroupName": "h", "GroupPolicyList": [{"PolicyName": "i", "PolicyDocument": secret}]}
    live = live_account(account([], [group, with_inline], [policy]))

    written = manifest_files(live, account_name="main")

    assert set(map(str, written.refused)) == {"policy/p", "group/h"}
    assert all("access key ID" in why for why in written.refused.values())
    assert not any("AKIAIO" in text for text in written.files.values())
    assert plan_of_import(live).changes == ()


ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def account(users, groups=(), policies=()):
    return {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": users,
        "GroupDetailList": [{"GroupName": "g"}, *groups],
        "Policies": list(policies),
    }


def test_a_large_account_is_spread_over_files_that_the_loader_reads():
    tags = [{"Key": f"key-{number}", "Value": "v" * 200} for number in range(40)]
    users = [{"UserName": f"u{number}", "GroupList": ["g"], "Tags": tags} for number in range(200)]
    live = live_account(account(users))

    found = manifest_files(live, account_name="main")
    assert [path for path in found.files if path.startswith("users")] == [f"users-{n}.yaml" for n in range(1, 5)]
    assert plan_of_import(live).changes == ()
