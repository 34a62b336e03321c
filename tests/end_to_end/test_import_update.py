"""``import --update``: what was changed by hand becomes a diff of one or two lines, and nothing else changes."""

import difflib
import json
import shlex
from pathlib import Path

import pytest
from command_line import ACCOUNT, NO_CREDENTIALS, account, group, save, user

READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}
LIST = {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{ACCOUNT}-logs"}

SETTINGS = f"""version: 1
accounts: {{test: {{id: "{ACCOUNT}", variables: {{env: prod}}}}}}
scope: {{undeclared: {{users: drift, groups: drift, policies: drift}}}}
"""
USERS = """# Everybody, by team.
users:
  # payments
  alice: {tags: {team: payments}}  # on leave until May
  bob:
    path: /people/
    tags:
      team: "{{ env }}-ops"   # a variable
      pager: "1"
  carol:
"""
GROUPS = """groups:
  admins:
    policies: ["aws:ReadOnlyAccess"]
    inline_policies:
      logs: {file: docs/logs.json}
      own:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: ["s3:GetObject"], Resource: "*"}   # read
          # list
          - Sid: List
            Effect: Allow
            Action: s3:ListBucket
            Resource: "arn:aws:s3:::{{ account.id }}-logs"
  ops: {}
memberships:
  admins:
    # the boss
    - alice
    - {user: bob, until: 2099-12-31, reason: "cover, OPS-1"}
  ops: [carol]
"""
LOGS = json.dumps({"Version": "2012-10-17", "Statement": [READ, LIST]}, indent=2) + "\n"


@pytest.fixture
def tree(tmp_path):
    """A tree with comments and both styles; an account that is as it says lies beside it."""
    folder = tmp_path / "iam"
    (folder / "docs").mkdir(parents=True)
    files = {"iamctl.yaml": SETTINGS, "users.yaml": USERS, "groups.yaml": GROUPS, "docs/logs.json": LOGS}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    save(tmp_path / "a.json", live())
    return folder


def live():
    """Return the account that the tree declares."""
    document = {"Version": "2012-10-17", "Statement": [READ, LIST]}
    policies = [{"PolicyName": name, "PolicyDocument": document} for name in ("logs", "own")]
    attached = [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    admins = group("admins", GroupPolicyList=policies, AttachedManagedPolicies=attached)
    tags = {"alice": {"team": "payments"}, "bob": {"team": "prod-ops", "pager": "1"}, "carol": {}}
    groups = {"alice": ["admins"], "bob": ["admins"], "carol": ["ops"]}
    users = [
        user(name, groups[name], Tags=[{"Key": key, "Value": value} for key, value in tags[name].items()])
        for name in tags
    ]
    users[1] |= {"Path": "/people/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/people/bob"}
    return json.loads(json.dumps(account(users, [admins, group("ops")])))


def diff(tree, before):
    """Return the lines that were deleted and added, file by file."""
    found = []
    for path in sorted(set(before) | {str(one.relative_to(tree)) for one in tree.rglob("*") if one.is_file()}):
        new = (tree / path).read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(before.get(path, "").splitlines(), new, n=0, lineterm="")
        found += [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return found


def texts(tree):
    return {str(path.relative_to(tree)): path.read_text(encoding="utf-8") for path in tree.rglob("*") if path.is_file()}


def of(data, name, kind="User"):
    return next(one for one in data[f"{kind}DetailList"] if one[f"{kind}Name"] == name)


def console(data):
    data["credentials"]["carol"] = {**NO_CREDENTIALS, "LoginProfile": {"CreateDate": "2026-01-31T10:00:00Z"}}


def mallory(data):
    data["UserDetailList"].append(user("mallory", ["admins"], Tags=[{"Key": "team", "Value": "x = y"}]))
    data["credentials"]["mallory"] = NO_CREDENTIALS


def no_bob(data):
    data["UserDetailList"].remove(of(data, "bob"))
    del data["credentials"]["bob"]


def new_group(data):
    data["GroupDetailList"].append(group("temp", Path="/t/"))
    of(data, "carol")["GroupList"].append("temp")


def statement(data, name):
    policies = of(data, "admins", "Group")["GroupPolicyList"]
    one = next(policy for policy in policies if policy["PolicyName"] == name)
    one["PolicyDocument"]["Statement"][1]["Action"] = ["s3:ListBucket", "s3:GetBucketLocation"]


CASES = {
    "a member more": (
        lambda data: of(data, "carol")["GroupList"].append("admins"),
        ["+    - carol"],
    ),
    "a member less, with its comment": (
        lambda data: of(data, "alice")["GroupList"].clear(),
        ["-    # the boss", "-    - alice"],
    ),
    "a member with an end": (
        lambda data: of(data, "bob")["GroupList"].clear(),
        ['-    - {user: bob, until: 2099-12-31, reason: "cover, OPS-1"}'],
    ),
    "another tag": (
        lambda data: of(data, "alice")["Tags"].append({"Key": "cost", "Value": "a: b"}),
        [
            "-  alice: {tags: {team: payments}}  # on leave until May",
            '+  alice: {tags: {team: payments, cost: "a: b"}}  # on leave until May',
        ],
    ),
    "a tag changed": (
        lambda data: of(data, "bob")["Tags"][0].update(Value="dev"),
        ['-      team: "{{ env }}-ops"   # a variable', "+      team: dev   # a variable"],
    ),
    "a tag less": (lambda data: of(data, "bob")["Tags"].pop(), ['-      pager: "1"']),
    "a first tag": (
        lambda data: of(data, "carol")["Tags"].append({"Key": "team", "Value": "ops"}),
        ["-  carol:", "+  carol: {tags: {team: ops}}"],
    ),
    "a password": (console, ["-  carol:", "+  carol: {console: true}"]),
    "a user": (
        mallory,
        ["+    - mallory", "+  mallory: {tags: {team: x = y}}"],
    ),
    "no user": (
        no_bob,
        [
            '-    - {user: bob, until: 2099-12-31, reason: "cover, OPS-1"}',
            "-  bob:",
            "-    path: /people/",
            "-    tags:",
            '-      team: "{{ env }}-ops"   # a variable',
            '-      pager: "1"',
        ],
    ),
    "a group": (new_group, ["+  temp: {path: /t/}", "+  temp:", "+    - carol"]),
    "a policy of a group": (
        lambda data: of(data, "admins", "Group")["AttachedManagedPolicies"].append(
            {"PolicyName": "ViewOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}
        ),
        [
            '-    policies: ["aws:ReadOnlyAccess"]',
            '+    policies: ["aws:ReadOnlyAccess", "aws:job-function/ViewOnlyAccess"]',
        ],
    ),
    "no policy of a group": (
        lambda data: of(data, "admins", "Group")["AttachedManagedPolicies"].clear(),
        ['-    policies: ["aws:ReadOnlyAccess"]', "+    policies: []"],
    ),
    "an action in a manifest": (
        lambda data: statement(data, "own"),
        ["-            Action: s3:ListBucket", '+            Action: ["s3:ListBucket", "s3:GetBucketLocation"]'],
    ),
    "an action in a file": (
        lambda data: statement(data, "logs"),
        [
            '-      "Action": "s3:ListBucket",',
            '+      "Action": [',
            '+        "s3:ListBucket",',
            '+        "s3:GetBucketLocation"',
            "+      ],",
        ],
    ),
    "no inline policy": (
        lambda data: of(data, "admins", "Group")["GroupPolicyList"].pop(0),
        ["-      logs: {file: docs/logs.json}"],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES)
def test_a_change_by_hand_is_a_small_diff_and_no_drift_afterwards(change, expected, newline, tree, here, tmp_path):
    for path in tree.glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8", newline=newline)
    assert here("drift", "iam", "--snapshot", "a.json").returncode == 0
    before, data = texts(tree), live()
    change(data)
    save(tmp_path / "a.json", data)

    done = here("import", "iam", "--update", "--snapshot", "a.json")

    assert done.returncode == 0, done
    assert diff(tree, before) == expected
    assert here("drift", "iam", "--snapshot", "a.json").returncode == 0
    for path in tree.glob("*.yaml"):
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(newline.encode())


def test_only_what_is_named_is_adopted(tree, here, tmp_path):
    before, data = texts(tree), live()
    mallory(data)
    console(data)
    save(tmp_path / "a.json", data)

    done = here("import", "iam", "--update", "user/mallory", "--snapshot", "a.json")

    assert done.returncode == 0, done
    assert diff(tree, before) == ["+  mallory: {tags: {team: x = y}}"]
    assert "adopted user/mallory\nwrote users.yaml\n" in done.stdout


def test_what_manifests_cannot_say_is_reported_and_nothing_is_written(tree, here, tmp_path):
    before, data = texts(tree), live()
    of(data, "alice")["UserPolicyList"] = [{"PolicyName": "p", "PolicyDocument": {"Statement": [READ]}}]
    save(tmp_path / "a.json", data)

    done = here("import", "iam", "--update", "--snapshot", "a.json")

    assert done.returncode == 1
    assert "not adopted: user-inline-policy/alice/p: manifests cannot declare user-inline-policy" in done.stdout
    assert texts(tree) == before


def test_names_that_do_not_differ_are_wrong_usage(tree, here):
    for words in (["user/alice"], ["alice"], ["user/nobody"]):
        assert here("import", "iam", "--update", *words, "--snapshot", "a.json").returncode == 64
    assert here("import", "iam", "user/alice", "--snapshot", "a.json").returncode == 64


def test_a_file_of_several_accounts_or_entries_is_left_alone(tree, here, tmp_path):
    groups = tree / "groups.yaml"
    text = groups.read_text(encoding="utf-8")
    groups.write_text(
        text.replace("  ops: {}", "  ops: {inline_policies: {l: {file: docs/logs.json}}}"), encoding="utf-8"
    )
    before, data = texts(tree), live()
    logs = of(data, "admins", "Group")["GroupPolicyList"][0]["PolicyDocument"]
    of(data, "ops", "Group")["GroupPolicyList"] = [{"PolicyName": "l", "PolicyDocument": json.loads(json.dumps(logs))}]
    statement(data, "logs")
    save(tmp_path / "a.json", data)

    done = here("import", "iam", "--update", "--snapshot", "a.json")

    assert done.returncode == 1
    assert "docs/logs.json is also used by another account or entry; edit it by hand" in done.stdout
    assert texts(tree) == before


def test_a_link_is_not_written_through(tree, here, tmp_path, monkeypatch):
    from iamctl.commands import replace_files as module
    from iamctl.model import IamctlError

    target = tmp_path / "elsewhere.yaml"
    target.write_text("users: {}\n", encoding="utf-8")
    (tree / "link.yaml").symlink_to(target)
    for before in ({"link.yaml": b"users: {}\n"}, {}):
        with pytest.raises(IamctlError, match="nothing was written"):
            module.replace_files(Path(tree), {"link.yaml": b"users: {a: {}}\n"}, before)
    (tree / "users.yaml").write_text("users: {}\n", encoding="utf-8")
    with pytest.raises(IamctlError, match="changed meanwhile"):
        module.replace_files(Path(tree), {"users.yaml": b""}, {"users.yaml": b"other"})
    assert target.read_text(encoding="utf-8") == "users: {}\n"


def test_drift_prints_the_commands_that_adopt_and_undo(tree, here, tmp_path):
    data = live()
    mallory(data)
    statement(data, "own")
    of(data, "alice")["UserPolicyList"] = [{"PolicyName": "p", "PolicyDocument": {"Statement": [READ]}}]
    save(tmp_path / "a.json", data)

    told = here("drift", "iam", "--sandbox", "a.json")
    found = json.loads(here("drift", "iam", "--sandbox", "a.json", "--format", "json").stdout)

    assert told.stdout.count("adopt: iamctl import iam --sandbox a.json --update ") == 3
    assert "adopt: manifests cannot declare it; put the policy on a group of the user" in told.stdout
    assert (
        "\nadopt all: iamctl import iam --sandbox a.json --update\nundo: iamctl apply iam --sandbox a.json\n"
        in told.stdout
    )
    assert found["undo"] == "iamctl apply iam --sandbox a.json"
    commands = {one["address"]: one["adopt"] for one in found["drift"]}
    assert commands["user-inline-policy/alice/p"] is None
    adopt = shlex.split(commands["group-inline-policy/admins/own"])
    assert here(*adopt[1:]).returncode == 0
    assert (
        here("import", "iam", "--sandbox", "a.json", "--update", "user/mallory", "membership/admins/mallory").returncode
        == 0
    )
    left = json.loads(here("drift", "iam", "--sandbox", "a.json", "--format", "json").stdout)
    assert [one["address"] for one in left["drift"]] == ["user-inline-policy/alice/p"]
    undo = here(*shlex.split(left["undo"])[1:], "--yes")
    assert undo.returncode == 0, undo
    assert here("drift", "iam", "--sandbox", "a.json").returncode == 0
