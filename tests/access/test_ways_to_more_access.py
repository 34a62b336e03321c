"""What a statement makes possible that a group gains: by which way, on what, and what it takes beside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from iamctl.account.live import Live, Role
from iamctl.kinds import Group, GroupInlinePolicy, Membership, User
from iamctl.model import Finding, State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan
from iamctl.policy import Document

ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}:"
CAN, COULD = "gains a way to more access:", "could gain a way to more access:"
ADMINISTRATOR = "can become an administrator"


def document(*statements: dict[str, Any]) -> Document:
    return Document.from_data({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def everything_but(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "NotAction": action, "Resource": resource}


TRUST = document({"Effect": "Allow", "Principal": {"AWS": f"{IAM}root"}, "Action": "sts:AssumeRole"})
ROLES = (
    Role("deployer", inline={"p": document(allow("ecs:UpdateService"))}, trust=TRUST),
    Role("chief", trust=TRUST),
)


def told(*statements: dict[str, Any], kept: tuple[dict[str, Any], ...] = ()) -> str:
    """Return what the plan says of pat, whose group gets the statements beside a policy with those that are kept."""
    return "\n".join(one.message for one in found(*statements, kept=kept))


def found(*statements: dict[str, Any], kept: tuple[dict[str, Any], ...] = ()) -> list[Finding]:
    """Return the findings on pat, whose group gets the statements beside a policy with those that are kept."""
    base = [
        Group(name="crew"),
        Group(name="rulers"),
        User(name="pat", path="/staff/"),
        User(name="rex", path="/staff/"),
    ]
    base += [Membership(group="crew", user="pat"), Membership(group="rulers", user="rex")]
    base += [GroupInlinePolicy(group="rulers", name="all", document=document(allow("*")))]
    if kept:
        base.append(GroupInlinePolicy(group="crew", name="kept", document=document(*kept)))
    held = (document(allow("logs:*")), document(allow("logs:*"), *statements))
    live, desired = (State.of([*base, GroupInlinePolicy(group="crew", name="work", document=one)]) for one in held)
    wanted = Desired(Settings("prod", ACCOUNT), "aws", desired)
    made = make_plan(wanted, Live(ACCOUNT, "aws", live, roles=ROLES), now=datetime(2026, 11, 23, tzinfo=UTC))
    return [one for one in made.findings if one.rule in {"IAM418", "IAM450"}]


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        (allow("iam:AddUserToGroup", f"{IAM}group/rulers"), (ADMINISTRATOR, "on group/rulers")),
        (allow("iam:PutGroupPolicy", f"{IAM}group/crew"), (ADMINISTRATOR, "iam:PutGroupPolicy on group/crew")),
        (allow("IAM:ATTACHUSERPOLICY"), (ADMINISTRATOR, "iam:AttachUserPolicy on the user itself")),
        (everything_but("ec2:*", f"{IAM}group/rulers"), (ADMINISTRATOR, "on group/rulers")),
        ({"Effect": "Allow", "Action": "iam:AddUserToGroup", "NotResource": "arn:aws:s3:::b"}, (ADMINISTRATOR,)),
        (allow("iam:AddUserToGroup", "arn:aws:iam::*:group/r?ler*"), (ADMINISTRATOR, "on group/rulers")),
        (allow("ia*"), (ADMINISTRATOR, "on the user itself")),
        (
            allow("iam:*", Condition={"NumericGreaterThan": {"aws:EpochTime": "1600000000"}}),
            (ADMINISTRATOR, "on the user itself"),
        ),
        (allow("iam:CreateLoginProfile", f"{IAM}user/staff/r?*"), (ADMINISTRATOR, "on user/rex")),
        (allow("iam:PutUserPolicy", "arn:a?s:iam::*:user/staff/*"), (ADMINISTRATOR, "on the user itself")),
        (allow("iam:*", [f"{IAM}*x", f"{IAM}user/*z"]), (ADMINISTRATOR, "on user/rex")),
        (allow("iam:*", f"{IAM}*${{aws:PrincipalTag/nothing, ''}}"), (ADMINISTRATOR, "on the user itself")),
        (allow("iam:PutUserPolicy", "arn:aws:ia?:*:*:user/*"), (ADMINISTRATOR, "on the user itself")),
        (allow("iam:UpdateAccountPasswordPolicy"), (CAN, "changes the account's password policy")),
        (allow("cloudformation:UpdateStack"), (COULD, "needs a stack with a role")),
        (allow("iam:DeleteRolePermissionsBoundary"), (COULD, "needs a role that a boundary holds back")),
        (allow(["iam:P*", "lambda:*"]), (ADMINISTRATOR, "iam:PutGroupPolicy")),
        (
            allow(["iam:PassRole", "lambda:*"]),
            (
                COULD,
                "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction needs a role with more access that lambda",
            ),
        ),
        (allow("ssm:StartSession"), (COULD, "needs an instance with a role")),
        (allow("sts:AssumeRole"), (CAN, "sts:AssumeRole on role/deployer gives the access of role/deployer")),
        (
            allow("sts:AssumeRole", f"{IAM}role/chief"),
            (COULD, "sts:AssumeRole needs a role with more access and a trust policy"),
        ),
    ],
)
def test_a_statement_opens_a_way(statement: dict[str, Any], wanted: tuple[str, ...]) -> None:
    text = told(statement)
    assert all(part in text for part in wanted), text


def test_a_guard_that_one_can_leave_is_named() -> None:
    deny = {"Effect": "Deny", "Action": "logs:*", "Resource": f"{IAM}x"}
    assert f"{CAN} iam:RemoveUserFromGroup on group/crew removes a Deny" in told(allow("iam:RemoveUserFromGroup"), deny)


@pytest.mark.parametrize(
    "statement",
    [
        allow(["iam:Get*", "iam:List*"]),
        allow("iam:AddUserToGroup", f"{IAM}group/crew"),
        allow("iam:CreateAccessKey", "arn:aws:iam::*:user/*/${aws:username}"),
        allow("sts:AssumeRole", "arn:aws:iam::210987654321:role/x", Condition={"Bool": {"aws:ViaAWSService": "true"}}),
    ],
)
def test_other_statements_open_none(statement: dict[str, Any]) -> None:
    assert told(statement) == ""


def test_mending_one_way_shows_the_next() -> None:
    left = {
        "iam:PutUserPolicy": "iam:PutUserPolicy on the user itself",
        "iam:PutGroupPolicy": "iam:PutGroupPolicy on group/crew",
        "iam:AddUserToGroup": "iam:AddUserToGroup on group/rulers",
        "iam:UpdateLoginProfile": "iam:UpdateLoginProfile on user/rex",
    }
    while left:
        text = told(allow(sorted(left)))
        assert ADMINISTRATOR in text
        named = [action for action, words in left.items() if words in text]
        assert named, text
        del left[named[0]]
    assert told(allow("iam:ListUsers")) == ""


WORK, KEPT = "group-inline-policy/crew/work", "group-inline-policy/crew/kept"


def test_each_right_is_named_with_the_policy_that_allows_it() -> None:
    keys, role = allow("iam:CreateAccessKey", f"{IAM}user/sam"), f"{IAM}role/deployer"
    grants = allow("iam:PutRolePolicy", role)
    text = f"{WORK} allows iam:PutRolePolicy on role/deployer and {KEPT} allows iam:UpdateAssumeRolePolicy on role/deployer"
    assert told(grants, kept=(allow("iam:UpdateAssumeRolePolicy", role), keys)) == f"{ADMINISTRATOR}: {text}"
    (one,) = found(grants, kept=(allow("iam:UpdateAssumeRolePolicy", role),))
    assert one.facts[-2:] == ("group/crew", KEPT)


def test_a_policy_with_several_of_the_rights_is_named_once_with_them() -> None:
    text = told(
        allow(["iam:CreateUser", "iam:PutUserPolicy"], f"{IAM}user/new/*"),
        kept=(allow("iam:CreateAccessKey", f"{IAM}user/new/*"),),
    )
    assert (
        f"{WORK} allows iam:CreateUser + iam:PutUserPolicy on a new user and {KEPT} allows iam:CreateAccessKey" in text
    )


def test_a_policy_that_allows_all_rights_is_named_once() -> None:
    both = allow(["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], f"{IAM}role/deployer")
    wanted = f"{WORK} allows iam:PutRolePolicy + iam:UpdateAssumeRolePolicy on role/deployer"
    assert told(both, kept=(allow("logs:Get*"),)) == f"{ADMINISTRATOR}: {wanted}"
