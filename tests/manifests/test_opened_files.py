"""What is opened for one account are its own files, however many accounts the tree has."""

import builtins
import gc
import os
from pathlib import Path

import pytest
from manifest_trees import ALLOW, NOW, write_tree

from iamctl.commands.validate import validate
from iamctl.commands.workspace import declared_accounts
from iamctl.manifests import read_tree
from iamctl.manifests.folder import FileError, read_file
from iamctl.manifests.node import MappingNode
from iamctl.model import ManifestError

SETTINGS = "version: 1\naccounts:\n" + "".join(
    f'  {name}: {{id: "{number:012}", manifests: [shared, {name}], variables: {{env: {name}}}}}\n'
    for number, name in enumerate(("dev", "prod", "test"), 1)
)
FILES = {
    "iamctl.yaml": SETTINGS,
    "approvals.yaml": "approve: []\n",
    "shared/policies.yaml": "policies:\n  p: {file: 'documents/{{ env }}.json'}\n  q: {file: ../more/all.yaml}\n",
    **{f"shared/documents/{name}.json": ALLOW for name in ("dev", "prod", "test")},
    "more/all.yaml": "Version: 2012-10-17\nStatement: {Effect: Allow, Action: '*', Resource: '*'}\n",
    "dev/users.yaml": "users: {alice: {}}\n",
    "prod/users.yaml": "users: [bob]\n",
    "test/users.yaml": "users: {carol: {}}\n",
    "test/notes.txt": "",
}


@pytest.fixture
def root(tmp_path):
    return write_tree(tmp_path, FILES)


@pytest.fixture
def opened(root, monkeypatch):
    """The files of the tree that were opened, in any way, with how often."""
    found = []

    def seen(path):
        if isinstance(path, str | Path) and Path(path).is_relative_to(root) and not Path(path).is_dir():
            found.append(str(Path(path).relative_to(root)))

    for module, name in ((os, "open"), (builtins, "open")):
        original = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda path, *given, _open=original, **kept: seen(path) or _open(path, *given, **kept)
        )
    return found


def test_one_account_opens_its_own_files_once(root, opened):
    read_tree(root).declare("dev", now=NOW)

    assert sorted(opened) == [
        "approvals.yaml",
        "dev/users.yaml",
        "iamctl.yaml",
        "more/all.yaml",
        "shared/documents/dev.json",
        "shared/policies.yaml",
    ]


def test_a_mistake_in_another_account_is_not_seen(root):
    tree = read_tree(root)

    assert tree.declare("test", now=NOW).findings == ()
    with pytest.raises(ManifestError):
        tree.declare("prod", now=NOW)


def test_all_accounts_open_each_file_once(root, opened, capsys):
    assert validate(root, account=None, now=None, base=None, allow_loosening=False, output="text") == 1

    capsys.readouterr()
    assert sorted(opened) == sorted(FILES.keys() - {"test/notes.txt"})


OWN = {name: f"only-here-{name}" for name in ("dev", "prod", "test", "shared")}
"""Names that no other test has in memory."""
NAMED = {
    **FILES,
    **{f"{name}/users.yaml": f"users: {{{OWN[name]}: {{}}}}\n" for name in ("dev", "prod", "test")},
    "shared/policies.yaml": f"policies: {{{OWN['shared']}: {{document: ALLOW}}}}\n",
}


def names_in_memory():
    """Return the names of ``OWN`` of which a mapping is in memory that was read from a YAML file."""
    keys = {key for one in gc.get_objects() if type(one) is MappingNode for key in one.pairs}
    return {name for name, own in OWN.items() if own in keys}


def test_a_released_file_is_not_read_again(root, opened):
    tree = read_tree(write_tree(root, NAMED))
    before = tree.declare("test", now=NOW)
    assert names_in_memory() == {"shared", "test"}

    tree.release("test")
    assert names_in_memory() == {"shared"}

    del opened[:]
    (root / "test/users.yaml").write_text("users: {eve: {}}\n", encoding="utf-8")
    after = tree.declare("test", now=NOW)
    assert (after.state, after.digest) == (before.state, before.digest)
    assert "test/users.yaml" not in opened


@pytest.mark.parametrize("command", ["validate", "validate --base", "fleet"])
def test_of_many_accounts_one_is_in_memory_at_a_time(tmp_path, monkeypatch, capsys, command):
    root, base = (write_tree(tmp_path / name, NAMED) for name in ("now", "base"))
    seen, original = {}, os.open

    def watched(path, *given, **kept):
        if str(path).endswith("test/users.yaml"):
            seen[Path(path).parts[-3]] = names_in_memory()
        return original(path, *given, **kept)

    monkeypatch.setattr(os, "open", watched)
    if command == "fleet":
        assert len(list(declared_accounts(read_tree(root), NOW))) == 3
    else:
        given = base if "base" in command else None
        assert validate(root, account=None, now=None, base=given, allow_loosening=False, output="text") == 0

    in_base = {"base": {"shared"}, "now": {"shared", "test"}}
    assert seen == (in_base if "base" in command else {"now": {"shared"}})


