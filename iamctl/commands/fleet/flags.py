"""What a command line says about every account, as data in a task, and as options again in the worker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from iamctl.model.fleet import AccountTask
from iamctl.source.open import SourceOptions
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_FILE_NAME = late_pattern(r"\w[\w .@+-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class Flags:
    """What a command line says about every account of a run."""

    source: SourceOptions = field(default_factory=SourceOptions)
    """Where the live accounts are; a snapshot or a sandbox is a folder with one file for each account."""
    directory: str = "."
    """What commands in reports name as the manifest directory."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """The flags of the command, by the name of the parameter; values that JSON has."""

    def of(self, account: str, account_id: str) -> dict[str, Any]:
        """Return what the task of an account says."""
        source = self.source
        return {
            **self.others,
            "directory": self.directory,
            "profile": source.profile,
            "region": source.region,
            "credentials": source.credentials,
            "snapshot": _file_of(source.snapshot, account, account_id),
            "sandbox": _file_of(source.sandbox, account, account_id),
        }


def _file_of(folder: Path | None, account: str, account_id: str) -> str | None:
    """Return the file of an account in a folder of snapshots or sandboxes; None without a folder.

    It has the name of the account. Names of an organization may hold anything, also ``../``; then it has the id.
    """
    return str(folder / f"{account if _FILE_NAME.fullmatch(account) else account_id}.json") if folder else None


def source_options(task: AccountTask) -> SourceOptions:
    """Return where the live account of a task is; the name of its sessions carries the run."""
    flags = task.flags
    options = SourceOptions(
        profile=flags.get("profile"),
        region=flags.get("region"),
        snapshot=_path(flags.get("snapshot")),
        sandbox=_path(flags.get("sandbox")),
        credentials="exact" if flags.get("credentials") == "exact" else "auto",
    )
    return replace(options, session_name=f"iamctl-{task.run_id}")


def _path(text: Any) -> Path | None:
    return Path(text) if text else None
