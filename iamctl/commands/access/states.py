"""The state of an account that a question is about: live, declared, or as a plan would leave it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.account.live import Live, live_account
from iamctl.account.needs import Needs
from iamctl.commands.propose import propose
from iamctl.commands.workspace import declared, moment, open_tree, open_workspace
from iamctl.kinds import GroupPolicy, User, UserPolicy
from iamctl.kinds.arn import is_aws_managed
from iamctl.manifests import find_tree
from iamctl.model import Account, State
from iamctl.model.failures import UsageError
from iamctl.model.settings import Settings
from iamctl.rules import after_changes
from iamctl.source.live_source import LiveSource
from iamctl.source.open import SourceOptions, open_source
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_SETTINGS_FILE = "iamctl.yaml"


@dataclass(frozen=True)
class Wanted:
    """Which state of which account the command line names."""

    directory: Path | None
    source: SourceOptions
    account: str | None
    now: str | None
    declared: bool
    planned: bool


@dataclass(frozen=True)
class AccountState:
    """The users, groups, roles and policies that a question is about."""

    kind: str
    """``live``, ``declared`` or ``planned``."""
    account: Account
    now: datetime
    state: State
    people: People


def state_of(wanted: Wanted) -> AccountState:
    """Return the state that a question is about.

    Raises:
        UsageError: options exclude each other.
    """
    if wanted.declared and wanted.planned:
        raise UsageError("--declared and --planned exclude each other; use only one of them")
    now = moment(wanted.now)
    if wanted.declared:
        return _declared(wanted, now)
    return _planned(wanted, now) if wanted.planned else _live(wanted, now)


def _declared(wanted: Wanted, now: datetime) -> AccountState:
    for flag in ("profile", "region", "snapshot", "sandbox"):
        if getattr(wanted.source, flag):
            raise UsageError(f"--declared reads no account, so it excludes --{flag}; use only one of them")
    tree = open_tree(wanted.directory)
    found = declared(tree, tree.account(wanted.account).account_name, "aws", now, any_partition=True)
    live = Live(found.settings.account_id, found.partition, State({}))
    return _account_state("declared", live, found.state, found.settings.account_name, now)


def _live(wanted: Wanted, now: datetime) -> AccountState:
    """Return the account as it is; whether the manifests have mistakes does not matter."""
    settings = _settings(wanted)
    with open_source(replace(wanted.source, credentials="none"), settings, "plan", now) as source:
        snapshot = source.fetch(Needs())
        found = live_account(snapshot)
        live = _with_documents(source, found, found.state, snapshot)
    return _account_state("live", live, live.state, settings.account_name if settings else live.account_id, now)


def _settings(wanted: Wanted) -> Settings | None:
    """Return the settings of the account; None where the command line names no manifests and none are here."""
    here = find_tree(wanted.directory)
    if wanted.directory is None and wanted.account is None and not (here / _SETTINGS_FILE).exists():
        return None
    return open_tree(wanted.directory).account(wanted.account)


def _planned(wanted: Wanted, now: datetime) -> AccountState:
    with open_workspace(wanted.directory, wanted.source, account=wanted.account, now=now) as workspace:
        proposal = propose(workspace)
        after = after_changes(proposal.compared.scoped.whole, proposal.plan.changes)
        live = _with_documents(workspace.live, proposal.compared.live, after, proposal.snapshot)
    return _account_state("planned", live, after, workspace.desired.settings.account_name, now)


def _account_state(kind: str, live: Live, state: State, name: str, now: datetime) -> AccountState:
    people = People(PolicySources(live, state), state, now)
    return AccountState(kind, Account(live.account_id, name, live.partition), now, state, people)


def _with_documents(source: LiveSource, live: Live, state: State, snapshot: Snapshot) -> Live:
    """Return the account with the documents of all AWS-managed policies that users and roles have."""
    needs = Needs.of(policy_documents=_unread(live, state))
    return replace(live, aws_documents=live_account(source.fetch(needs, snapshot)).aws_documents) if needs else live


def _unread(live: Live, state: State) -> set[str]:
    found = {arn for role in live.roles for arn in (*role.policies, role.boundary) if arn}
    found |= {one.policy_arn for one in state if isinstance(one, (GroupPolicy, UserPolicy))}
    found |= {user.permissions_boundary for user in state.of_kind(User) if user.permissions_boundary}
    known = PolicySources(live, state).documents
    return {arn for arn in found if is_aws_managed(arn) and arn.lower() not in known}
