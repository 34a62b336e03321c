"""The documents of inline policies that stay on users are beside the tree, for groups that are to hold them."""

import json

from iamctl.account.live import live_account
from iamctl.cli.process import run_command_line
from iamctl.manifests.declarable import ImportWishes
from iamctl.manifests.write import manifest_files

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
SECRET = {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Sid": "AKIAIOSFODNN7EXAMPLE"}]}
DENY = {**ALLOW, "Statement": [{**ALLOW["Statement"][0], "Effect": "Deny"}]}


def account(**documents):
    policies = [{"PolicyName": name, "PolicyDocument": found} for name, found in documents.items()]
    return {
        "account": {"id": "123456789012", "partition": "aws"},
        "UserDetailList": [{"UserName": "alice", "UserPolicyList": policies}],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }


def files(snapshot, *, moves_direct=False):
    found = manifest_files(live_account(snapshot), account_name="main", wishes=ImportWishes(moves_direct))
    return {path: json.loads(text) for path, text in found.files.items() if path.startswith("unsorted/")}, found


def test_each_document_is_a_file():
    found, tree = files(account(one=ALLOW, nul=DENY))

    assert found == {"unsorted/alice/one.json": ALLOW, "unsorted/alice/~nul.json": DENY}
    assert "unsorted/" in tree.files["iamctl.yaml"]


def test_secrets_and_odd_names_are_not_written():
    found, _ = files(account(**{"secret": SECRET, "a/b": ALLOW, "text": "not JSON"}))

    assert found == {}


def test_what_moves_to_groups_is_not_unsorted():
    found, _ = files(account(one=ALLOW, two=DENY), moves_direct=True)

    assert found == {"unsorted/alice/two.json": DENY}


def test_a_group_can_refer_to_such_a_file(tmp_path, capsys):
    snapshot = tmp_path / "account.json"
    snapshot.write_text(json.dumps(account(one=ALLOW)), encoding="utf-8")
    assert run("import", tmp_path / "iam", "--snapshot", snapshot) == 0
    groups, memberships = tmp_path / "iam/groups.yaml", tmp_path / "iam/memberships.yaml"
    groups.write_text("groups: {s3: {inline_policies: {one: {file: unsorted/alice/one.json}}}}\n")
    memberships.write_text("memberships: {s3: [alice]}\n")

    assert run("validate", tmp_path / "iam") == 0, capsys.readouterr().out


def run(*words):
    return run_command_line([str(word) for word in words])
