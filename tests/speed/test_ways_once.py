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


@pytest.fixture(scope="module")
def people():
    live = live_account(snapshot(Size(500)))
    return People(PolicySources(live, live.state), live.state, NOW)


def test_ways_are_looked_up_once_and_nobody_without_one_is_made_a_principal(people, monkeypatch):
    sides = Sides(engine_of((people.sources,), NOW), people, people._state)
    asked, made = [], []
    about, user = Requests.about_any, People.user
    monkeypatch.setattr(Requests, "about_any", lambda self, actions: asked.append(1) or about(self, actions))
    monkeypatch.setattr(People, "user", lambda self, *who: made.append(1) or user(self, *who))

    assert Escalations(people, Authority(sides)).people() == ()
    assert (len(asked), len(made)) == (1, 0)
