"""What a sandbox was loaded from is what its IAM answers."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sandbox_reader import LISTS, read_details

from iamctl.sandbox import open_sandbox

SNAPSHOTS = Path(__file__).resolve().parents[2] / "../shared/data/snapshots"


def snapshot_files():
    files = sorted(SNAPSHOTS.glob("*.json")) if SNAPSHOTS.is_dir() else []
    return files or [pytest.param(None, marks=pytest.mark.skip(reason="the shared snapshots are not here"))]


def plain(value):
    """Times as text in UTC, and nothing where nothing was said."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {
            key: moment(held) if key.endswith("Date") and isinstance(held, str) else plain(held)
            for key, held in value.items()
            if held not in ([], {}, None)
        }
    if isinstance(value, list):
        return [plain(held) for held in value]
    return value


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def account_of(snapshot):
    for name in LISTS:
        for detail in snapshot[name]:
            if detail["Arn"].split(":")[4].isdigit():
                return detail["Arn"].split(":")[4]
    raise AssertionError("no ARN names the account")


def expected(snapshot):
    """The details of a snapshot as IAM answers them: AWS-managed policies and descriptions are told elsewhere.

    Files that somebody edited after AWS wrote them attach a policy twice and count attachments that are not there.
    """
    details = {name: [dict(detail) for detail in snapshot.get(name, [])] for name in LISTS}
    details["Policies"] = [one for one in details["Policies"] if one["Arn"].split(":")[4] != "aws"]
    users, groups, roles = (details[name] for name in LISTS[:3])
    for entity in users + groups + roles:
        entity["Path"] = entity["Path"] or "/"
        entity["AttachedManagedPolicies"] = list(
            {one["PolicyArn"]: one for one in entity["AttachedManagedPolicies"]}.values()
        )
    arns = [one["PolicyArn"] for entity in users + groups + roles for one in entity["AttachedManagedPolicies"]]
    for policy in details["Policies"]:
        policy["AttachmentCount"] = arns.count(policy["Arn"])
        policy.pop("Description", None)
        policy.pop("Tags", None)
    return details


@pytest.mark.parametrize("path", snapshot_files(), ids=lambda path: path and path.stem)
def test_a_recorded_account_reads_back_as_it_was(path):
    snapshot = json.loads(path.read_text())

    with open_sandbox(snapshot, account_id=account_of(snapshot)) as session:
        answer = read_details(session.client("iam"), page_size=7)

    for name in LISTS:
        assert plain(answer[name]) == plain(expected(snapshot)[name])


WITHOUT_IDS = {
    "UserDetailList": [{"UserName": "alice", "GroupList": ["ops", "told-only-here"]}, {"UserName": "bob"}],
    "GroupDetailList": [
        {"GroupName": "ops", "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::123456789012:policy/nobody"}]},
        {"GroupName": "alice"},
    ],
    "RoleDetailList": [
        {"RoleName": "alice", "InstanceProfileList": [{"InstanceProfileName": "alice"}, {"InstanceProfileName": "b"}]}
    ],
    "Policies": [{"Arn": "arn:aws:iam::123456789012:policy/p", "PolicyVersionList": [], "DefaultVersionId": "v1"}],
}


def ids(account_id="123456789012"):
    with open_sandbox(WITHOUT_IDS, account_id=account_id) as session:
        iam = session.client("iam")
        answer = read_details(iam)
        profiles = iam.list_instance_profiles()["InstanceProfiles"]
    return [
        value
        for name in LISTS
        for detail in [*answer[name], *(profiles if name == "RoleDetailList" else ())]
        for key, value in detail.items()
        if key in {"UserId", "GroupId", "RoleId", "PolicyId", "InstanceProfileId"}
    ]


def test_ids_that_a_file_leaves_out_are_the_same_each_time():
    first = ids()

    assert first == ids()
    assert len(first) == len(set(first)) == 9
    assert {len(identity) for identity in first} == {21}
    assert not set(first) & set(ids("210987654321"))


def test_who_is_made_anew_has_another_id_than_the_one_who_was_loaded():
    with open_sandbox(WITHOUT_IDS, account_id="123456789012") as session:
        iam = session.client("iam")
        before = iam.get_user(UserName="bob")["User"]["UserId"]
        iam.delete_user(UserName="bob")

        assert iam.create_user(UserName="bob")["User"]["UserId"] != before
