"""The example roles: what they allow is what iamctl uses, and IAM would take the documents."""

import json
import re

import pytest
from ci_world import ROOT, loaded

from iamctl.commands.permissions import discovery_permissions
from iamctl.policy import managed_grammar_errors

ROLES = ROOT / "examples/roles"
PERMISSIONS = sorted(path.name for path in ROLES.glob("*-permissions.json"))
TRUST = sorted(path.name for path in ROLES.glob("*-trust.json"))
MAX_MANAGED_POLICY_CHARACTERS = 6144


def read(name):
    return json.loads((ROLES / name).read_text())


def actions(name):
    return [action for statement in read(name)["Statement"] for action in statement["Action"]]


def listed():
    """Return the actions that docs/reference/aws.md lists: those that read, those of audits, and those that write."""
    text = (ROOT / "docs/reference/aws.md").read_text()
    return [block.split() for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL)]


def test_there_is_a_role_for_each_job():
    roles = ("apply", "audit", "discover", "expire", "lock", "plan", "rotate")
    assert [f"{name}-permissions.json" for name in roles] == PERMISSIONS
    assert (
        sorted(f"{host}-{role}-trust.json" for host in ("github", "gitlab") for role in ("apply", "expire", "plan"))
        == TRUST
    )


@pytest.mark.parametrize("name", PERMISSIONS)
def test_iam_would_take_the_permissions(name):
    assert managed_grammar_errors(read(name)) == ()
    assert len(re.sub(r"\s", "", (ROLES / name).read_text())) <= MAX_MANAGED_POLICY_CHARACTERS


def test_the_lock_needs_what_s3_asks_for_conditional_writes_and_deletes():
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html."""
    change, see = read("lock-permissions.json")["Statement"]

    assert change["Action"] == ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    assert change["Resource"] == f"{see['Resource']}/iamctl/123456789012.json"
    assert see["Action"] == "s3:ListBucket"


def test_the_roles_allow_what_the_commands_use():
    reads, audits, writes = listed()

    assert sorted(actions("audit-permissions.json")) == sorted(reads + audits)
    assert sorted(actions("plan-permissions.json")) == sorted(reads)
    assert sorted(actions("apply-permissions.json")) == sorted(reads + writes)
    due = set(actions("expire-permissions.json")) - set(reads)
    assert due < set(writes)
    assert {"iam:RemoveUserFromGroup", "iam:DeleteUser", "iam:DeleteAccessKey", "iam:DetachUserPolicy"} < due
    gives = re.compile(r"iam:(Add|Attach|Create|Put|Set)|iam:Update(User|Group)|iam:DeleteUserPermissionsBoundary")
    assert not list(filter(gives.match, due))


@pytest.mark.parametrize("name", TRUST)
def test_a_role_trusts_one_repository_by_its_tokens_alone(name):
    (statement,) = read(name)["Statement"]
    principal = statement.pop("Principal")
    host = principal["Federated"].split("oidc-provider/")[1]
    conditions = statement["Condition"]
    subjects = [
        subject
        for operator in conditions.values()
        for key, value in operator.items()
        if key == f"{host}:sub"
        for subject in ([value] if isinstance(value, str) else value)
    ]

    assert managed_grammar_errors({"Version": "2012-10-17", "Statement": [statement | {"Resource": "*"}]}) == ()
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert conditions["StringEquals"][f"{host}:aud"] == "sts.amazonaws.com"
    assert subjects
    assert all(
        subject.startswith(("repo:OWNER/REPOSITORY:", "project_path:GROUP/PROJECT:ref_type:branch:ref:"))
        for subject in subjects
    )
    assert not any("*" in subject for subject in subjects) or "plan" in name
    assert statement.keys() == {"Sid", "Effect", "Action", "Condition"}


@pytest.mark.parametrize("job", ["apply", "expire"])
def test_the_trust_names_the_environment_of_the_job(job):
    (statement,) = read(f"github-{job}-trust.json")["Statement"]
    environment = loaded(f"examples/github/{job}.yml")["jobs"][job]["environment"]

    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == [
        f"repo:OWNER/REPOSITORY:environment:{environment}"
    ]


def test_the_role_of_discovery_is_what_the_command_prints(capsys):
    assert discovery_permissions() == 0

    assert json.loads(capsys.readouterr().out) == read("discover-permissions.json")
