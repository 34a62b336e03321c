"""``iamctl snapshot``: save the live state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iamctl.account.audit_facts import AuditFact, audit_facts
from iamctl.account.needs import Needs
from iamctl.commands.audit_reads import with_audit_reads
from iamctl.commands.workspace import moment
from iamctl.source.live_source import whole_snapshot
from iamctl.source.open import SourceOptions, open_source
from iamctl.terminal.show import note

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot


def snapshot(output: Path, source: SourceOptions, *, with_audit: bool) -> int:
    """Write the snapshot of the account that the credentials belong to, perhaps with what only an audit reads."""
    from iamctl.account.snapshot_file import save_snapshot

    with open_source(source, None, "plan", moment(None)) as live:
        found = whole_snapshot(live)
        if with_audit:
            found = with_audit_reads(live, live.fetch(Needs.of(audit=[AuditFact.ACCOUNT_ALIASES]), found))
    save_snapshot(output, found)
    note(f"{output}: account {live.account_id}; {len(found['UserDetailList'])} users in it, {_known(found)}")
    for reason in dict.fromkeys(audit_facts(found).unread.values()):
        note(f"not read: {reason}")
    return 0


def _known(snapshot: Snapshot) -> str:
    """Return for which users a snapshot has passwords and keys."""
    if report := snapshot.get("credential_report"):
        return f"with passwords and keys from the credential report of {report['GeneratedTime']}"
    return f"with passwords and keys of {len(snapshot.get('credentials', {}))}"
