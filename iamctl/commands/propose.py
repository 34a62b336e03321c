"""Reads the account as far as a plan needs it, and makes the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from iamctl import __version__
from iamctl.account.live import Live, live_account
from iamctl.account.needs import Needs
from iamctl.commands.workspace import Workspace
from iamctl.kinds import removal_limits
from iamctl.model import IamctlError, Plan
from iamctl.model.failures import UsageError
from iamctl.planning.plan import Comparison, compare, plan_of, review_of
from iamctl.planning.plan_json import plan_json
from iamctl.rules import Review
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot


@dataclass(frozen=True)
class Proposal:
    """A plan, and the account as it was read for it."""

    plan: Plan
    snapshot: Snapshot
    compared: Comparison
    """What the plan was made from."""
    review: Review
    """What the rules have asked about the plan, for whoever asks the same."""


def propose(
    workspace: Workspace,
    *,
    allowed_removals: Mapping[str, int] | None = None,
    only_due: bool = False,
    allow_self: bool = False,
    allow_transition: bool = False,
    made: frozenset[str] = frozenset(),
    asserts_live: bool = False,
    trusts_report: bool = False,
    read: Snapshot | None = None,
) -> Proposal:
    """Read the account and return the plan for it, each call checked offline against AWS's own service model.

    ``made`` are the users whom this run created. With ``asserts_live`` assertions are judged on the account as it is.
    ``read`` is the account where it was read already. With ``trusts_report`` who has no password in the credential report is asked for only where the plan is about them.

    Raises:
        IamctlError: the read is not complete, or IAM would reject a call.
    """
    from iamctl.aws.check import check_calls

    compared, snapshot = _compared(workspace, made, trusts_report=trusts_report, read=read)
    review = review_of(
        compared,
        allowed_removals=allowed_removals or {},
        only_due=only_due,
        allow_self=allow_self,
        allow_transition=allow_transition,
        asserts_live=asserts_live,
    )
    plan = plan_of(review)
    if problems := check_calls(plan.calls):
        raise IamctlError("IAM would reject these calls, so nothing was changed: " + "; ".join(problems))
    return Proposal(plan, snapshot, compared, review)


def compare_read(workspace: Workspace, read: Snapshot) -> Comparison:
    """Return the comparison of manifests with an account that was read already, and with what else they need of it."""
    return _compared(workspace, frozenset(), trusts_report=True, read=read)[0]


def _compared(
    workspace: Workspace, made: frozenset[str], *, trusts_report: bool, read: Snapshot | None
) -> tuple[Comparison, Snapshot]:
    """Return the comparison, and the snapshot with all that it needs."""
    from iamctl.aws.check import has_session_limits

    source = workspace.live

    def live_in(snapshot: Snapshot, known: Live | None = None) -> Live:
        found = live_account(snapshot, known)
        return replace(found, caller_arn=source.caller_arn, has_session_limits=has_session_limits())

    snapshot, fetched = read or source.fetch(Needs()), Needs()
    compared = compare(workspace.desired, live_in(snapshot), workspace.now)
    while needs := compared.needs(fetched, made, trusts_report=trusts_report):
        before, fetched = snapshot, fetched | needs
        snapshot = source.fetch(needs, before)
        if snapshot is before:  # the source knows no more
            continue
        live = live_in(snapshot, compared.live)
        if needs.is_documents_only or live.state is compared.live.state:
            compared = compared.knowing(live)
        else:
            compared = compare(workspace.desired, live, workspace.now)
    return compared, snapshot


def plan_data(plan: Plan, access: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON of a plan made by this version."""
    return plan_json(plan, __version__, access)


MOST_DIGITS = 10
"""No account has as many things as a number with this many digits."""


def removals(texts: Iterable[str]) -> dict[str, int]:
    """Return what ``--allow-removals`` permits, by limit.

    Raises:
        UsageError: a text is not of the form ``users=3``.
    """
    allowed = {}
    for text in texts:
        name, _, count = text.partition("=")
        if name not in removal_limits() or not (count.isascii() and count.isdecimal() and len(count) < MOST_DIGITS):
            raise UsageError(
                f"--allow-removals {text!r} is not of the form NAME=N; NAME is one of {', '.join(removal_limits())}"
            )
        allowed[name] = int(count)
    return allowed
