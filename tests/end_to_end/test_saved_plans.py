"""``plan --out`` and ``apply --plan``: the file says what was approved, and the account is planned for again."""

import json

import jsonschema
import pytest
from command_line import ROOT, account, group, save, user, write_tree

from iamctl.planning.promise import digest

TEAM = {
    "users": {"alice": {}, "bob": {}},
    "groups": {"devs": {}},
    "memberships": {"devs": ["alice"]},
}


def check(data, name):
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.fixture
def tree(tmp_path):
    save(tmp_path / "a.json", account([user("bob")], [group("devs")]))
    return write_tree(tmp_path / "iam", TEAM)


@pytest.fixture
def saved(tree, here):
    assert here("plan", tree, "--sandbox", "a.json", "--out", "plan.json").returncode == 0
    return "plan.json"


def apply(here, tree, *words):
    return here("apply", tree, "--sandbox", "a.json", "--yes", *words)


def test_the_approved_plan_is_applied(tree, saved, here, tmp_path):
    check(json.loads((tmp_path / saved).read_text()), "saved-plan")

    done = apply(here, tree, "--plan", saved, "--format", "json")

    result = json.loads(done.stdout)
    check(result, "apply")
    assert (done.returncode, result["converged"], done.stderr) == (0, True, "")
    assert result["approval"] == {"file": saved, "plan_digest": result["plan"]["plan_digest"], "differences": []}


def test_calls_come_from_the_account_and_never_from_the_file(tree, saved, here, tmp_path):
    """Once all is done, the same file has nothing left to approve."""
    assert apply(here, tree, "--plan", saved).returncode == 0
    before = (tmp_path / "a.json").read_bytes()

    done = apply(here, tree, "--plan", saved)

    assert (done.returncode, "Nothing to change." in done.stdout) == (0, True)
    assert (tmp_path / "a.json").read_bytes() == before


def test_5_names_what_changed_call_by_call_and_applies_nothing(tree, saved, here, tmp_path):
    before = (tmp_path / "a.json").read_bytes()
    write_tree(
        tree,
        {
            "users": {"alice": {"path": "/people/"}, "bob": {}, "mallory": {}},
            "groups": {"devs": {}},
            "memberships": {"devs": ["mallory"]},
        },
    )

    done = apply(here, tree, "--plan", saved)

    assert done.returncode == 5
    section = done.stdout.split("Changed since the approval\n")[1].split("\n\n")[0]
    assert section.splitlines() == [
        "  ~ changed call: CreateUser(UserName=alice)",
        "      Path: (none) -> /people/",
        "  - no longer planned call: AddUserToGroup(GroupName=devs, UserName=alice)",
        "  + new call: CreateUser(UserName=mallory)",
        "  + new call: AddUserToGroup(GroupName=devs, UserName=mallory)",
    ]
    assert f"but {saved}, saved 20" in done.stderr
    assert done.stderr.endswith("Nothing was applied. Review this plan and save it again\n")
    assert (tmp_path / "a.json").read_bytes() == before
    assert not (tmp_path / ".iamctl").exists()


def test_5_in_json_has_the_differences(tree, saved, here):
    write_tree(tree, {**TEAM, "users": {**TEAM["users"], "carol": {}}})

    done = apply(here, tree, "--plan", saved, "--format", "json")

    result = json.loads(done.stdout)
    check(result, "apply")
    assert (done.returncode, result["outcomes"], result["converged"]) == (5, [], None)
    assert [(one["subject"], one["name"]) for one in result["approval"]["differences"]] == [
        ("call", "CreateUser(UserName=carol)")
    ]


def test_5_names_somebody_who_was_deleted_and_made_again(tree, here, tmp_path):
    save(tmp_path / "a.json", account([user("bob", ["devs"]), user("alice")], [group("devs")]))
    assert here("plan", tree, "--sandbox", "a.json", "--out", "plan.json").returncode == 0
    again = {**user("bob", ["devs"]), "UserId": "AIDAANOTHERBOBXXXXXXX"}
    save(tmp_path / "a.json", account([again, user("alice")], [group("devs")]))

    done = apply(here, tree, "--plan", "plan.json")

    assert done.returncode == 5
    assert "user/bob was deleted and created again: id AIDABOBXXXXXXXXXXXXXX, now AIDAANOTHERBOBXXXXXXX" in done.stdout


def test_text_of_a_hostile_file_is_escaped(tree, saved, here, tmp_path):
    """Whoever writes the file can also write its digests; what it says is shown and never believed."""
    path = tmp_path / saved
    data = json.loads(path.read_text())
    data["calls"].append({**data["calls"][-1], "operation": "Evil\u202e##[x]\x1b[31m\nGroup"})
    data["created_at"] = "\x1b]0;x\x07"
    promise = {"account": data["account"]["id"], "partition": "aws", "calls": data["calls"], **data["covers"]}
    data["plan_digest"] = digest(promise)
    data["section_digests"] = {key: digest(value) for key, value in data.items() if key != "section_digests"}
    path.write_text(json.dumps(data))

    done = apply(here, tree, "--plan", saved)

    assert done.returncode == 5
    said = done.stdout + done.stderr
    assert all(character.isprintable() or character == "\n" for character in said)
    assert "##" not in said
    assert "no longer planned call: Evil\\u{202E}#\\u{0023}[x]\\u{001B}[31m\\u{000A}Group(" in done.stdout
    assert "saved \\u{001B}]0;x\\u{0007}, has" in done.stderr


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda text: text[:-20], "the file may be truncated. Save the plan again"),
        (lambda text: text.replace('"UserName": "alice"', '"UserName": "mallory"'), "edited after it was saved: calls"),
        (lambda _: "{}", "not a saved plan"),
    ],
)
def test_1_for_a_file_that_was_not_saved_so(tree, saved, here, tmp_path, edit, reason):
    path = tmp_path / saved
    path.write_text(edit(path.read_text()))

    done = apply(here, tree, "--plan", saved)

    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert saved in done.stderr


def test_1_for_the_plan_of_another_account(tree, saved, here, tmp_path):
    write_tree(tree, TEAM, accounts={"test": {"id": "210987654321"}})
    (tmp_path / "b.json").unlink(missing_ok=True)

    done = here("apply", tree, "--sandbox", "b.json", "--yes", "--plan", saved)

    assert done.returncode == 1
    assert "saved for account 123456789012 (aws), but this is 210987654321 (aws). Nothing was applied" in done.stderr


def test_a_file_and_a_digest_must_be_about_one_plan(tree, saved, here, tmp_path):
    approved = json.loads((tmp_path / saved).read_text())["plan_digest"]

    other = apply(here, tree, "--plan", saved, "--expect-digest", f"sha256:{'0' * 64}")
    same = apply(here, tree, "--plan", saved, "--expect-digest", approved)

    assert (other.returncode, same.returncode) == (1, 0)
    assert f"the saved plan is {approved}, but --expect-digest asked for another" in other.stderr


def test_times_and_places_are_no_part_of_what_is_approved(tree, here):
    words = ("plan", tree, "--sandbox", "a.json", "--out", "plan.json", "--now", "2026-01-01")
    assert here(*words).returncode == 0

    assert apply(here, tree, "--plan", "plan.json").returncode == 0
