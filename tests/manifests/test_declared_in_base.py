"""What the manifests before a change declared is known where they can be read, and unknown where they cannot."""

from dataclasses import replace
from datetime import UTC, datetime

from iamctl.manifests import read_tree, tree_files
from iamctl.manifests.base import BaseTree
from iamctl.model import Address

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SETTINGS = 'version: 1\naccounts: {prod: {id: "123456789012"}}\n'
PEOPLE = (
    "users: {alice: {}, bob: {}}\ngroups: {team: {}}\nmemberships: {team: [alice, {user: bob, until: 2026-11-01}]}\n"
)


def tree(folder, manifests, settings=SETTINGS):
    folder.mkdir(exist_ok=True)
    (folder / "iamctl.yaml").write_text(settings, encoding="utf-8")
    (folder / "people.yaml").write_text(manifests, encoding="utf-8")
    return folder


def ours(folder):
    return read_tree(folder).accounts["prod"]


def declared_in_base(root, ours):
    return BaseTree(root).declared(ours, partition="aws", now=NOW)


def test_what_was_declared_and_what_had_ended_is_known(tmp_path):
    root = tree(tmp_path / "base", PEOPLE)

    base = declared_in_base(root, ours(root))

    assert Address.of("membership", "team", "alice") in base.state
    assert [str(one.address) for one in base.ended] == ["membership/team/bob"]


def test_the_account_is_found_by_its_id_under_another_name(tmp_path):
    root = tree(tmp_path / "base", PEOPLE)
    renamed = replace(ours(root), account_name="production")

    assert declared_in_base(root, renamed) is not None
    assert declared_in_base(root, replace(renamed, account_id="999999999999")) is None


def test_manifests_with_mistakes_are_unknown_and_no_error(tmp_path):
    root = tree(tmp_path / "base", PEOPLE)
    settings = ours(root)
    tree(root, "users: {alice: {colour: red}}\n")

    assert declared_in_base(root, settings) is None
    assert declared_in_base(tmp_path / "missing", settings) is None


def test_the_base_is_read_once_for_all_accounts(tmp_path, monkeypatch):
    root = tree(tmp_path / "base", PEOPLE)
    settings = ours(root)
    opened = []
    read_file = tree_files.read_file
    monkeypatch.setattr(tree_files, "read_file", lambda root, path: opened.append(path) or read_file(root, path))
    base = BaseTree(root)

    assert opened == []
    for _ in range(3):
        base.declared(settings, partition="aws", now=NOW)
    assert sorted(opened) == ["iamctl.yaml", "people.yaml"]


def test_a_file_of_both_trees_is_parsed_once_if_it_has_the_same_bytes(tmp_path, monkeypatch):
    root, same, other = (tree(tmp_path / name, PEOPLE) for name in ("now", "same", "other"))
    tree(other, PEOPLE.replace("bob", "eve"))
    parsed = []
    load_yaml = tree_files.load_yaml
    monkeypatch.setattr(
        tree_files, "load_yaml", lambda path, *given, **kept: parsed.append(path) or load_yaml(path, *given, **kept)
    )
    now = read_tree(root)
    desired = now.declare("prod", now=NOW)
    assert parsed == ["iamctl.yaml", "people.yaml"]

    assert declared_in_base(same, now.accounts["prod"]).state == desired.state
    assert parsed == ["iamctl.yaml", "people.yaml"]

    before = declared_in_base(other, now.accounts["prod"])
    assert parsed == ["iamctl.yaml", "people.yaml", "people.yaml"]
    assert Address.of("user", "eve") in before.state
    assert Address.of("user", "bob") not in before.state
