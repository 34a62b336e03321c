"""The small inputs with known verdicts: each grant opens the way that it is said to open, or is told what it lacks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "../shared/cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
NOW = ("--now", "2026-11-28T12:00:00Z")
BECOME, GAIN, COULD = (
    "3 users can become administrators",
    "gain a way to more access",
    "could gain a way to more access",
)
WAYS = {
    "AddUserToGroup named admins": (BECOME, "iam:AddUserToGroup on group/administrators"),
    "AttachGroupPolicy own group": (BECOME, "iam:AttachGroupPolicy on group/developers"),
    "IAM:PUTUSERPOLICY": (BECOME, "iam:PutUserPolicy on the user itself"),
    "NotAction long list on named": (BECOME, "iam:AddUserToGroup on group/administrators"),
    "NotResource": (BECOME, "iam:AddUserToGroup on group/administrators"),
    "account-level: iam:CreateAccountAlias,UpdateAccountPasswordPolicy,DeleteAccountPasswordPolicy": (
        GAIN,
        "iam:UpdateAccountPasswordPolicy changes the account's password policy",
    ),
    "arn:aws:iam::*:group/a?min*": (BECOME, "iam:AddUserToGroup on group/administrators"),
    "cloudformation:*": (COULD, "cloudformation:UpdateStack needs a stack with a role"),
    "i*:* action": ("'i*' has no service prefix",),
    "iam:* with dummy condition": ("can become an administrator", "iam:PutUserPolicy"),
    "iam:CreateAccessKey pattern ?": ("carol can become an administrator", "iam:CreateAccessKey on user/alice"),
    "iam:DeleteRolePermissionsBoundary": (COULD, "needs a role that a boundary holds back"),
    "iam:DeleteRolePolicy/DeleteUserPolicy (drops denies)": (
        GAIN,
        "iam:RemoveUserFromGroup on group/everyone removes a Deny",
    ),
    "iam:Pass*": (COULD, "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction needs a role with more access"),
    "iam:PutUserPolicy arn with ? partition": (BECOME, "iam:PutUserPolicy on the user itself"),
    "pattern ends with letter": ("eve can become an administrator", "on user/bob"),
    "pattern with default variable": ("can become an administrator", "on the user itself"),
    "service wildcard in arn i*m?": ("may not contain wildcards",),
    "ssm:SendCommand *": (COULD, "ssm:SendCommand needs an instance with a role"),
    "sts:AssumeRole *": (GAIN, "sts:AssumeRole on role/ci gives the access of role/ci"),
    "sts:AssumeRole named OrgAdmin": (COULD, "sts:AssumeRole needs a role with more access"),
}


def grants():
    return json.loads((CASES / "grants.json").read_text(encoding="utf-8")) if CASES.is_dir() else []


def plan(here, case, *more):
    return here("plan", str(case / "iam"), "--snapshot", str(case / "account.json"), *NOW, *more)


def test_every_grant_has_a_verdict():
    assert [grant["name"] for grant in grants()] == list(WAYS)


@pytest.mark.parametrize("grant", grants(), ids=[grant["name"] for grant in grants()])
def test_a_grant_is_judged(grant, tmp_path, here):
    shutil.copytree(CASES / "access-keys-2", tmp_path / "case")
    file = tmp_path / "case/iam/policies/deploy.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["Statement"].append(grant["statement"])
    file.write_text(json.dumps(document), encoding="utf-8")

    done = plan(here, tmp_path / "case", "--access", "none")

    for part in WAYS[grant["name"]]:
        assert part in done.stdout + done.stderr


def test_the_same_access_in_other_words_is_no_change(here):
    shown = json.loads(plan(here, CASES / "access-a", "--format", "json").stdout)

    assert shown["access"]["summary"]["gain"] == shown["access"]["summary"]["lose"] == 0
    assert not any(block["gains"] or block["losses"] for block in shown["access"]["changes"])
    assert not [one for one in shown["findings"] if one["rule"] == "IAM111" and one["severity"] == "refuse"]


def test_two_denies_are_one_guard(here):
    shown = json.loads(plan(here, CASES / "access-b", "--format", "json").stdout)

    assert not [one for one in shown["findings"] if one["rule"] == "IAM111"]


def test_everything_through_two_policies_makes_an_administrator(here):
    shown = json.loads(plan(here, CASES / "access-c", "--format", "json").stdout)

    assert any(one["rule"] == "IAM418" and one["message"] == "becomes an administrator" for one in shown["findings"])
