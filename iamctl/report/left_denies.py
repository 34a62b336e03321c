"""Temporary policies that a run put on users and did not remove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamctl.model import Outcome, OutcomeStatus
from iamctl.model.transition import names_transition
from iamctl.report.blocks import Line, Span, line

_PERHAPS = frozenset({OutcomeStatus.DONE, OutcomeStatus.UNKNOWN})
_GONE = frozenset({OutcomeStatus.DONE, OutcomeStatus.ALREADY_GONE})


def left_deny_lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield one line for each temporary policy that is still, or may be, on a user."""
    for put in outcomes:
        policy = str(put.call.params.get("PolicyName", ""))
        is_put = put.call.operation == "PutUserPolicy" and names_transition(policy)
        if not is_put or put.status not in _PERHAPS:
            continue
        names = _names(str(put.call.params["UserName"]), outcomes)
        removals = [outcome.status for outcome in outcomes if _removes(outcome, policy, names)]
        if _GONE.isdisjoint(removals):
            is_sure = put.status is OutcomeStatus.DONE and OutcomeStatus.UNKNOWN not in removals
            state = "is still" if is_sure else "may still be"
            where = f"temporary policy {policy} {state} on {' or '.join(names)}"
            yield line(Span(where, "warn"), ": it only denies, and the next apply removes it after all other calls.")


def _names(user: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Return what a user is called after a run, by all names that are possible."""
    for outcome in outcomes:
        params = outcome.call.params
        if params.get("UserName") == user and "NewUserName" in params and outcome.status in _PERHAPS:
            new = str(params["NewUserName"])
            return [new] if outcome.status is OutcomeStatus.DONE else [user, new]
    return [user]


def _removes(outcome: Outcome, policy: str, names: Sequence[str]) -> bool:
    params = outcome.call.params
    is_removal = outcome.call.operation == "DeleteUserPolicy" and params.get("PolicyName") == policy
    return is_removal and params.get("UserName") in names
