"""``iamctl snapshot``: save the live state."""

from __future__ import annotations

from pathlib import Path

from iamctl.commands.clock import moment
from iamctl.commands.live_source import Source, open_source, whole_snapshot
from iamctl.commands.show import note


def snapshot(output: Path, source: Source) -> int:
    """Write the snapshot of the account that the credentials belong to."""
    from iamctl.aws.snapshot_file import save_snapshot

    with open_source(source, None, "plan", moment(None)) as connection:
        found = whole_snapshot(connection)
    save_snapshot(output, found)
    known = len(found.get("credentials", {}))
    users = len(found["UserDetailList"])
    note(f"{output}: account {connection.account_id}; {users} users in it, with passwords and keys of {known}")
    return 0
