"""When the revocations of an access review were merged and applied, by facts from commits and journals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from iamctl.comparison.reviewed import Row
from iamctl.kinds import Membership, User
from iamctl.model import Address, Origin, OutcomeStatus
from iamctl.model.evidence import Applied, Commit, Evidence, Merged, NotApplied, NotMerged, RevokingCall
from iamctl.model.recorded_run import RecordedRun
from iamctl.model.settings import Desired
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of

_TAKES: Mapping[str, str] = {Membership.kind: "RemoveUserFromGroup", User.kind: "DeleteUser"}
_GIVES: Mapping[str, str] = {Membership.kind: "AddUserToGroup", User.kind: "CreateUser"}
_NEGATIVE: Mapping[OutcomeStatus, NotApplied] = {
    OutcomeStatus.FAILED: NotApplied.FAILED,
    OutcomeStatus.UNKNOWN: NotApplied.UNKNOWN,
}


@dataclass(frozen=True)
class DeclaredThen:
    """What the manifests of one commit said."""

    declared: Mapping[Address, Origin | None]
    """The users and memberships with their places."""
    removed: frozenset[Address] = frozenset()


@dataclass(frozen=True)
class Step:
    """A commit of the main line with what its manifests said; None where they cannot be read."""

    commit: Commit
    then: DeclaredThen | None


@dataclass(frozen=True)
class Revocation:
    """A row of a review that is to be revoked."""

    address: Address
    was_declared: bool
    row: Row

    def is_in(self, then: DeclaredThen) -> bool:
        """Tell whether manifests take it away: a membership that none declares, a user whom ``removed`` lists."""
        if self.address in then.removed:
            return True
        is_absent = self.address not in then.declared
        return is_absent and (self.was_declared or self.address.kind == Membership.kind)


def revocations(rows: Iterable[Row]) -> tuple[Revocation, ...]:
    """Return what rows with the decision to revoke are about."""
    return tuple(Revocation(_address(row["key"]), row.get("declared") == "yes", row) for row in rows)


def declared_then(desired: Desired) -> DeclaredThen:
    """Return what the manifests of a commit say about users and memberships."""
    found = {one.address: one.origin for one in desired.state if isinstance(one, (User, Membership))}
    return DeclaredThen(found, frozenset(desired.removed))


def merges(wanted: Iterable[Revocation], history: Iterable[Step]) -> Mapping[Address, Merged]:
    """Return by which commit each revocation came into the manifests.

    ``history`` has the commits of the main line, newest first, and last the one that the review saw; it is read no
    farther than needed.
    """
    steps = iter(history)
    newest = next(steps, None)
    if newest is None or newest.then is None:
        return {one.address: Merged(why=NotMerged.UNREADABLE) for one in wanted}
    found = dict[Address, Merged]()
    open_ones = dict[Address, tuple[Revocation, Merged]]()
    for one in wanted:
        if one.is_in(newest.then):
            open_ones[one.address] = one, Merged(newest.commit, newest.commit)
        else:
            place = newest.then.declared.get(one.address)
            is_listed = one.address in newest.then.declared
            why = NotMerged.STILL_DECLARED if is_listed else NotMerged.NOT_LISTED
            found[one.address] = Merged(why=why, place=place)
    while open_ones and (step := next(steps, None)):
        for address, (one, so_far) in list(open_ones.items()):
            if step.then is None:
                open_ones[address] = one, replace(so_far, unread=so_far.unread + 1)
            elif one.is_in(step.then):
                open_ones[address] = one, Merged(step.commit, step.commit)
            else:
                found[address] = so_far
                del open_ones[address]
    for address, (one, _) in open_ones.items():
        found[address] = Merged(why=NotMerged.ALREADY_ABSENT if one.was_declared else NotMerged.NOT_NEEDED)
    return found


@dataclass(frozen=True)
class NamedRun:
    """A run of apply with the name of its journal."""

    journal: str
    run: RecordedRun


def applied(wanted: Revocation, runs: Sequence[NamedRun], since: datetime) -> Applied:
    """Return which call since the review carried a revocation out; ``runs`` are those of the account.

    The last call decides: one that gave back what another took is no revocation.
    """
    calls = [call for run in runs for call in _calls(wanted.address, run) if call.at >= since]
    if not calls:
        is_seen = any(_moment(one.run.ended_at or one.run.started_at) >= since for one in runs)
        return Applied(why=NotApplied.NO_CALL if is_seen else NotApplied.NO_JOURNAL)
    last = max(calls, key=lambda call: call.at)
    if last.status in _NEGATIVE:
        return Applied(last, _NEGATIVE[last.status])
    return Applied(last, NotApplied.UNDONE if last.operation == _GIVES[wanted.address.kind] else None)


def _calls(address: Address, named: NamedRun) -> Iterator[RevokingCall]:
    """Yield the calls of a run that took something away, or were to, and those that gave it back."""
    for outcome in named.run.outcomes:
        call = outcome.call
        if call.service != "iam" or _subject(call.operation, call.params, address.kind) != address:
            continue
        is_refused_gift = call.operation == _GIVES[address.kind] and outcome.status is OutcomeStatus.FAILED
        if outcome.status is OutcomeStatus.NOT_STARTED or is_refused_gift:
            continue
        at = _moment(named.run.times.get(call.index) or named.run.started_at)
        yield RevokingCall(named.journal, call.operation, at, outcome.status, outcome.error)


def _subject(operation: str, params: Mapping[str, object], kind: str) -> Address | None:
    if operation not in {_TAKES[kind], _GIVES[kind]}:
        return None
    names = ("GroupName", "UserName") if kind == Membership.kind else ("UserName",)
    return Address.of(kind, *(str(params.get(name, "")) for name in names))


def evidence_of(
    wanted: Iterable[Revocation], found: Mapping[Address, Merged], runs: Sequence[NamedRun], since: datetime
) -> tuple[Evidence, ...]:
    """Return what is known of each revocation."""
    return tuple(
        Evidence(
            one.address,
            one.row.get("ticket", ""),
            one.row.get("reviewer", ""),
            one.row.get("decided_on", ""),
            found[one.address],
            applied(one, runs, since),
        )
        for one in wanted
    )


def _address(key: str) -> Address:
    kind, *parts = key.split("/")
    return Address.of(kind, *parts)


def _moment(text: str) -> datetime:
    """Return the moment in a journal; what is no moment is before every review."""
    try:
        return start_of(text)
    except (ValueError, OverflowError):
        return start_of("0001-01-01")
