"""``iamctl review evidence``: each revocation with its commit and its call, or the reason why none is named."""

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from repository import START, Repository
from reviewed_account import TREE
from test_review_command import filled

from iamctl.apply.journal import Journal
from iamctl.comparison.evidence import DeclaredThen, Step, merges, revocations
from iamctl.model import Address, Call, Outcome, OutcomeStatus
from iamctl.model.evidence import Commit, Merged

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
REVIEWED = datetime(2026, 11, 23, tzinfo=UTC)
"""When the fixture exports."""

MEMBERSHIP = ("RemoveUserFromGroup", {"GroupName": "admins", "UserName": "alice"})
WITHOUT_ALICE = TREE.replace('[{user: alice, until: 2026-12-31, reason: "\'=OPS-1, for now"}]', "[]")
"""The manifests without the membership of alice in admins."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Return a folder in which git keeps nothing but what each repository here begins with."""
    return tmp_path_factory.mktemp("begun") / ".git"


@pytest.fixture
def repository(review, tmp_path, begun):
    """Return the repository of the tree, with a commit before the review."""
    found = Repository(tmp_path)
    if begun.exists():  # the same files, made at the same time of its clock
        shutil.copytree(begun, tmp_path / ".git")
        return found
    found.git("init", "--quiet", "--initial-branch", "main")
    found.commit("Begin", at=START)
    shutil.copytree(tmp_path / ".git", begun)
    return found


@pytest.fixture
def evidence(review, tmp_path):
    """Return a function that revokes some rows of a review, which is exported now, and asks for the evidence."""

    def run(*keys, journals=("journals",), words=()):
        def decide(row):
            if row["key"] in keys:
                row.update(decision="revoke", ticket="OPS-12")

        (tmp_path / "decided.csv").write_text(filled(run.review, decide))
        (tmp_path / "journals").mkdir(exist_ok=True)
        told = [word for path in journals for word in ("--journal", path)]
        return review("evidence", "decided.csv", "iam", "--now", "2026-11-28", *told, *words)

    run.review = review("export")[1]
    return run


def journal(folder, *calls, at, account=ACCOUNT, status=OutcomeStatus.DONE, name="journals"):
    """Write the journal of a run with calls that all ended alike."""
    told = Journal.create(
        folder / name, plan_digest="sha256:" + "0" * 64, account_id=account, version="1", now=lambda: at
    )
    with told:
        for index, (operation, params) in enumerate(calls):
            call = Call(index, "iam", operation, params)
            told.intent(call)
            told.outcome(Outcome(call, status, "" if status is OutcomeStatus.DONE else "refused by a test", ""))
        told.end("finished")
    return told.path.name


