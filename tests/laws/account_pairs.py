"""Two accounts of one id that share names, and the sandbox that holds the first while manifests say the second."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import yaml
from hypothesis import assume
from hypothesis import strategies as st
from strategies import ACCOUNT, DAY, snapshots
from world import NOW, PASSWORD, World, world

from iamctl.account.live import live_account
from iamctl.apply.params import resolved
from iamctl.commands.propose import propose
from iamctl.commands.workspace import Workspace, declared, open_tree
from iamctl.kinds import removal_limits
from iamctl.kinds.access_key import INACTIVE_SINCE
from iamctl.manifests.write import manifest_files

ALLOWED = dict.fromkeys(removal_limits(), 1000)
KNOWN = {"LoginProfile": None} | {
    fact: []
    for fact in ("AccessKeyMetadata", "MFADevices", "SSHPublicKeys", "Certificates", "ServiceSpecificCredentials")
}
DAYS = ("2026-02-28T10:00:00Z", "2026-11-20T10:00:00Z")
MARKS = ("2026-01-31", "2026-11-22", "soon")
"""Days on which iamctl may have made a key inactive: long ago, yesterday, and a tag that somebody else wrote."""
STATES = ({"Status": "Active"}, {"Status": "Inactive"})
USES = ({}, *({"AccessKeyLastUsed": {"LastUsedDate": day, "Region": "eu-west-1", "ServiceName": "s3"}} for day in DAYS))
SECTIONS = {"UserDetailList": "UserName", "GroupDetailList": "GroupName", "Policies": "PolicyName"}
LETTERS = {"UserName": "u", "GroupName": "g", "PolicyName": "p"}


@st.composite
def pairs(draw):
    """Two accounts whose users, groups and policies have the same few names, so that much of one is in the other.

    They have no roles, since a policy that a role uses is not iamctl's to delete, and all credentials are known, since
    a plan that must change what is not known is refused (IAM407). Descriptions are left out: IAM cannot change them
    (IAM208). All else may differ: every user may have a password, keys and a device on one side and not on the other.
    """
    return tuple(named_alike(draw(snapshots()), draw) for _ in range(2))


def named_alike(snapshot, draw):
    snapshot["RoleDetailList"] = []
    arns, groups, known = {}, {}, {}
    for section, key in SECTIONS.items():
        numbers = draw(st.permutations(range(4)))
        for number, entry in zip(numbers, snapshot[section], strict=False):
            old, entry[key] = entry[key], f"{LETTERS[key]}{number}"
            if section == "GroupDetailList":
                groups[old] = entry[key]
            elif section == "UserDetailList":
                known[entry[key]] = draw(held(entry, number))
            else:
                entry.pop("Description", None)
                arns[entry["Arn"]] = f"arn:aws:iam::{ACCOUNT}:policy/{entry[key]}"
                entry |= {"Arn": arns[entry["Arn"]], "Path": "/"}
    for user in snapshot["UserDetailList"]:
        user["GroupList"] = [groups[name] for name in user["GroupList"]]
    snapshot["credentials"] = known
    text = json.dumps(snapshot)
    for old, new in sorted(arns.items(), reverse=True, key=lambda pair: len(pair[0])):
        text = text.replace(json.dumps(old), json.dumps(new))
    return json.loads(text)


@st.composite
def held(draw, user, number):
    """What a user has: a password, keys and devices, some of the keys made inactive by iamctl or made active again.

    The ids of keys are the same on both sides; two accounts do not share one.
    """
    name = user["UserName"]
    keys = [f"AKIA{number:08d}{index:08d}" for index in range(draw(st.integers(0, 2)))]
    marked = [key for key in keys if draw(st.integers(0, 2)) == 0]
    tags = [{"Key": INACTIVE_SINCE + key, "Value": draw(st.sampled_from(MARKS))} for key in marked]
    user["Tags"] = [*user.get("Tags", []), *tags]
    profile = {"CreateDate": DAY, "PasswordResetRequired": False}
    return KNOWN | {
        "LoginProfile": draw(st.sampled_from([None, profile])),
        "AccessKeyMetadata": [
            {"AccessKeyId": key, "CreateDate": DAY, **draw(st.sampled_from(STATES)), **draw(st.sampled_from(USES))}
            for key in keys
        ],
        "MFADevices": [
            {"SerialNumber": serial, "EnableDate": DAY}
            for serial in (f"arn:aws:iam::{ACCOUNT}:mfa/{name}", f"GAKT{number:08d}")
            if draw(st.booleans())
        ],
    }


def without_due_keys(snapshot):
    """Return the snapshot without the tags that alone make a plan: of keys that are active, or inactive for long."""
    active = {key["AccessKeyId"] for key in keys_of(snapshot) if key["Status"] == "Active"}
    for user in snapshot["UserDetailList"]:
        user["Tags"] = [tag for tag in user.get("Tags", []) if not is_due(tag, active)]
    return snapshot


def is_due(tag, active):
    name = tag["Key"].removeprefix(INACTIVE_SINCE)
    return name != tag["Key"] and (name in active or tag["Value"] == MARKS[0])


def keys_of(snapshot):
    return [key for facts in snapshot["credentials"].values() for key in facts["AccessKeyMetadata"]]


def write_tree(directory, snapshot, **settings):
    """Write the manifests of a snapshot; what they do not declare is to be removed."""
    for path, text in manifest_files(live_account(snapshot), account_name="test").files.items():
        file = Path(directory, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        if path == "iamctl.yaml":
            whole = yaml.safe_load(text)
            removed = dict.fromkeys(("users", "groups", "policies"), "remove")
            whole |= {"scope": {**whole.get("scope", {}), "undeclared": removed}, **settings}
            text = yaml.safe_dump(whole, sort_keys=False)
        file.write_text(text, encoding="utf-8", newline="\n")
    return open_tree(Path(directory))


class Transition:
    """An account in the sandbox and the manifests that it shall follow."""

    def __init__(self, account: World, desired) -> None:
        self.account = account
        self.desired = desired

    def plan(self):
        """Return the plan; none that deletes a policy which a kept Deny needs: IAM deletes no attached policy (IAM406)."""
        plan = propose(Workspace(self.desired, self.account.live, NOW), allowed_removals=ALLOWED).plan
        assume(not any(finding.rule == "IAM406" for finding in plan.findings))
        return plan

    def execute(self, calls):
        """Run calls one by one; each must be accepted."""
        for call in calls:
            self.account.live.execute(replace(call, params=resolved(call.params, {}, lambda _: PASSWORD)))

    def finish(self):
        """Plan and apply, and plan again; return the first plan."""
        plan = self.plan()
        failed = [outcome for outcome in self.account.apply(plan) if outcome.error]
        assert not failed, failed
        again = self.plan()
        assert again.changes == again.calls == ()
        return plan


@contextmanager
def transition(before, after):
    """Yield the account ``before`` with the manifests of ``after``."""
    with tempfile.TemporaryDirectory() as directory, world(before) as account:
        yield Transition(account, declared(write_tree(directory, after), "test", "aws", NOW))
