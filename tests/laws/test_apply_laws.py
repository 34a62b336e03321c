"""Laws of plan and apply, over pairs of accounts and an IAM that refuses what IAM refuses.

Refusals of rules (guards, limits, an order that is not found) do not matter here: what a plan lists must run and
converge whether or not a rule lets it. ``account_pairs.pairs`` says what is left out because IAM cannot do it.
"""

import copy

import pytest
from account_pairs import ALLOWED, pairs, transition, without_due_keys, write_tree
from call_counts import count_calls
from effort import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from world import NOW

from iamctl.account.live import live_account
from iamctl.commands.propose import plan_data
from iamctl.commands.workspace import declared
from iamctl.planning.plan import compare, plan_of, review_of

FEW = settings(deadline=None, max_examples=examples(8), suppress_health_check=list(HealthCheck))
SOME = settings(FEW, max_examples=examples(12))
MANY = settings(FEW, max_examples=examples(120))
READS = ("Get", "List", "Generate")


def planned(before, after, directory):
    desired = declared(write_tree(directory, after), "test", "aws", NOW)
    return plan_of(review_of(compare(desired, live_account(before), NOW), allowed_removals=ALLOWED))


@SOME
@given(pairs())
def test_the_plan_between_equal_accounts_is_empty(tmp_path_factory, pair):
    account = without_due_keys(pair[0])
    plan = planned(account, copy.deepcopy(account), tmp_path_factory.mktemp("tree"))

    assert plan.changes == plan.calls == ()
    assert not plan.is_refused


@FEW
@given(pairs())
def test_applying_a_plan_reaches_the_desired_state_whatever_the_two_are(pair):
    with transition(*pair) as change:
        plan = change.finish()
    event(f"refused: {sorted({finding.rule for finding in plan.findings if finding.severity == 'refuse'})}")
    event(f"calls: {len(plan.calls) // 5 * 5}")


@pytest.mark.exhaustive
@MANY
@given(pairs())
def test_applying_many_plans_reaches_the_desired_state(pair):
    with transition(*pair) as change:
        change.finish()


@pytest.mark.exhaustive  # test_any_calls_that_hold_what_they_need has the same promise for more sets of calls
@FEW
@given(pairs(), st.randoms(use_true_random=False))
def test_after_a_crash_at_any_call_the_next_run_finishes(pair, dice):
    with transition(*pair) as change:
        plan = change.plan()
        change.execute(plan.calls[: dice.randint(0, len(plan.calls))])
        change.finish()


@pytest.mark.exhaustive
@settings(FEW, max_examples=examples(12))
@given(pairs())
def test_after_a_crash_at_each_call_the_next_run_finishes(pair):
    with transition(*pair) as change:
        count = len(change.plan().calls)
    for done in range(count + 1):
        with transition(*pair) as change:
            change.execute(change.plan().calls[:done])
            change.finish()


@FEW
@given(pairs(), st.randoms(use_true_random=False))
def test_any_calls_that_hold_what_they_need_run_and_leave_an_account_that_converges(pair, dice):
    with transition(*pair) as change:
        calls = change.plan().calls
        kept = closed(calls, dice)
        change.execute(kept)
        event(f"{len(kept) * 4 // max(1, len(calls))} quarters of the calls")
        change.finish()


@pytest.mark.exhaustive
@settings(FEW, max_examples=examples(60))
@given(pairs(), st.randoms(use_true_random=False))
def test_many_sets_of_calls_that_hold_what_they_need_run(pair, dice):
    with transition(*pair) as change:
        change.execute(closed(change.plan().calls, dice))
        change.finish()


def closed(calls, dice):
    """Return some of the calls with all that they need, in an order of its own that ``needs`` allows."""
    wanted = {call.index for call in calls if dice.random() < dice.choice((0.05, 0.3, 0.9))}
    for call in reversed(calls):
        if call.index in wanted:
            wanted.update(call.needs)
    left, found = [call for call in calls if call.index in wanted], []
    while left:
        done = {call.index for call in found}
        ready = [call for call in left if done.issuperset(call.needs)]
        chosen = dice.choice(ready)
        found.append(chosen)
        left.remove(chosen)
    return found


@pytest.mark.exhaustive
@SOME
@given(pairs(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_read_changes_nothing(tmp_path_factory, pair, dice):
    before, after = pair
    one = planned(before, after, tmp_path_factory.mktemp("tree"))
    other = planned(shuffled(before, dice), shuffled(after, dice), tmp_path_factory.mktemp("tree"))

    assert plan_data(one) == plan_data(other)


def shuffled(value, dice):
    """Return a snapshot with all lists but those of documents in another order."""
    if isinstance(value, dict):
        keys = list(value)
        dice.shuffle(keys)
        return {key: value[key] if "Document" in key else shuffled(value[key], dice) for key in keys}
    if isinstance(value, list):
        turned = [shuffled(part, dice) for part in value]
        dice.shuffle(turned)
        return turned
    return value


@pytest.mark.exhaustive
@FEW
@given(pairs())
def test_nothing_is_sent_that_the_plan_does_not_list(pair):
    with transition(*pair) as change:
        plan = change.plan()
        counts = count_calls(change.account.session)
        outcomes = change.account.apply(plan)

    listed = {}
    for call in plan.calls:
        listed[call.operation] = listed.get(call.operation, 0) + 1
    assert {name: count for name, count in counts.items() if not name.startswith(READS)} == listed
    assert [outcome.call for outcome in outcomes] == list(plan.calls)
