"""The section of access: who is shown together, in which order, what is cut and what never is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from few_actions import ACTIONS, grant

from iamctl.access.action_sets import ActionSets
from iamctl.access.row import Example, Kind, Source
from iamctl.access.rows import rows
from iamctl.access.together import AccessChanges, Delta, Status, together
from iamctl.access.truth import Truth
from iamctl.model import Address
from iamctl.render.markdown import render_markdown
from iamctl.render.text import render_text
from iamctl.report.access import access_sections
from iamctl.report.access_json import access_json
from iamctl.report.blocks import Report

NOW = datetime(2026, 11, 29, tzinfo=UTC)
READ = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a/*"]}
WRITE = {"actions": ["s3:PutObject"], "resources": ["arn:aws:s3:::a/*"]}
ESCALATING = {"actions": ["iam:AttachUserPolicy"]}


def made(*grants):
    return rows(map(grant, grants), ActionSets(ACTIONS))


def delta(name, gains=(), losses=(), kind="user", **more):
    return Delta(Address.of(kind, name), gains=made(*gains), losses=made(*losses), **more)


def changes(*deltas, **more):
    known = {"unchanged": 0, "unusual": 0, "undecided": (), "unknown": (), "since": NOW, "catalogue": "2026-10-27"}
    return AccessChanges(together(deltas), **{**known, **more})


def report(found, detail="summary"):
    return Report({}, tuple(access_sections(found, detail)))


def text(found, detail="summary"):
    """Return the lines of the section between its title and its limits."""
    lines = render_text(report(found, detail)).splitlines()
    assert lines[0] == "Access"
    assert lines[-1].startswith("  Counted: ")
    return lines[1:-1]


def test_people_with_equal_rows_are_together_and_the_worst_come_first():
    found = changes(
        delta("bob", [READ]),
        delta("alice", [READ]),
        delta("carol", [ESCALATING], becomes_administrator=True),
        delta("dave", losses=[WRITE]),
        delta("ci", [WRITE], kind="role"),
        unchanged=3,
    )

    assert text(found) == [
        "  4 people gain, 1 loses; 4 different changes; access unchanged for 3 people",
        "  carol becomes an administrator",
        "      + iam permissions management: AttachUserPolicy on every resource",
        "          for example  on ",
        "  role ci",
        "      + s3 write: PutObject on arn:aws:s3:::a/*",
        "  alice, bob",
        "      + s3 read: GetObject on arn:aws:s3:::a/*",
        "  dave",
        "      - s3 write: PutObject on arn:aws:s3:::a/*",
    ]


def own(name, *more):
    return {"actions": ["iam:GetUser"], "resources": [f"arn:aws:iam::*:user/{name}", *more]}


def test_people_whose_rows_differ_in_their_own_names_alone_are_together():
    found = changes(delta("ann", losses=[own("ann")]), delta("bea", losses=[own("bea")]))

    assert text(found) == [
        "  0 people gain, 2 lose; 1 different change",
        "  ann, bea",
        "      - iam read: GetUser on arn:aws:iam::*:user/${aws:username}",
    ]


def test_a_name_is_not_taken_for_a_variable_where_it_is_a_part_of_another_or_of_somebody_else():
    alone = changes(delta("ann", losses=[own("ann")]))
    others = changes(delta("ann", losses=[own("annette")]), delta("bea", losses=[own("beatrice")]))
    everybody = changes(*(delta(name, losses=[own("ann", "arn:aws:iam::*:user/bea")]) for name in ("ann", "bea")))

    assert text(alone)[-1] == "      - iam read: GetUser on arn:aws:iam::*:user/ann"
    assert text(others)[0].endswith("2 different changes")
    assert text(everybody)[1:] == [
        "  ann, bea",
        "      - iam read: GetUser on arn:aws:iam::*:user/ann, arn:aws:iam::*:user/bea",
    ]


def test_what_only_the_policy_of_a_resource_may_allow_comes_last_and_under_that_condition():
    (free,) = made(WRITE)
    free = replace(free, restraints=(Source("policy/guard", "group/everyone", "Deny"),))
    found = changes(replace(delta("ann", losses=[READ]), restraints=(free,)))

    where = "where a resource's own policy allows it"
    assert text(found)[2:] == [
        "      - s3 read: GetObject on arn:aws:s3:::a/*",
        f"      + {where}: s3 write: PutObject on arn:aws:s3:::a/*  (no longer denied by policy/guard on group/everyone)",
    ]


def test_gains_come_before_losses():
    assert text(changes(delta("bob", [READ], [ESCALATING])))[2:] == [
        "      + s3 read: GetObject on arn:aws:s3:::a/*",
        "      - iam permissions management: AttachUserPolicy on every resource",
    ]


MANY = [
    {"actions": [action], "resources": [f"arn:aws:s3:::{action[3:]}"]} for action in ("s3:GetObject", "s3:ListBucket")
]
MANY += [
    {"actions": ["s3:PutObject"], "resources": [f"arn:aws:s3:::{name}"], "apart": {"aws:SourceIp": ["10.0.0.1"]}}
    for name in "abcde"
]
MANY += [
    {"actions": ["s3:PutObject"], "resources": [f"arn:aws:s3:::{name}"], "when": {name: ["Bool", "true"]}}
    for name in "abcde"
]


def test_four_lines_are_shown_and_the_rest_is_counted():
    lines = text(changes(delta("bob", MANY)))

    assert len(lines) == 2 + 4 + 1
    assert lines[-1] == "      + 4 more lines: 4 actions (--access full)"


def test_a_risky_line_is_never_cut():
    risky = [
        {
            "actions": ["iam:AttachUserPolicy"],
            "resources": [f"arn:aws:iam::1:user/{name}"],
            "when": {name: ["Bool", "true"]},
        }
        for name in "abcdefgh"
    ]
    lines = text(changes(delta("bob", [*MANY, *risky])))

    assert sum("AttachUserPolicy" in line for line in lines) == 8
    assert lines[-1] == "      + 8 more lines: 8 actions (--access full)"


def test_full_shows_every_line_and_none_shows_nothing():
    found = changes(delta("bob", MANY))

    assert sum(line.startswith("      + ") for line in text(found, "full")) == 8
    assert "more lines" not in "".join(text(found, "full"))
    assert tuple(access_sections(found, "none")) == ()


def test_markdown_folds_all_rows_below_the_summary():
    page = render_markdown(report(changes(delta("bob", MANY))))

    summary, folded = page.split("<details>")
    assert "8 actions" not in summary
    assert "more lines" in summary
    assert folded.count("PutObject") == 6


def test_blocks_without_risk_are_counted_from_the_thirtieth_on():
    deltas = [delta(f"user-{number:02}", [{**READ, "resources": [f"arn:aws:s3:::{number}"]}]) for number in range(40)]
    risky = delta("zoe", [ESCALATING])

    lines = text(changes(*deltas, risky))

    assert lines[1].strip() == "zoe"
    assert lines[-1] == "  11 more changes of 11 people (--access full)"


def test_deleted_and_new_users_and_former_administrators():
    found = changes(
        delta("dave", status=Status.DELETED),
        delta("erin", [READ], status=Status.CREATED),
        delta("frank", losses=[WRITE], becomes_administrator=False),
    )

    assert text(found) == [
        "  1 person gains, 2 lose; 3 different changes",
        "  erin (new)",
        "      + s3 read: GetObject on arn:aws:s3:::a/*",
        "  frank is no longer an administrator",
        "      - s3 write: PutObject on arn:aws:s3:::a/*",
        "  dave",
        "      - everything: the user will be deleted",
    ]


def test_sources_of_all_people_stand_at_the_shared_row_and_are_no_part_of_equality():
    (row,) = made(ESCALATING)
    deltas = [
        Delta(Address.of("user", name), gains=(replace(row, sources=(Source("policy/p", f"group/{name}s", "1"),)),))
        for name in ("bob", "alice")
    ]

    lines = text(changes(*deltas))

    assert lines[1] == "  alice, bob"
    assert lines[-1] == "          by policy/p on group/alices, policy/p on group/bobs"


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ((("aws:MultiFactorAuthPresent", ("true",)),), ", signed in with MFA"),
        ((("aws:MultiFactorAuthPresent", ()),), ", without MFA"),
        ((("aws:SourceIp", ("10.0.0.1",)), ("aws:ViaAWSService", ("false",))), ", aws:SourceIp 10.0.0.1"),
        ((("aws:PrincipalTag/team", ()),), ", without aws:PrincipalTag/team"),
        ((("aws:TagKeys", ("a", "b")),), ", aws:TagKeys a or b"),
    ],
)
def test_a_risky_line_has_an_example(context, told):
    (row,) = made(ESCALATING)
    row = replace(row, example=Example("iam:AttachUserPolicy", "arn:aws:iam::1:user/x", context))

    lines = text(changes(Delta(Address.of("user", "bob"), gains=(row,))))

    assert lines[-1] == f"          for example iam:AttachUserPolicy on arn:aws:iam::1:user/x{told}"


@pytest.mark.parametrize(
    ("trusted", "told"),
    [
        ((("sandbox", Truth.YES),), "trusted"),
        ((("sandbox", Truth.NO),), "its trust policy does not name them: no effect now"),
        ((("sandbox", Truth.MAYBE),), "its trust policy may trust them"),
        ((("a", Truth.YES), ("b", Truth.NO), ("c", Truth.NO)), "trusted by a; not trusted by b, c"),
    ],
)
def test_a_row_to_assume_roles_says_whether_they_trust(trusted, told):
    (row,) = made({"actions": ["sts:AssumeRole"], "resources": ["arn:aws:iam::1:role/sandbox"]})

    lines = text(changes(Delta(Address.of("user", "bob"), gains=(replace(row, trusted=trusted, until="2026-12-04"),))))

    assert lines[2] == (
        f"      + sts permissions management: AssumeRole on arn:aws:iam::1:role/sandbox  (until 2026-12-04; {told})"
    )


def test_what_holds_a_loss_back_is_named():
    denied = {**WRITE, "kind": "no-longer-denied"}
    (row,) = made(denied)
    row = replace(row, restraints=(Source("policy/guard", "group/everyone", "Deny"),))
    gains, losses = text(
        changes(Delta(Address.of("user", "a"), gains=(row,)), Delta(Address.of("user", "b"), losses=(row,)))
    )[2::2]

    assert gains.endswith("  (no longer denied by policy/guard on group/everyone)")
    assert losses.endswith("  (now denied by policy/guard on group/everyone)")


def test_a_boundary_is_named():
    (row,) = made({**WRITE, "kind": Kind.NO_LONGER_BOUNDED.value})
    row = replace(row, restraints=(Source("policy/b", "user/a", "1"),))
    (losing,) = text(changes(Delta(Address.of("user", "a"), losses=(row,))))[2:]

    assert losing.endswith("  (now outside the boundary policy/b on user/a)")


def test_what_the_section_does_not_say():
    found = changes(unusual=2, undecided=(Address.of("user", "zoe"),), unknown=("aws:Other",), unchanged=1)

    assert text(found) == [
        "  Access unchanged for 1 person",
        "  2 changes exist only for resources of undocumented types, or for actions that AWS may add",
        "  Not decided, since the policies are too complex: zoe",
        "  1 policy has an unknown document, which counts as allowing everything: aws:Other",
    ]


def test_json_has_every_row():
    data = access_json(changes(delta("bob", MANY), unusual=1))

    assert data["summary"] == {"gain": 1, "lose": 0, "changes": 1, "unchanged": 0, "unusual": 1, "undecided": 0}
    (block,) = data["changes"]
    assert block["people"] == ["user/bob"]
    assert len(block["gains"]) == 8
    assert data["from"] == "2026-11-29T00:00:00Z"


def test_names_from_outside_are_escaped():
    found = changes(delta("b\x1b[31mob", [{**READ, "resources": ["arn:aws:s3:::a\u202eb"]}]), unknown=("policy/\x07",))

    shown = render_text(report(found))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\x07" not in shown
