"""Assertions in ``validate``, ``plan`` and ``drift``: what each judges, says and ends with."""

import json
import subprocess
import sys

from command_line import ALLOW, account, environment, group, save, user, write_tree
from jsonschema import Draft202012Validator

from iamctl.schema import access_check_schema

NOW = "2026-11-23"
ATTACH = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*"}],
}
NO_IAM = {"no-iam": {"forbid": {"actions": ["iam:*"], "access": ["permissions"]}, "reason": "SEC-12"}}
REFUTED = (
    "assertion/no-iam is refuted by 1 of 2 users: bob may call iam:AttachUserPolicy on "
    "arn:aws:iam::123456789012:user/x (group-inline-policy/ops/own on group/ops) (reason: SEC-12)"
)


def manifests(members, document=ATTACH, assertions=NO_IAM, **ops):
    return {
        "users": {"alice": {}, "bob": {}},
        "groups": {"ops": ops or {"inline_policies": {"own": document}}},
        "memberships": {"ops": members},
        "assertions": assertions,
    }


def live(folder, members, document=ATTACH, **more):
    held = [{"PolicyName": "own", "PolicyDocument": document}] if document else []
    users = [user(name, ["ops"] if name in members else []) for name in ("alice", "bob")]
    save(folder / "a.json", account(users, [group("ops", **{"GroupPolicyList": held, **more})]))


def run(here, command, *words):
    source = () if command == "validate" else ("--snapshot", "a.json")
    return here(command, "iam", *source, "--now", NOW, *words)


def test_validate_judges_what_the_manifests_declare(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"]))

    done = run(here, "validate")

    assert done.returncode == 1
    assert f"error: {REFUTED} (IAM501)" in done.stdout.replace("\n      ", " ")


def test_validate_warns_of_a_document_that_only_aws_has(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], policies=["aws:ReadOnlyAccess"]))

    done = run(here, "validate")

    assert done.returncode == 0
    assert (
        "assertion/no-iam is not decided for 1 of 2 users (bob): unknown documents of aws:ReadOnlyAccess" in done.stdout
    )


def test_validate_without_assertions_loads_no_engine(tmp_path):
    write_tree(tmp_path / "iam", {name: part for name, part in manifests(["bob"]).items() if name != "assertions"})
    code = (
        "import sys\n"
        "from iamctl.cli.process import run_command_line\n"
        "code = run_command_line(['validate', 'iam'])\n"
        "assert code == 0, code\n"
        "loaded = [name for name in sys.modules if name.startswith('iamctl.proof')]\n"
        "assert not loaded, loaded\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_a_plan_that_breaks_an_assertion_is_refused(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"]))
    live(tmp_path, [])

    done = run(here, "plan", "--format", "json")

    assert done.returncode == 3
    (found,) = [one for one in json.loads(done.stdout)["findings"] if one["rule"] == "IAM501"]
    assert (found["address"], found["severity"], found["message"]) == ("assertion/no-iam", "refuse", REFUTED)
    assert found["origin"]["path"] == "iam.yaml"


def test_what_was_refuted_before_is_a_warning_with_a_count(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["alice", "bob"]))
    live(tmp_path, ["bob"])
    before = run(here, "plan")
    write_tree(tmp_path / "iam", manifests(["bob"]))

    done = run(here, "plan", "--all-findings")

    assert before.returncode == 3
    assert "is refuted by 1 of 2 users: alice may call iam:AttachUserPolicy" in before.stdout
    assert done.returncode == 0
    assert "assertion/no-iam was refuted before as well by 1 of 2 users (bob): bob may call" in done.stdout


def test_a_plan_that_mends_an_assertion_is_not_refused(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], ALLOW))
    live(tmp_path, ["bob"])

    done = run(here, "plan")

    assert done.returncode == 0
    assert "no-iam" not in done.stdout


def test_drift_judges_the_account_as_it_is(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], ALLOW))
    live(tmp_path, ["bob"])
    differs = run(here, "drift")
    live(tmp_path, ["bob"], ALLOW)
    holds = run(here, "drift")
    write_tree(tmp_path / "iam", manifests(["bob"]))
    live(tmp_path, ["bob"])

    done = run(here, "drift")

    assert (differs.returncode, holds.returncode, done.returncode) == (2, 0, 3)
    assert "no-iam" in differs.stdout
    assert "no-iam" not in holds.stdout
    assert f"\nAssertions\n  iam.yaml:17:3: refused: {REFUTED}" in done.stdout
    assert "A plan would be refused" not in done.stdout


