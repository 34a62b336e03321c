"""What Terraform and CloudFormation manage: ignored with the reason, or taken over with the files that make them let go."""

import json
from pathlib import Path

import pytest
import yaml

from iamctl.cli.process import run_command_line

ACCOUNT = "123456789012"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"
PASSWORD = "hunter2-hunter2"


def policy(name):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": ALLOW}
    return {"PolicyName": name, "Arn": arn("policy", name), "PolicyVersionList": [version]}


def arn(kind, name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:{kind}/{name}"


def tagged(**tags):
    return [{"Key": f"aws:cloudformation:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]


@pytest.fixture(autouse=True)
def account(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snapshot = {
        "account": {"id": ACCOUNT, "partition": "aws"},
        "UserDetailList": [
            {"UserName": "alice", "GroupList": ["people"]},
            {"UserName": "bob", "GroupList": ["people"]},
            {"UserName": "carol", "GroupList": []},
            {"UserName": "web", "GroupList": [], "Tags": tagged(stack_name="site", logical_id="WebUser")},
        ],
        "GroupDetailList": [{"GroupName": "people"}, {"GroupName": "deployers"}],
        "RoleDetailList": [],
        "Policies": [policy("deploy")],
    }
    Path("account.json").write_text(json.dumps(snapshot), encoding="utf-8")


def resource(kind, address, mode="managed", **values):
    return {"address": address, "mode": mode, "type": kind, "name": "this", "values": values}


def state(*resources, modules=()):
    root = {"resources": list(resources), "child_modules": list(modules)}
    Path("state.json").write_text(
        json.dumps({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": root}})
    )


def module(address, *resources, modules=()):
    return {"address": address, "resources": list(resources), "child_modules": list(modules)}


def run(*words):
    return run_command_line([str(word) for word in words])


def imported(capsys, *words, code=0):
    assert run("import", "iam", "--snapshot", "account.json", *words) == code
    return capsys.readouterr().out


def users():
    return list(yaml.safe_load(Path("iam/users.yaml").read_text())["users"])


def test_what_terraform_manages_is_ignored_with_the_reason(capsys):
    key = resource(
        "aws_iam_access_key", 'aws_iam_access_key.k["bob"]', user="bob", secret=SECRET, ses_smtp_password_v4=SECRET
    )
    login = resource("aws_iam_user_login_profile", "aws_iam_user_login_profile.l", user="alice", password=PASSWORD)
    inner = module(
        "module.iam.module.people",
        resource(
            "aws_iam_user",
            'module.iam.module.people.aws_iam_user.this["alice"]',
            name="alice",
            arn=arn("user", "alice"),
        ),
    )
    state(
        resource("aws_iam_group", "aws_iam_group.deployers[0]", name="deployers"),
        resource("aws_iam_policy", "aws_iam_policy.deploy", name="deploy", arn=arn("policy", "deploy")),
        resource("aws_iam_user", "aws_iam_user.gone", name="gone"),
        resource("aws_iam_user", "aws_iam_user.other", name="carol", arn=arn("user", "carol", "210987654321")),
        resource("aws_iam_user", "data.aws_iam_user.carol", mode="data", name="carol"),
        resource("aws_iam_role", "aws_iam_role.job", name="job"),
        resource("aws_s3_bucket", "aws_s3_bucket.logs", bucket="logs"),
        key,
        modules=[module("module.iam", login, modules=[inner])],
    )

    told = imported(capsys, "--owned-by", "terraform:state.json")

    assert users() == ["carol"]
    assert list(yaml.safe_load(Path("iam/groups.yaml").read_text())["groups"]) == ["people"]
    assert "users: 4 live = 1 managed + 3 ignored\n" in told
    assert "Terraform: 9 resources = 5 of this account + 1 not in it + 3 without a counterpart\n" in told
    assert "  not in it: 1 aws_iam_user: aws_iam_user.gone\n" in told
    assert "  without a counterpart: 1 aws_iam_role: aws_iam_role.job\n" in told
    assert "#   user/alice: Terraform manages this\n" in Path("iam/iamctl.yaml").read_text()
    assert run("plan", "iam", "--snapshot", "account.json", "--detailed-exitcode") == 0
    everything = told + "".join(path.read_text() for path in Path("iam").rglob("*") if path.is_file())
    assert SECRET not in everything
    assert PASSWORD not in everything


def test_what_is_a_part_of_a_group_or_a_user_owns_it():
    state(
        resource("aws_iam_group_membership", "aws_iam_group_membership.m", group="people", users=["alice"]),
        resource(
            "aws_iam_policy_attachment",
            "aws_iam_policy_attachment.a",
            users=["carol"],
            groups=None,
            policy_arn=arn("policy", "deploy"),
        ),
    )

    assert run("import", "iam", "--snapshot", "account.json", "--owned-by", "terraform:state.json") == 0

    assert users() == ["alice", "bob"]
    ignored = yaml.safe_load(Path("iam/iamctl.yaml").read_text())["scope"]["ignore"]
    assert {"group/people", "user/carol", "policy/deploy"} <= {one for one in ignored if isinstance(one, str)}


def test_taking_over_imports_it_and_writes_what_makes_terraform_let_go(capsys):
    each = [
        resource("aws_iam_user", f'module.iam[0].aws_iam_user.this["{name}"]', name=name) for name in ("alice", "bob")
    ]
    state(
        resource("aws_iam_group", "aws_iam_group.people", name="people"),
        resource("aws_iam_user", 'aws_iam_user.some["carol"]', name="carol"),
        resource(
            "aws_iam_user", 'aws_iam_user.some["elsewhere"]', name="elsewhere", arn=arn("user", "x", "210987654321")
        ),
        resource("aws_iam_role", "aws_iam_role.job", name="job"),
        modules=[module("module.iam[0]", *each)],
    )

    told = imported(capsys, "--owned-by", "terraform:state.json", "--take-over")

    assert {"alice", "bob", "carol"} <= set(users())
    assert Path("iam/take-over/removed.tf").read_text() == (
        "removed {\n  from = aws_iam_group.people\n\n  lifecycle {\n    destroy = false\n  }\n}\n\n"
        "removed {\n  from = module.iam.aws_iam_user.this\n\n  lifecycle {\n    destroy = false\n  }\n}\n"
    )
    assert (
        "terraform state rm 'aws_iam_user.some[\"carol\"]'\n" in Path("iam/take-over/terraform-state-rm.sh").read_text()
    )
    steps = Path("iam/take-over/README.md").read_text()
    assert steps.index("Merge the manifests") < steps.index("removed.tf") < steps.index("`terraform plan`")
    assert "first: iam/take-over/README.md says how the other tools let go; change nothing before that\n" in told
    assert run("validate", "iam") == 0
    assert run("plan", "iam", "--snapshot", "account.json", "--detailed-exitcode") == 0


def test_a_stack_is_known_by_tags_and_by_its_resources(capsys):
    rows = [
        ("AWS::IAM::Group", "Deployers", "deployers"),
        ("AWS::IAM::ManagedPolicy", "Deploy", arn("policy", "deploy")),
        ("AWS::IAM::UserToGroupAddition", "Add", "site-Add-1"),
        ("AWS::S3::Bucket", "Logs", "logs"),
    ]
    summaries = [
        {
            "ResourceType": kind,
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for kind, logical, physical in rows
    ]
    Path("stack.json").write_text(json.dumps({"StackResourceSummaries": summaries}))

    told = imported(capsys, "--owned-by", "cloudformation:stack.json", "--take-over")

    assert "CloudFormation: 5 resources = 3 of this account + 2 without a counterpart\n" in told
    assert users() == ["alice", "bob", "carol", "web"]
    retain = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    assert json.loads(Path("iam/take-over/retain.json").read_text()) == {
        "site": {"Resources": {"WebUser": retain}},
        "stack": {"Resources": {"Deploy": retain, "Deployers": retain}},
    }
    assert run("plan", "iam", "--snapshot", "account.json", "--detailed-exitcode") == 0


def test_without_taking_over_a_stack_is_ignored(capsys):
    told = imported(capsys, "--owned-by", "cloudformation")

    assert users() == ["alice", "bob", "carol"]
    assert "CloudFormation: 1 resource = 1 of this account\n" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--owned-by", "pulumi:x"), 64, "is not terraform:FILE, cloudformation or cloudformation:FILE"),
        (("--owned-by", "terraform"), 64, "is not terraform:FILE"),
        (("--take-over",), 64, "--take-over needs --owned-by"),
        (("--owned-by", "terraform:nowhere.json"), 1, "nowhere.json: the file cannot be read: No such file"),
        (("--owned-by", "terraform:account.json"), 1, "account.json: not the output of 'terraform show -json'"),
        (("--owned-by", "terraform:raw.tfstate"), 1, "this is a state file; convert it with 'terraform show -json'"),
        (
            ("--owned-by", "cloudformation:account.json"),
            1,
            "not the output of 'aws cloudformation list-stack-resources'",
        ),
        (("--owned-by", "terraform:text"), 1, "text: not valid JSON"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(words, code, told, capsys):
    Path("raw.tfstate").write_text(json.dumps({"version": 4, "serial": 1, "lineage": "x", "resources": []}))
    Path("text").write_text(SECRET)

    assert run("import", "iam", "--snapshot", "account.json", *words) == code

    error = capsys.readouterr().err
    assert told in error
    assert SECRET not in error
    assert not Path("iam").exists()
