"""A policy that AWS or a person attached to hold a user back survives an apply, until the manifests lift it."""

import json

from command_line import ACCOUNT, NOW, account, save, user, write_tree

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
APPLY = ("apply", "iam", "--sandbox", "a.json", "--now", NOW, "--yes")


def attached(tmp_path, name):
    users = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["UserDetailList"]
    found = next(entry for entry in users if entry["UserName"] == name)
    return [policy["PolicyArn"] for policy in found["AttachedManagedPolicies"]]


def test_a_quarantine_stays_while_other_changes_go_on_and_goes_by_a_line(tmp_path, here):
    held = [{"PolicyName": "AWSCompromisedKeyQuarantineV3", "PolicyArn": QUARANTINE}]
    save(tmp_path / "a.json", account([user("ci", AttachedManagedPolicies=held)]))
    manifests = {"users": {"ci": {"tags": {"team": "web"}}}, "groups": {"dev": {}}, "memberships": {"dev": ["ci"]}}
    write_tree(tmp_path / "iam", manifests)

    done = here(*APPLY)

    assert done.returncode == 0, done
    first = done.stdout.split("Look at this first\n")[1].split("\n\n")[0]
    assert "  ci keeps the policy aws:AWSCompromisedKeyQuarantineV3, which only denies" in first
    assert f"add 'user-policy/ci/{QUARANTINE}' under removed" in " ".join(done.stdout.split())
    assert "converged" in done.stdout
    assert attached(tmp_path, "ci") == [QUARANTINE]
    assert here("drift", "iam", "--sandbox", "a.json", "--now", NOW).returncode == 2

    write_tree(tmp_path / "iam", {**manifests, "removed": [f"user-policy/ci/{QUARANTINE}"]})
    lifted = here(*APPLY)

    assert lifted.returncode == 0, lifted
    assert "keeps the policy" not in lifted.stdout
    assert attached(tmp_path, "ci") == []
    assert "No drift" in here("drift", "iam", "--sandbox", "a.json", "--now", NOW).stdout
    assert ACCOUNT in lifted.stdout
