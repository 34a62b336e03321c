"""``iamctl apply``: plan, show, ask, run the calls, read again."""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl import __version__
from iamctl.commands.clock import moment
from iamctl.commands.comparing import held_to, open_base
from iamctl.commands.declaring import declared, open_tree
from iamctl.commands.handing_over import check_terminal, handed_over, note_handed_over, open_handover
from iamctl.commands.proposing import Proposal, plan_data, propose, removals
from iamctl.model import Outcome, OutcomeStatus, Plan
from iamctl.model.failures import StaleError, UsageError
from iamctl.model.settings import Desired
from iamctl.report.reports import outcome_report, plan_report
from iamctl.source.live_source import Connection, Source, open_source
from iamctl.terminal.call_progress import Telling
from iamctl.terminal.progress import progress
from iamctl.terminal.prompt import typed
from iamctl.terminal.show import note, show
from iamctl.terminal.volume import say
from iamctl.text.counted import counted

if TYPE_CHECKING:
    from iamctl.apply.journal import Journal
    from iamctl.handover.delivery import Handover

JOURNAL = Path(".iamctl/journal")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_STALE = (
    "this plan is {}, and not the one that --expect-digest names: the manifests or the account have changed since, or "
    "time has done it. Nothing was done; look at this plan, and expect it"
)


@dataclass(frozen=True)
class _Run:
    """What one apply was asked for."""

    desired: Desired
    connection: Connection
    now: datetime
    allowed: Mapping[str, int]
    only_expired: bool
    allow_self: bool

    def propose(self, made: frozenset[str] = frozenset()) -> Proposal:
        return propose(
            self.desired,
            self.connection,
            now=self.now,
            allowed_removals=self.allowed,
            only_expired=self.only_expired,
            allow_self=self.allow_self,
            made=made,
        )


def apply(
    directory: Path | None,
    source: Source,
    *,
    account: str | None,
    now: str | None,
    output: str,
    allow_removals: list[str],
    allow_self: bool,
    base: Path | None,
    allow_loosening: bool,
    yes: bool,
    expect_digest: str | None,
    only_expired: bool,
    show_calls: bool,
) -> int:
    """Carry the plan out; return 0 when it converged, 3 when refused, 4 when only a part of it was done.

    Raises:
        StaleError: there is something to do, and it is not what ``expect_digest`` stands for.
    """
    _check_usage(now if not source.sandbox else None, expect_digest, yes=yes)
    at, allowed = moment(now), removals(allow_removals)
    tree = open_tree(directory)
    was = open_base(base, tree, allow_loosening=allow_loosening)
    settings = tree.account(account)
    desired = declared(tree, settings.account_name, "aws", at)
    with open_source(source, settings, "apply", at) as connection:
        if connection.partition != desired.partition:
            desired = declared(tree, settings.account_name, connection.partition, at)
        run = _Run(held_to(was, desired), connection, at, allowed, only_expired, allow_self)
        proposal = run.propose()
        plan = proposal.plan
        data = plan_data(plan)
        if output != "json":
            show(plan_report(plan, data, show_calls=show_calls), output)
        is_stale = bool(expect_digest and plan.changes and plan.plan_digest != expect_digest)
        if is_stale or plan.is_refused or not plan.changes:
            if output == "json":
                show(outcome_report(data, (), (), converged=None if plan.is_refused or is_stale else True), output)
            if is_stale:
                raise StaleError(_STALE.format(plan.plan_digest))
            return 3 if plan.is_refused else 0
        check_terminal(plan, run.desired.settings.secrets)
        if not yes and not _confirmed(plan):
            note("nothing was changed")
            return 1
        return _carry_out(run, proposal, data, output)


def _check_usage(now: str | None, expect_digest: str | None, *, yes: bool) -> None:
    if now:
        raise UsageError("--now sets the clock of apply only with --sandbox")
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("there is no terminal to ask on; review the plan, then say --yes")
    if expect_digest is not None and not _DIGEST.fullmatch(expect_digest):
        raise UsageError(f"--expect-digest {expect_digest!r} is not the digest at the end of a plan: sha256:...")


