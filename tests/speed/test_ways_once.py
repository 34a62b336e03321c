"""How often a plan looks for ways to more access; never how long that takes."""

from datetime import UTC, datetime

import pytest

from benchmarks.generated import Size, snapshot
from iamctl.access.authority import Authority
from iamctl.access.escalation import Escalations
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.access.sides import Sides, engine_of
from iamctl.account.live import live_account
from iamctl.proof.requests import Requests

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


SIZE = Size(500)
WAY = "iam:AddUserToGroup"


def people_of(taken):
    live = live_account(taken)
    return People(PolicySources(live, live.state), live.state, NOW)


@pytest.fixture
def asked(monkeypatch):
    asked = {"ways": 0, "people": 0}
    about, user = Requests.about_any, People.user

    def counted(name, method):
        def call(self, *given):
            asked[name] += 1
            return method(self, *given)

        return call

    monkeypatch.setattr(Requests, "about_any", counted("ways", about))
    monkeypatch.setattr(People, "user", counted("people", user))
    return asked


def ways_of(people):
    sides = Sides(engine_of((people.sources,), NOW), people, people._state)
    return sides.engine.numbering, Escalations(people, Authority(sides))


def test_where_no_policy_names_a_way_no_statement_is_numbered_and_nobody_made_a_principal(asked):
    numbering, escalations = ways_of(people_of(snapshot(SIZE)))
    before = len(numbering.statements)

    assert escalations.people() == ()
    assert (asked, len(numbering.statements)) == ({"ways": 0, "people": 0}, before)


def test_ways_are_looked_up_once_and_only_for_those_with_one(asked):
    taken = snapshot(SIZE)
    for group in taken["GroupDetailList"][:3]:
        group["GroupPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"].append(WAY)
    _, escalations = ways_of(people_of(taken))

    members = {user for user in range(SIZE.users) if not {0, 1, 2}.isdisjoint(SIZE.groups_of(user))}
    assert len(escalations.people()) == len(members)
    assert asked == {"ways": 1, "people": len(members)}
