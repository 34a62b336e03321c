"""The page says of each person whether they are an administrator or can become one, also where no plan changes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from page_text import checked_page

from iamctl.account.live import Live
from iamctl.cli.process import run_command_line
from iamctl.kinds import Group, GroupInlinePolicy, LoginProfile, Membership, Resource, User
from iamctl.kinds.credentials import Credentials
from iamctl.model import Address, State
from iamctl.policy import Document
from iamctl.rules.plan.standing_ways import standing_ways

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NOTHING = Credentials(has_password=False, access_keys=())
SIGNS = Credentials(has_password=True, access_keys=())


def document(*actions: str) -> Document:
    return Document.from_data(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


def account(*more: Resource) -> State:
    held = [("admins", "root"), ("admins", "idle"), ("ops", "eve"), ("readers", "bob")]
    users = [
        User(name=name, credentials=credentials)
        for name, credentials in (("root", SIGNS), ("idle", NOTHING), ("eve", SIGNS), ("bob", SIGNS))
    ]
    return State.of(
        [
            *(Group(name=name) for name in ("admins", "ops", "readers")),
            *users,
            LoginProfile(user="root"),
            *(Membership(group=group, user=user) for group, user in held),
            GroupInlinePolicy(group="admins", name="all", document=document("*")),
            GroupInlinePolicy(group="ops", name="keys", document=document("iam:PutUserPolicy")),
            GroupInlinePolicy(group="readers", name="read", document=document("s3:GetObject")),
            *more,
        ]
    )


def ways(state: State) -> dict[str, tuple[str, ...]]:
    found = standing_ways(Live("123456789012", "aws", state), state, state, NOW)
    return {address.name: told for address, told in found.items()}


def test_who_is_or_can_become_an_administrator_is_told_without_any_change() -> None:
    (way,) = ways(account())["eve"]
    assert ways(account()) == {
        "root": ("is an administrator",),
        "idle": ("would be an administrator, but has neither a password nor an access key",),
        "eve": (way,),
    }
    assert way.startswith("can become an administrator: ")
    assert "iam:PutUserPolicy on the user itself" in way


def test_a_plan_is_judged_by_what_it_leaves() -> None:
    before = account()
    left = State({address: one for address, one in before.resources.items() if address.kind != "membership"})
    joined = State.of([*left, Membership(group="ops", user="bob"), LoginProfile(user="idle")])
    found = standing_ways(Live("123456789012", "aws", before), before, joined, NOW)
    assert {address.name for address in found} == {"bob"}
    assert Address.of("user", "bob") in found


def test_the_page_of_the_members_has_them(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iam").mkdir()
    settings = "version: 1\naccounts: {main: {id: '123456789012'}}\nscope: {undeclared: {users: report}}\n"
    (tmp_path / "iam/iamctl.yaml").write_text(settings, encoding="utf-8")
    (tmp_path / "iam/users.yaml").write_text("users: {ann: {}}\n", encoding="utf-8")
    policy = {"PolicyName": "keys", "PolicyDocument": document("iam:PutUserPolicy").data}
    eve = {
        "UserName": "eve",
        "UserId": "AIDAEVE",
        "Path": "/",
        "Arn": "arn:aws:iam::123456789012:user/eve",
        "CreateDate": "2026-01-01T00:00:00Z",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [policy],
    }
    lists: dict[str, list[str]] = {key: [] for key in ("GroupDetailList", "RoleDetailList", "Policies")}
    snapshot = {"account": {"id": "123456789012", "partition": "aws"}, "UserDetailList": [eve], **lists}
    (tmp_path / "account.json").write_text(json.dumps(snapshot), encoding="utf-8")

    words = ["members", "iam", "--snapshot", "account.json", "--now", "2026-11-23", "--format", "html"]
    assert run_command_line(words) == 0

    page = checked_page(capsys.readouterr().out)["page"]
    assert page["people"]["names"] == ["ann", "eve"]
    (told,) = [page["texts"][number] for number in page["profiles"][page["people"]["profile"][1]][7]]
    assert told == "can become an administrator: user-inline-policy/\0/keys allows iam:PutUserPolicy on the user itself"