LINKS = {**FILES, "approvals.yaml": None, "prod/users.yaml": "users: {bob: {}}\n"}


def test_what_is_wrong_in_a_folder_of_another_account_concerns_that_one_alone(tmp_path):
    root = write_tree(tmp_path, LINKS)
    (root / "prod/link.yaml").symlink_to("users.yaml")
    (root / "shared/README.YAML").touch()
    tree = read_tree(root)

    assert [finding.message for finding in tree.declare("dev", now=NOW).findings] == [
        "the file is not read, because manifests end in .yaml or .yml; rename it"
    ]
    with pytest.raises(ManifestError) as caught:
        tree.declare("prod", now=NOW)
    assert [finding.origin.path for finding in caught.value.findings] == ["prod/link.yaml", "shared/README.YAML"]


@pytest.mark.parametrize("listed", ["a/b/c", "a/b/c/users.yaml", "."])
def test_a_folder_that_cannot_be_read_concerns_whoever_lists_what_is_in_it(tmp_path, listed):
    settings = f"version: 1\naccounts:\n  one: {{id: '111111111111', manifests: [{listed}]}}\n"
    settings += "  two: {id: '222222222222', manifests: [two.yaml]}\n"
    root = write_tree(tmp_path, {"iamctl.yaml": settings, "two.yaml": "users: {bob: {}}\n"})
    (root / "a").symlink_to("elsewhere")
    tree = read_tree(root)

    assert tree.declare("two", now=NOW).findings == ()
    with pytest.raises(ManifestError) as caught:
        tree.declare("one", now=NOW)
    assert "a" in {finding.origin.path for finding in caught.value.findings}


def test_files_that_no_account_reads_are_told_by_validate_of_all(tmp_path, capsys):
    root = write_tree(tmp_path, {**LINKS, "nobody/users.yaml": "users: [\n"})

    def said(account):
        assert validate(root, account=account, now=None, base=None, allow_loosening=False, output="text") == 0
        return "nobody/users.yaml" in capsys.readouterr().out

    assert said(None)
    assert not said("dev")


def test_a_document_without_variables_is_one_object_for_all_accounts_and_its_mistakes_are_those_of_each(tmp_path):
    settings = "version: 1\naccounts:\n" + "".join(
        f'  {name}: {{id: "{number:012}", manifests: [p.yaml], variables: {{env: {name}}}}}\n'
        for number, name in enumerate(("a", "b"), 1)
    )
    own = ALLOW.replace('"*"', '"arn:aws:s3:::{{ env }}/*"')
    policies = "policies: {same: {file: same.json}, own: {file: own.json}}\n"
    files = {"iamctl.yaml": settings, "p.yaml": policies, "same.json": ALLOW, "own.json": own}
    tree = read_tree(write_tree(tmp_path / "good", files))

    first, second = ({one.name: one.document for one in tree.declare(name, now=NOW).state} for name in tree.accounts)

    assert first["same"] is second["same"]
    assert [one["own"].data["Statement"][0]["Resource"] for one in (first, second)] == [
        "arn:aws:s3:::a/*",
        "arn:aws:s3:::b/*",
    ]

    damaged = ALLOW.replace("Allow", "Permit")
    bad = read_tree(write_tree(tmp_path / "bad", {**files, "same.json": damaged, "own.json": damaged}))
    for name in bad.accounts:
        with pytest.raises(ManifestError) as caught:
            bad.declare(name, now=NOW)
        assert [finding.rule for finding in caught.value.findings] == ["IAM301", "IAM301"]


@pytest.mark.parametrize(("length", "most"), [(0, 10), (9, 10), (10, 10), (20_000, 20_000), (20_000, 30_000)])
def test_a_file_is_read_whole_up_to_its_limit(tmp_path, length, most):
    (tmp_path / "f.json").write_bytes(bytes(length))

    assert read_file(tmp_path, "f.json", most) == bytes(length)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "f.json").write_bytes(bytes(20_000))
    monkeypatch.setattr(os, "fstat", lambda _descriptor: (tmp_path / "empty").stat())
    (tmp_path / "empty").write_bytes(b"")

    assert read_file(tmp_path, "f.json", 20_000) == bytes(20_000)
    with pytest.raises(FileError):
        read_file(tmp_path, "f.json", 19_999)
