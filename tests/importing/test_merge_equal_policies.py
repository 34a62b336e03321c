"""``import --merge-equal-policies``: equal inline policies of groups become one managed policy, and access stays."""

import json
from pathlib import Path

import pytest
import yaml
from effort import examples
from hypothesis import HealthCheck, given, settings
from strategies import snapshots
from test_direct_policies_to_groups import NOW, account, document, group, plan_of, run, user

from iamctl.account.live import live_account
from iamctl.manifests.declarable import ImportWishes
from iamctl.manifests.write import manifest_files
from iamctl.model import Severity

WISHES = ImportWishes(moves_direct=True, merges_equal=True)
TRUSTED = settings(deadline=None, max_examples=examples(16), suppress_health_check=[HealthCheck.too_slow])
READ = document("s3:Get*")
OTHERWISE = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["S3:get*"], "Resource": ["*"]}}


def imported(groups, users=(), **more):
    return manifest_files(live_account(account(list(users), groups, **more)), account_name="main", wishes=WISHES)


def policy(name, found):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": found}
    return {"PolicyName": name, "Arn": f"arn:aws:iam::123456789012:policy/{name}", "PolicyVersionList": [version]}


def test_equal_documents_become_one_policy_named_after_the_first():
    found = imported([group("a", read=READ), group("b", own=OTHERWISE), group("c", write=document("s3:Put*"))])

    assert yaml.safe_load(found.files["groups.yaml"])["groups"] == {
        "a": {"policies": ["read"]},
        "b": {"policies": ["read"]},
        "c": {"inline_policies": {"write": {"file": "inline_policies/c/write.json"}}},
    }
    assert yaml.safe_load(found.files["policies.yaml"])["policies"] == {"read": {"file": "policies/read.json"}}
    assert json.loads(found.files["policies/read.json"]) == READ


def test_a_policy_of_the_account_with_an_equal_document_is_used():
    groups = [group("a", read=READ), group("b", own=OTHERWISE)]
    found = imported(groups, policies=[policy("Reads", READ)])

    assert {
        group: entry["policies"] for group, entry in yaml.safe_load(found.files["groups.yaml"])["groups"].items()
    } == {
        "a": ["Reads"],
        "b": ["Reads"],
    }


def test_names_are_free_whatever_the_case():
    groups = [group("a", read=READ), group("b", own=OTHERWISE)]
    found = imported(groups, policies=[policy("READ", document("sqs:*"))])

    assert [address.name for address in found.merged.policies] == ["read-2"]


def test_a_group_without_room_keeps_its_inline_policy():
    full = group("a", *(f"P{number}" for number in range(10)), read=READ)
    found = imported([full, group("b", read=READ), group("c", read=READ)])

    assert found.merged.policies.popitem()[1] == ("b", "c")
    assert "inline_policies" in yaml.safe_load(found.files["groups.yaml"])["groups"]["a"]


@pytest.mark.parametrize(
    "odd", [{"Version": "2008-10-17", "Statement": READ["Statement"]}, {"Statement": READ["Statement"]}]
)
def test_what_a_managed_policy_may_not_say_stays_inline(odd):
    assert imported([group("a", read=odd), group("b", read=odd)]).merged.policies == {}


@TRUSTED
@given(snapshots(odd=True))
def test_the_plan_only_moves_and_access_is_proved_unchanged(snapshot):
    for one in snapshot["GroupDetailList"]:
        one.setdefault("GroupPolicyList", []).append({"PolicyName": "same", "PolicyDocument": READ})
    live = live_account(snapshot)
    tree = manifest_files(live, account_name="main", wishes=WISHES)

    plan = plan_of(live, tree)

    assert plan.access_unproved == ()
    assert not [finding for finding in plan.findings if finding.severity is Severity.REFUSE]
    gone = {change.address for change in plan.changes if change.after is None}
    assert gone - set(tree.moved.moved) == {a for a in tree.merged.replaced if a in live.state.resources}
    assert plan.created_at == NOW


def test_an_apply_reaches_it_and_the_next_plan_is_empty(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    groups = [group(f"g{number}", read=READ) for number in range(3)]
    users = [user(f"u{number}", groups=[f"g{number}"]) for number in range(3)]
    Path("account.json").write_text(json.dumps(account(users, groups)), encoding="utf-8")

    assert run("import", "iam", "--sandbox", "account.json", "--merge-equal-policies") == 0
    told = capsys.readouterr().out
    assert "3 inline policies of 3 groups became 1 managed policy\n" in told
    assert "the plan leaves access unchanged for 3 users (proved)\n" in told
    assert run("apply", "iam", "--sandbox", "account.json", "--yes") == 0
    assert run("plan", "iam", "--sandbox", "account.json", "--detailed-exitcode") == 0


def test_without_the_option_all_stays_inline():
    found = manifest_files(
        live_account(account([], [group("a", read=READ), group("b", read=READ)])), account_name="main"
    )

    assert found.merged is None
    assert "policies: {}" in found.files["policies.yaml"]
