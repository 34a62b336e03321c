"""The promises that every state on the way must keep, and searches through the states that an apply can reach."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from oracle_access import NOBODY, Access, access, request_words, rules
from oracle_account import Account, RefusedError, after_call
from oracle_plans import Planned, World, planned

from iamctl.model import Call

STATES = 300
"""How many sets of calls of one plan are looked at before random runs stand for the rest."""


class Standing(NamedTuple):
    """What a person may do, and how they sign in."""

    access: Access = NOBODY
    login: bool | None = False
    device: bool = False

    @property
    def exposed(self) -> bool:
        return self.login is not False and not self.access.guarded

    @property
    def with_password_alone(self) -> bool:
        return self.login is not False and not self.device


@dataclass(frozen=True)
class Sides:
    """What everybody may do before and after, by uid."""

    before: dict[str, Standing]
    after: dict[str, Standing]
    rulers: int = 0
    """How few administrators there may be on the way; 0 where iamctl cannot read all documents."""

    @classmethod
    def of(cls, world: World) -> Sides:
        rulers = 0 if world.unread else min(_rulers(world.before), _rulers(world.after))
        return cls(_everybody(world.before), _everybody(world.after), rulers)


def _everybody(account: Account) -> dict[str, Standing]:
    return {
        person.uid: Standing(access(account, person), person.login, bool(person.devices)) for person in account.people()
    }


def _rulers(account: Account) -> int:
    return sum(rules(account, person) for person in account.people())


def broken_promise(sides: Sides, now: Account) -> str | None:
    """Return the first promise that a state breaks, in words."""
    for uid, standing in _everybody(now).items():
        before, after = sides.before.get(uid, Standing()), sides.after.get(uid, Standing())
        held, old, new = standing.access, before.access, after.access
        gained = held.allowed & ~(old.allowed | new.allowed)
        if gained:
            return f"{uid} gains {request_words(gained)}"
        if standing.exposed and not (before.exposed or after.exposed):
            return f"{uid} has a password and no guard"
        if standing.with_password_alone and not (before.with_password_alone or after.with_password_alone):
            return f"{uid} has a password and no device"
        if uid in sides.before and uid in sides.after and old.denied & ~held.denied and new.denied & ~held.denied:
            return f"{uid} has neither the Denies of before nor those of after"
    if sides.rulers and _rulers(now) < sides.rulers:
        return f"fewer than {sides.rulers} administrators are left"
    return None


def run(account: Account, calls: Sequence[Call]) -> Iterator[Account]:
    """Yield the account after each call.

    Raises:
        RefusedError: IAM would not take one of them.
    """
    for call in calls:
        account = after_call(account, call.operation, call.params)
        yield account


def broken_plan(plan: Planned, chance: random.Random) -> str | None:
    """Return what is wrong with a plan that iamctl says is safe: a prefix, an order that ``needs`` allow, a failure."""
    sides = Sides.of(plan.world)
    if any(need >= call.index for call in plan.calls for need in call.needs):
        return "a call needs a later one"
    try:
        states = list(run(plan.world.before, plan.calls))
        for index, account in enumerate(states):
            if problem := broken_promise(sides, account):
                return f"after call {index}: {problem}"
        final = states[-1] if states else plan.world.before
        if final.meaning() != plan.world.after.meaning():
            return "the calls do not reach what is desired"
        return _broken_subset(plan, sides, chance)
    except RefusedError as error:
        return f"refused: {error}"


def _broken_subset(plan: Planned, sides: Sides, chance: random.Random) -> str | None:
    """Look at all sets of calls that ``needs`` allow, or at random runs and single failures where there are many."""
    seen: dict[frozenset[int], Account] = {frozenset(): plan.world.before}
    queue = [frozenset[int]()]
    while queue and len(seen) < STATES:
        done = queue.pop(0)
        for call in ready(plan.calls, done):
            account = after_call(seen[done], call.operation, call.params)
            reached = done | {call.index}
            if reached in seen:
                if seen[reached].meaning() != account.meaning():
                    return f"the order of {sorted(reached)} decides what they reach"
                continue
            if problem := broken_promise(sides, account):
                return f"with the calls {sorted(reached)} alone: {problem}"
            seen[reached] = account
            queue.append(reached)
    return _broken_run(plan, sides, chance) if queue else None


def _broken_run(plan: Planned, sides: Sides, chance: random.Random) -> str | None:
    failures = [None, None, None, *chance.sample(range(len(plan.calls)), min(5, len(plan.calls)))]
    for failing in failures:
        account, done = plan.world.before, frozenset[int]()
        while found := [call for call in ready(plan.calls, done) if call.index != failing]:
            call = chance.choice(found)
            account = after_call(account, call.operation, call.params)
            done |= {call.index}
            if problem := broken_promise(sides, account):
                return f"with the calls {sorted(done)} alone: {problem}"
    return None


def broken_view(plan: Planned, chance: random.Random, tries: int = 4) -> str | None:
    """Return what is wrong while IAM shows some calls late: each call with any of the earlier ones not seen yet.

    A call that is seen is seen with those that it waits for, and what it names exists. What IAM would refuse without an
    unseen call has no effect until that call is seen.
    """
    with_it = _with_those_they_wait_for(plan)
    sides = replace(Sides.of(plan.world), rulers=0)
    start = replace(plan.world.before, groups_per_user=99, policies_per_group=99)
    for call in plan.calls:
        for _ in range(tries):
            share = chance.choice((0.2, 0.5, 0.8))
            late = [
                index
                for index in range(call.index)
                if index not in with_it[call.index] and not _makes(plan.calls[index])
            ]
            hidden = {index for index in late if chance.random() < share}
            seen = [one for one in plan.calls[: call.index + 1] if not hidden & with_it[one.index]]
            if problem := broken_promise(sides, _seen(start, seen)):
                return f"with only {[one.index for one in seen]} seen: {problem}"
    return None


def _makes(call: Call) -> bool:
    makers = {"CreateUser", "CreateGroup", "CreatePolicy", "UpdateGroup", "DeletePolicyVersion"}
    return call.operation in makers or "NewUserName" in call.params


def _with_those_they_wait_for(plan: Planned) -> Mapping[int, set[int]]:
    """Return each call with all that it waits for, directly or not; a call waits for earlier ones."""
    found: dict[int, set[int]] = {}
    for call in plan.calls:
        waits = plan.ordered.relies_on.get(call.index, ())
        found[call.index] = {call.index}.union(*(found[one] for one in waits))
    return found


def _seen(account: Account, calls: Sequence[Call]) -> Account:
    for call in calls:
        try:
            account = after_call(account, call.operation, call.params)
        except RefusedError:
            continue
    return account


def ready(calls: Sequence[Call], done: Collection[int]) -> list[Call]:
    return [call for call in calls if call.index not in done and all(need in done for need in call.needs)]


def stopped(plan: Planned, chance: random.Random) -> World:
    """Return the world in which a run of the plan ended at a random point, with what is desired still the same."""
    account, done = plan.world.before, frozenset[int]()
    for _ in range(chance.randint(1, len(plan.calls))):
        call = chance.choice(ready(plan.calls, done))
        account = after_call(account, call.operation, call.params)
        done |= {call.index}
    return replace(plan.world, before=account)


def is_finished(plan: Planned) -> bool:
    """Return whether nothing is left to do once all calls have run."""
    final = [plan.world.before, *run(plan.world.before, plan.calls)][-1]
    return planned(replace(plan.world, before=final)).changes == ()


def safe_order(plan: Planned) -> tuple[int, ...] | None:
    """Return an order of the plan's calls that keeps every promise, found by trying all; None where there is none.

    What calls need is what IAM refuses, not what the plan says.
    """
    sides = Sides.of(plan.world)
    everything = frozenset(range(len(plan.calls)))
    dead: set[frozenset[int]] = set()

    def search(account: Account, done: tuple[int, ...]) -> tuple[int, ...] | None:
        if len(done) == len(everything):
            return done
        for index in sorted(everything.difference(done)):
            reached = frozenset((*done, index))
            if reached in dead:
                continue
            dead.add(reached)
            try:
                now = after_call(account, plan.calls[index].operation, plan.calls[index].params)
            except RefusedError:
                dead.discard(reached)  # another order may get there
                continue
            if broken_promise(sides, now) is None and (found := search(now, (*done, index))):
                return found
        return None

    return search(plan.world.before, ())
