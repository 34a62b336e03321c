"""A walk of days, uses and interrupted runs: never a third key, no working key, or a key that nobody has."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from iamctl.account.live import live_account
from iamctl.kinds import User
from iamctl.kinds.rotation import RotationRule
from iamctl.model import State
from iamctl.model.settings import AccessKeySettings, Desired, Secrets, Settings
from iamctl.planning.plan import make_plan

EVERY, OVERLAP, WAIT = 12, 2, 3
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
SECRET = "ci/key"  # the name of one
ENOUGH_DAYS = EVERY + OVERLAP + WAIT + 40


class Account:
    """One user of an account, and the world around it."""

    def __init__(self, *, is_stored):
        self.now, self.is_stored = START, is_stored
        self.keys, self.tags, self.hands, self.current = {}, {}, set(), None
        self.number = 0
        rule = RotationRule(timedelta(EVERY), timedelta(OVERLAP), SECRET if is_stored else None)
        settings = Settings(
            "prod",
            "123456789012",
            access_keys=AccessKeySettings(delete_after_days=WAIT),
            secrets=Secrets("age", recipients=("age1ours",)),
        )
        self.desired = Desired(settings, "aws", State.of([User(name="ci", access_keys=1, rotation=rule)]))

    @property
    def live(self):
        held = [
            {
                "AccessKeyId": name,
                "Status": key["status"],
                "CreateDate": key["created"].isoformat(),
                "AccessKeyLastUsed": {"LastUsedDate": key["used"].isoformat()} if key["used"] else {},
            }
            for name, key in self.keys.items()
        ]
        facts = {"LoginProfile": None, "MFADevices": [], "SSHPublicKeys": [], "Certificates": []}
        tags = [{"Key": name, "Value": value} for name, value in self.tags.items()]
        return live_account(
            {
                "account": {"id": "123456789012", "partition": "aws"},
                "UserDetailList": [{"UserName": "ci", "Arn": "arn:aws:iam::123456789012:user/ci", "Tags": tags}],
                "GroupDetailList": [],
                "Policies": [],
                "credentials": {"ci": {**facts, "ServiceSpecificCredentials": [], "AccessKeyMetadata": held}},
                "secrets": {SECRET: {"Exists": True, "AccessKeyId": self.current}},
            }
        )

    def run(self, crash=None, *, is_carried_out=False):
        """Apply the plan; with ``crash`` the run ends at that call, whose effect may or may not take place."""
        had_one = bool(self.settled)
        plan = make_plan(self.desired, self.live, now=self.now)
        for number, call in enumerate(plan.calls):
            if number == crash and not is_carried_out:
                return False
            self.carry_out(call, is_answered=number != crash)
            self.check(had_one=had_one)
            had_one = had_one or bool(self.settled)
            if number == crash:
                return False
        assert set(self.keys) <= self.hands, "a key that nobody has"
        assert "iamctl:new-key" not in self.tags
        return True

    def carry_out(self, call, *, is_answered):
        params = call.params
        match call.operation:
            case "TagUser":
                self.tags |= {tag["Key"]: tag["Value"] for tag in params["Tags"]}
            case "UntagUser":
                self.tags = {name: value for name, value in self.tags.items() if name not in params["TagKeys"]}
            case "UpdateAccessKey":
                self.keys[params["AccessKeyId"]]["status"] = params["Status"]
            case "DeleteAccessKey":
                del self.keys[params["AccessKeyId"]]
            case "CreateAccessKey":
                self.number += 1
                self.made = f"AKIA{self.number:016}"
                self.keys[self.made] = {"status": "Active", "created": self.now, "used": None}
                if is_answered and not self.is_stored:
                    self.hands.add(self.made)
            case "PutSecretValue":
                self.current = self.made
                self.hands.add(self.made)
            case other:
                raise AssertionError(other)

    @property
    def working(self):
        return [name for name, key in self.keys.items() if key["status"] == "Active" and name in self.hands]

    @property
    def settled(self):
        """The working keys but one whose creation was interrupted and that nobody used: its file may be lost."""
        note = self.tags.get("iamctl:new-key")
        return [name for name in self.working if note is None or name in note.split() or self.keys[name]["used"]]

    def check(self, *, had_one):
        assert len(self.keys) <= 2, "a third key"
        if had_one:
            assert self.working, "no working key"
        if self.current:
            assert self.keys.get(self.current, {}).get("status") == "Active", "the secret holds a dead key"

    def use(self, *, newest):
        """Let a job use a key that it has: of a secret, the current one."""
        usable = sorted(self.working, key=lambda name: self.keys[name]["created"])
        if usable:
            chosen = self.current if self.is_stored and newest else usable[-1 if newest else 0]
            if chosen:
                self.keys[chosen]["used"] = self.now

    @property
    def is_fresh(self):
        """Whether there is one key, and it is not due."""
        ages = [self.now - key["created"] for key in self.keys.values()]
        return len(ages) == 1 and ages[0] < timedelta(EVERY) and bool(self.working)


STEPS = st.one_of(
    st.tuples(st.just("days"), st.integers(1, 20)),
    st.tuples(st.just("use"), st.booleans()),
    st.tuples(st.just("run"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("run"), st.none(), st.just(value=False)),
)


@given(st.booleans(), st.lists(STEPS, max_size=25))
@example(False, [("run", 1, True)])
@example(False, [("run", 2, False)])
@example(True, [("run", 2, True), ("run", 1, True), ("run", 3, False)])
def test_no_walk_leaves_a_job_without_a_key(is_stored, steps):
    account = Account(is_stored=is_stored)
    for step, *values in steps:
        match step:
            case "days":
                account.now += timedelta(values[0])
            case "use":
                account.use(newest=values[0])
            case _:
                account.run(values[0], is_carried_out=values[1])

    for _ in range(ENOUGH_DAYS):
        account.now += timedelta(1)
        account.run()
        account.use(newest=True)
        if account.is_fresh:
            break
    assert account.is_fresh, account.keys
