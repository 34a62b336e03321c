"""Which accounts a run is about."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from iamctl.manifests import Tree
from iamctl.model import IamctlError
from iamctl.model.account_selector import select
from iamctl.model.failures import UsageError
from iamctl.model.fleet import FAILURES, AccountOutcome, AccountResult
from iamctl.model.settings import Settings
from iamctl.model.wave import waves_of
from iamctl.terminal.show import note
from iamctl.text.counted import counted, listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

_SHARD = late_pattern(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")
_NOT_DONE = FAILURES | {AccountOutcome.NOT_STARTED, AccountOutcome.SKIPPED}
_ENDED_WELL = (0, 2)
_MOST_CHARACTERS = 2**26
"""No line of a result is longer; a file without lines is not read whole."""

_NAMED = 5


@dataclass(frozen=True)
class Selection:
    """What a command line says about the accounts of a run."""

    patterns: Sequence[str] = ()
    """Values of ``--select``, all of which an account must match."""
    wave: str | None = None
    failed_of: Path | None = None
    """The JSON lines of an earlier run, of which those accounts are wanted that did not end well."""
    shard: str | None = None
    """``I/N``: the part ``I`` of ``N`` equal ones."""

    @property
    def label(self) -> str:
        """What tells reports of one pull request apart that are about different accounts; empty for all accounts."""
        parts = {"wave": self.wave, "shard": self.shard}
        return " ".join([*self.patterns, *(f"{name} {value}" for name, value in parts.items() if value)])


def selected(tree: Tree, selection: Selection) -> list[Settings]:
    """Return the accounts of a run: wave by wave, and in the order of iamctl.yaml within each.

    Raises:
        UsageError: a selector or the wave matches no account, or the shard is not one.
        IamctlError: the earlier results cannot be read.
    """
    found = list(select(tree.accounts.values(), selection.patterns))
    if selection.wave is not None:
        found = _in_wave(tree, found, selection.wave)
    if selection.failed_of:
        found = _failed_of(found, tree, read_results([selection.failed_of]), selection.failed_of)
    if selection.shard:
        part, parts = _shard(selection.shard)
        found = [account for account in found if shard_of(account.account_id, parts) == part]
    return [account for wave in waves_of(found) for account in wave.accounts]


def _failed_of(
    accounts: Iterable[Settings], tree: Tree, results: Sequence[AccountResult], file: Path
) -> list[Settings]:
    """Return the accounts that did not end well, and note which of them, or of the results, cannot be known."""
    known, failed = {result.account_id for result in results}, failed_accounts(results)
    managed = {account.account_id for account in tree.accounts.values()}
    unknown = [account.account_name for account in accounts if account.account_id not in known]
    if unknown:
        names = listed(unknown, _NAMED)
        note(f"{counted(len(unknown), 'account')} without a result in {file}, and not in this run: {names}")
    lost = [one.account for one in results if one.account_id in failed - managed]
    if lost:
        names, them = listed(lost, _NAMED), "it" if len(lost) == 1 else "them"
        note(
            f"{counted(len(lost), 'account')} of {file} did not end well, but iamctl.yaml no longer has {them}: {names}"
        )
    return [account for account in accounts if account.account_id in failed]


def _in_wave(tree: Tree, accounts: Iterable[Settings], wave: str) -> list[Settings]:
    names = [one.name for one in waves_of(tree.accounts.values())]
    if wave not in names:
        raise UsageError(f"--wave {wave!r} is not a wave with accounts; the waves are {', '.join(names)}")
    found = [account for account in accounts if account.wave.name == wave]
    if not found:
        raise UsageError(f"no account that --select matches is in --wave {wave!r}")
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
        for number, text in enumerate(_lines(file), 1):
            if text.strip():
                result = _result(text, f"{file}:{number}")
                found.pop(result.account_id, None)
                found[result.account_id] = result
    return list(found.values())


def _lines(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8") as stream:
            while text := stream.readline(_MOST_CHARACTERS):
                if len(text) == _MOST_CHARACTERS:
                    raise IamctlError(
                        f"{file}: it is not a file of results: a line has more than {len(text):,} characters"
                    )
                yield text
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not valid UTF-8"
        raise IamctlError(f"{file}: the results cannot be read: {reason}") from error


def _result(text: str, place: str) -> AccountResult:
    try:
        data = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise IamctlError(f"{place}: not a line of JSON: {error}; remove it if the run was killed there") from error
    try:
        if not isinstance(data, dict):
            raise IamctlError("it is not a result of a fleet run")
        return AccountResult.from_json(data)
    except IamctlError as error:
        raise IamctlError(f"{place}: {error}") from error


def _finite(text: str) -> float:
    """Return a number that JSON can write again."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is not a finite number")
    return number
