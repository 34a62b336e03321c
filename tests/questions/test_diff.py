"""``iamctl access diff``: what a plan changes of access, and what differs between two manifest directories."""

import json

import jsonschema
import pytest
from questions.asked import NOW, account, allow, person, policy, role, team, write_tree

from iamctl.cli.process import run_command_line
from iamctl.schema import access_diff_schema

READ, WRITE = allow("s3:GetObject", "arn:aws:s3:::logs/*"), allow("s3:PutObject", "arn:aws:s3:::logs/*")
LIVE = account(
    person("ann", groups=["readers"]),
    person("bob", groups=["readers"]),
    person("eve", groups=["writers"]),
    groups=[team("readers", READ), team("writers", WRITE)],
    roles=[role("ops", {"Service": "ec2.amazonaws.com"}, READ)],
)


def manifests(readers=("ann", "bob"), writers=("eve",), document=READ):
    """Return the live account as manifests declare it."""
    return {
        "users": {"ann": {}, "bob": {}, "eve": {}},
        "groups": {
            "readers": {"inline_policies": {"own": policy(document)}},
            "writers": {"inline_policies": {"own": policy(WRITE)}},
        },
        "memberships": {"readers": list(readers), "writers": list(writers)},
    }


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes the manifests, and those before the change."""

    def write(*trees, **settings):
        for name, one in zip(("iam", "before"), trees, strict=False):
            write_tree(tmp_path / name, one, **settings)

    return write


def rows(data):
    """Return the actions that people gain and lose."""
    jsonschema.Draft202012Validator(access_diff_schema()).validate(data)
    return {
        person: ([row["actions"] for row in one["gains"]], [row["actions"] for row in one["losses"]])
        for one in data["access"]["changes"]
        for person in one["people"]
    }


def test_it_says_what_the_plan_says_of_access(tree, answer, ask, capsys):
    tree(manifests(readers=["ann"], writers=["bob", "eve"]))

    data = answer(LIVE, "diff", "iam")
    _, text, _ = ask(LIVE, "diff", "iam")
    run_command_line(["plan", "iam", "--snapshot", "a.json", "--now", NOW, "--format", "json"])
    planned = json.loads(capsys.readouterr().out)
    run_command_line(["plan", "iam", "--snapshot", "a.json", "--now", NOW])
    shown = capsys.readouterr().out

    assert rows(data) == {"user/bob": ([["s3:PutObject"]], [["s3:GetObject"]])}
    assert (data["access"], data["refused"]) == (planned["access"], 0)
    section = text[text.index("Access\n") :].rstrip("\n")
    assert section in shown
    assert text.startswith("Changes of access in test (123456789012, aws) by the plan\n")


def test_a_plan_without_changes_changes_no_access(tree, answer, ask):
    tree(manifests())

    assert rows(answer(LIVE, "diff", "iam")) == {}
    assert "  No change of access was found\n" in ask(LIVE, "diff", "iam")[1]


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ((), ["user/ann", "user/bob", "user/eve"]),
        (("--user", "bob"), ["user/bob"]),
        (("--user", "BOB", "--user", "eve"), ["user/bob", "user/eve"]),
        (("--user", "role/ops"), []),
        (("--group", "readers"), ["user/ann", "user/bob"]),
        (("--group", "writers"), ["user/bob", "user/eve"]),
        (("--group", "writers", "--user", "ann", "--user", "bob"), ["user/bob"]),
    ],
)
def test_users_and_members_before_or_after_are_selected(tree, answer, words, people):
    tree(manifests(readers=["ann"], writers=["bob"], document=allow("s3:Get*")))

    assert sorted(rows(answer(LIVE, "diff", "iam", *words))) == people


def test_manifests_are_compared_with_those_before_without_an_account(tree, answer, ask):
    tree(manifests(readers=["ann"], writers=["eve", "bob"]), manifests())

    data = answer(None, "diff", "iam", "--declared", "--base", "before")
    _, text, _ = ask(None, "diff", "iam", "--declared", "--base", "before")

    assert rows(data) == {"user/bob": ([["s3:PutObject"]], [["s3:GetObject"]])}
    assert data["state"] == "declared"
    assert text.startswith("Changes of access in test (123456789012, aws) between the two manifest directories\n")


def test_full_shows_every_row(tree, ask):
    services = ("sqs", "sns", "ec2", "kms")
    tree(manifests(document=allow([f"{service}:*" for service in services])))

    _, short, _ = ask(LIVE, "diff", "iam", "--user", "ann")
    _, full, _ = ask(LIVE, "diff", "iam", "--user", "ann", "--full")

    assert "(--full)" in short
    assert "more line" not in full


def test_a_refused_plan_is_shown_with_a_note(tree, ask):
    tree(manifests(readers=[], writers=[]), limits={"memberships": 0})

    code, out, _ = ask(LIVE, "diff", "iam")

    assert code == 0
    assert "The plan is refused by 1 finding; see iamctl plan.\n" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--declared"], 64, "--declared compares two manifest directories"),
        (["--declared", "--base", "before", "--snapshot", "a.json"], 64, "so it excludes --snapshot"),
        (["--declared", "--base", "none"], 1, "none"),
        (["--declared", "--base", "broken"], 1, "the manifests in 'broken' have errors"),
        (["--declared", "--base", "before", "--user", "an"], 1, "no user 'an' exists before or after the change"),
        (["--declared", "--base", "before", "--group", "reader"], 1, "did you mean 'readers'?"),
    ],
)
def test_what_cannot_be_compared_says_why(tree, ask, tmp_path, words, code, message):
    tree(manifests(), manifests())
    write_tree(tmp_path / "broken", {"users": []})

    done = ask(None, "diff", "iam", *words)

    assert done[0] == code
    assert message in done[1] + done[2]


def test_hostile_names_are_escaped(tree, ask):
    tree(manifests(document={**READ, "Resource": "arn:aws:s3:::a\u202e\u009b/*"}))

    _, out, _ = ask(LIVE, "diff", "iam")

    assert "\u202e" not in out
    assert "\u009b" not in out
