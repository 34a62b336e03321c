"""``iamctl import`` as a command: what it reads, writes, says and refuses."""

import json
import resource

import pytest
import yaml

from iamctl.cli.process import run_command_line

ACCOUNT = "123456789012"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def policy(name, **more):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": ALLOW, "CreateDate": "2026-01-31T10:00:00Z"}
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    return {
        "PolicyName": name,
        "Path": "/",
        "Arn": arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
        **more,
    }


def attached(name):
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"}]


@pytest.fixture
def account(tmp_path):
    """A snapshot of an account with one of each, in a file."""
    alice = {
        "UserName": "alice",
        "Path": "/people/",
        "GroupList": ["dev"],
        "UserPolicyList": [{"PolicyName": "direct", "PolicyDocument": ALLOW}],
    }
    snapshot = {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": [alice],
        "GroupDetailList": [{"GroupName": "dev", "Path": "/", "AttachedManagedPolicies": attached("deploy")}],
        "RoleDetailList": [{"RoleName": "job", "AttachedManagedPolicies": attached("job")}],
        "Policies": [policy("deploy", Description="Deploys", Tags=[{"Key": "team", "Value": "ops"}]), policy("job")],
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(snapshot), encoding="utf-8")
    return path


def run(*words):
    return run_command_line([str(word) for word in words])


def below(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_it_writes_a_tree_and_says_what_is_in_it_and_what_comes_next(account, tmp_path, capsys):
    iam = tmp_path / "new" / "iam"

    assert run("import", iam, "--snapshot", account) == 0

    assert capsys.readouterr().out == (
        f"{iam}: account {ACCOUNT}, 1 user, 1 group, 1 membership, 1 policy\n"
        "1 policy of a user became exceptions in iamctl.yaml; move them to groups, or import with "
        "--direct-policies groups\n"
        "warning: nobody read the passwords, access keys or API keys of 1 user: alice; limits of 0 in iamctl.yaml refuse a "
        "plan that takes them. Import again from the account, or add console, access_keys and api_keys\n"
        "users: 1 live = 1 managed\n"
        "groups: 1 live = 1 managed\n"
        "policies: 2 live = 1 managed + 1 only of roles\n"
        f"next: iamctl plan {iam} --snapshot {account}\n"
    )
    assert below(iam) == [
        "groups.yaml",
        "iamctl.yaml",
        "memberships.yaml",
        "policies.yaml",
        "policies/deploy.json",
        "unsorted/alice/direct.json",
        "users.yaml",
    ]
    assert run("plan", iam, "--snapshot", account, "--detailed-exitcode") == 0


def test_what_nobody_read_is_not_taken_by_the_first_plan(account, tmp_path, capsys):
    iam = tmp_path / "iam"
    run("import", iam, "--snapshot", account)
    settings = (iam / "iamctl.yaml").read_text(encoding="utf-8")
    data = json.loads(account.read_text())
    data["credentials"] = {
        "alice": {
            "LoginProfile": {"CreateDate": "2024-01-31T10:00:00Z"},
            "AccessKeyMetadata": [{"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Active"}],
            "MFADevices": [],
        }
    }
    account.write_text(json.dumps(data))
    capsys.readouterr()

    code = run("plan", iam, "--snapshot", account)

    told = capsys.readouterr().out
    assert yaml.safe_load(settings)["limits"] == {"passwords": 0, "access_keys": 0}
    assert "# Nobody read whether these users have passwords, access keys or API keys" in settings
    assert "#   alice\n" in settings
    assert code == 3
    assert "1 of 1 passwords" in told
    assert "1 of 1 access keys" in told


def test_from_the_api_it_asks_for_descriptions_and_tags_of_policies(account, tmp_path):
    iam = tmp_path / "iam"

    assert run("import", iam, "--sandbox", account, "--account", "prod") == 0

    policies = yaml.safe_load((iam / "policies.yaml").read_text(encoding="utf-8"))["policies"]
    assert policies == {"deploy": {"description": "Deploys", "tags": {"team": "ops"}, "file": "policies/deploy.json"}}
    assert "prod" in yaml.safe_load((iam / "iamctl.yaml").read_text(encoding="utf-8"))["accounts"]
    assert run("plan", iam, "--sandbox", account, "--detailed-exitcode") == 0
    assert run("apply", iam, "--sandbox", account, "--yes") == 0


def test_a_directory_of_a_new_repository_will_do(account, tmp_path):
    iam = tmp_path / "iam"
    (iam / ".git").mkdir(parents=True)
    for name in (".gitignore", "README.md", "LICENSE"):
        (iam / name).write_text("mine", encoding="utf-8")

    assert run("import", iam, "--snapshot", account) == 0

    assert (iam / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["users.yaml", "notes.txt", "policies"])
def test_nothing_is_written_into_a_directory_that_holds_something(account, tmp_path, capsys, name):
    iam = tmp_path / "iam"
    (iam / name).mkdir(parents=True)

    assert run("import", iam, "--snapshot", account) == 1

    assert capsys.readouterr().err == (
        f"error: {iam}: the directory is not empty, it contains {name!r}; import never overwrites a file, "
        "so use a new or empty directory\n"
    )
    assert below(iam) == []


def test_a_file_is_no_directory(account, capsys):
    assert run("import", account, "--snapshot", account) == 1
    assert "manifests cannot be written here: Not a directory" in capsys.readouterr().err


def test_a_tree_that_is_broken_off_is_none(account, tmp_path, capsys):
    iam = tmp_path / "iam"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (240, hard))  # bytes of a file: as if the disk were full
    try:
        code = run("import", iam, "--snapshot", account)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert code == 1
    assert capsys.readouterr().err == (
        f"error: {iam}/groups.yaml: the file cannot be written: File too large; 3 of 7 files were written, remove them "
        "first\n"
    )
    assert not (iam / "iamctl.yaml").exists()


