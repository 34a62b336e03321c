"""A temporary policy that an interrupted apply left, as drift, import and a plan without its user show it."""

from pathlib import Path

import pytest
from command_line import NOW, account, save, user, write_tree

SANDBOX = ("--sandbox", "a.json", "--now", NOW)
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture
def left(tmp_path):
    held = [{"PolicyName": "iamctl-transition", "PolicyDocument": DENY}]
    save(tmp_path / "a.json", account([user("carol", UserPolicyList=held)]))
    return tmp_path


def test_drift_names_the_interrupted_apply_and_nobody_else(left, here):
    write_tree(left / "iam", {"users": {"carol": {}}})

    done = here("drift", "iam", *SANDBOX)

    assert done.returncode == 2
    assert "an interrupted apply left the temporary policy iamctl-transition on carol" in done.stdout
    assert "someone" not in done.stdout
    assert "put the policy on a group" not in done.stdout
    assert "Statement 1: Deny s3:* on *".lower() in done.stdout.lower()


def test_import_writes_no_exception_for_it_and_the_next_plan_removes_it(left, here):
    done = here("import", "iam", "--sandbox", "a.json")
    planned = here("plan", "iam", "--show-calls", *SANDBOX)

    assert done.returncode == 1, done  # the plan is not empty
    assert "iamctl-transition" not in "".join(path.read_text() for path in (left / "iam").rglob("*.yaml"))
    assert "DeleteUserPolicy(UserName=carol, PolicyName=iamctl-transition)" in planned.stdout


def test_only_what_is_due_never_removes_it_alone(left, here):
    write_tree(left / "iam", {"users": {"carol": {}}})

    done = here("apply", "iam", "--due", "--yes", *SANDBOX)

    assert done.returncode == 0, done
    assert "iamctl-transition" in Path(left / "a.json").read_text()


def test_a_plan_that_does_not_manage_its_user_warns_that_it_stays(left, here):
    write_tree(left / "iam", {"users": {"dave": {}}})

    told = " ".join(here("plan", "iam", *SANDBOX).stdout.split("\n\n")[1].split())

    assert "Look at this first" in told
    assert (
        "carol has the temporary policy iamctl-transition of an interrupted apply, which only an apply that manages "
        "the user removes; declare the user, or delete the policy"
    ) in told
