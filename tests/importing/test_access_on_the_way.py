"""While an apply moves direct policies to groups, at each call everybody may do exactly as much as before."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import snapshots
from test_direct_policies_to_groups import NOW, account, document, group, user
from world import world

from iamctl.access.delta import access_changes
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.manifests.declarable import ImportWishes
from iamctl.manifests.write import manifest_files, newer_than_the_report, policies_to_describe


def check(snapshot):
    """Move all, and return how many calls were looked at."""
    with world(snapshot) as sandbox, tempfile.TemporaryDirectory() as directory:
        read = sandbox.live.fetch(Needs())
        found = live_account(read)
        needs = Needs.of(sign_in=newer_than_the_report(found.state), policy_details=policies_to_describe(found))
        read = sandbox.live.fetch(needs, read)
        before = live_account(read)
        tree = manifest_files(before, account_name="main", wishes=ImportWishes(moves_direct=True, merges_equal=True))
        for path, text in tree.files.items():
            file = Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        workspace = Workspace(declared(open_tree(Path(directory)), "main", "aws", NOW), sandbox.live, NOW)
        plan = propose(workspace, read=read).plan
        for call in plan.calls:
            sandbox.live.execute(call)
            now = live_account(sandbox.live.fetch(Needs()))
            changes = access_changes(before, before.state, now.state, now.state, NOW)
            assert changes.blocks == (), call
            assert changes.undecided == (), call
        return len(plan.calls)


def test_everybody_may_do_as_much_at_each_call():
    users = [
        user("ana", "IAMReadOnlyAccess", own=document("s3:*")),
        user("cy", groups=["h"], deny={"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"},
        ]}),
    ]  # fmt: skip
    groups = [group("g", read=document("sns:*")), group("h", other=document("sns:*"))]

    assert check(account(users, groups)) > 8


@pytest.mark.exhaustive
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(snapshots(odd=True))
def test_so_it_is_in_any_account(snapshot):
    check(snapshot)
