"""The example roles allow a scheduled rotation, and no more: each call of one is tried against their documents."""

import json
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from ci_world import ROOT

from iamctl.account.live import live_account
from iamctl.kinds import User
from iamctl.kinds.rotation import RotationRule
from iamctl.model import State
from iamctl.model.settings import Desired, Secrets, Settings
from iamctl.planning.plan import compare, plan_of, review_of

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ACCOUNT = "123456789012"
ROTATION_TAG = "iamctl:new-key"


def key(name, *, age, unused=None, status="Active"):
    use = {"LastUsedDate": (NOW - timedelta(unused)).isoformat()} if unused is not None else {}
    made = (NOW - timedelta(age)).isoformat()
    return {"AccessKeyId": name, "Status": status, "CreateDate": made, "AccessKeyLastUsed": use}


STATES = {
    "due": ([key("AKIAOLD", age=90, unused=1)], {}),
    "replaced": ([key("AKIAOLD", age=120, unused=20), key("AKIANEW", age=30, unused=1)], {}),
    "waited": (
        [key("AKIAOLD", age=200, unused=60, status="Inactive"), key("AKIANEW", age=60, unused=1)],
        {"iamctl:inactive-since/AKIAOLD": "2026-10-01"},
    ),
    "interrupted": ([key("AKIAOLD", age=90, unused=1), key("AKIANEW", age=0)], {ROTATION_TAG: "2026-11-22 AKIAOLD"}),
}


def calls(state, secret):
    """Return what ``apply --due`` sends in a state of a rotation."""
    keys, tags = STATES[state]
    held = {"LoginProfile": None, "MFADevices": [], "SSHPublicKeys": [], "Certificates": []}
    user = {"UserName": "ci", "Arn": f"arn:aws:iam::{ACCOUNT}:user/jobs/ci", "Path": "/jobs/"}
    live = live_account(
        {
            "account": {"id": ACCOUNT, "partition": "aws"},
            "UserDetailList": [{**user, "Tags": [{"Key": name, "Value": text} for name, text in tags.items()]}],
            "GroupDetailList": [],
            "Policies": [],
            "credentials": {"ci": {**held, "ServiceSpecificCredentials": [], "AccessKeyMetadata": keys}},
            "secrets": {"ci/key": {"Exists": True, "AccessKeyId": "AKIAOLD"}},
        }
    )
    rule = RotationRule(timedelta(80), timedelta(10), "ci/key" if secret else None)
    declared = State.of([User(name="ci", path="/jobs/", access_keys=1, rotation=rule)])
    settings = Settings("prod", ACCOUNT, secrets=Secrets("age", recipients=("age1ours",)))
    return plan_of(review_of(compare(Desired(settings, "aws", declared), live, NOW), only_due=True)).calls


def statements(*roles):
    return [
        one for name in roles for one in json.loads((ROOT / f"examples/roles/{name}.json").read_text())["Statement"]
    ]


def is_allowed(call, documents):
    """Return whether a statement allows a call: its action, and the keys of its tags if it has a condition on them."""
    keys = call.params.get("TagKeys") or [tag["Key"] for tag in call.params.get("Tags", ())]
    for one in documents:
        actions = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
        patterns = one.get("Condition", {}).get("ForAllValues:StringLike", {}).get("aws:TagKeys", ["*"])
        fits = all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in keys)
        if fits and f"{call.service}:{call.operation}" in actions:
            return True
    return False


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.parametrize("job", ["apply", "expire"])
def test_the_roles_of_the_jobs_that_write_allow_each_call_of_a_rotation(state, secret, job):
    found = calls(state, secret)

    assert found
    documents = statements(f"{job}-permissions", "rotate-permissions")
    assert [call.operation for call in found if not is_allowed(call, documents)] == []


def test_a_scheduled_job_without_rotations_cannot_create_keys():
    refused = {
        call.operation for call in calls("due", secret=True) if not is_allowed(call, statements("expire-permissions"))
    }

    assert refused == {"TagUser", "CreateAccessKey", "PutSecretValue", "UntagUser"}


def test_keys_are_created_below_one_path_and_put_into_secrets_of_one_prefix():
    """With all users in reach the unattended job could become any administrator."""
    for one in statements("rotate-permissions"):
        assert one["Resource"].startswith(("arn:aws:iam::123456789012:user/jobs/", "arn:aws:secretsmanager:"))
        assert not one["Resource"].endswith((":*", "user/*"))
