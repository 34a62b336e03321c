"""What is kept of those who go: every fact that may be known, no secret, on disk before anything else."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from iamctl.apply.restore import RestoreFileError, restore_facts, write_restore_file
from iamctl.kinds import Group, Membership, Policy, User
from iamctl.model import Account, Change, Plan
from iamctl.policy import Document

ACCOUNT = "123456789012"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:policy/deploy"
SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas/restore.schema.json").read_text(encoding="utf-8"))
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
SECRET = "wJalrXUtnFEMI/K7MDENG"
SNAPSHOT = {
    "taken_at": "2026-11-23T10:00:00Z",
    "UserDetailList": [
        {"UserName": "bob", "UserId": "AIDABOB", "Path": "/", "GroupList": ["Ops"]},
        {
            "UserName": "Alice",
            "UserId": "AIDAALICE",
            "Path": "/people/",
            "GroupList": ["dev", "Ops"],
            "UserPolicyList": [{"PolicyName": "notes", "PolicyDocument": READ}],
            "AttachedManagedPolicies": [{"PolicyName": "deploy", "PolicyArn": DEPLOY}],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": DEPLOY},
            "Tags": [{"Key": "hr:id", "Value": "7"}],
            "Password": SECRET,
        },
    ],
    "GroupDetailList": [
        {"GroupName": "dev", "AttachedManagedPolicies": [{"PolicyName": "deploy", "PolicyArn": DEPLOY}]},
        {"GroupName": "Ops", "GroupPolicyList": [{"PolicyName": "logs", "PolicyDocument": READ}]},
    ],
    "Policies": [
        {"PolicyName": "deploy", "Arn": "arn:aws:iam::aws:policy/deploy"},
        {
            "PolicyName": "deploy",
            "Arn": DEPLOY,
            "PolicyVersionList": [
                {"VersionId": "v2", "IsDefaultVersion": True, "Document": READ},
                {"VersionId": "v1", "IsDefaultVersion": False, "Document": READ},
            ],
            "Tags": [],
        },
    ],
    "credentials": {
        "Alice": {
            "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z", "Password": SECRET},
            "AccessKeyMetadata": [{"AccessKeyId": "AKIA1", "Status": "Active", "SecretAccessKey": SECRET}],
            "MFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/alice", "Base32StringSeed": SECRET}],
            "Certificates": [{"CertificateId": "C1", "CertificateBody": SECRET}],
            "Other": SECRET,
        },
        "bob": {"LoginProfile": None},
    },
}


def plan(*before, after=()):
    changes = tuple(Change(resource, None) for resource in before) + tuple(Change(None, new) for new in after)
    return Plan(
        account=Account(ACCOUNT, "prod", "aws"),
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        changes=changes,
        calls=(),
        calls_of=((),) * len(changes),
        plan_digest="sha256:" + "0" * 64,
    )


def facts(*before):
    found = restore_facts(plan(*before), SNAPSHOT, "0.1.0")
    jsonschema.validate(found, SCHEMA)
    return found


def test_a_user_who_goes_is_kept_with_all_facts_but_secrets():
    (alice,) = facts(User(name="alice"))["users"]

    assert alice == {
        **{key: value for key, value in SNAPSHOT["UserDetailList"][1].items() if key != "Password"},
        "credentials": {
            "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z"},
            "AccessKeyMetadata": [{"AccessKeyId": "AKIA1", "Status": "Active"}],
            "MFADevices": [{"SerialNumber": "arn:aws:iam::123456789012:mfa/alice"}],
            "Certificates": [{"CertificateId": "C1"}],
        },
    }


def test_what_is_not_known_is_left_out_and_what_is_none_is_told():
    (bob,) = facts(User(name="bob"))["users"]

    assert bob["credentials"] == {"LoginProfile": None}
    assert "Tags" not in bob


def test_a_group_is_kept_with_its_members_and_documents():
    (ops,) = facts(Group(name="ops"))["groups"]

    assert ops == {**SNAPSHOT["GroupDetailList"][1], "members": ["Alice", "bob"]}


def test_a_policy_is_kept_with_every_version_and_its_holders():
    (deploy,) = facts(Policy(name="deploy", arn=DEPLOY, document=Document.from_data(READ)))["policies"]

    assert deploy == {
        **SNAPSHOT["Policies"][1],
        "held_by": {"groups": ["dev"], "users": ["Alice"], "bounds": ["Alice"]},
    }


def test_the_same_plan_and_account_give_the_same_bytes(tmp_path):
    turned = {**SNAPSHOT, "UserDetailList": SNAPSHOT["UserDetailList"][::-1]}
    both = plan(User(name="bob"), User(name="alice"), Group(name="ops"))

    write_restore_file(tmp_path / "one", restore_facts(both, SNAPSHOT, "0.1.0"))
    write_restore_file(tmp_path / "two", restore_facts(both, turned, "0.1.0"))

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    "quiet", [plan(), plan(Membership(group="dev", user="alice")), plan(after=[User(name="carol")])]
)
def test_a_plan_that_removes_no_user_group_or_policy_writes_nothing_down(quiet):
    assert restore_facts(quiet, SNAPSHOT, "0.1.0") is None


def test_the_file_is_on_disk_and_only_its_owner_reads_it(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    path = tmp_path / "a.restore.json"

    write_restore_file(path, {"format": "iamctl-restore/1", "name": "é"})

    assert json.loads(path.read_text(encoding="ascii")) == {"format": "iamctl-restore/1", "name": "é"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_ino in synced


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    path = tmp_path / "a.restore.json"
    path.write_text("mine")

    with pytest.raises(RestoreFileError, match=r"cannot be written: File exists. Nothing was sent"):
        write_restore_file(path, {})
    assert path.read_text() == "mine"


def test_no_link_leads_the_file_elsewhere(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "journal").symlink_to("elsewhere")

    with pytest.raises(RestoreFileError, match=r"journal is a symbolic link; .* Nothing was sent$"):
        write_restore_file(tmp_path / "journal/a.restore.json", {})
    assert not list((tmp_path / "elsewhere").iterdir())


def test_fault_31_a_full_disk_is_an_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(RestoreFileError, match=r"No space left on device[.] Nothing was sent"):
        write_restore_file(tmp_path / "a.restore.json", {})
