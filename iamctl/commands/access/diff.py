"""``iamctl access diff``: who gains and loses access by a plan, or between two manifest directories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from iamctl.access.delta import access_changes
from iamctl.account.live import Live
from iamctl.commands.propose import propose
from iamctl.commands.workspace import base_tree, declared, moment, open_base, open_tree, open_workspace, with_manifests
from iamctl.comparison.members import UnknownNameError
from iamctl.kinds import Group, Membership, User
from iamctl.model import Account, Address, IamctlError, Severity, State
from iamctl.model.failures import UsageError
from iamctl.report.access_diff import access_diff_report
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show
from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import did_you_mean

_ROLE = "role/"


@dataclass(frozen=True)
class _Pair:
    """Two states of one account."""

    kind: str
    """``planned``: the account before and after a plan; ``declared``: what two directories declare."""
    live: Live
    before: State
    after: State
    desired: State
    """What the manifests declare, with the ends of memberships."""
    account: Account
    refused: int = 0
    """How many findings refuse the plan."""


def diff(
    directory: Path | None,
    source: SourceOptions,
    *,
    users: Sequence[str],
    groups: Sequence[str],
    is_declared: bool,
    is_full: bool,
    account: str | None,
    now: str | None,
    base: Path | None,
    output: str,
) -> int:
    """Print who gains and loses access; return 0, whether or not anything changes.

    Raises:
        UsageError: options exclude each other or need each other.
        UnknownNameError: a user, role or group of the command line exists in neither state.
    """
    time = moment(now)
    pair = _declared(directory, source, account, time, base) if is_declared else None
    if pair is None:
        pair = _planned(directory, source, account, time, base)
    only = _selected(pair, users, groups)
    changes = access_changes(pair.live, pair.before, pair.after, pair.desired, time, only)
    show(access_diff_report(changes, pair.account, pair.kind, time, refused=pair.refused, is_full=is_full), output)
    return 0


def _planned(
    directory: Path | None, source: SourceOptions, account: str | None, now: datetime, base: Path | None
) -> _Pair:
    from iamctl.rules import after_changes

    with open_workspace(directory, source, account=account, now=now, base=base) as workspace:
        proposal = propose(workspace)
    plan, compared = proposal.plan, proposal.compared
    whole = compared.scoped.whole
    after = after_changes(whole, plan.changes)
    refused = sum(finding.severity is Severity.REFUSE for finding in plan.findings)
    return _Pair("planned", compared.live, whole, after, compared.desired.state, plan.account, refused)


def _declared(
    directory: Path | None, source: SourceOptions, account: str | None, now: datetime, base: Path | None
) -> _Pair:
    if base is None:
        raise UsageError("--declared compares two manifest directories; name the one before the change with --base")
    for flag in ("profile", "region", "snapshot", "sandbox"):
        if getattr(source, flag):
            raise UsageError(f"--declared reads no account, so it excludes --{flag}; use only one of them")
    tree = open_tree(directory)
    found = declared(tree, tree.account(account).account_name, "aws", now, any_partition=True)
    settings = found.settings
    was = open_base(base, tree, allow_loosening=False)
    was = with_manifests(was, base_tree(base), settings, found.partition, now)
    if was is None or was.desired is None:
        message = f"the manifests in {str(base)!r} have errors or do not declare account {settings.account_name!r}"
        raise IamctlError(f"{message}; check them with iamctl validate")
    live = Live(settings.account_id, found.partition, State({}))
    named = Account(live.account_id, settings.account_name, live.partition)
    return _Pair("declared", live, was.desired.state, found.state, found.state, named)


def _selected(pair: _Pair, users: Iterable[str], groups: Iterable[str]) -> frozenset[Address] | None:
    """Return the people whom the command line selects; None for all. Members are those before or after."""
    states = pair.before, pair.after
    wanted: set[Address] | None = None
    if named := [_user(pair, name) for name in users]:
        wanted = set(named)
    if in_groups := {_known(Group.kind, name, _names(states, Group)) for name in groups}:
        members = {
            Address.of(User.kind, one.user)
            for state in states
            for one in state.of_kind(Membership)
            if Address.of(Group.kind, one.group) in in_groups
        }
        wanted = members if wanted is None else wanted & members
    return None if wanted is None else frozenset(wanted)


def _user(pair: _Pair, name: str) -> Address:
    if name.startswith(_ROLE):
        return _known("role", name.removeprefix(_ROLE), [role.name for role in pair.live.roles])
    return _known(User.kind, name, _names((pair.before, pair.after), User))


def _known(kind: str, name: str, known: Iterable[str]) -> Address:
    addresses = {Address.of(kind, one): one for one in known}
    if Address.of(kind, name) not in addresses:
        hint = did_you_mean(name[:256], addresses.values())
        raise UnknownNameError(f"no {kind} {name!r} exists before or after the change{hint}")
    return Address.of(kind, name)


def _names(states: Iterable[State], kind: type[User | Group]) -> list[str]:
    return [one.name for state in states for one in state.of_kind(kind)]
