"""A manifest tree has limits as a whole: files, bytes, values and messages; a link on the way to it is refused."""

from pathlib import Path

import pytest
from manifest_trees import SETTINGS, declare, findings, write_tree

from iamctl.manifests import bounds
from iamctl.model import ManifestError

USERS = "users: {alice: }\n"


def refusal(root):
    with pytest.raises(ManifestError) as caught:
        declare(root)
    (finding,) = caught.value.findings
    return f"{finding.origin}: {finding.message}"


def test_all_files_together_have_a_largest_size(tmp_path, monkeypatch):
    comment = "#" * (bounds.MAX_FILE_BYTES - len(USERS) - 1)
    files = {f"{number:02}.yaml": f"{USERS}{comment}\n" for number in range(3)}
    root = write_tree(tmp_path, files)
    budget = bounds.Budget
    monkeypatch.setattr("iamctl.manifests.tree.Budget", lambda: budget(bytes=2 * bounds.MAX_FILE_BYTES + len(SETTINGS)))

    assert (
        refusal(root) == "02.yaml:1:1: with this file, the tree has more than 64 MiB; split it into several, and pass "
        "each as DIR"
    )


def test_all_files_together_have_a_number_of_values(tmp_path, monkeypatch):
    root = write_tree(tmp_path, {"a.yaml": USERS, "b.yaml": "users: {bob: , carol: }\n"})
    budget = bounds.Budget
    monkeypatch.setattr("iamctl.manifests.tree.Budget", lambda: budget(nodes=15))

    assert refusal(root).startswith("b.yaml:1:1: with this file, the tree has more than 3,000,000 YAML values; ")


def test_the_limits_of_a_tree_hold_the_largest_account():
    budget = bounds.Budget()

    budget.spend(bounds.MAX_FILE_BYTES * 40, 1_000_000)

    with pytest.raises(bounds.TooMuchError, match="64 MiB"):
        budget.spend(bounds.MAX_FILE_BYTES * 25)


def test_policy_documents_count_as_well(tmp_path, monkeypatch):
    named = "".join(f"  p{number}: {{file: {number}.json}}\n" for number in range(3))
    document = '{"Version": "2012-10-17", "Statement": []}'
    files = {f"{number}.json": document + " " * 900_000 for number in range(3)}
    root = write_tree(tmp_path, {"a.yaml": f"policies:\n{named}", **files})
    budget = bounds.Budget
    monkeypatch.setattr("iamctl.manifests.tree.Budget", lambda: budget(bytes=2 * bounds.MAX_FILE_BYTES + len(SETTINGS)))

    found = [line for line in findings(root) if "MiB" in line]

    message = "with this file, the tree has more than 64 MiB; split it into several, and pass each as DIR"
    assert found == [f"a.yaml:4:14: IAM001 file '2.json': {message}"]


def test_other_files_below_the_tree_are_counted_too(tmp_path, monkeypatch):
    monkeypatch.setattr("iamctl.manifests.folder.MAX_ENTRIES", 5)
    root = write_tree(tmp_path, {"a.yaml": USERS, **{f"logs/{number}.txt": "" for number in range(2)}})
    assert findings(root) == []

    (root / "logs/3.txt").touch()

    assert findings(root)[0] == ".:1:1: IAM001 more than 5 files and folders; name a smaller folder as DIR"


def test_very_many_mistakes_end_with_their_number_and_errors_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr("iamctl.manifests.declare.MAX_MESSAGES", 3)
    files = {"a.YAML": "", "b.YAML": "", "c.yaml": "groups: {g: {policies: [q, r, s, t, u]}}\nmemberships: {g: []}\n"}

    found = findings(write_tree(tmp_path, files))

    assert [line.split(" ", 2)[1] for line in found] == ["IAM003", "IAM003", "IAM003", "IAM001"]
    assert found[-1] == "c.yaml:1:31: IAM001 4 more findings are left out; correct these first"


def test_a_long_message_is_cut(tmp_path):
    found = findings(write_tree(tmp_path, {"a.yaml": f"removed: [{'x' * 60_000}]\n"}))

    assert len(found) == 1
    assert len(found[0]) < 2_100
    assert found[0].endswith("…")


@pytest.mark.parametrize("named", ["link/iam", "./link/iam/", "{}/here/link/iam", "link/../link/iam", "x/../link/iam"])
def test_a_link_on_the_way_to_the_tree_is_refused(tmp_path, monkeypatch, named):
    """The repository can contain it, and the comparison with an earlier commit finds nothing behind it."""
    write_tree(tmp_path / "here/real/iam", {"a.yaml": USERS})
    (tmp_path / "here/x").mkdir()
    (tmp_path / "here/link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "here")

    assert refusal(Path(named.format(tmp_path))) == (
        ".:1:1: 'link' is a symbolic link, and links in the working directory are not followed; name the folder itself"
    )


def test_a_link_to_the_way_back_is_refused_too(tmp_path, monkeypatch):
    write_tree(tmp_path / "here/iam", {"a.yaml": USERS})
    (tmp_path / "outside/below").mkdir(parents=True)
    (tmp_path / "here/out").symlink_to(tmp_path / "outside/below")
    write_tree(tmp_path / "outside/iam", {"a.yaml": USERS})
    monkeypatch.chdir(tmp_path / "here")

    assert "'out' is a symbolic link" in refusal(Path("out/../iam"))
    assert findings(Path("../here/iam")) == []
