"""A temporary policy that only denies: shown, put on a user for the time of an apply, and removed where one is left."""

import json

from command_line import NOW, account, save, user, write_tree

SANDBOX = ("--sandbox", "a.json", "--now", NOW)


def group(allowed, denied):
    statements = [
        {"Effect": "Allow", "Action": allowed, "Resource": "*"},
        {"Effect": "Deny", "Action": denied, "Resource": "*"},
    ]
    return {"inline_policies": {"rights": {"Version": "2012-10-17", "Statement": statements}}}


GROUPS = {"readers": group("s3:GetObject", "sqs:*"), "senders": group("sqs:SendMessage", "s3:*")}


def policies(tmp_path):
    users = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["UserDetailList"]
    return {entry["UserName"]: [one["PolicyName"] for one in entry.get("UserPolicyList", ())] for entry in users}


def test_a_plan_without_a_safe_order_runs_with_a_temporary_policy(tmp_path, here):
    save(tmp_path / "a.json", account([user("carol")]))
    write_tree(
        tmp_path / "iam",
        {"users": {"carol": {}}, "groups": GROUPS, "memberships": {"readers": ["carol"], "senders": ["carol"]}},
    )

    refused = here("plan", "iam", *SANDBOX)
    assert refused.returncode == 3
    assert "rerun with --allow-transition (IAM420)" in " ".join(refused.stdout.split())

    shown = here("plan", "iam", "--allow-transition", "--show-calls", *SANDBOX)
    assert shown.returncode == 0
    first = shown.stdout.split("Look at this first\n")[1].split("\n\n")[0]
    assert "carol is denied 2 statements more" in first
    assert "PutUserPolicy(UserName=carol, PolicyName=iamctl-transition)" in shown.stdout
    assert "DeleteUserPolicy(UserName=carol, PolicyName=iamctl-transition)" in shown.stdout

    done = here("apply", "iam", "--allow-transition", "--yes", *SANDBOX)
    assert done.returncode == 0, done
    assert "converged" in done.stdout
    assert policies(tmp_path) == {"carol": []}


def test_a_temporary_policy_that_an_apply_left_is_removed_and_not_kept(tmp_path, here):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    left = [{"PolicyName": "iamctl-transition", "PolicyDocument": document}]
    save(tmp_path / "a.json", account([user("carol", UserPolicyList=left)]))
    write_tree(tmp_path / "iam", {"users": {"carol": {"tags": {"team": "web"}}}})

    done = here("apply", "iam", "--yes", "--show-calls", *SANDBOX)

    assert done.returncode == 0, done
    told = " ".join(done.stdout.split())
    assert "carol has the temporary policy iamctl-transition of an interrupted apply; this plan removes it last" in told
    assert "keeps the policy" not in told
    assert done.stdout.index("TagUser(") < done.stdout.index("DeleteUserPolicy(")
    assert policies(tmp_path) == {"carol": []}
    assert "No drift" in here("drift", "iam", *SANDBOX).stdout


def test_a_saved_plan_with_a_temporary_policy_is_applied_with_the_flag_and_names_it_without(tmp_path, here):
    save(tmp_path / "a.json", account([user("carol")]))
    members = {"readers": ["caroline"], "senders": ["caroline"]}
    users = {"caroline": {"renamed_from": "carol"}}
    write_tree(tmp_path / "iam", {"users": users, "groups": GROUPS, "memberships": members})
    assert here("plan", "iam", "--allow-transition", "--out", "p.json", *SANDBOX).returncode == 0

    without = here("apply", "iam", "--plan", "p.json", "--yes", *SANDBOX)
    done = here("apply", "iam", "--plan", "p.json", "--allow-transition", "--yes", *SANDBOX)

    assert without.returncode == 5
    assert "Nothing was applied. Rerun with --allow-transition" in " ".join(without.stderr.split())
    assert done.returncode == 0, done
    assert policies(tmp_path) == {"caroline": []}
