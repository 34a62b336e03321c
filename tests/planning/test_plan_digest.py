"""The digest of a plan changes with what it would do, and with whom it would do it to."""

from datetime import UTC, datetime

from iamctl.kinds import Group, Membership, User
from iamctl.live import Live
from iamctl.model import State
from iamctl.planning import make_plan
from iamctl.settings import Desired, Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PEOPLE = (User(name="alice"), Group(name="dev"))


def digest(live, *, now=NOW, joined=True):
    desired = State.of((*PEOPLE, Membership(group="dev", user="alice")) if joined else PEOPLE)
    wanted = Desired(Settings("prod", "123456789012"), "aws", desired)
    return make_plan(wanted, Live("123456789012", "aws", State.of(live)), now=now).plan_digest


def alice(user_id):
    return (User(name="alice", user_id=user_id), Group(name="dev", group_id="AGPA1"))


def test_a_user_made_anew_under_the_same_name_is_another_promise():
    assert digest(alice("AIDA1")) != digest(alice("AIDA2"))


def test_the_time_is_no_part_of_the_promise():
    assert digest(alice("AIDA1")) == digest(alice("AIDA1"), now=datetime(2027, 1, 1, tzinfo=UTC))


def test_other_calls_are_another_promise():
    assert digest(alice("AIDA1")) != digest(alice("AIDA1"), joined=False)