def test_no_change_removes_the_assertion_that_it_breaks(tmp_path, here):
    write_tree(tmp_path / "base", manifests([]))
    write_tree(tmp_path / "iam", manifests(["bob"], assertions={}))
    live(tmp_path, [])
    alone = run(here, "plan")

    done = run(here, "plan", "--base", "base")
    loosened = run(here, "plan", "--base", "base", "--allow-loosening")
    checked = run(here, "validate", "--base", "base")

    assert (alone.returncode, done.returncode, loosened.returncode, checked.returncode) == (0, 3, 0, 1)
    assert "assertion/no-iam of the base is refuted by 1 of 2 users: bob may call" in done.stdout
    assert "warning: assertion/no-iam of the base is refuted by" in loosened.stdout
    assert "error: assertion/no-iam of the base is refuted by" in checked.stdout


def test_an_assertion_on_somebody_who_is_nowhere_is_refused(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], ALLOW, {"a": {"who": ["group/opps"], **NO_IAM["no-iam"]}}))
    live(tmp_path, ["bob"], ALLOW)

    done = run(here, "plan")

    assert done.returncode == 3
    assert "'group/opps' is neither declared nor in the account; did you mean 'group/ops'? (IAM503)" in done.stdout


def test_a_plan_asks_aws_for_the_documents_that_decide(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], policies=["aws:ReadOnlyAccess"]))
    snapshot = account([user("alice"), user("bob", ["ops"])], [group("ops")])
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    snapshot["GroupDetailList"][0]["AttachedManagedPolicies"] = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}]
    save(tmp_path / "a.json", snapshot)

    offline = run(here, "plan")
    asked = here("plan", "iam", "--sandbox", "a.json", "--now", NOW)

    assert offline.returncode == 3
    assert (
        "is not decided for 1 of 2 users (bob): unknown documents of aws:ReadOnlyAccess (reason: SEC-12) (IAM502)"
        in (offline.stdout)
    )
    assert asked.returncode == 0, asked.stdout


def check(here, *words):
    return here("access", "check", "iam", "--snapshot", "a.json", "--now", NOW, *words)


def test_access_check_judges_the_account_as_it_is(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], ALLOW))
    live(tmp_path, ["bob"])

    refuted = check(here)
    live(tmp_path, ["bob"], ALLOW)
    holds = check(here)

    assert (refuted.returncode, holds.returncode) == (3, 0)
    assert f"Refused\n  iam.yaml:17:3: refused: {REFUTED} (IAM501)\n\nAssertions that hold: 0 of 1.\n" in refuted.stdout
    assert "\nAssertions that hold\n  no-iam: 2 users  iam.yaml:17:3\n\nAssertions that hold: 1 of 1.\n" in holds.stdout


def test_access_check_as_json_follows_its_schema(tmp_path, here):
    deploys = {"require": {"actions": ["codedeploy:CreateDeployment"]}, "severity": "warn"}
    ways = {"who": ["user/bob"], "no_way_to": ["administrator"]}
    write_tree(tmp_path / "iam", manifests(["bob"], assertions={**NO_IAM, "deploys": deploys, "ways": ways}))
    live(tmp_path, ["bob"])

    done = check(here, "--format", "json")

    data = json.loads(done.stdout)
    Draft202012Validator(access_check_schema()).validate(data)
    assert data["summary"] == {"assertions": 3, "holding": 0, "refuted": 3, "undecided": 0}
    by_name = {one["name"]: one for one in data["assertions"]}
    assert [one["person"] for one in by_name["deploys"]["refuted"]] == ["user/alice", "user/bob"]
    assert by_name["no-iam"]["refuted"][0]["witness"]["action"] == "iam:AttachUserPolicy"
    assert by_name["no-iam"]["refuted"][0]["sources"] == [
        {"policy": "group-inline-policy/ops/own", "holder": "group/ops", "statement": "1"}
    ]
    assert by_name["ways"]["refuted"][0]["steps"] == [{"actions": ["iam:AttachUserPolicy"], "target": "user/bob"}]


def test_access_check_without_assertions_says_so(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], assertions={}))
    live(tmp_path, ["bob"])

    done = check(here)

    assert done.returncode == 0
    assert "The manifests contain no assertions.\n" in done.stdout


def test_access_check_names_an_unknown_document(tmp_path, here):
    write_tree(tmp_path / "iam", manifests(["bob"], ALLOW))
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    live(tmp_path, ["bob"], None, AttachedManagedPolicies=[{"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}])

    done = check(here, "--format", "json")

    data = json.loads(done.stdout)
    Draft202012Validator(access_check_schema()).validate(data)
    assert done.returncode == 3
    assert data["assertions"][0]["undecided"] == [
        {"person": "user/bob", "doubt": "document", "documents": ["aws:ReadOnlyAccess"]}
    ]
