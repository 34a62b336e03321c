"""How long the proofs about access take, in a process set up as iamctl sets its own up.

``python -m benchmarks.access CASE`` prints the people who are touched, how many gain or lose, and CPU seconds.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from iamctl.access.delta import changes_between
from iamctl.account.live import Live
from iamctl.cli.process import collect_seldom
from iamctl.comparison.diff import diff
from iamctl.comparison.scoped import Scoped
from iamctl.kinds import Group, GroupInlinePolicy, Membership, User
from iamctl.kinds.credentials import Credentials
from iamctl.model import Resource, State
from iamctl.model.settings import Desired, Settings
from iamctl.policy import Document
from iamctl.policy.normalized import normalize
from iamctl.proof.engine import Engine, Side
from iamctl.proof.universe import Universe
from iamctl.rules import Review, check

USERS, GROUPS = 5_000, 300
STATEMENTS, ROUNDS = 50, 20
RULES = frozenset({"IAM111", "IAM113", "IAM408", "IAM412", "IAM418", "IAM425", "IAM426", "IAM427", "IAM450"})
"""The rules that decide by proofs."""
CASES = ("an Allow more for everybody", "the MFA guard of everybody goes")

_NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
_ACCOUNT_ID = "123456789012"
_SERVICES = ("s3", "sqs", "sns", "dynamodb", "lambda", "ec2", "logs", "kms", "ecs", "rds", "iam", "sts")
_VERBS = ("Get*", "List*", "Describe*", "Put*", "Delete*", "Create*", "*")
_GUARD = {
    "Effect": "Deny",
    "NotAction": ["iam:ChangePassword", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
_OWN = {
    "Effect": "Allow",
    "Action": ["iam:ChangePassword", "iam:*AccessKey", "iam:*MFADevice"],
    "Resource": "arn:aws:iam::*:user/${aws:username}",
}
_MORE = {"Effect": "Allow", "Action": "cloudwatch:GetMetric*", "Resource": "*"}


def milliseconds() -> float:
    """Return the CPU milliseconds of comparing fifty statements with as many of which a tenth is new, both ways."""
    chance = random.Random(1)
    pairs = [_pair(chance) for _ in range(ROUNDS)]
    patterns = {action for pair in pairs for one in pair for action in one["Action"]}
    engine = Engine(Universe(sorted(patterns)), _NOW)
    sides = []
    for kept, old, new in ((pair[: STATEMENTS - 5], pair[-10:-5], pair[-5:]) for pair in pairs):
        both = [
            engine.statements(normalize({"Version": "2012-10-17", "Statement": [*kept, *more]})) for more in (old, new)
        ]
        sides.append([Side(one.allow, one.deny) for one in both])
    started = time.process_time()
    for before, after in sides:
        engine.gains(before, after)
        engine.gains(after, before)
    return 1000 * (time.process_time() - started) / ROUNDS


def people(case: str) -> tuple[int, int, float]:
    """Return how many people a plan touches, how many gain or lose, and the CPU seconds of all proofs about it."""
    whole, desired = State.of(_resources(before=True, case=case)), State.of(_resources(before=False, case=case))
    live, changes = Live(_ACCOUNT_ID, "aws", whole), diff(whole, desired)
    wanted = Desired(Settings("prod", _ACCOUNT_ID), "aws", desired)
    scoped = replace(Scoped(State({}), State({}), State({})), live=whole, desired=desired, whole=whole)
    review = Review(wanted, _NOW, live, scoped, changes)
    started = time.process_time()
    check(review, "plan", RULES)
    found = changes_between(*review.sides, desired)
    seconds = time.process_time() - started
    return len(review.touched), max(found.gaining, found.losing), seconds


def _pair(chance: random.Random) -> list[dict[str, Any]]:
    return [_statement(chance, number) for number in range(STATEMENTS + 5)]


def _statement(chance: random.Random, number: int) -> dict[str, Any]:
    service = chance.choice(_SERVICES)
    found: dict[str, Any] = {
        "Effect": "Deny" if chance.random() < 0.15 else "Allow",
        "Action": [f"{service}:{verb}" for verb in chance.sample(_VERBS, 2)],
        "Resource": "*" if chance.random() < 0.3 else f"arn:aws:{service}:*:*:{chance.choice('abc')}-{number % 40}*",
    }
    if chance.random() < 0.3:
        found["Condition"] = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
    return found


def _resources(*, before: bool, case: str) -> Iterator[Resource]:
    chance = random.Random(2)
    exact = Credentials(has_password=True, access_keys=(), has_mfa=True, is_exact=True)
    yield Group(name="everyone")
    guard = [] if case == CASES[1] and not before else [_GUARD]
    more = [_MORE] if case == CASES[0] and not before else []
    yield _inline("everyone", [*guard, _OWN, *more])
    for number in range(GROUPS):
        yield Group(name=f"group-{number}")
        found = [_statement(chance, number) for _ in range(6)]
        yield _inline(f"group-{number}", [one for one in found if not one["Action"][0].startswith("iam:")] or [_MORE])
    for number in range(USERS):
        name = f"user-{number}"
        yield User(name=name, credentials=exact)
        yield Membership(group="everyone", user=name)
        for group in chance.sample(range(GROUPS), chance.randint(1, 7)):
            yield Membership(group=f"group-{group}", user=name)


def _inline(group: str, statements: list[dict[str, Any]]) -> GroupInlinePolicy:
    document = Document.from_data({"Version": "2012-10-17", "Statement": statements})
    return GroupInlinePolicy(group=group, name="policy", document=document)


if __name__ == "__main__":
    collect_seldom()
    wanted = " ".join(sys.argv[1:])
    sys.stdout.write(json.dumps(people(wanted) if wanted in CASES else milliseconds()))
