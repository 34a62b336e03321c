"""What many accounts in one tree cost: checking all of them, and planning one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Cost, cost
from benchmarks.many_accounts import USERS, name_of, write_accounts, write_snapshot

COUNTS = (20, 200, 2_000)
RUNS = 3
"""Of each, of which the one with the least CPU counts."""
MOST_TIMES = 11.0
"""What ten times as many accounts may cost, as a multiple."""
MOST_SECONDS = 4.0
"""CPU, to check the largest tree."""
_IAMCTL = ("-m", "iamctl")
_PLANNED = 7
"""Which account is planned; any other one costs the same."""


@dataclass(frozen=True)
class Accounts:
    """What it took, by the number of accounts."""

    validate: Mapping[int, Cost]
    plan: Mapping[int, Cost]


def measured() -> Accounts:
    """Return what trees of 20, 200 and 2,000 accounts cost."""
    validate: dict[int, Cost] = {}
    plan: dict[int, Cost] = {}
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_accounts(folder / "iam", count)
            write_snapshot(folder / "account.json", _PLANNED)
            one = (*_IAMCTL, "plan", "iam", "--account", name_of(_PLANNED), "--snapshot", "account.json")
            validate[count] = _least((*_IAMCTL, "validate", "iam"), folder)
            plan[count] = _least((*one, "--detailed-exitcode"), folder)
    return Accounts(validate, plan)


def section(accounts: Accounts, bare_seconds: float) -> str:
    """Return the part of the page about many accounts, as Markdown; ``bare_seconds`` is what ``python -c pass`` takes."""
    small, large = COUNTS[-2:]
    times = accounts.validate[large].cpu_seconds / accounts.validate[small].cpu_seconds
    seconds = accounts.validate[large].cpu_seconds
    lines = [
        (
            f"Trees of many accounts, each with a folder of {USERS} users and a folder that all share. "
            "The plan is of one account, from a snapshot, and finds nothing to change."
        ),
        "",
        "| accounts | work | CPU s | × `python -c pass` | CPU ms for each account | peak MB |",
        "| --- | --- | --- | --- | --- | --- |",
        *_rows(accounts, bare_seconds),
        "",
        "| target | most | measured |  |",
        "| --- | --- | --- | --- |",
        _target(f"`validate` of {large:,} accounts as a multiple of {small}", MOST_TIMES, times),
        _target(f"CPU seconds of `validate` of {large:,} accounts", MOST_SECONDS, seconds),
    ]
    return "\n".join(lines) + "\n"


def _rows(accounts: Accounts, bare_seconds: float) -> Iterator[str]:
    for name, costs in (("validate", accounts.validate), ("plan --account", accounts.plan)):
        for count, one in costs.items():
            each = f"{1000 * one.cpu_seconds / count:.1f}" if name == "validate" else ""
            times = f"{one.cpu_seconds / bare_seconds:.0f}"
            shown = (f"{count:,}", name, f"{one.cpu_seconds:.2f}", times, each, f"{one.peak_bytes / 10**6:.0f}")
            yield f"| {' | '.join(shown)} |"


def _target(words: str, most: float, found: float) -> str:
    return f"| {words} | {most:g} | {found:.3g} | {'ok' if found <= most else '**missed**'} |"


def _least(command: tuple[str, ...], folder: Path) -> Cost:
    return min((_done(cost(command, folder)) for _ in range(RUNS)), key=lambda run: run.cpu_seconds)


def _done(run: Cost) -> Cost:
    if run.exit_code != 0:
        sys.exit(f"the benchmark ran into exit code {run.exit_code}:\n{run.output[-2000:]}")
    return run
