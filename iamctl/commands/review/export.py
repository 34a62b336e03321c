"""``iamctl review export``: export the population of an access review."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from iamctl import __version__
from iamctl.access.services import Services
from iamctl.account.live import live_account
from iamctl.account.needs import Needs
from iamctl.commands.audit_reads import with_audit_reads
from iamctl.commands.review.review_file import review_in
from iamctl.commands.workspace import Workspace, moment, open_workspace
from iamctl.comparison.review import Population, population
from iamctl.comparison.scope import scope
from iamctl.kinds.credentials import instant
from iamctl.manifests import find_tree
from iamctl.manifests.git import GitError, History
from iamctl.model import Account
from iamctl.report.review import review_report
from iamctl.rules import Review
from iamctl.source.open import SourceOptions
from iamctl.terminal.show import show

_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA")


def export(
    directory: Path | None,
    source: SourceOptions,
    *,
    account: str | None,
    now: str | None,
    previous: Path | None,
    output: str,
) -> int:
    """Print the table to fill in; return 0."""
    before = review_in(previous) if previous else None
    without_credentials = replace(source, credentials="none")
    with open_workspace(directory, without_credentials, account=account, now=moment(now)) as workspace:
        found = _population(workspace, directory)
    show(review_report(found, __version__, before), output)
    return 0


def _population(workspace: Workspace, directory: Path | None) -> Population:
    desired, now = workspace.desired, workspace.now
    snapshot = with_audit_reads(workspace.live, workspace.live.fetch(Needs()))
    live = replace(live_account(snapshot), caller_arn=workspace.live.caller_arn)
    rules = Review(desired, now, live, scope(desired, live.state, now), asserts_live=True)
    escalations, _ = rules.escalations
    found = population(
        Account(live.account_id, desired.settings.account_name, live.partition),
        live,
        desired.settings,
        desired.state,
        now=now,
        administrators=rules.administrators[0],
        ways={person: len(ways) for person in escalations.people() if (ways := escalations.ways(person))},
        services=Services(rules.sides[0]).of,
        taken_at=instant(snapshot.get("taken_at")),
    )
    return replace(found, about=_commit(find_tree(directory)))


def _commit(tree: Path) -> dict[str, str]:
    """Return the commit of the manifests, in CI also without git, and whether they differ from it."""
    try:
        history = History(tree)
        commit = history.commit("HEAD").id
        changed = {"uncommitted changes": "yes"} if history.is_changed else {}
    except GitError:
        commit = next((os.environ[name] for name in _COMMITS if os.environ.get(name)), "")
        changed = {}
    return {"commit": commit, **changed} if commit else {}
