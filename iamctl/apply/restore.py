"""The restore file: users, groups and policies as they were before deletion, without secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamctl.apply.journal import linked_part
from iamctl.handover.on_disk import sync_directory
from iamctl.kinds import root_kinds
from iamctl.model import Action, IamctlError, Plan

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

FORMAT = "iamctl-restore/1"


class RestoreFileError(IamctlError):
    """The restore file cannot be written; nothing is removed without it."""


def restore_facts(plan: Plan, snapshot: Snapshot, version: str) -> dict[str, Any] | None:
    """Return all that ``snapshot`` tells of the resources of their own that the plan removes, by section and name.

    None where it removes none of them. The format is ``iamctl-restore/1`` (``schemas/restore.schema.json``): facts in
    AWS's words, with the members of groups and the holders of policies beside them. Facts that are not known are left
    out.
    """
    going = {kind: _going(plan, kind.kind) for kind in root_kinds() if kind.section and kind.section.restored}
    if not any(going.values()):
        return None
    return {
        "format": FORMAT,
        "iamctl_version": version,
        "account": {"id": plan.account.id, "partition": plan.account.partition},
        "plan_digest": plan.plan_digest,
        "taken_at": snapshot.get("taken_at"),
        **{kind.section.name: kind.to_restore(snapshot, names) for kind, names in going.items() if kind.section},
    }


def write_restore_file(path: Path, facts: Mapping[str, Any]) -> None:
    """Write the facts to a new file that only its owner reads; they are on disk when this returns.

    Raises:
        RestoreFileError: they are not, or a link stands on the way.
    """
    if link := linked_part(path.parent):
        raise RestoreFileError(f"{link} is a symbolic link; remove it or replace it with a folder. Nothing was sent")
    rest = memoryview((json.dumps(facts, indent=2, ensure_ascii=True) + "\n").encode("ascii"))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(path.parent)
    except OSError as error:
        raise RestoreFileError(
            f"{path}: the restore file cannot be written: {error.strerror}. Nothing was sent"
        ) from error


def _going(plan: Plan, kind: str) -> frozenset[str]:
    """Return the names of what the plan removes of a kind, in lower case."""
    gone = (change for change in plan.changes if change.action is Action.DELETE and change.address.kind == kind)
    return frozenset(change.address.name.lower() for change in gone)