def rows(run):
    code, out = run
    text = out[out.index("key,") :]
    return code, {row["key"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_revocation_has_the_commit_and_the_call(repository, evidence, tmp_path):
    commit = repository.commit("Remove alice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=1))
    repository.commit("Something else", at=REVIEWED + timedelta(days=2))
    name = journal(tmp_path, MEMBERSHIP, at=REVIEWED + timedelta(days=3))

    code, out = evidence("membership/admins/alice")

    assert code == 0
    assert out == (
        "Evidence for review decided.csv of prod\n\n"
        "remove alice from memberships.admins  (OPS-12)\n"
        f'  merged: 2026-11-24T00:00:00Z by erin in commit {commit[:12]} "Remove alice"\n'
        f"  applied: 2026-11-26T00:00:00Z RemoveUserFromGroup in journal {name}\n\n"
        "1 revocation: 1 merged, 1 applied\n"
    )


def test_a_merge_names_the_commit_of_the_branch_as_well(repository, evidence):
    repository.git("checkout", "--quiet", "-b", "work")
    repository.commit("Prepare", TREE.replace("users:", "# to do\nusers:"), at=REVIEWED + timedelta(days=1))
    change = repository.commit("Remove alice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=2))
    repository.commit("Comment", f"{WITHOUT_ALICE}# done\n", at=REVIEWED + timedelta(days=3))
    repository.git("checkout", "--quiet", "main")
    repository.commit("Meanwhile", at=REVIEWED + timedelta(days=3))
    repository.now = REVIEWED + timedelta(days=4)
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge work", "work")
    merge = repository.git("rev-parse", "HEAD")

    _, found = rows(evidence("membership/admins/alice", words=["--format", "csv"]))

    row = found["membership/admins/alice"]
    assert (row["merge"], row["merged_at"]) == (merge, "2026-11-27T00:00:00Z")
    assert (row["commit"], row["author"], row["authored_at"]) == (change, "erin", "2026-11-25T00:00:00Z")


def test_the_last_removal_counts(repository, evidence):
    repository.commit("Remove alice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=1))
    repository.commit("Add alice", TREE, at=REVIEWED + timedelta(days=2))
    last = repository.commit("Remove alice again", WITHOUT_ALICE, at=REVIEWED + timedelta(days=3))

    _, found = rows(evidence("membership/admins/alice", words=["--format", "csv"]))

    assert found["membership/admins/alice"]["merge"] == last


def test_a_branch_that_is_applied_can_be_named(repository, evidence):
    repository.git("branch", "release")
    repository.commit("Remove alice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=1))

    assert (
        "the manifests still declare it at iam.yaml:"
        in evidence("membership/admins/alice", words=["--ref", "release"])[1]
    )


def test_the_commit_of_the_review_is_where_the_search_begins(repository, evidence, review):
    repository.commit("Remove alice", WITHOUT_ALICE, at=START + timedelta(days=1))
    repository.commit("Add alice", TREE, at=START + timedelta(days=2))
    evidence.review = review("export")[1]
    assert f"commit,{repository.git('rev-parse', 'HEAD')}\n" in evidence.review
    commit = repository.commit("Remove alice once more", WITHOUT_ALICE, at=START + timedelta(days=3))

    _, found = rows(evidence("membership/admins/alice", words=["--format", "csv"]))

    assert found["membership/admins/alice"]["merge"] == commit


@pytest.mark.parametrize(("later", "reason"), [(-1, "already-absent"), (1, None)])
def test_without_a_commit_in_the_review_its_time_counts(repository, evidence, later, reason):
    evidence.review = re.sub("^commit,.*\n", "", evidence.review, flags=re.MULTILINE)
    repository.commit("Remove alice", WITHOUT_ALICE, at=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=later))

    _, out = evidence("membership/admins/alice", words=["--format", "json"])

    assert json.loads(out)["revocations"][0]["why_not_merged"] == reason


def test_a_review_of_uncommitted_manifests_says_so(repository, review, tmp_path):
    (tmp_path / "iam/iam.yaml").write_text(f"{TREE}# later\n")

    assert "uncommitted changes,yes\n" in review("export")[1]


NOT_MERGED = [
    ("membership/admins/alice", TREE, "still-declared"),
    ("membership/devs/=bob", TREE, "not-needed"),
    ("user/carol", TREE, "not-listed"),
    ("user/alice", TREE, "still-declared"),
    ("user/carol", f"{TREE}removed: [user/carol]\n", None),
    ("user/alice", f"{WITHOUT_ALICE.replace('{alice: }', '{}')}removed: [user/alice]\n", None),
    ("user/alice", WITHOUT_ALICE.replace("{alice: }", "{}"), None),
    ("membership/admins/alice", "users: [", "unreadable"),
]


def test_what_is_not_merged_has_a_reason(repository, evidence):
    for key, text, reason in NOT_MERGED:
        repository.git("checkout", "--quiet", "-B", "work", "main")
        repository.commit("Change", text, at=REVIEWED + timedelta(days=1))

        code, out = evidence(key, words=["--format", "json"])

        (found,) = json.loads(out)["revocations"]
        assert found["why_not_merged"] == reason, key
        assert (found["merged"] == "yes") == (reason is None) == bool(found["merge"]), key
        assert bool(found["merge_note"]) == (reason is not None), key
        assert code == 2, key


def test_an_end_that_has_passed_is_no_merge(repository, evidence, review):
    repository.commit("End", TREE.replace("2026-12-31", "2026-11-24"), at=START + timedelta(days=1))
    evidence.review = review("export")[1]

    _, out = evidence("membership/admins/alice", words=["--format", "json"])

    assert json.loads(out)["revocations"][0]["why_not_merged"] == "already-absent"


def test_a_commit_that_cannot_be_read_is_counted(repository, evidence):
    repository.commit("Break", "users: [", at=REVIEWED + timedelta(days=1))
    commit = repository.commit("Mend", WITHOUT_ALICE, at=REVIEWED + timedelta(days=2))

    _, out = evidence("membership/admins/alice")

    assert f'in commit {commit[:12]} "Mend"; the manifests of 1 commit before it cannot be read' in out


def test_without_a_repository_the_reason_says_so(evidence, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    code, out = evidence("membership/admins/alice")

    assert code == 2
    assert (
        "merged: the history of the manifests cannot be read (git rev-parse failed: fatal: not a git repository" in out
    )


def test_a_shallow_clone_is_no_history(repository, evidence, tmp_path, review):
    repository.commit("Remove alice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=1))
    evidence("membership/admins/alice")
    repository.git("clone", "--quiet", "--depth", "1", f"file://{tmp_path}", str(tmp_path / "clone"))

    _, out = review("evidence", "decided.csv", "clone/iam", "--now", "2026-11-28")

    assert "the clone is shallow" in out


def test_a_link_in_a_commit_is_not_followed(repository, evidence, tmp_path):
    (tmp_path / "iam/iam.yaml").unlink()
    (tmp_path / "outside.yaml").write_text(WITHOUT_ALICE)
    (tmp_path / "iam/iam.yaml").symlink_to("../outside.yaml")
    repository.commit("Link", at=REVIEWED + timedelta(days=1))
    (tmp_path / "iam/iam.yaml").unlink()
    (tmp_path / "iam/iam.yaml").write_text(TREE)

    _, out = evidence("membership/admins/alice", words=["--format", "json"])

    assert json.loads(out)["revocations"][0]["why_not_merged"] == "unreadable"


def test_texts_of_commits_are_escaped(repository, evidence):
    repository.commit("Remove \x1b[31malice", WITHOUT_ALICE, at=REVIEWED + timedelta(days=1))

    _, out = evidence("membership/admins/alice")

    assert "\x1b" not in out
    assert "Remove \\u{001B}[31malice" in out


GIFT = ("AddUserToGroup", {"GroupName": "Admins", "UserName": "alice"})
DAY = REVIEWED + timedelta(days=1)


NOT_APPLIED = [
    ([], "no-journal"),
    ([{"calls": [MEMBERSHIP], "account": "999999999999"}], "no-journal"),
    ([{"calls": [MEMBERSHIP], "at": START}], "no-journal"),
    ([{"calls": [("TagUser", {"UserName": "alice"})]}], "no-call"),
    ([{"calls": [("RemoveUserFromGroup", {"GroupName": "devs", "UserName": "alice"})]}], "no-call"),
    ([{"calls": [MEMBERSHIP], "status": OutcomeStatus.NOT_STARTED}], "no-call"),
    ([{"calls": [MEMBERSHIP], "status": OutcomeStatus.FAILED}], "failed"),
    ([{"calls": [MEMBERSHIP], "status": OutcomeStatus.UNKNOWN}], "unknown"),
    ([{"calls": [MEMBERSHIP]}, {"calls": [GIFT], "at": DAY + timedelta(hours=1)}], "undone"),
    ([{"calls": [GIFT]}, {"calls": [MEMBERSHIP], "at": DAY + timedelta(hours=1)}], None),
    (
        [
            {"calls": [MEMBERSHIP]},
            {"calls": [GIFT], "at": DAY + timedelta(hours=1), "status": OutcomeStatus.FAILED},
        ],
        None,
    ),
    ([{"calls": [MEMBERSHIP], "status": OutcomeStatus.ALREADY_GONE}], None),
]


def test_what_is_not_applied_has_a_reason(repository, evidence, tmp_path):
    for number, (runs, reason) in enumerate(NOT_APPLIED):
        folder = f"journals-{number}"
        (tmp_path / folder).mkdir()
        for run in runs:
            how = {key: value for key, value in run.items() if key != "calls"}
            journal(tmp_path, *run["calls"], **{"at": DAY, "name": folder, **how})

        _, out = evidence("membership/admins/alice", journals=[folder], words=["--format", "json"])

        (found,) = json.loads(out)["revocations"]
        assert found["why_not_applied"] == reason, runs
        assert found["applied"] == ("yes" if reason is None else "not found"), runs


def test_a_deleted_user_has_their_call(repository, evidence, tmp_path):
    repository.commit("Remove carol", f"{TREE}removed: [user/carol]\n", at=DAY)
    journal(tmp_path / "journals", ("DeleteUser", {"UserName": "Carol"}), at=DAY, name="run-1")

    code, out = evidence("user/carol")

    assert code == 0
    assert "applied: 2026-11-24T00:00:00Z DeleteUser in journal" in out


def test_a_journal_with_damaged_lines_is_named(repository, evidence, tmp_path):
    name = journal(tmp_path, MEMBERSHIP, at=DAY)
    with (tmp_path / "journals" / name).open("a") as file:
        file.write("{\n")

    assert "1 journal cannot be read in full" in evidence("membership/admins/alice")[1]


def test_an_altered_review_is_no_evidence(repository, evidence, review, tmp_path):
    evidence("membership/admins/alice")
    text = (tmp_path / "decided.csv").read_text().replace("membership/admins/alice,", "membership/devs/alice,")
    (tmp_path / "decided.csv").write_text(text)

    code, out = review("evidence", "decided.csv", "iam", "--now", "2026-11-28")

    assert code == 3
    assert "the review is altered or incomplete" in out


def test_a_journal_that_does_not_exist_is_wrong_usage(repository, evidence):
    assert evidence(journals=["elsewhere"])[0] == 64


def test_a_review_without_revocations_needs_no_history(evidence):
    assert evidence() == (0, "Evidence for review decided.csv of prod\n\n0 revocations: 0 merged, 0 applied\n")


def test_json_is_what_the_schema_says(repository, evidence, tmp_path):
    repository.commit("Remove alice", WITHOUT_ALICE, at=DAY)
    journal(tmp_path, MEMBERSHIP, at=DAY)

    _, out = evidence("membership/admins/alice", "user/carol", words=["--format", "json"])

    schema = json.loads((ROOT / "schemas/review-evidence.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(out))


def test_no_more_commits_are_read_than_needed():
    address = Address.of("membership", "admins", "alice")
    begin = datetime(2026, 11, 24, tzinfo=UTC)
    commits = [Commit(str(number), "erin", begin, begin, "") for number in range(3)]
    wanted = revocations([{"key": "membership/admins/alice", "declared": "yes"}])

    def history():
        yield Step(commits[0], DeclaredThen({}))
        yield Step(commits[1], DeclaredThen({address: None}))
        raise AssertionError

    assert merges(wanted, history()) == {address: Merged(commits[0], commits[0])}
