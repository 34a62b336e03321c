"""Two accounts of one id that share names, and the sandbox that holds the first while manifests say the second."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

import yaml
from hypothesis import strategies as st
from strategies import ACCOUNT, snapshots
from world import NOW, World, world

from iamctl.commands.proposing import declared, open_tree, propose
from iamctl.live import live_account
from iamctl.manifests.write import manifest_files
from iamctl.settings import LIMIT_NAMES

ALLOWED = dict.fromkeys(LIMIT_NAMES, 1000)
KNOWN = {"LoginProfile": None} | {
    fact: []
    for fact in ("AccessKeyMetadata", "MFADevices", "SSHPublicKeys", "Certificates", "ServiceSpecificCredentials")
}
SECTIONS = {"UserDetailList": "UserName", "GroupDetailList": "GroupName", "Policies": "PolicyName"}
LETTERS = {"UserName": "u", "GroupName": "g", "PolicyName": "p"}


@st.composite
def pairs(draw):
    """Two accounts whose users, groups and policies have the same few names, so that much of one is in the other.

    They have no roles, since a policy that a role uses is not iamctl's to delete, and all credentials are known, since
    a plan that must change what is not known is refused (IAM407). Descriptions are left out: IAM cannot change them
    (IAM208). All else may differ.
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
                known[entry[key]] = {**KNOWN, **snapshot["credentials"].get(old, {})}
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
        return propose(self.desired, self.account.connection, now=NOW, allowed_removals=ALLOWED).plan

    def execute(self, calls):
        """Run calls one by one; each must be accepted."""
        for call in calls:
            self.account.connection.execute(call)

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
