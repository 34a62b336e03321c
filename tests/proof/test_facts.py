"""Variables and conditions on the principal: what is shown without facts holds for everybody, and with them for one."""

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from proof.worlds import ACTIONS, LINES, NOW, RESOURCE_PATTERNS, UNIVERSE, allowed, side_of, sides

from iamctl.policy.normalized import normalize
from iamctl.proof.decide import Held, decide
from iamctl.proof.encoding import Reading
from iamctl.proof.engine import Engine, Side
from iamctl.proof.searches import Doubt
from iamctl.proof.statements import Facts, asks_about_principal

NAME, TAG = "aws:username", "aws:principaltag/t"
PEOPLE = tuple({NAME: (name,), TAG: tags} for name in ("x", "xy", "a", "user") for tags in ((), ("x",), ("y",)))
RESOURCES = RESOURCE_PATTERNS | st.builds(
    lambda start, variable, rest: f"arn:aws:{start}${{{variable}}}{rest}",
    st.sampled_from(["s3:::", "s3:::x", "s3:*:*:", "iam::x:user/", "*:", "s3::"]),
    st.sampled_from([NAME, TAG]),
    st.sampled_from(["", "*", ":x", "y", "/x"]),
)
OWN_LINES = (
    *LINES[:6],
    *(("StringEquals", NAME, "x"), ("StringNotEquals", TAG, "x"), ("Null", TAG, "true"), ("StringLike", NAME, "x*")),
    *(
        ("StringEquals", "k", f"${{{NAME}}}"),
        ("StringLike", "k", f"${{{TAG}}}*"),
        ("StringNotEquals", "k", f"${{{TAG}}}"),
    ),
)
HELD = sides(resources=RESOURCES, lines=OWN_LINES)


def check(old, new):
    engine = Engine(UNIVERSE, NOW)
    generic = engine.gains(side_of(engine, old), side_of(engine, new))
    for values in PEOPLE:
        facts = Facts(values)
        own = engine.gains(side_of(engine, old, facts), side_of(engine, new, facts))
        for reading in Reading:
            before, after = allowed(old, reading, values), allowed(new, reading, values)
            gained = [name for name in ACTIONS if after[name] & ~before[name]]
            for gains in (generic, own):
                covered = 0
                for gain in gains:
                    covered |= gain.actions | gain.up_to
                assert not [name for name in gained if not covered >> engine.universe.number(name) & 1]
        for gain in own:
            assert not gain.asks_facts or gain.doubts
            confirm(gain, old, new, values)
        for gain in generic:
            if not gain.asks_facts:
                confirm(gain, old, new, values)


def confirm(gain, old, new, values):
    if gain.exact:
        request = gain.witness.by({key: value for key, value in values.items() if value})
        assert decide(request, new, gain.reading) is True
        assert decide(request, old, gain.reading) is False


@settings(max_examples=examples(8))
@given(HELD, HELD)
def test_facts_in_small_worlds(old, new):
    check(old, new)


@pytest.mark.exhaustive
@settings(max_examples=examples(300))
@given(HELD, HELD)
def test_facts_in_many_worlds(old, new):
    check(old, new)


def policy(*statements, version="2012-10-17"):
    return normalize({"Version": version, "Statement": list(statements)})


def allow(resource, condition=None):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource, "Condition": condition or {}}


def gains(old, new, facts=None):
    engine = Engine(UNIVERSE, NOW)
    one, other = (side_of(engine, Held((document,)), *([facts] if facts else [])) for document in (old, new))
    return engine.gains(one, other)


OWN = policy(allow("arn:aws:s3:::home/${aws:username}/*"))
ALL = policy(allow("arn:aws:s3:::home/*"))
ALICE = policy(allow("arn:aws:s3:::home/alice/*"))
NOTHING = policy({"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"})


def test_a_variable_is_shown_as_it_is_written():
    (gain,) = gains(NOTHING, OWN)

    assert gain.resource == "arn:aws:s3:::home/${aws:username}/*"
    assert gain.witness.resource.startswith("arn:aws:s3:::home/${aws:username}/")
    assert gain.exact
    assert not gain.asks_facts


def test_the_same_variable_is_the_same_for_one_request():
    assert gains(OWN, OWN) == gains(ALL, OWN) == ()
    assert gains(OWN, ALL)[0].exact


def test_what_is_only_possible_is_exact_with_facts():
    (possible,) = gains(ALICE, OWN)

    assert possible.doubts == {Doubt.VARIABLE}
    assert possible.asks_facts
    assert gains(ALICE, OWN, Facts({NAME: ("alice",)})) == ()
    assert gains(ALICE, OWN, Facts({NAME: ("bob",)}))[0].exact


def test_a_tag_that_is_absent_makes_its_variable_match_nothing():
    tagged = policy(allow("arn:aws:s3:::${aws:PrincipalTag/team}/*"))
    with_default = policy(allow("arn:aws:s3:::${aws:PrincipalTag/team, 'none'}/*"))

    assert gains(NOTHING, tagged, Facts({})) == ()
    assert gains(NOTHING, tagged, Facts({"aws:PrincipalTag/Team": ("a",)}))[0].resource == "arn:aws:s3:::a/*"
    assert gains(NOTHING, with_default, Facts({}))[0].resource == "arn:aws:s3:::none/*"
    assert gains(NOTHING, tagged)[0].asks_facts


def test_the_old_version_has_no_variables():
    old = policy(allow("arn:aws:s3:::home/${aws:username}/*"), version="2008-10-17")

    assert gains(ALICE, old, Facts({NAME: ("alice",)}))[0].witness.resource.startswith(
        "arn:aws:s3:::home/${aws:username}/"
    )
    assert gains(old, OWN, Facts({NAME: ("alice",)})) != ()


def test_a_star_in_a_fact_is_a_literal():
    (gain,) = gains(NOTHING, OWN, Facts({NAME: ("a*",)}))

    assert gain.witness.resource.startswith("arn:aws:s3:::home/a*/")
    assert gains(OWN, policy(allow("arn:aws:s3:::home/ab/*")), Facts({NAME: ("a*",)})) != ()


def test_conditions_on_the_principal_are_decided_by_facts():
    only = policy(allow("*", {"StringEquals": {"aws:PrincipalTag/Team": "ops"}}))

    assert gains(NOTHING, only)[0].asks_facts
    assert gains(NOTHING, only, Facts({"aws:principaltag/team": ("dev",)})) == ()
    assert not gains(NOTHING, only, Facts({"aws:principaltag/TEAM": ("ops",)}))[0].condition


@pytest.mark.parametrize(
    ("document", "asks"),
    [
        (OWN, True),
        (ALICE, False),
        (policy(allow("*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})), False),
        (policy(allow("*", {"StringLike": {"aws:PrincipalArn": "*"}})), True),
        (policy(allow("*", {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team, 'x'}/*"}})), True),
        (policy(allow("arn:aws:s3:::${s3:prefix}")), False),
    ],
)
def test_which_documents_ask_about_the_principal(document, asks):
    assert asks_about_principal(document) is asks


def test_sides_without_facts_are_shared():
    engine = Engine(UNIVERSE, NOW)

    assert engine.statements(ALL, Facts({NAME: ("a",)})) == engine.statements(ALL)
    assert engine.statements(OWN, Facts({NAME: ("a",)})) != engine.statements(OWN)
    assert engine.gains(Side(), Side(engine.statements(ALL).allow)) is engine.gains(
        Side(), Side(engine.statements(ALL).allow)
    )
