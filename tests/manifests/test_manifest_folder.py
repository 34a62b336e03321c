"""Only regular files inside the tree are read, and what cannot be read is never taken for empty."""

import os
from pathlib import Path

import pytest
from manifest_trees import SETTINGS, findings, write_tree

from iamctl.manifests import read_tree
from iamctl.manifests.folder import FileError, list_manifests, read_file, target_path
from iamctl.model import ManifestError

USERS = "users: {alice: }\n"
POLICY = "policies: {p: {file: docs/p.json}}\n"


@pytest.mark.parametrize(
    ("link", "target"),
    [("b.yaml", "a.yaml"), ("b.yaml", "/etc/passwd"), ("b.yaml", "nowhere"), ("folder", "/tmp"), ("README", "a.yaml")],
)
def test_symbolic_links_are_refused(tmp_path, link, target):
    root = write_tree(tmp_path, {"a.yaml": USERS})
    (root / link).symlink_to(target)

    assert findings(root) == [f"{link}:1:1: IAM001 symbolic links are not followed; put the file itself here"]


def test_symbolic_links_with_hidden_names_are_passed_over(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": USERS})
    (root / ".b.yaml").symlink_to("a.yaml")

    assert findings(root) == []


def test_settings_behind_a_symbolic_link_are_refused(tmp_path):
    root = write_tree(tmp_path / "tree", {"a.yaml": USERS, "iamctl.yaml": None})
    (tmp_path / "iamctl.yaml").write_text(SETTINGS)
    (root / "iamctl.yaml").symlink_to("../iamctl.yaml")

    with pytest.raises(ManifestError) as caught:
        read_tree(root)

    assert {finding.message for finding in caught.value.findings} == {
        "symbolic links are not followed; put the file itself here"
    }


def test_a_tree_elsewhere_may_be_behind_a_symbolic_link(tmp_path):
    write_tree(tmp_path / "tree", {"a.yaml": USERS})
    (tmp_path / "link").symlink_to("tree")

    assert findings(tmp_path / "link") == []


def test_a_link_may_lead_to_the_working_directory(tmp_path, monkeypatch):
    write_tree(tmp_path / "real/iam", {"a.yaml": USERS})
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link")

    assert findings(Path("iam")) == findings(tmp_path / "link/iam") == findings(tmp_path / "real/iam") == []


@pytest.mark.parametrize("named", ["link", "./link/", "real/../link", "../here/link", "{}/here/link"])
def test_a_tree_in_the_working_directory_is_no_symbolic_link(tmp_path, monkeypatch, named):
    """The comparison with an earlier commit would find no tree there, and nothing to be held to."""
    write_tree(tmp_path / "here/real", {"a.yaml": USERS})
    (tmp_path / "here/link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "here")

    with pytest.raises(ManifestError) as caught:
        read_tree(Path(named.format(tmp_path)))

    (finding,) = caught.value.findings
    assert "link' is a symbolic link" in finding.message


@pytest.mark.parametrize("link", ["docs", "docs/p.json"])
def test_documents_behind_symbolic_links_are_refused(tmp_path, link):
    root = write_tree(tmp_path / "tree", {"a.yaml": POLICY})
    write_tree(tmp_path / "outside", {"p.json": "ALLOW"})
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(tmp_path / "outside" / ("p.json" if link.endswith("json") else ""))

    assert (
        "a.yaml:1:22: IAM001 file 'docs/p.json': symbolic links are not followed; put the file itself here"
        in findings(root)
    )


def test_a_pipe_is_no_manifest_and_does_not_block(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": USERS + "policies: {p: {file: docs/pipe}}\n"})
    (root / "docs").mkdir()
    os.mkfifo(root / "docs/pipe")
    os.mkfifo(root / "b.yaml")

    assert findings(root) == [
        "a.yaml:2:22: IAM001 file 'docs/pipe': expected a file, found a special file",
        "b.yaml:1:1: IAM001 only regular files are read; remove this or replace it with a file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_an_error(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": USERS, "b.yaml": USERS, "c/d.yaml": USERS})
    (root / "b.yaml").chmod(0)
    (root / "c").chmod(0)

    try:
        found = findings(root)
    finally:
        (root / "c").chmod(0o700)

    assert found == [
        "b.yaml:1:1: IAM001 it cannot be read: permission denied",
        "c:1:1: IAM001 the folder cannot be read: permission denied",
    ]


def test_a_file_that_goes_while_the_tree_is_read_is_an_error(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": USERS})

    with pytest.raises(FileError, match="the file does not exist"):
        read_file(root, "gone.yaml")


def test_a_file_that_becomes_a_link_while_the_tree_is_read_is_refused(tmp_path, monkeypatch):
    root = write_tree(tmp_path, {"a.yaml": USERS})
    (root / "b.yaml").symlink_to("a.yaml")
    monkeypatch.setattr("stat.S_ISLNK", lambda mode: False)

    with pytest.raises(FileError, match="cannot be read"):
        read_file(root, "b.yaml")


def test_a_large_file_is_refused(tmp_path):
    root = write_tree(
        tmp_path, {"a.yaml": USERS + "#" * 1_048_576, "b.yaml": "#" * (1_048_576 - len(USERS)) + "\n" + USERS[:-1]}
    )

    assert findings(root) == ["a.yaml:1:1: IAM001 the file is larger than 1 MiB; split it"]


def test_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("iamctl.manifests.folder.MAX_FILES", 3)
    root = write_tree(tmp_path, {f"{number}.yaml": f"users: {{u{number}: }}\n" for number in range(4)})

    assert findings(root)[0] == ".:1:1: IAM001 the tree has more than 3 manifests; name a smaller folder"


def test_deep_folders_are_refused(tmp_path):
    root = write_tree(tmp_path, {"a.yaml": USERS, "x/" * 40 + "b.yaml": "users: {b: }\n"})

    assert [said.split(":", 1)[1] for said in findings(root)] == [
        "1:1: IAM001 folders are nested more than 32 levels deep"
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a\u202eb.yaml", "bidirectional control U+202E"),
        ("a\nb.yaml", "U+000A"),
        ("a\x1bb/c.yaml", "control character U+001B"),
        (os.fsdecode(b"a\xff.yaml"), "the file name is not valid UTF-8"),
    ],
)
def test_strange_file_names_are_refused_and_can_be_printed(tmp_path, name, said):
    try:
        root = write_tree(tmp_path, {"a.yaml": USERS, name: "users: {b: }\n"})
    except OSError:
        pytest.skip("the file system does not take the name")

    found = findings(root)

    assert len(found) == 1
    assert said in found[0]
    found[0].encode()


def test_files_are_sorted_by_bytes(tmp_path):
    names = ["B.yaml", "a.yaml", "a/b.yaml", "a-b.yaml", "\u00e4.yaml", "z.yml", "\uff41.yaml", "\U0001f600.yaml"]
    write_tree(tmp_path, dict.fromkeys(names, USERS))

    assert list(list_manifests(tmp_path).paths) == sorted(names, key=lambda name: name.encode())


@pytest.mark.parametrize("target", ["..", "../x", "a/../../x", "/x", "", "a\\b", "a\0", "./../y", "//x"])
def test_targets_never_leave_the_tree(target):
    with pytest.raises(FileError):
        target_path("a.yaml", target)


@pytest.mark.parametrize(
    ("said_in", "target", "path"),
    [("a.yaml", "p.json", "p.json"), ("g/a.yaml", "../p.json", "p.json"), ("g/a.yaml", "./x/../p.json", "g/p.json")],
)
def test_targets_are_relative_to_the_file_that_says_them(said_in, target, path):
    assert target_path(said_in, target) == path


@pytest.mark.parametrize(
    ("make", "said"),
    [(None, "the folder '{}' does not exist"), ("file", "'{}' is a file; give the folder that contains iamctl.yaml")],
)
def test_a_tree_that_is_none_is_an_error(tmp_path, make, said):
    root = tmp_path / "iam"
    if make:
        root.write_text("x")

    with pytest.raises(ManifestError) as caught:
        read_tree(root)

    assert caught.value.findings[0].message == said.format(root)
