"""How long it takes to order ten thousand calls, in a process set up as iamctl sets its own up.

``python -m benchmarks.ordering CASE`` prints calls, calls without a safe place, and CPU seconds.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator

from iamctl.account.live import Live
from iamctl.cli.process import collect_seldom
from iamctl.comparison.diff import diff
from iamctl.kinds import Group, GroupPolicy, Membership, Policy, User
from iamctl.model import Resource, State
from iamctl.order import order
from iamctl.order.holdings import holdings
from iamctl.policy import Document

USERS, GROUPS, POLICIES = 3_300, 150, 300

_ACCOUNT_ID = "123456789012"
_DENIES_EACH = 50
"""One of so many policies has a Deny beside its Allows, and everybody is in the group that holds the first of them."""


def order_cost(case: str) -> tuple[int, int, float]:
    """Return the number of calls, how many of them have no safe place, and the CPU seconds of ordering them."""
    live, desired = State.of(_resources(before=True, case=case)), State.of(_resources(before=False, case=case))
    changes, held = diff(live, desired), holdings(Live(_ACCOUNT_ID, "aws", live), live)
    started = time.process_time()
    ordered = order(changes, held)
    return len(ordered.calls), len(ordered.impossible), time.process_time() - started


def _resources(*, before: bool, case: str) -> Iterator[Resource]:
    yield from (User(name=f"user-{number}") for number in range(USERS))
    yield from (Group(name=f"group-{number}") for number in range(GROUPS))
    edited = not before and case == "everything"
    yield from (_policy(number, "Edited" if edited else "") for number in range(POLICIES))
    yield from (GroupPolicy(group=group, policy_arn=arn) for group, arn in sorted(_attached(2 if edited else 1)))
    yield from (Membership(group=group, user=user) for group, user in sorted(_members(1 if before else 2)))


def _policy(number: int, edit: str) -> Policy:
    service = f"service{number % 40}"
    statements = [("Allow", f"{service}:Get*"), ("Allow", f"{service}:List{number}{edit}")]
    if number % _DENIES_EACH == 0:
        statements.append(("Deny", f"{service}:Delete*"))
    blocks = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in statements]
    document = Document.from_data({"Version": "2012-10-17", "Statement": blocks})
    return Policy(name=f"policy-{number}", document=document, arn=_arn(number))


def _arn(number: int) -> str:
    return f"arn:aws:iam::{_ACCOUNT_ID}:policy/policy-{number}"


def _attached(seed: int) -> set[tuple[str, str]]:
    """Return three random policies for each group; the first group always has the first policy."""
    chosen = random.Random(seed)
    held = {(f"group-{group}", _arn(chosen.randrange(1, POLICIES))) for group in range(1, GROUPS) for _ in range(3)}
    return held | {("group-0", _arn(0))}


def _members(seed: int) -> set[tuple[str, str]]:
    """Return the first group and two random ones for each user; from one seed to the next three of four users move."""
    chosen, before = random.Random(seed), random.Random(1)
    members = {("group-0", f"user-{user}") for user in range(USERS)}
    for user in range(USERS):
        new = {chosen.randrange(1, GROUPS) for _ in range(2)}
        old = {before.randrange(1, GROUPS) for _ in range(2)}
        members |= {(f"group-{group}", f"user-{user}") for group in (new if user % 4 else old)}
    return members


if __name__ == "__main__":
    collect_seldom()
    json.dump(order_cost(sys.argv[1]), sys.stdout)
