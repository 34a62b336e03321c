"""An account that changes while apply runs: nothing is written that was not shown, and what was done is reported."""

import json

import pytest
from command_line import run
from loopback import loopback

SETTINGS = 'version: 1\naccounts: {prod: {id: "123456789012"}}\n'
MANIFEST = "users: {alice: {}}\ngroups: {team: {}}\nmemberships: {team: [alice]}\nremoved: [user/dave]\n"
BUSY = {
    "UserDetailList": [
        {"UserName": "dave", "Path": "/", "UserId": "AIDADAVEDAVEDAVE", "Arn": "arn:aws:iam::123456789012:user/dave"}
    ],
    "GroupDetailList": [],
    "RoleDetailList": [],
    "Policies": [],
}


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "iam").mkdir()
    (tmp_path / "iam/iamctl.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "iam/people.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def apply(tree, aws, *words):
    return run("apply", "iam", "--yes", *words, cwd=tree, **aws.environment)


def test_another_account_than_the_one_shown_is_not_written_to(tree):
    with loopback(BUSY) as aws:
        iam = aws.session.client("iam")

        def recreated():
            iam.delete_user(UserName="dave")
            iam.create_user(UserName="dave")

        reads = [None] * len_of_reads(tree, aws)
        aws.faults["GetAccountAuthorizationDetails"] += [*reads, recreated]
        done = apply(tree, aws)

    assert done.returncode == 5, done.stderr
    assert "the account changed after the plan was shown" in done.stderr
    assert aws.writes == []


def len_of_reads(tree, aws):
    """How many pages of the account a plan reads."""
    run("plan", "iam", cwd=tree, **aws.environment)
    pages = aws.counts["GetAccountAuthorizationDetails"]
    aws.asked.clear()
    return pages


def test_what_is_gone_already_when_its_turn_comes_is_reached(tree):
    with loopback(BUSY) as aws:
        iam = aws.session.client("iam")
        aws.faults["DeleteUser"].append(lambda: iam.delete_user(UserName="dave"))
        done = apply(tree, aws, "--format", "json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["converged"] is True
    assert [row["status"] for row in result["outcomes"] if row["operation"] == "DeleteUser"] == ["already-gone"]


def test_an_account_that_cannot_be_read_again_leaves_a_report_and_4(tree):
    with loopback(BUSY) as aws:
        pages = len_of_reads(tree, aws)
        denied = ("AccessDenied", "not allowed any more")
        aws.faults["GetAccountAuthorizationDetails"] += [*[None] * (2 * pages), *[denied] * 50]
        done = apply(tree, aws)

    assert done.returncode == 4, done.stderr
    assert "4 of 4 calls done" in done.stdout
    assert "journal: " in done.stdout
    assert "could not be read again" in done.stderr
    assert "Traceback" not in done.stderr