def test_an_empty_account_name_is_wrong_usage(account, tmp_path, capsys):
    assert run("import", tmp_path / "iam", "--snapshot", account, "--account", "") == 64
    assert "--account is empty" in capsys.readouterr().err


def test_what_manifests_cannot_say_is_told(account, tmp_path, capsys):
    snapshot = json.loads(account.read_text(encoding="utf-8"))
    snapshot["GroupDetailList"][0]["GroupPolicyList"] = [
        {"PolicyName": "old", "PolicyDocument": {"Statement": [{**ALLOW["Statement"][0], "Effect": "allow"}]}}
    ]
    account.write_text(json.dumps(snapshot), encoding="utf-8")

    assert run("import", tmp_path / "iam", "--snapshot", account) == 0

    told = capsys.readouterr().out
    assert (
        "iamctl.yaml ignores these, since manifests cannot declare them; fix them, then import again:\n  group/dev: inline policy 'old': Effect"
        in told
    )
    assert run("plan", tmp_path / "iam", "--snapshot", account, "--detailed-exitcode") == 0


def test_a_user_with_more_keys_than_a_manifest_permits_is_ignored_and_the_rest_is_imported(account, tmp_path, capsys):
    snapshot = json.loads(account.read_text())
    snapshot["UserDetailList"].append({"UserName": "robot", "Path": "/", "GroupList": []})
    keys = [{"AccessKeyId": f"AKIA{number:016}", "Status": "Active"} for number in range(3)]
    snapshot["credentials"] = {
        name: {"LoginProfile": None, "AccessKeyMetadata": held, "MFADevices": []}
        for name, held in {"alice": keys[:2], "robot": keys}.items()
    }
    account.write_text(json.dumps(snapshot))

    code = run("import", tmp_path / "iam", "--snapshot", account)

    output = capsys.readouterr().out
    assert code == 0, output
    assert "user/robot: the user has 3 active access keys, and a manifest permits at most 2" in output
    assert yaml.safe_load((tmp_path / "iam/users.yaml").read_text())["users"]["alice"]["access_keys"] == 2
    assert "user/robot" in (tmp_path / "iam/iamctl.yaml").read_text()
