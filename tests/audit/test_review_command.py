"""``iamctl review``: the population is whole, its digest notices changes, and totals add up."""

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from reviewed_account import REVIEWED

from iamctl.comparison.reviewed import FIXED

ROOT = Path(__file__).resolve().parents[2]


def table(text):
    lines = text.splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if line.startswith("key,"))
    return lines[:begin], list(csv.DictReader(io.StringIO("".join(lines[begin:]))))


def filled(text, change=lambda row: None):
    """Return the review with a decision in each row."""
    head, rows = table(text)
    written = io.StringIO()
    writer = csv.DictWriter(written, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        row |= {"decision": "keep", "reviewer": "erin", "decided_on": "2026-11-30"}
        change(row)
        writer.writerow(row)
    return "".join(head) + written.getvalue()


def test_every_user_and_membership_is_a_row(review):
    code, out = review("export")

    head, rows = table(out)
    assert code == 0
    assert [row["key"] for row in rows] == [
        "user/=bob",
        "user/alice",
        "user/carol",
        "membership/admins/=bob",
        "membership/admins/alice",
        "membership/devs/=bob",
    ]
    assert "account read at,2026-11-20T10:00:00Z\n" in head
    assert tuple(rows[0])[: len(FIXED)] == FIXED


def test_rows_say_what_the_account_and_the_manifests_say(review):
    _, rows = table(review("export")[1])

    bob, alice, carol, _, membership, _ = rows
    told = {"console": "yes", "last_sign_in": "2026-11-22", "mfa": "yes", "administrator": "yes", "declared": "yes"}
    assert told.items() <= alice.items()
    assert bob["access_keys"] == "AKIAIOSFODNN7EXAMPL1 of 2026-11-01, used 2026-11-22"
    assert (bob["owner"], bob["groups"], bob["declared"]) == ("'=1+1", "admins devs", "no")
    assert {"console": "unknown", "mfa": "unknown", "access_keys": "unknown"}.items() <= carol.items()
    assert (carol["administrator"], carol["last_sign_in"]) == ("no", "")
    assert (membership["until"], membership["reason"]) == ("2026-12-31", "'=OPS-1, for now")


def test_a_filled_in_review_passes_and_its_totals_add_up(review, tmp_path):
    def decide(row):
        if row["key"] == "membership/devs/=bob":
            row.update(decision="Revoke", ticket="OPS-12")
        if row["key"] == "user/carol":
            row.update(decision="revoke", ticket="OPS-13")

    (tmp_path / "review.csv").write_text(filled(review("export")[1], decide))

    code, out = review("check", "review.csv")

    assert code == 0, out
    assert "6 rows = 4 kept + 0 changed + 2 revoked + 0 deferred + 0 excepted\n" in out
    assert "  remove =bob from memberships.devs  (OPS-12)\n" in out
    assert "  removed: [user/carol]  (OPS-13)\n" in out


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"decision": ""}, "no decision"),
        ({"decision": "yes"}, "'yes' is not a decision; write keep, change, revoke, defer or except"),
        ({"reviewer": " "}, "no reviewer"),
        ({"decided_on": ""}, "no date"),
        ({"decision": "revoke"}, "no ticket"),
    ],
)
def test_an_incomplete_row_is_refused(review, tmp_path, cells, problem):
    def decide(row):
        if row["key"] == "user/alice":
            row.update(cells)

    (tmp_path / "review.csv").write_text(filled(review("export")[1], decide))

    code, out = review("check", "review.csv")

    assert code == 3
    assert f"  user/alice: {problem}" in out
    assert "()" not in out
    head, totals = out.splitlines()[-1].removesuffix(" undecided").split(" rows = ")
    assert int(head) == sum(int(part.split()[0]) for part in totals.split(" + ")) == 6


@pytest.mark.parametrize("column", FIXED)
def test_an_altered_cell_is_noticed(review, tmp_path, column):
    def change(row):
        if row["key"] == "user/alice":
            row[column] += "x"

    (tmp_path / "review.csv").write_text(filled(review("export")[1], change))

    code, out = review("check", "review.csv")

    assert code == 3
    assert "the population differs from its digest" in out


def test_a_removed_row_is_noticed(review, tmp_path):
    lines = filled(review("export")[1]).splitlines(keepends=True)
    (tmp_path / "review.csv").write_text("".join(line for line in lines if not line.startswith("user/carol")))

    assert review("check", "review.csv")[0] == 3


def test_what_changed_since_the_last_review_comes_first(review, tmp_path):
    (tmp_path / "last.csv").write_text(filled(review("export")[1]))
    users = {**REVIEWED["users"], "alice": {**REVIEWED["users"]["alice"], "groups": [], "mfa": False}, "dave": {}}
    users.pop("carol")

    _, out = review("export", "--previous", "last.csv", case={**REVIEWED, "users": users})

    head, rows = table(out)
    assert [(row["change"], row["key"]) for row in rows] == [
        ("new", "user/dave"),
        ("changed", "user/alice"),
        ("same", "user/=bob"),
        ("same", "membership/admins/=bob"),
        ("same", "membership/devs/=bob"),
    ]
    assert "gone since,2\n" in head


def test_json_is_what_the_schemas_say(review, tmp_path):
    _, out = review("export", "--format", "json")
    (tmp_path / "review.csv").write_text(review("export")[1])
    _, checked = review("check", "review.csv", "--format", "json")

    for name, text in (("review", out), ("review-check", checked)):
        schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text())
        Draft202012Validator(schema).validate(json.loads(text))
    assert json.loads(checked)["is_unaltered"]
    assert len(json.loads(checked)["problems"]) == 6


def test_another_file_is_no_review(review, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")

    assert review("check", "other.csv")[0] == 1


def test_a_file_that_does_not_exist_is_told_as_such(review):
    assert review("check", "nofile.csv")[0] == 1
    assert review.error.strip() == "error: nofile.csv: the review cannot be read: No such file or directory"
