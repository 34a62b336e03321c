"""Who holds which policy is worked out once for each state of the account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from iamctl.access.held import PolicySources
from iamctl.account.live import Live
from iamctl.kinds import Group, Membership, User
from iamctl.model import State
from iamctl.model.settings import Desired, Settings
from iamctl.planning.plan import make_plan

_PEOPLE = (User(name="alice"), Group(name="devs"))


def test_a_plan_reads_each_state_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[State] = []
    original = PolicySources.__init__

    def counted(self: PolicySources, live: Live, state: State) -> None:
        made.append(state)
        original(self, live, state)

    monkeypatch.setattr(PolicySources, "__init__", counted)
    live = Live("123456789012", "aws", State.of(_PEOPLE))
    wanted = (*_PEOPLE, Membership(group="devs", user="alice"))
    desired = Desired(Settings("prod", live.account_id), "aws", State.of(wanted))
    plan = make_plan(desired, live, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert plan.changes
    assert [sum(state is other for other in made) for state in made] == [1] * len(made)
