"""What an audit reads beyond users, groups, roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamctl.access.asserted import unread_documents
from iamctl.account.audit_facts import AuditFact
from iamctl.account.live import live_account
from iamctl.account.needs import Needs

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot
    from iamctl.source.live_source import LiveSource


def with_audit_reads(source: LiveSource, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with all that controls need, as far as it can be read."""
    snapshot = source.fetch(
        Needs.of(audit=[fact.value for fact in AuditFact if fact is not AuditFact.ACCOUNT_ALIASES]), snapshot
    )
    live = live_account(snapshot)
    if unread := unread_documents(live, [live.state]):
        snapshot = source.fetch(Needs.of(policy_documents=unread), snapshot)
    return snapshot