def _confirmed(plan: Plan) -> bool:
    sys.stderr.write("\n")
    calls = "this call" if len(plan.calls) == 1 else f"these {counted(len(plan.calls), 'call')}"
    note(f"Apply {calls} to {plan.account.name} ({plan.account.id})?")
    sys.stderr.write("Only 'yes' is accepted: ")
    sys.stderr.flush()
    return typed().strip() == "yes"


@dataclass(frozen=True)
class _Record:
    """What is told of one apply at its end."""

    run: _Run
    plan: Mapping[str, Any]
    output: str
    journal: Path
    restore: str | None
    handover: Handover | None
    outcomes: list[Outcome]

    def tell(self, left: Sequence[str], *, converged: bool | None) -> None:
        report = outcome_report(
            self.plan,
            self.outcomes,
            left,
            converged=converged,
            journal=str(self.journal),
            restore=self.restore,
            handover=handed_over(self.handover, self.outcomes),
            only_expired=self.run.only_expired,
        )
        show(report, self.output)


def _carry_out(run: _Run, proposal: Proposal, data: Mapping[str, Any], output: str) -> int:
    from iamctl.apply.interrupt import Interrupted
    from iamctl.apply.journal import Journal
    from iamctl.apply.run import JournalLostError
    from iamctl.apply.summary import exit_code

    plan, outcomes = proposal.plan, list[Outcome]()
    journal = Journal.create(JOURNAL, plan_digest=plan.plan_digest, account_id=plan.account.id, version=__version__)
    with journal:
        restore = _write_down(proposal, journal.path)
        secrets, read_policy = run.desired.settings.secrets, run.connection.password_policy
        handover = open_handover(plan, secrets, read_policy, journal.path.stem)
        record = _Record(run, data, output, journal.path, restore, handover, outcomes)
        try:
            _send(plan, record, journal)
            left = tuple(str(change.address) for change in _remaining(run, outcomes).changes)
        except (Interrupted, JournalLostError):
            record.tell((), converged=None)
            raise
        except BaseException:
            note_handed_over(handover, outcomes)
            raise
    record.tell(left, converged=not left)
    return exit_code(outcomes) or (4 if left else 0)


def _send(plan: Plan, record: _Record, journal: Journal) -> None:
    """Send the calls one by one, and keep what became of each."""
    from iamctl.apply.params import no_secret
    from iamctl.apply.run import Spreading
    from iamctl.apply.run import run as run_calls

    execute = record.run.connection.execute
    assert execute is not None
    secrets = record.run.desired.settings.secrets
    with progress(is_wanted=not (secrets and secrets.deliver == "terminal")) as line:
        telling = Telling(line, len(plan.calls))
        calls = run_calls(
            plan.calls,
            execute,
            journal=journal,
            sleep=time.sleep,
            random=random.random,
            clock=time.monotonic,
            secret=record.handover or no_secret,
            spreading=Spreading(plan.relies_on, record.run.connection.spread_seconds),
            waiting=telling.waits,
        )
        for outcome in calls:
            record.outcomes.append(outcome)
            telling.ends(outcome)


def _write_down(proposal: Proposal, journal: Path) -> str | None:
    """Write the users, groups and policies that go down, beside the journal; return where, or None where none goes.

    Raises:
        RestoreFileError: it cannot be written.
    """
    from iamctl.apply.restore import restore_facts, write_restore_file

    facts = restore_facts(proposal.plan, proposal.snapshot, __version__)
    if facts is None:
        return None
    path = journal.with_suffix(".restore.json")
    write_restore_file(path, facts)
    return str(path)


def _remaining(run: _Run, outcomes: Sequence[Outcome]) -> Plan:
    """Read again until the account is as desired, or IAM had its time to become consistent."""
    done = (outcome.call for outcome in outcomes if outcome.status is OutcomeStatus.DONE)
    made = frozenset(call.params["UserName"] for call in done if call.operation == "CreateUser")
    remaining = run.propose(made).plan
    if all(outcome.status is OutcomeStatus.DONE for outcome in outcomes):
        for seconds in run.connection.settle_seconds:
            if not remaining.changes:
                break
            say(f"waiting {seconds:.0f} s: what AWS tells is not yet as it was made")
            time.sleep(seconds)
            remaining = run.propose(made).plan
    return remaining
