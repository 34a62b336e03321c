"""An account over time: manifests change, applies run or die, others edit, reads are old; the promises hold all along.

Hypothesis chooses the steps. Manifests have a few users, groups and policies; whatever the account becomes, each
single apply keeps its promises, and an undisturbed one reaches what is declared.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from command_line import UNLIMITED, account
from crashing import broken, place
from faults import Rule, drop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from scenarios import ARN, GUARD, ROLE, SECRETS, allow

USERS, GROUPS, POLICIES = ("u0", "u1"), ("everyone", "readers"), ("reads", "writes")
ENDS = ("2026-12-05", "2027-06-30")
LIMITS = {
    "secrets": SECRETS,
    "limits": UNLIMITED,
    "scope": {"undeclared": {"users": "remove", "groups": "remove", "policies": "remove"}},
}
documents = st.lists(st.sampled_from(("s3:a", "s3:b", "s3:c", "s3:d")), min_size=1, max_size=2, unique=True).map(sorted)


@st.composite
def manifests(draw):
    """Some users, of whom those with a password are in the group that brings the guard."""
    users = draw(st.lists(st.sampled_from(USERS), max_size=2, unique=True))
    console = draw(st.lists(st.sampled_from(users), unique=True)) if users else []
    policies = {name: {"document": allow(*draw(documents))} for name in POLICIES}
    held = {name: draw(st.lists(st.sampled_from(POLICIES), max_size=2, unique=True)) for name in GROUPS}
    readers = draw(st.lists(st.sampled_from(users), unique=True)) if users else []
    return {
        "users": {
            name: {"tags": {"team": draw(st.sampled_from(("red", "blue")))}}
            | ({"console": True} if name in console else {})
            for name in users
        },
        "groups": {
            "everyone": {"policies": ["guard", *sorted(held["everyone"])]},
            "readers": {"policies": sorted(held["readers"])},
        },
        "memberships": {
            "everyone": sorted(users),
            "readers": [{"user": name, "until": draw(st.sampled_from(ENDS))} for name in sorted(readers)],
        },
        "policies": {"guard": {"document": GUARD}, **policies},
    }


class Over(RuleBasedStateMachine):
    """The account is what it is; a rule is one step of its story."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        snapshot = account(RoleDetailList=[ROLE])
        self.now = datetime(2026, 11, 29, tzinfo=UTC)
        self.stack = ExitStack()
        for command in ("apply", "plan"):
            self.stack.enter_context(mock.patch(f"iamctl.commands.{command}.moment", side_effect=lambda _: self.now))
        self.here = self.stack.enter_context(place(Path(self.folder.name), snapshot))
        self.declared = None
        self.problem = None
        self.is_reached = False

    def teardown(self):
        self.stack.close()
        self.folder.cleanup()

    @initialize(declared=manifests())
    def begin(self, declared):
        self.write(declared)

    def write(self, declared):
        self.declared, self.is_reached = declared, False
        self.here.manifests(declared, **LIMITS)

    @rule(declared=manifests())
    def manifests_change(self, declared):
        self.write(declared)

    @rule(days=st.sampled_from((1, 10)))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        self.is_reached = False

    @rule()
    def plan_writes_nothing(self):
        before = self.here.seen()
        planned = self.here.run("plan", self.here.folder / "iam", "--access", "none", "--detailed-exitcode")
        assert planned.code in {0, 2, 3}, planned.out + planned.err
        assert self.here.seen() == before
        if self.is_reached:
            assert planned.code == 0, planned.out

    @rule(parallel=st.sampled_from((1, 8)))
    def apply(self, parallel):
        self.keeping_promises(lambda: self.here.apply(parallel=parallel))

    @rule(number=st.integers(1, 12), when=st.sampled_from(("before", "after")), parallel=st.sampled_from((1, 8)))
    def apply_is_killed(self, number, when, parallel):
        def killed():
            self.here.kill_at(number, when)
            return self.here.apply(parallel=parallel)

        self.keeping_promises(killed)

    @rule(number=st.integers(1, 12), when=st.sampled_from(("before", "after")))
    def apply_loses_an_answer(self, number, when):
        def losing():
            self.here.rules += Rule(drop, "write", number, when=when)
            return self.here.apply(parallel=8)

        self.keeping_promises(losing)

    @rule(writes=st.integers(1, 3), first=st.integers(1, 4), number=st.integers(1, 3))
    def plan_from_old_reads_and_apply(self, writes, first, number):
        """A plan that saw an older account is stopped before its first write, or does what the newer one needs."""

        def old():
            self.here.rules += Rule(operation="read", nth=first, times=number, around=self.here.past.stale(writes))
            return self.here.apply(parallel=1)

        before = self.here.seen()
        self.here.states.clear()
        done = old()
        self.here.rules.rules.clear()
        self.is_reached = False
        assert done.code in {0, 1, 3, 4, 5}, done.out + done.err
        if done.code in {3, 5}:
            assert self.here.seen() == before

    @rule(name=st.sampled_from(USERS), group=st.sampled_from(GROUPS))
    def somebody_moves_a_user_in_the_console(self, name, group):
        user, team = self.here.account.users.get(name), self.here.account.groups.get(group)
        if user and team:
            (team.remove if team in user.groups else team.add)(user)
            self.edited()

    @rule(name=st.sampled_from(POLICIES), group=st.sampled_from(GROUPS))
    def somebody_detaches_a_policy_in_the_console(self, name, group):
        team = self.here.account.groups.get(group)
        if team and team.managed_policies.pop(ARN.format(name), None):
            self.edited()

    def edited(self):
        self.is_reached = False
        self.here.past.remember(self.here.account)

    @precondition(lambda self: not self.is_reached)
    @rule()
    def two_applies_reach_what_is_declared(self):
        for _ in range(2):
            done = self.keeping_promises(lambda: self.here.apply(parallel=8))
            if done.code == 3:
                return  # a rule refuses it, for example because an edit made somebody unguarded
        assert done.code == 0, done.out[-2000:] + done.err
        assert self.here.is_planned_empty()
        self.is_reached = True

    def keeping_promises(self, run):
        """Run, and judge every state on the way against the one before and the one that is declared."""
        before, saved = self.here.seen(), self.here.saved()
        past = self.here.past
        after = self.reached_alone()
        self.here.restore(saved)
        self.here.past = past
        done = run()
        self.here.rules.rules.clear()
        if after is None:
            assert not self.here.states, "a refused plan wrote something"
        else:
            self.problem = broken(before, after, self.here.states, before.roles)
        self.is_reached = done.code == 0
        assert done.code in {None, 0, 3}, f"{done.code}: {done.out[-1500:]}{done.err}"
        return done

    def reached_alone(self):
        """Return the account that an undisturbed apply reaches, None if it is refused."""
        done = self.here.apply(parallel=8)
        assert done.code in {0, 3}, f"{done.code}: {done.out[-1500:]}{done.err}"
        return self.here.seen() if done.code == 0 else None

    @invariant()
    def no_promise_is_broken(self):
        assert self.problem is None, self.problem


def machine(examples, steps):
    run_state_machine_as_test(
        Over,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_fault_20_some_stories_of_an_account_keep_the_promises():
    machine(1, 5)


@pytest.mark.exhaustive
def test_fault_20_many_stories_of_an_account_keep_the_promises():
    machine(60, 12)
