"""How many AWS calls a plan and an apply take; never how long."""

import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from call_counts import count_calls
from effort import first

from benchmarks.generated import ACCOUNT_ID, Size, snapshot, write_tree
from iamctl.account.snapshot_file import save_snapshot
from iamctl.aws.read import read_snapshot
from iamctl.aws.session import identify
from iamctl.cli.process import run_command_line
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.sandbox import open_sandbox
from iamctl.source.aws import AwsSource
from iamctl.source.live_source import Waits

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
REPORT = {"GenerateCredentialReport": 2, "GetCredentialReport": 1}
"""The calls for a credential report that AWS first has to make."""
LEAST = {
    "GetAccountAuthorizationDetails": 1,
    "GetAccountSummary": 1,
    "GetCallerIdentity": 1,
    "ListServiceSpecificCredentials": 1,
    **REPORT,
}
"""The calls of any plan for an account whose details fit on one page."""


def connected(session):
    """Return the live account of a session as plan reads it."""
    return AwsSource(session, identify(session), credentials="auto", now=NOW, waits=Waits())


def proposed(folder, session, **how):
    """Return the plan for a tree, and the calls that making it took; plan trusts the report, and apply does not."""
    calls = count_calls(session)
    tree = open_tree(folder)
    desired = declared(tree, "bench", "aws", NOW)
    return propose(Workspace(desired, connected(session), NOW), **how).plan, calls


def loaded(users):
    return open_sandbox(snapshot(Size(users)), account_id=ACCOUNT_ID)


@pytest.mark.parametrize("users", first(2, [50, 100, 500]))
def test_a_plan_without_changes_takes_a_call_for_each_page_and_few_more(users, tmp_path):
    write_tree(tmp_path / "iam", Size(users), drifted=False)

    with loaded(users) as session:
        plan, calls = proposed(tmp_path / "iam", session)

    assert plan.changes == ()
    assert calls == LEAST


def test_pages_are_read_once_each(tmp_path):
    write_tree(tmp_path / "iam", Size(1000), drifted=False)

    with loaded(1000) as session:
        _, calls = proposed(tmp_path / "iam", session)

    assert Size(1000).pages == 2
    assert calls == {**LEAST, "GetAccountAuthorizationDetails": 2}


def test_a_plan_without_changes_asks_for_no_user_whose_password_and_keys_are_as_the_manifests_say(tmp_path):
    write_tree(tmp_path / "iam", Size(100), drifted=False)
    path = tmp_path / "iam/users/00000.yaml"
    said = path.read_text().split("    path: /people/\n")
    more = ["    console: true\n" if number % 10 == 0 else "" for number in range(100)]
    path.write_text(
        said[0] + "".join(f"    path: /people/\n{add}{rest}" for add, rest in zip(more, said[1:], strict=True))
    )
    live = snapshot(Size(100))
    console = [user["UserName"] for user in live["UserDetailList"][::10]]
    live["credentials"] = {name: {"LoginProfile": {"CreateDate": "2024-01-31T10:00:00Z"}} for name in console}

    with open_sandbox(live, account_id=ACCOUNT_ID) as session:
        plan, calls = proposed(tmp_path / "iam", session)

    assert plan.changes == ()
    assert calls == LEAST


def test_what_drifted_takes_the_policies_and_the_users_that_it_touches_and_no_more(tmp_path):
    write_tree(tmp_path / "drifted", Size(100), drifted=True)

    with loaded(100) as session:
        plan, calls = proposed(tmp_path / "drifted", session)

    assert Counter(change.action.value for change in plan.changes) == {"update": 1, "create": 2, "delete": 2}
    assert calls["ListPolicies"] == 1
    assert calls["GetPolicyVersion"] <= 10
    listings = ("GetLoginProfile", "ListAccessKeys", "ListMFADevices", "ListSSHPublicKeys", "ListSigningCertificates")
    looked_up = sum(calls.pop(name, 0) for name in listings)
    assert looked_up <= 5 * 3  # five requests for each user whom the plan touches
    assert calls.total() <= sum(LEAST.values()) + 1 + 10


def own_policies(folder, replace):
    """Change the inline policy of the first group, which twenty of 100 users are in and no MFA guard is."""
    path = folder / "groups.yaml"
    head, own, rest = path.read_text().partition("      own: ")
    document, _, rest = rest.partition("\n")
    path.write_text(f"{head}{own}{json.dumps(replace(json.loads(document)))}\n{rest}")


def with_statement(document, **parts):
    return {**document, "Statement": [*document["Statement"], {"Effect": "Allow", "Resource": "*", **parts}]}


REACHED = 20


@pytest.mark.parametrize(("trusts_report", "asked"), [(True, 0), (False, REACHED)])
def test_who_gains_through_a_group_is_asked_for_in_apply_alone_and_only_for_a_password(trusts_report, asked, tmp_path):
    write_tree(tmp_path / "iam", Size(100), drifted=False)
    own_policies(tmp_path / "iam", lambda document: with_statement(document, Action="sns:Publish"))

    with loaded(100) as session:
        plan, calls = proposed(tmp_path / "iam", session, trusts_report=trusts_report)

    assert len(plan.changes) == 1
    assert calls["GetLoginProfile"] == asked
    assert calls.total() - asked <= sum(LEAST.values()) + 1 + 10


def test_nobody_is_asked_for_where_a_group_only_loses_access(tmp_path):
    write_tree(tmp_path / "iam", Size(100), drifted=False)
    live = snapshot(Size(100))
    (own,) = live["GroupDetailList"][0]["GroupPolicyList"]
    own["PolicyDocument"] = with_statement(own["PolicyDocument"], Action="sns:Publish")

    with open_sandbox(live, account_id=ACCOUNT_ID) as session:
        plan, calls = proposed(tmp_path / "iam", session)

    assert len(plan.changes) == 1
    assert "GetLoginProfile" not in calls
    assert calls.total() <= sum(LEAST.values()) + 1 + 10


def test_a_fresh_apply_sends_one_call_for_each_object_or_edge_and_all_of_them_are_in_the_plan(tmp_path):
    size = Size(50)
    write_tree(tmp_path / "iam", size, drifted=False)

    with loaded(0) as session:
        plan, _ = proposed(tmp_path / "iam", session)
        live = connected(session)
        sent = count_calls(session)
        for call in plan.calls:
            live.execute(call)
        writes = {name: count for name, count in sent.items() if not re.match(r"Get|List", name)}
        after, _ = proposed(tmp_path / "iam", session)

    assert writes == {
        "CreateUser": 50,
        "CreateGroup": 5,
        "CreatePolicy": 5,
        "AddUserToGroup": 100,
        "AttachGroupPolicy": 10,
        "PutGroupPolicy": 5,
    }
    assert sum(writes.values()) == size.objects_and_edges == len(plan.calls) == len(plan.changes)
    assert after.changes == ()


@pytest.mark.exhaustive
def test_a_fresh_apply_of_500_users_plans_1750_calls(tmp_path):
    write_tree(tmp_path / "iam", Size(500), drifted=False)

    with loaded(0) as session:
        plan, _ = proposed(tmp_path / "iam", session)

    assert len(plan.calls) == Size(500).objects_and_edges == 1750


def test_the_command_line_finds_nothing_to_change_in_the_generated_account(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tree(tmp_path / "iam", Size(50), drifted=False)
    with loaded(50) as session:
        save_snapshot(tmp_path / "live.json", read_snapshot(session, identify(session), now=NOW))

    assert run_command_line(["plan", "--snapshot", "live.json", "--detailed-exitcode"]) == 0
