"""Drift in a file that several accounts use: ``import --update`` never edits it, so drift names the file instead."""

import json
import shlex

import pytest
import yaml
from command_line import ACCOUNT, NO_CREDENTIALS, account, group, save, user

OTHER = "210987654321"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
FILES = {
    "iamctl.yaml": {
        "version": 1,
        "accounts": {
            "test": {"id": ACCOUNT, "manifests": ["shared", "test"]},
            "other": {"id": OTHER, "manifests": ["shared", "other"]},
        },
    },
    "shared/iam.yaml": {
        "users": {"alice": {}, "bob": {}},
        "groups": {"admins": {}, "readers": {"policies": ["aws:ReadOnlyAccess"], "members": "open"}},
        "memberships": {"admins": ["alice"], "readers": ["alice"]},
    },
    "test/iam.yaml": {
        "groups": {"ops": {"inline_policies": {"logs": {"file": "../docs/logs.json"}}}},
        "memberships": {"ops": ["alice"], "readers": ["bob"]},
    },
    "other/iam.yaml": {"groups": {"dev": {"inline_policies": {"logs": {"file": "../docs/logs.json"}}}}},
}


@pytest.fixture
def tree(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "iam" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    (tmp_path / "iam/docs").mkdir()
    logs = {"Version": "2012-10-17", "Statement": [READ]}
    (tmp_path / "iam/docs/logs.json").write_text(json.dumps(logs), encoding="utf-8")
    return tmp_path / "iam"


def live(alice=("admins", "ops", "readers"), bob=("readers",), statement=READ, policies=("ReadOnlyAccess",)):
    document = {"Version": "2012-10-17", "Statement": [statement]}
    logs = [{"PolicyName": "logs", "PolicyDocument": document}]
    attached = [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{name}"} for name in policies]
    groups = [group("admins"), group("readers", AttachedManagedPolicies=attached), group("ops", GroupPolicyList=logs)]
    return account([user("alice", list(alice)), user("bob", list(bob))], groups)


CASES = {
    "a member more": ({"bob": ["readers", "admins"]}, "shared/iam.yaml"),
    "a member less": ({"alice": ["ops", "readers"]}, "shared/iam.yaml"),
    "a policy more": ({"policies": ["ReadOnlyAccess", "IAMReadOnlyAccess"]}, "shared/iam.yaml"),
    "a document": ({"statement": LIST}, "docs/logs.json"),
    "a member of a group of this account": ({"bob": ["readers", "ops"]}, None),
    "a member of a group that both files fill": ({"alice": ["admins", "ops"], "bob": []}, "shared/iam.yaml"),
}


@pytest.mark.parametrize(("changed", "path"), CASES.values(), ids=CASES)
def test_drift_names_a_cure_that_import_does_not_refuse(tree, tmp_path, here, changed, path):
    save(tmp_path / "a.json", live(**changed))
    where = ("--account", "test", "--snapshot", "a.json")

    text = here("drift", tree, *where).stdout
    found = json.loads(here("drift", tree, *where, "--format", "json").stdout)["drift"]

    commands = [one["adopt"] for one in found if one["adopt"]]
    by_hand = [one["edit"] for one in found if one["edit"]]
    assert len(commands) + len(by_hand) == len(found) > 0
    assert by_hand == ([path] if path else [])
    assert (f"adopt: edit {path} by hand; other accounts or entries use it too" in text) is bool(path)
    for words in commands:
        assert words in text
        done = here(*shlex.split(words)[1:])
        assert (done.returncode, done.stderr) == (0, "")
    assert ("adopt all:" in text) is bool(commands)


def test_a_new_member_goes_into_the_file_of_the_account_alone(tree, tmp_path, here):
    data = live(bob=["readers", "ops"])
    data["UserDetailList"].append(user("carol", ["readers"]))
    save(tmp_path / "a.json", data)
    users = yaml.safe_dump({**FILES["test/iam.yaml"], "users": {"carol": {}}})
    (tree / "test/iam.yaml").write_text(users, encoding="utf-8")

    done = here("import", tree, "--account", "test", "--snapshot", "a.json", "--update", "membership/readers/carol")

    assert "adopted membership/readers/carol" in done.stdout
    readers = yaml.safe_load((tree / "test/iam.yaml").read_text(encoding="utf-8"))["memberships"]["readers"]
    assert readers == ["bob", "carol"]


def test_a_member_whom_no_manifest_declares_is_adopted_with_the_user(tree, tmp_path, here):
    data = live()
    data["UserDetailList"].append(user("mallory", ["ops"]))
    save(tmp_path / "a.json", {**data, "credentials": {"mallory": NO_CREDENTIALS}})
    manifests = {**FILES["test/iam.yaml"], "users": {}}
    (tree / "test/iam.yaml").write_text(yaml.safe_dump(manifests), encoding="utf-8")

    found = json.loads(here("drift", tree, "--account", "test", "--snapshot", "a.json", "--format", "json").stdout)

    (one,) = found["drift"]
    assert one["adopt"].endswith("--update user/mallory membership/ops/mallory")
    done = here(*shlex.split(one["adopt"])[1:])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
