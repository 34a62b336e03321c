"""What AWS's consoles and other tools make is ignored by an import, with a word, unless somebody asks for it."""

import json

import pytest
import yaml

from iamctl.account.live import live_account
from iamctl.cli.process import run_command_line
from iamctl.manifests.declarable import ImportWishes
from iamctl.manifests.made_elsewhere import MAKERS
from iamctl.manifests.write import manifest_files

ACCOUNT = "123456789012"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:SendRawEmail", "Resource": "*"}]}


def user(name, *, groups=(), **tags):
    return {
        "UserName": name,
        "GroupList": list(groups),
        "Tags": [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()],
    }


def account(*users):
    ses = {
        "GroupName": "AWSSESSendingGroupDoNotRename",
        "GroupPolicyList": [{"PolicyName": "s", "PolicyDocument": ALLOW}],
    }
    return {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": list(users),
        "GroupDetailList": [ses, {"GroupName": "people"}],
        "RoleDetailList": [],
        "Policies": [],
    }


SES = "ses-smtp-user.20240131-101112"
FOREIGN = {
    "ses": user(SES, groups=["AWSSESSendingGroupDoNotRename"]),
    "bedrock": user("BedrockAPIKey-x1y2"),
    "stack": user("of-stack", **{"aws__cloudformation__stack-name": "web"}),
    "terraform": user("of-terraform", ManagedBy="Terraform"),
    "flag": user("also-of-terraform", Terraform="true"),
}


def imported(*users, include=()):
    return manifest_files(live_account(account(*users)), account_name="main", wishes=ImportWishes(include=include))


def ignored(found):
    return yaml.safe_load(found.files["iamctl.yaml"])["scope"]["ignore"]


def test_each_maker_has_a_source_and_a_word():
    for maker in MAKERS:
        assert maker.source.startswith("https://")
        assert bool(maker.address) != bool(maker.tag)
        assert not maker.words.endswith(".")


def test_what_others_make_is_ignored_by_the_pattern_of_its_maker():
    found = imported(*FOREIGN.values(), user("alice", groups=["people"]))

    assert list(yaml.safe_load(found.files["users.yaml"])["users"]) == ["alice"]
    assert sorted(map(str, ignored(found))) == sorted(
        [
            "group/AWSSESSendingGroupDoNotRename",
            "user/ses-smtp-user.*",
            "user/BedrockAPIKey-[*]".replace("[*]", "*"),
            "{'tag': {'aws:cloudformation:stack-name': '*'}}",
            "{'tag': {'ManagedBy': 'Terraform'}}",
            "{'tag': {'Terraform': 'true'}}",
        ]
    )
    assert (
        "#   user/ses-smtp-user.*: the console of Amazon SES makes these users for SMTP\n" in found.files["iamctl.yaml"]
    )


def test_include_brings_one_in_and_ignores_the_others_by_name():
    others = [user(SES), user("ses-smtp-user.2"), user("ses-smtp-user.3")]

    found = imported(*others, include=("USER/ses-smtp-user.2", "user/nobody"))

    assert list(yaml.safe_load(found.files["users.yaml"])["users"]) == ["ses-smtp-user.2"]
    assert [entry for entry in ignored(found) if entry.startswith("user/")] == [f"user/{SES}", "user/ses-smtp-user.3"]
    assert found.elsewhere.unmatched == ("user/nobody",)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_plan_from_it_is_empty_and_counts_add_up(name, tmp_path, capsys):
    snapshot = tmp_path / "account.json"
    snapshot.write_text(json.dumps(account(FOREIGN[name], user("alice", groups=["people"]))), encoding="utf-8")

    assert run("import", tmp_path / "iam", "--snapshot", snapshot) == 0

    told = capsys.readouterr().out
    assert "users: 2 live = 1 managed + 1 ignored\n" in told
    assert "groups: 2 live = 1 managed + 1 ignored\n" in told
    assert run("plan", tmp_path / "iam", "--snapshot", snapshot, "--detailed-exitcode") == 0
    assert "Users: 2 live = 1 managed + 1 ignored." in capsys.readouterr().out


def test_include_of_everything_imports_everything(tmp_path, capsys):
    snapshot = tmp_path / "account.json"
    snapshot.write_text(json.dumps(account(*FOREIGN.values())), encoding="utf-8")

    assert run("import", tmp_path / "iam", "--snapshot", snapshot, "--include", "*", "--include", "group/x") == 0

    told = capsys.readouterr().out
    assert "users: 5 live = 5 managed\n" in told
    assert "warning: --include 'group/x' matches nothing that others manage\n" in told
    assert run("plan", tmp_path / "iam", "--snapshot", snapshot, "--detailed-exitcode") == 0


def test_a_policy_with_tags_of_terraform_is_ignored_by_name_and_stays_in_its_group():
    snapshot = account()
    arn = f"arn:aws:iam::{ACCOUNT}:policy/web"
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": ALLOW}
    tags = [{"Key": "managed-by", "Value": "terraform"}]
    snapshot["Policies"] = [{"PolicyName": "web", "Arn": arn, "PolicyVersionList": [version], "Tags": tags}]
    snapshot["GroupDetailList"][1]["AttachedManagedPolicies"] = [{"PolicyName": "web", "PolicyArn": arn}]

    found = manifest_files(live_account(snapshot), account_name="main")

    assert "policy/web" in ignored(found)
    assert yaml.safe_load(found.files["groups.yaml"])["groups"]["people"] == {"policies": ["live:web"]}


def run(*words):
    return run_command_line([str(word) for word in words])
