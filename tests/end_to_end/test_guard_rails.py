"""Guard rails in whole runs: who calls, who is left to mend the account, and what is kept of those who go."""

import json
import subprocess

from command_line import (
    ACCOUNT,
    ALLOW,
    NO_CREDENTIALS,
    NOW,
    account,
    command,
    environment,
    group,
    run,
    save,
    user,
    write_tree,
)
from loopback import loopback

ADMIN = {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
KEY = {"AccessKeyId": "AKIAALICE00000000001", "Status": "Active", "CreateDate": "2026-01-31T10:00:00Z"}
READ_LOGS = f"arn:aws:iam::{ACCOUNT}:policy/read-logs"
WIDER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}


def policy(name, document):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document, "CreateDate": "2026-01-31T10:00:00Z"}
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper():X<17}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2026-01-31T10:00:00Z",
        "UpdateDate": "2026-01-31T10:00:00Z",
        "PolicyVersionList": [version],
    }


def with_password(*names):
    """Return the credentials of users who have a password and nothing else."""
    return {name: {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z"}} for name in names}


def test_a_user_who_applies_leaves_their_own_group_alone_without_the_flag(tmp_path):
    live = account(
        [user("alice", ["ops"]), user("bob")],
        [group("ops", GroupPolicyList=[{"PolicyName": "p", "PolicyDocument": ALLOW}])],
        credentials={"alice": {**NO_CREDENTIALS, "AccessKeyMetadata": [KEY]}},
    )
    manifests = {
        "users": {"alice": {"access_keys": 1}, "bob": {}},
        "groups": {"ops": {"inline_policies": {"p": WIDER}}},
        "memberships": {"ops": ["alice"]},
    }
    write_tree(tmp_path / "iam", manifests)
    with loopback(live) as iam:
        as_alice = {**iam.environment, "AWS_ACCESS_KEY_ID": KEY["AccessKeyId"]}
        as_alice.pop("AWS_SESSION_TOKEN")

        refused = run("apply", "iam", "--yes", cwd=tmp_path, **as_alice)
        assert refused.returncode == 3
        assert (
            "group/ops would have this policy document changed, and the caller, user/alice, is a member"
            in refused.stdout
        )
        assert not iam.writes

        permitted = run("apply", "iam", "--yes", "--allow-self", cwd=tmp_path, **as_alice)
        assert permitted.returncode == 0
        assert "(IAM411)" in permitted.stdout
        assert iam.writes == ["PutGroupPolicy"]


def test_a_role_that_applies_keeps_its_policies(tmp_path):
    role = {
        "RoleName": "Deploy",
        "RoleId": "AROADEPLOYXXXXXXXXXXX",
        "Path": "/ci/",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/ci/Deploy",
        "CreateDate": "2026-01-31T10:00:00Z",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "RolePolicyList": [],
        "AttachedManagedPolicies": [{"PolicyName": "read-logs", "PolicyArn": READ_LOGS}],
        "InstanceProfileList": [],
        "Tags": [],
    }
    live = account(RoleDetailList=[role], Policies=[policy("read-logs", ALLOW)])
    one = {"id": ACCOUNT, "assume_role": role["Arn"]}
    write_tree(tmp_path / "iam", {"policies": {"read-logs": {"document": WIDER}}}, accounts={"test": one})
    with loopback(live) as iam:
        refused = run("plan", "iam", cwd=tmp_path, **iam.environment)
        permitted = run("plan", "iam", "--allow-self", cwd=tmp_path, **iam.environment)

    assert refused.returncode == 3
    assert "the policy document would change, and it is attached to the caller, role/Deploy" in refused.stdout
    assert permitted.returncode == 0


def test_the_last_but_one_administrator_stays_and_no_flag_helps(tmp_path):
    live = account(
        [user("erin", ["admins"]), user("dave", ["admins"])],
        [group("admins", AttachedManagedPolicies=[ADMIN])],
        credentials=with_password("erin", "dave"),
    )
    file = save(tmp_path / "account.json", live)
    before = file.read_bytes()
    manifests = {
        "users": {"erin": {"console": True}},
        "groups": {"admins": {"policies": ["aws:AdministratorAccess"]}},
        "memberships": {"admins": ["erin"]},
        "removed": ["user/dave"],
    }
    write_tree(tmp_path / "iam", manifests)
    flags = ("--allow-removals", "users=1", "--allow-removals", "memberships=1", "--allow-self")

    refused = run("apply", "iam", "--sandbox", file, "--now", NOW, "--yes", *flags, cwd=tmp_path)

    assert refused.returncode == 3
    assert "2 before this plan (user/dave, user/erin), 1 after (user/erin)" in refused.stdout
    assert file.read_bytes() == before
    assert not (tmp_path / ".iamctl").exists()


def test_another_administrator_lets_one_go(tmp_path):
    live = account(
        [user("erin", ["admins"]), user("dave", ["admins"]), user("carol")],
        [group("admins", AttachedManagedPolicies=[ADMIN])],
        credentials={**with_password("erin", "dave"), "carol": {**NO_CREDENTIALS, "AccessKeyMetadata": [KEY]}},
    )
    manifests = {
        "users": {"erin": {"console": True}, "carol": {"access_keys": 1}},
        "groups": {"admins": {"policies": ["aws:AdministratorAccess"]}},
        "memberships": {"admins": ["erin", "carol"]},
        "removed": ["user/dave"],
    }
    write_tree(tmp_path / "iam", manifests)
    file = save(tmp_path / "account.json", live)

    done = run("apply", "iam", "--sandbox", file, "--now", NOW, "--yes", cwd=tmp_path)

    assert done.returncode == 0, done.stdout
    names = [one["UserName"] for one in json.loads(file.read_text())["UserDetailList"]]
    assert sorted(names) == ["carol", "erin"]


def leaver(tmp_path):
    """Return an account in which dave goes, with the tree that says so."""
    live = account(
        [user("dave", ["dev"], Tags=[{"Key": "hr:id", "Value": "7"}]), user("bob", ["dev"])],
        [group("dev")],
        credentials={"dave": {**NO_CREDENTIALS, "AccessKeyMetadata": [KEY]}},
    )
    manifests = {"users": {"bob": {}}, "groups": {"dev": {}}, "memberships": {"dev": ["bob"]}, "removed": ["user/dave"]}
    write_tree(tmp_path / "iam", manifests, scope={"ignore_tags": ["hr:*"]})
    return live


def test_what_goes_is_written_down_before_the_first_call(tmp_path):
    seen = []

    def look():
        seen.extend(path.read_text() for path in (tmp_path / ".iamctl/journal").glob("*.restore.json"))

    with loopback(leaver(tmp_path)) as iam:
        iam.faults["UpdateAccessKey"].append(look)
        words = ("apply", "iam", "--yes", "--parallel", 1, "--format", "json")
        done = run(*words, cwd=tmp_path, **iam.environment)

    assert done.returncode == 0
    assert iam.writes[0] == "UpdateAccessKey"
    told = json.loads(done.stdout)
    assert told["restore"] == told["journal"].removesuffix(".jsonl") + ".restore.json"
    assert (tmp_path / told["restore"]).read_text() == seen[0]
    (dave,) = json.loads(seen[0])["users"]
    assert (dave["GroupList"], dave["Tags"]) == (["dev"], [{"Key": "hr:id", "Value": "7"}])
    assert [key["AccessKeyId"] for key in dave["credentials"]["AccessKeyMetadata"]] == [KEY["AccessKeyId"]]


def test_nothing_is_sent_when_it_cannot_be_written_down(tmp_path):
    with loopback(leaver(tmp_path)) as iam:
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *command("apply", "iam", "--yes")],
            cwd=tmp_path,
            env=environment(**iam.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 1
    assert "the restore file cannot be written: File too large. Nothing was sent" in done.stderr
    assert iam.writes == []


def test_a_plan_that_removes_nobody_writes_nothing_down(tmp_path):
    write_tree(tmp_path / "iam", {"users": {"bob": {}}})

    done = run("apply", "iam", "--sandbox", "account.json", "--yes", cwd=tmp_path)

    assert done.returncode == 0
    assert "restore file" not in done.stdout
    assert not list((tmp_path / ".iamctl/journal").glob("*.restore.json"))
