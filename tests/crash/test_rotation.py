"""Rotations that are killed, or lose an answer, at each call: never a third key, a key for nobody, or no working key.

``make test`` tries one kill of each state; ``make test-all`` all of them, and each lost answer.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyrage
import pytest
from command_line import NO_CREDENTIALS, UNLIMITED, account, user
from crashing import place
from faults import Rule, Rules, drop
from pyrage import x25519

OPS = x25519.Identity.generate()
OLD, NEW, IDLE = "AKIAOLDOLDOLDOLDOLD1", "AKIANEWNEWNEWNEWNEW1", "AKIAIDLEIDLEIDLEIDL1"
SECRET = "ci/key"  # the name of one


def day(days):
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key(name, created, used=None, status="Active"):
    last = {"AccessKeyLastUsed": {"LastUsedDate": day(used or 0), "Region": "us-east-1", "ServiceName": "s3"}}
    never = {"AccessKeyLastUsed": {"Region": "N/A", "ServiceName": "N/A"}}
    return {"AccessKeyId": name, "Status": status, "CreateDate": day(created), **(never if used is None else last)}


@dataclass(frozen=True)
class State:
    """The keys and tags of one user, and what the rotation makes of them."""

    keys: list
    tags: dict = field(default_factory=dict)
    retire: tuple = ()
    nobodys: tuple = ()
    """Keys that nobody has."""
    has_nothing: bool = False
    """Whether there is no working key in the beginning."""
    stored: str = OLD
    active: int = 2
    total: int = 2


INACTIVE = f"iamctl:inactive-since/{IDLE}"
STATES = {
    "due": State([key(OLD, 83, 1)]),
    "missing": State([], has_nothing=True, stored="", active=1, total=1),
    "room": State([key(OLD, 83, 1), key(IDLE, 200, 90, "Inactive")], {INACTIVE: day(20)[:10]}),
    "replaced": State([key(OLD, 90, 11), key(NEW, 20, 1)], stored=NEW, active=1),
    "leaked": State([key(OLD, 20, 1)], retire=(OLD,), active=1),
    "interrupted": State([key(OLD, 83, 1), key(NEW, 0)], {"iamctl:new-key": f"{day(0)[:10]} {OLD}"}, nobodys=(NEW,)),
    "begun": State([key(OLD, 83, 1)], {"iamctl:new-key": f"{day(0)[:10]} {OLD}"}),
}
SAMPLE = [("due", "secret", 3, "after"), ("interrupted", "age", 2, "before"), ("leaked", "secret", 4, "before")]
"""States of ``make test``, each with one kill: at which write, and when."""


class Rotation:
    """A user in one state, whose new keys go to a file or to a secret."""

    def __init__(self, here, state, deliver):
        self.here, self.state = here, state
        rotate = {
            "every": "80d",
            "overlap": "10d",
            "deliver": "age" if deliver == "age" else f"secretsmanager:{SECRET}",
        }
        keys = {"count": 1, "rotate": rotate, **({"retire": list(state.retire)} if state.retire else {})}
        settings = {"secrets": {"deliver": "age", "recipients": [str(OPS.to_public())]}, "limits": UNLIMITED}
        here.manifests({"users": {"ci": {"access_keys": keys}}}, **settings)
        self.deliver = deliver
        if state.stored:
            self.here.account.secrets.values = {SECRET: {"first": json.dumps({"AccessKeyId": state.stored})}}
        self.first = here.saved()
        self.known = {one["AccessKeyId"] for one in state.keys} - set(state.nobodys)
        self.watch()

    def watch(self):
        """Look at the account after each write."""
        self.problems = []
        rules = self.here.rules = Rules()
        rules += Rule(lambda _: self.problems.extend(self.problem()), "write", times=float("inf"), when="before")

    def begin(self):
        self.here.restore(self.first)
        for path in self.here.folder.glob("handover/*"):
            path.unlink()
        self.watch()

    @property
    def keys(self):
        return self.here.account.users["ci"].access_keys

    @property
    def handed(self):
        """The ids of the keys that somebody has."""
        files = [pyrage.decrypt(path.read_bytes(), [OPS]).decode() for path in self.here.folder.glob("handover/*.age")]
        stored = self.here.account.secrets.current(SECRET) if self.deliver != "age" else None
        found = {line.split()[-1] for text in files for line in text.splitlines() if line.startswith("Access key ID")}
        return found | ({json.loads(stored)["AccessKeyId"]} if stored else set())

    def problem(self):
        """Yield what is wrong with the account as it is."""
        active = {one.access_key_id for one in self.keys if one.status == "Active"}
        if len(self.keys) > 2:
            yield f"{len(self.keys)} keys"
        if not self.state.has_nothing and not active & (self.known | self.handed):
            yield "no working key in anybody's hands"
        stored = self.here.account.secrets.current(SECRET) if self.deliver != "age" else None
        if stored and json.loads(stored)["AccessKeyId"] not in active:
            yield "the secret holds a key that does not work"

    def finishes(self):
        """Run to the end and return what is wrong."""
        self.watch()
        done = self.here.apply()
        self.writes = len(self.here.writes)
        problems = [*self.problems, *self.problem()]
        if done.code != 0:
            problems.append(f"exit code {done.code}: {done.err or done.out[-3000:]}")
        problems += [
            f"nobody has {one.access_key_id}" for one in self.keys if one.access_key_id not in self.known | self.handed
        ]
        active = sum(one.status == "Active" for one in self.keys)
        if (active, len(self.keys)) != (self.state.active, self.state.total):
            problems.append(f"{active} of {len(self.keys)} keys are active")
        if "iamctl:new-key" in self.here.account.users["ci"].tag_values:
            problems.append("the note is left")
        if not self.here.is_planned_empty():
            problems.append("the plan is not empty")
        secrets = [one.secret_access_key for one in self.keys]
        if any(secret in done.out + done.err for secret in secrets):
            problems.append("the output shows a secret")
        return problems


@pytest.fixture
def rotation(tmp_path):
    def opened(name, deliver):
        return _opened(tmp_path, STATES[name], deliver)

    return opened


def _opened(folder, state, deliver):
    tags = [{"Key": name, "Value": value} for name, value in state.tags.items()]
    held = {"ci": {**NO_CREDENTIALS, "AccessKeyMetadata": state.keys}}
    return place(folder, account([user("ci", Tags=tags)], credentials=held)), state, deliver


def each(opened, disturb):
    """Disturb a run at each write, and return what is wrong after it and after the next one."""
    context, state, deliver = opened
    with context as here:
        tried = Rotation(here, state, deliver)
        assert tried.finishes() == []
        for number, when in disturb(tried.writes):
            tried.begin()
            yield tried, number, when


def killed(tried, number, when):
    tried.here.kill_at(number, when)
    done = tried.here.apply()
    assert done.code is None, (number, when, done.err)
    problems = [*tried.problems, *tried.problem()]
    return problems + tried.finishes()


def lost(tried, number, _):
    tried.here.rules += Rule(drop, "write", number, when="after")
    done = tried.here.apply()
    assert done.code in {0, 4}, (number, done.out)
    problems = [*tried.problems, *tried.problem()]
    return problems + tried.finishes()


def every(writes):
    return [(number, when) for number in range(1, writes + 1) for when in ("before", "after")]


@pytest.mark.parametrize(("name", "deliver", "number", "when"), SAMPLE)
def test_some_kills_leave_keys_that_the_next_run_finishes(name, deliver, number, when, rotation):
    context, state, _ = rotation(name, deliver)
    with context as here:
        assert killed(Rotation(here, state, deliver), number, when) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("deliver", ["age", "secret"])
@pytest.mark.parametrize("name", STATES)
def test_each_kill_leaves_keys_that_the_next_run_finishes(name, deliver, rotation):
    for tried, number, when in each(rotation(name, deliver), every):
        assert killed(tried, number, when) == [], (number, when)


@pytest.mark.exhaustive
@pytest.mark.parametrize("deliver", ["age", "secret"])
@pytest.mark.parametrize("name", STATES)
def test_each_lost_answer_leaves_keys_that_the_next_run_finishes(name, deliver, rotation):
    for tried, number, when in each(
        rotation(name, deliver), lambda writes: [(one, "") for one in range(1, writes + 1)]
    ):
        assert lost(tried, number, when) == [], number
