"""What the answer to every question about access begins with: which account, and in which state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from iamctl.model import Account
from iamctl.report.access_words import LIMITS, NOT_COUNTED
from iamctl.report.blocks import Line, Span, line
from iamctl.text.moment import to_the_second

_STATES = {"live": "as it is now", "declared": "as the manifests declare it", "planned": "after the plan"}
STATES = tuple(_STATES)


def asked_about(account: Account, state: str) -> str:
    """Return the account and its state, such as "acme (111122223333, aws), after the plan"."""
    named = account.id if account.name == account.id else f"{account.name} ({account.id}, {account.partition})"
    return f"{named}, {_STATES[state]}"


def limits(state: str) -> Line:
    """Return what the answer considers, and what it does not."""
    more = " Undeclared users and roles are not known." if state == "declared" else ""
    return line(Span(f"{LIMITS}{more}", "dim"))


def question_json(name: str, account: Account, now: datetime, state: str) -> dict[str, Any]:
    """Return what the JSON of every question begins with."""
    return {
        "format": name,
        "created_at": to_the_second(now),
        "account": {"id": account.id, "name": account.name, "partition": account.partition},
        "state": state,
        "not_counted": list(NOT_COUNTED),
    }
