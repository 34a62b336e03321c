"""Laws of the schedule: what it gives out, in whichever order and with whichever results calls end."""

import pytest
from apply_world import call
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from iamctl.apply.schedule import Schedule, Spreading
from iamctl.apply.targets import targets

NAMES = ("a", "B", "b", "c")


@st.composite
def calls(draw):
    found = []
    for index in range(draw(st.integers(0, 12))):
        needs = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        kind = draw(st.sampled_from(("CreateUser", "AddUserToGroup", "AttachGroupPolicy", "DetachUserPolicy")))
        params = {"UserName": draw(st.sampled_from(NAMES))}
        if kind == "AddUserToGroup":
            params["GroupName"] = draw(st.sampled_from(NAMES))
        if kind == "AttachGroupPolicy":
            params = {"GroupName": draw(st.sampled_from(NAMES)), "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        found.append(call(index, kind, needs, **params))
    return found


@st.composite
def plans(draw):
    found = draw(calls())
    relied = {
        one.index: tuple(draw(st.sets(st.integers(0, one.index - 1), max_size=2)))
        for one in found
        if one.index and draw(st.booleans())
    }
    return found, Spreading(relied, draw(st.sampled_from((0.0, 3.0, 15.0))))


class Played:
    """A run in which chance says how many calls are under way, which one ends next, and how."""

    def __init__(self, plan, dice, width):
        self.calls, self.spreading = plan
        self.schedule = Schedule(self.calls, self.spreading)
        self.now = 0.0
        self.under_way = {}
        self.taken_at = {}
        self.reached_at = {}
        self.failed = set()
        self.sent = []
        self.offs = 20
        while True:
            while len(self.under_way) < width and (taken := self.schedule.take(self.now)):
                self.started(taken)
            if not self.under_way:
                if self.schedule.wakes_at is None:
                    break
                assert self.schedule.wakes_at > self.now
                self.now = self.schedule.wakes_at
                continue
            if self.schedule.wakes_at is not None and dice.random() < 0.3:
                self.now = max(self.now, self.schedule.wakes_at)
                continue
            self.now += dice.random()
            self.ended(dice.choice(sorted(self.under_way)), dice)

    def started(self, taken):
        assert taken.index not in self.under_way
        assert not any(targets(taken) & targets(other) for other in self.under_way.values())
        assert self.reached_at.keys() >= set(taken.needs)
        for relied in self.spreading.relies_on.get(taken.index, ()):
            if relied in self.reached_at:
                assert self.now >= self.reached_at[relied] + self.spreading.seconds
            else:
                assert relied not in self.under_way
        self.under_way[taken.index] = taken
        self.sent.append(taken.index)

    def ended(self, index, dice):
        del self.under_way[index]
        fate = dice.random()
        if fate < 0.2 and self.offs:
            self.offs -= 1
            self.schedule.put_off(index, self.now + 5 * dice.random())
            return
        is_reached = fate < 0.85
        self.schedule.end(index, self.now, is_reached=is_reached)
        if is_reached:
            self.reached_at[index] = self.now
        else:
            self.failed.add(index)


@settings(max_examples=examples(300), deadline=None)
@given(plans(), st.randoms(use_true_random=False), st.integers(1, 8))
def test_all_that_no_failure_hinders_ends_and_nothing_else_starts(plan, dice, width):
    played = Played(plan, dice, width)
    hindered = set()
    for one in played.calls:
        if set(one.needs) & (hindered | played.failed):
            hindered.add(one.index)

    ended = played.reached_at.keys() | played.failed
    assert ended == {one.index for one in played.calls} - hindered
    assert len(played.sent) == len(ended) + (20 - played.offs)
    left = list(played.schedule.left())
    assert [one.index for one, _ in left] == sorted(hindered)
    for one, root in left:
        assert root == min(found for found in roots(played, one))


def roots(played, one):
    """Return the failed calls at the root of what is not started."""
    for need in one.needs:
        if need in played.failed:
            yield need
        elif need not in played.reached_at:
            yield from roots(played, next(other for other in played.calls if other.index == need))


@settings(max_examples=examples(100), deadline=None)
@given(calls())
def test_one_after_the_other_they_come_in_plan_order(found):
    schedule, taken = Schedule(found), []
    while one := schedule.take(0.0):
        taken.append(one)
        schedule.end(one.index, 0.0, is_reached=True)

    assert taken == found


@settings(max_examples=examples(100), deadline=None)
@given(plans())
def test_what_is_put_off_again_and_again_is_not_given_up_by_the_schedule(plan):
    found, spreading = plan
    schedule, now, offs = Schedule(found, spreading), 0.0, 3 * len(found)
    ended = 0
    while ended < len(found):
        one = schedule.take(now)
        if one is None:
            now = schedule.wakes_at
        elif offs:
            offs -= 1
            schedule.put_off(one.index, now + 1)
        else:
            ended += 1
            schedule.end(one.index, now, is_reached=True)
    assert list(schedule.left()) == []


def test_a_call_that_waits_to_be_seen_lets_the_others_pass():
    schedule = Schedule([call(0), call(1, needs=[0]), call(2)], Spreading({1: (0,)}, 15.0))
    schedule.take(0.0)
    schedule.end(0, 4.0, is_reached=True)

    assert schedule.take(4.0).index == 2
    assert schedule.take(4.0) is None
    assert schedule.wakes_at == 19.0
    assert [(wait.call.index, wait.relied.index, wait.until) for wait in schedule.new_waits()] == [(1, 0, 19.0)]
    assert schedule.new_waits() == []
    assert schedule.take(18.9) is None
    assert schedule.take(19.0).index == 1


ACCOUNT = "arn:aws:iam::123456789012:policy"


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("CreateUser", {"UserName": "Ann", "PermissionsBoundary": f"{ACCOUNT}/x/Bound"}, {"user/ann"}),
        ("UpdateUser", {"UserName": "Ann", "NewUserName": "Bea"}, {"user/ann", "user/bea"}),
        ("AddUserToGroup", {"UserName": "Ann", "GroupName": "G"}, {"user/ann", "group/g"}),
        ("UpdateGroup", {"GroupName": "G", "NewGroupName": "H"}, {"group/g", "group/h"}),
        ("PutGroupPolicy", {"GroupName": "G", "PolicyName": "p", "PolicyDocument": "{}"}, {"group/g"}),
        ("DeleteUserPolicy", {"UserName": "Ann", "PolicyName": "p"}, {"user/ann"}),
        ("CreatePolicy", {"PolicyName": "P", "Path": "/x/"}, {"policy/p"}),
        ("AttachGroupPolicy", {"GroupName": "G", "PolicyArn": f"{ACCOUNT}/x/P"}, {"group/g", "policy/p"}),
        ("AttachGroupPolicy", {"GroupName": "G", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, {"group/g"}),
        ("DeletePolicyVersion", {"PolicyArn": f"{ACCOUNT}/P", "VersionId": "v1"}, {"policy/p"}),
        ("DeleteVirtualMFADevice", {"SerialNumber": "arn:aws:iam::1:mfa/Ann"}, {"device/arn:aws:iam::1:mfa/ann"}),
        ("DeleteAccessKey", {"UserName": "Ann", "AccessKeyId": "AKIA"}, {"user/ann"}),
    ],
)
def test_the_targets_of_a_call_are_what_it_changes(operation, params, expected):
    assert targets(call(0, operation, **params)) == expected


def test_a_crowd_at_one_group_takes_no_longer_than_its_calls():
    crowd = [call(index, "AddUserToGroup", UserName=f"u{index}", GroupName="g") for index in range(20_000)]
    schedule, ended = Schedule(crowd), 0
    while one := schedule.take(0.0):
        assert schedule.take(0.0) is None
        schedule.end(one.index, 0.0, is_reached=True)
        ended += 1

    assert ended == 20_000
