"""What the roster looks like at 5,000 people, and that no name or reason leaves its cell."""

import csv
import io
import json
import time
from datetime import UTC, datetime
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iamctl.account.live import Live
from iamctl.comparison.members import live_roster
from iamctl.comparison.scope import scope
from iamctl.kinds import Group, Membership, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.render import FORMATS, TableFormat
from iamctl.render.csv import render_csv
from iamctl.report.blocks import Report, Section, Table, line
from iamctl.report.members import MOST_PEOPLE, WIDTH, members_report

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "a|b",
    "a\\|b",
    "`a`|``b``",
    "<img src=x onerror=alert(1)>",
    "[x](http://example.com)",
    "@everyone #1",
    "\x1b[31mred",
    "\u202egnp",
    "a\nb",
    "| --- |",
    'a,b;"c"',
)


def report(members, *, declared=(), by_person=False, memberships="remove"):
    """The report of a live group for each pair, of which those of ``declared`` are declared with a reason."""
    groups, users = {group for group, _ in members}, {user for _, user in members}
    roots = [*(Group(name=name) for name in groups), *(User(name=name) for name in users)]
    live = State.of([*roots, *(Membership(group=group, user=user) for group, user in members)])
    wanted = [Membership(group=group, user=user, **more) for group, user, more in declared]
    settings = Settings("test", "123456789012", undeclared={"membership": memberships})
    desired = Desired(settings, "aws", State.of([*roots, *wanted]))
    account = Live("123456789012", "aws", live)
    return members_report(live_roster(desired, scope(desired, live, NOW), account, NOW), by_person=by_person)


@pytest.fixture(scope="module", params=product((False, True), ("remove", "report")))
def found(request):
    by_person, memberships = request.param
    members = [(group, user) for group in HOSTILE for user in HOSTILE]
    declared = [(group, user, {"until": "2027-01-01", "why": user}) for group, user in members[::2]]
    return report(members, declared=declared, by_person=by_person, memberships=memberships)


def test_no_character_acts_on_a_terminal_or_a_log(found):
    for output in TableFormat:
        text = FORMATS[output](found)
        assert all(character == "\n" or character.isprintable() for character in text)


def test_markdown_has_no_live_text_and_as_many_cells_as_columns(found):
    tokens = MarkdownIt("commonmark").enable("table").parse(FORMATS["markdown"](found))

    inline = [child for token in tokens for child in token.children or ()]
    kinds = {child.type for child in inline}
    assert kinds <= {"text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"}
    assert not any(token.type in {"html_block", "fence", "code_block", "hr", "blockquote_open"} for token in tokens)
    sizes, rows = set(), 0
    for token in tokens:
        rows = 0 if token.type == "tr_open" else rows + (token.type in {"th_open", "td_open"})
        if token.type == "tr_close":
            sizes.add(rows)
    assert sizes <= {4, 2}


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=3))
def test_no_text_leaves_its_cell_in_a_markdown_table(rows):
    table = Table(("a", "b", "c"), tuple(tuple(line(cell) for cell in row) for row in rows))
    found = Report({}, (Section("t", (), table),))

    tokens = MarkdownIt("commonmark").enable("table").parse(FORMATS["markdown"](found))

    assert sum(token.type == "tr_open" for token in tokens) == len(rows) + 1
    cells = [token.children for before, token in pairwise(tokens) if before.type == "td_open"]
    assert len(cells) == 3 * len(rows)
    assert {child.type for children in cells for child in children} <= {"text", "text_special", "code_inline"}


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_csv_reads_back_with_no_formula_in_it(rows):
    table = Table(("a", "b"), tuple(tuple(line(cell) for cell in row) for row in rows))

    read = list(csv.reader(io.StringIO(render_csv(Report({}, (), table)))))

    assert len(read) == len(rows) + 1
    assert all(len(row) == 2 for row in read)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in read for cell in row)


@pytest.mark.parametrize("name", HOSTILE[:7])
def test_csv_marks_what_a_spreadsheet_would_run(name):
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](report([("dev", name)])))))

    assert rows[1][1].startswith("'")


def test_csv_leaves_harmless_names_alone():
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](report([("dev", "a=b,c.d@e_f-g")])))))

    assert rows[1][:2] == ["dev", "a=b,c.d@e_f-g"]


def test_csv_needs_a_table():
    with pytest.raises(ValueError, match="no table"):
        render_csv(Report({}, ()))


def large():
    people = [f"person.{number:04}@example.com" for number in range(5000)]
    groups = {f"team-{number:03}": people[number * 50 : number * 50 + 50] for number in range(100)} | {
        "everyone": people
    }
    members = [(group, user) for group, users in groups.items() for user in users]
    declared = [(group, user, {}) for group, user in members if user != people[77]]
    return report(members, declared=declared)


def test_five_thousand_people_are_read_in_lines_that_fit():
    start = time.process_time()
    text = FORMATS["text"](large())
    lines = text.splitlines()

    assert time.process_time() - start < 10
    assert lines[1].startswith("  101 groups, 5,000 people, 9,998 memberships declared, 10,000 live; 2 leave")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) < 3600
    assert lines[-1].startswith("5,000 people: --user NAME")
    assert [entry for entry in lines if entry.startswith("  - ")] == ["  - person.0077@example.com  not declared"] * 2
    assert text.count("person.0078@example.com") == 2


def test_small_accounts_are_told_person_by_person_too():
    few = report([("dev", f"u{number}") for number in range(MOST_PEOPLE)])
    many = report([("dev", f"u{number}") for number in range(MOST_PEOPLE + 1)])

    assert [section.title for section in few.sections][-1] == "By person"
    assert "By person" not in [section.title for section in many.sections]


def test_an_empty_account_is_told_as_such():
    text = FORMATS["text"](report([]))

    assert "0 groups, 0 people, 0 memberships declared, 0 live; nobody joins or leaves" in text


def test_one_of_each_is_told_in_the_singular():
    text = FORMATS["text"](report([("dev", "alice")], declared=[("dev", "alice", {})]))

    assert "1 group, 1 person, 1 membership declared, 1 live; nobody joins or leaves" in text


def test_json_is_ascii_and_the_same_bytes_whatever_the_order():
    members = [(group, user) for group in HOSTILE for user in HOSTILE]
    text = FORMATS["json"](report(members))

    assert text.isascii()
    assert text == FORMATS["json"](report(members[::-1]))
    assert json.loads(text)["totals"]["leaves"] == len(members)
