"""All accounts of a tree are declared from one reading of its files, each with its own mistakes."""

from collections import Counter

import pytest
from manifest_trees import NOW, write_tree

from iamctl.commands.workspace import declared_accounts, open_base
from iamctl.kinds import User
from iamctl.manifests import AccountError, read_tree, tree_files
from iamctl.model import ManifestError

SETTINGS = """\
version: 1
accounts:
  dev: {id: "111111111111", manifests: [shared, dev]}
  broken: {id: "222222222222", manifests: [shared, broken]}
  gov:
    id: "333333333333"
    manifests: [shared, gov]
    assume_role: arn:aws-us-gov:iam::333333333333:role/iamctl
"""
FILES = {
    "iamctl.yaml": SETTINGS,
    "shared/users.yaml": "users: {everybody: {}}\n",
    "dev/users.yaml": "users: {alice: {}}\n",
    "broken/users.yaml": "users: [bob]\n",
    "gov/users.yaml": "users: {carol: {}}\n",
}


@pytest.fixture
def root(tmp_path):
    return write_tree(tmp_path / "now", FILES)


def users(desired):
    return [user.name for user in desired.state.of_kind(User)]


def test_a_mistake_in_one_account_stops_no_other(root):
    found = dict(declared_accounts(read_tree(root), NOW))

    assert list(found) == ["dev", "broken", "gov"]
    assert users(found["dev"]) == ["alice", "everybody"]
    assert users(found["gov"]) == ["carol", "everybody"]
    assert isinstance(found["broken"], ManifestError)
    assert [str(finding.origin) for finding in found["broken"].findings] == ["broken/users.yaml:1:1"]


def test_each_file_is_read_once_for_all_accounts(root, monkeypatch):
    opened = Counter()
    read_file = tree_files.read_file
    monkeypatch.setattr(tree_files, "read_file", lambda root, path: opened.update([path]) or read_file(root, path))

    list(declared_accounts(read_tree(root), NOW))

    assert opened == dict.fromkeys(FILES, 1)


def test_the_partition_is_that_of_the_roles(root):
    found = dict(declared_accounts(read_tree(root), NOW, ["dev", "gov"]))

    assert {name: desired.partition for name, desired in found.items()} == {"dev": "aws", "gov": "aws-us-gov"}


def test_an_account_that_is_not_in_the_tree_is_refused(root):
    with pytest.raises(AccountError, match="no account 'prod'"):
        list(declared_accounts(read_tree(root), NOW, ["dev", "prod"]))


def test_the_settings_are_the_stricter_of_both_trees(root, tmp_path):
    before = write_tree(tmp_path / "before", FILES | {"iamctl.yaml": f"{SETTINGS}protect: [user/alice]\n"})
    now = read_tree(root)
    base = open_base(before, now, allow_loosening=False)

    found = dict(declared_accounts(now, NOW, ["dev"], base=base, base_directory=before))

    assert found["dev"].settings.protect == ("user/alice",)
    assert users(found["dev"].base.desired) == ["alice", "everybody"]
