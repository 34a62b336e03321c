"""Which accounts a run is about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from iamctl.manifests import Tree
from iamctl.model import IamctlError
from iamctl.model.failures import UsageError
from iamctl.model.fleet import FAILURES, AccountOutcome, AccountResult

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")
_NOT_DONE = FAILURES | {AccountOutcome.NOT_STARTED, AccountOutcome.SKIPPED}
_ENDED_WELL = (0, 2)


@dataclass(frozen=True)
class Selection:
    """What a command line says about the accounts of a run."""

    patterns: Sequence[str] = ()
    failed_of: Path | None = None
    """The JSON lines of an earlier run, of which those accounts are wanted that did not end well."""
    shard: str | None = None
    """``I/N``: the part ``I`` of ``N`` equal ones."""


def selected(tree: Tree, selection: Selection) -> list[str]:
    """Return the names of the accounts of a run, in the order of iamctl.yaml.

    Raises:
        UsageError: a pattern or a wave matches no account, or the shard is not one.
        IamctlError: the earlier results cannot be read.
    """
    ids = {name: settings.account_id for name, settings in tree.accounts.items()}
    for pattern in selection.patterns:
        if not any(fnmatchcase(name, pattern) or pattern == ids[name] for name in ids):
            raise UsageError(f"--select {pattern!r} matches no account; the accounts are {', '.join(ids)}")
    found = [
        name
        for name in ids
        if not selection.patterns
        or any(fnmatchcase(name, pattern) or pattern == ids[name] for pattern in selection.patterns)
    ]
    if selection.failed_of:
        failed = failed_accounts(read_results([selection.failed_of]))
        found = [name for name in found if ids[name] in failed]
    if selection.shard:
        part, parts = _shard(selection.shard)
        found = [name for name in found if shard_of(ids[name], parts) == part]
    return found


def _shard(text: str) -> tuple[int, int]:
    match = _SHARD.fullmatch(text)
    if not match or int(match[1]) > int(match[2]):
        raise UsageError(f"--shard {text!r} is not a shard; use 1/4 to 4/4 for four shards")
    return int(match[1]), int(match[2])


def shard_of(account_id: str, parts: int) -> int:
    """Return the shard of an account, from 1; it depends on nothing but its id and the number of shards."""
    return int.from_bytes(hashlib.sha256(account_id.encode()).digest()[:8]) % parts + 1


def failed_accounts(results: Iterable[AccountResult]) -> frozenset[str]:
    """Return the ids of the accounts that did not end well, or were not looked at."""
    return frozenset(
        result.account_id for result in results if result.outcome in _NOT_DONE or result.exit not in _ENDED_WELL
    )


def read_results(files: Iterable[Path]) -> list[AccountResult]:
    """Return the results in files of JSON lines; of two about one account, the one that comes later.

    Raises:
        IamctlError: a file cannot be read, or a line is not a result.
    """
    found: dict[str, AccountResult] = {}
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not valid UTF-8"
            raise IamctlError(f"{file}: the results cannot be read: {reason}") from error
        for number, text in enumerate(lines, 1):
            if text.strip():
                result = _result(text, f"{file}:{number}")
                found.pop(result.account_id, None)
                found[result.account_id] = result
    return list(found.values())


def _result(text: str, place: str) -> AccountResult:
    try:
        data = json.loads(text)
        if not isinstance(data, dict):
            raise IamctlError("it is not a result of a fleet run")
        return AccountResult.from_json(data)
    except (ValueError, RecursionError, IamctlError) as error:
        raise IamctlError(f"{place}: {error}") from error
