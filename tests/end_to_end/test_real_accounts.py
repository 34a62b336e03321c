"""Eleven published accounts: what import writes plans empty, applies empty, and can be tidied to the end."""

import json
from pathlib import Path

import pytest
import yaml

from iamctl.cli.process import run_command_line

SNAPSHOTS = Path(__file__).resolve().parents[2] / "../shared/data/snapshots"
ACCOUNTS = sorted(SNAPSHOTS.glob("*.json"))
LARGE = 4_500
"""Bytes; an account of more is imported in each run and applied in the exhaustive one."""
LAST_ADMINISTRATORS = frozenset({"cloudgoat-beanstalk_secrets.converted"})
"""Accounts whose only administrator is one by a policy directly on the user."""
FILTERED = frozenset(
    {"cloudsplaining-2020-demo", "cloudsplaining-test-example-authz-details", "cloudsplaining-test-example_authz_v2"}
)
"""Accounts that were published without some of the users, groups and roles that their policies count."""

pytestmark = pytest.mark.skipif(not ACCOUNTS, reason="the published accounts are not beside this repository")


def whole(snapshot, folder):
    """Return a copy of a snapshot; one that was filtered is refused, and the copy has no counts of holders."""
    account = folder / "account.json"
    data = json.loads(snapshot.read_text(encoding="utf-8"))
    if snapshot.stem in FILTERED:
        assert run("import", folder / "filtered", "--snapshot", snapshot) == 1
        for policy in data["Policies"]:
            policy.pop("AttachmentCount", None)
            policy.pop("PermissionsBoundaryUsageCount", None)
    account.write_text(json.dumps(data), encoding="utf-8")
    return account


def run(*words):
    return run_command_line([str(word) for word in words])


def without_exceptions(iam):
    """Take the list of exceptions out of iamctl.yaml and tell whether there was one."""
    path = iam / "iamctl.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    had = settings.pop("exceptions", [])
    path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return bool(had)


@pytest.mark.parametrize("snapshot", ACCOUNTS, ids=lambda path: path.stem)
def test_a_snapshot_imports_and_plans_empty(snapshot, tmp_path):
    iam, snapshot = tmp_path / "iam", whole(snapshot, tmp_path)

    assert run("import", iam, "--snapshot", snapshot) == 0
    assert run("validate", iam) == 0
    assert run("plan", iam, "--snapshot", snapshot, "--detailed-exitcode") == 0


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(
            path,
            marks=[pytest.mark.exhaustive]
            if path.stat().st_size > LARGE and path.stem not in LAST_ADMINISTRATORS
            else [],
            id=path.stem,
        )
        for path in ACCOUNTS
    ],
)
def test_an_account_imports_plans_and_applies_empty_and_loses_its_direct_policies(snapshot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    account = whole(snapshot, tmp_path)

    assert run("import", "iam", "--sandbox", account) == 0
    assert run("plan", "iam", "--sandbox", account, "--detailed-exitcode") == 0
    assert run("apply", "iam", "--sandbox", account, "--yes") == 0

    had = without_exceptions(tmp_path / "iam")
    allowed = ("--allow-removals", "user_policies=999")
    if snapshot.stem in LAST_ADMINISTRATORS:
        assert run("apply", "iam", "--sandbox", account, "--yes", *allowed) == 3
        return
    assert run("plan", "iam", "--sandbox", account, "--detailed-exitcode", *allowed) == (2 if had else 0)
    assert run("apply", "iam", "--sandbox", account, "--yes", *allowed) == 0
    assert run("plan", "iam", "--sandbox", account, "--detailed-exitcode") == 0
