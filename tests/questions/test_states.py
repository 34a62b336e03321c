"""What questions are about: the live account, the manifests alone, or the account after the plan."""

import pytest
from questions.asked import MFA, account, allow, person, policy, role, team, write_tree

READ = allow("s3:GetObject")
GET = ("s3:GetObject", "arn:aws:s3:::logs/x")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LIVE = account(
    person("old", READ), groups=[team("readers")], roles=[role("ops", {"Service": "ec2.amazonaws.com"}, READ)]
)
TREE = {
    "users": {"new": {}},
    "groups": {"readers": {"inline_policies": {"own": policy(READ)}}},
    "memberships": {"readers": ["new"]},
}


def named(data):
    return [person for one in data["answers"] for person in one["people"]]


@pytest.mark.parametrize(
    ("flags", "people", "state"),
    [
        ((), ["role/ops", "user/old"], "live"),
        (("--dir", "iam", "--declared"), ["user/new"], "declared"),
        (("--dir", "iam", "--planned"), ["role/ops", "user/new", "user/old"], "planned"),
    ],
)
def test_who_can_is_asked_about_each_state(answer, tmp_path, flags, people, state):
    write_tree(tmp_path / "iam", TREE)

    data = answer(None if "--declared" in flags else LIVE, "who-can", *GET, *flags)

    assert (sorted(named(data)), data["state"]) == (people, state)


@pytest.mark.parametrize(("flags", "decision"), [(("--declared",), "allowed"), (("--planned",), "allowed"), ((), None)])
def test_explain_is_asked_about_each_state(ask, answer, tmp_path, flags, decision):
    write_tree(tmp_path / "iam", TREE)
    held = None if "--declared" in flags else LIVE

    if decision:
        assert answer(held, "explain", "new", *GET, "--dir", "iam", *flags)["decision"] == decision
    else:
        assert ask(held, "explain", "new", *GET, "--dir", "iam", *flags)[0] == 1


def test_the_live_account_is_asked_about_whatever_mistakes_manifests_have(answer, tmp_path):
    write_tree(tmp_path / "iam", {"users": []})

    assert answer(LIVE, "explain", "old", *GET, "--dir", "iam")["decision"] == "allowed"


def test_the_manifests_are_those_of_the_account_that_is_read(ask, tmp_path):
    write_tree(tmp_path / "iam", TREE, accounts={"other": {"id": "210987654321"}})

    code, _, err = ask(LIVE, "explain", "old", *GET, "--dir", "iam")

    assert code == 3
    assert "210987654321" in err


def test_without_an_account_only_declared_people_are_known(ask, tmp_path):
    write_tree(tmp_path / "iam", TREE)

    _, out, _ = ask(None, "who-can", *GET, "--dir", "iam", "--declared")

    assert " Undeclared users and roles are not known.\n" in out


@pytest.mark.parametrize("question", [("explain", "old"), ("who-can",)])
def test_declared_reads_no_account(ask, tmp_path, question):
    write_tree(tmp_path / "iam", TREE)

    code, _, err = ask(LIVE, *question, *GET, "--dir", "iam", "--declared")

    assert code == 64
    assert "--declared reads no account, so it excludes --snapshot" in err


def test_documents_of_aws_are_read_where_they_can_be(answer):
    held = account(person("old", policies=[READ_ONLY]))

    data = answer(held, "explain", "old", *GET, source="--sandbox")
    who = answer(held, "who-can", *GET, source="--sandbox")

    assert (data["decision"], data["unknown"]) == ("allowed", [])
    assert [(one["people"], one["how"], one["unknown"]) for one in who["answers"]] == [(["user/old"], "always", [])]


def test_mfa_is_stated_in_any_spelling(answer):
    guarded = {**READ, "Condition": {"Bool": {MFA: "true"}}}

    data = answer(account(person("old", guarded)), "explain", "old", *GET, "--when", f"{MFA.upper()}=true")

    assert (data["decision"], data["without_mfa"]) == ("allowed", None)
