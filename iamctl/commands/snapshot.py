"""``iamctl snapshot``: save the live state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iamctl.commands.clock import moment
from iamctl.source.live_source import Source, open_source, whole_snapshot
from iamctl.terminal.show import note


def snapshot(output: Path, source: Source) -> int:
    """Write the snapshot of the account that the credentials belong to."""
    from iamctl.account.snapshot_file import save_snapshot

    with open_source(source, None, "plan", moment(None)) as connection:
        found = whole_snapshot(connection)
    save_snapshot(output, found)
    note(f"{output}: account {connection.account_id}; {len(found['UserDetailList'])} users in it, {_known(found)}")
    return 0


def _known(snapshot: Mapping[str, Any]) -> str:
    """Return of whom a snapshot tells passwords and keys."""
    if report := snapshot.get("credential_report"):
        return f"with passwords and keys as the credential report of {report['GeneratedTime']} tells them"
    return f"with passwords and keys of {len(snapshot.get('credentials', {}))}"
