"""How long the calls of an apply take on the clock, against an IAM that answers as slowly as AWS.

Manifests and journal are kept in memory where possible: how long a flush takes is the disk's affair.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.child import MEMORY, cost, iam_of
from benchmarks.generated import ACCOUNT_ID, Size, write_tree

LATENCY_SECONDS = 0.05
PAIRS = 3
MEMBERS = 6
_APPLY = ("-m", "iamctl", "apply", "iam", "--yes", "--access", "none")
_AS_ON_AWS = (
    "-c",
    "import iamctl.source.aws as source; from iamctl.cli.process import main; source.custom_endpoint = print; main()",
    "apply",
    "iam",
    "--yes",
    "--access",
    "none",
)
"""A custom endpoint switches off the waits for AWS to show a change everywhere; here they stay on."""


@dataclass(frozen=True)
class Timed:
    """One apply; the seconds are None where it did not end in time or failed."""

    name: str
    most_seconds: float
    wall_seconds: float | None
    """From the first call to the last, as the journal tells."""


def timed(most_seconds: float) -> Iterator[Timed]:
    """Yield the applies that have a goal on the clock, as far as ``most_seconds`` allow for each."""
    yield Timed("fresh apply of 500 users, 1,750 calls", 20.0, _fresh(500, most_seconds))
    yield Timed("swap of the policies of six groups, 12 calls, waits on", 35.0, _swapped(most_seconds))
    yield Timed("fresh apply of 5,000 users, 17,500 calls", 150.0, _fresh(5_000, most_seconds))


def _fresh(users: int, most_seconds: float) -> float | None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name, iam_of(0, LATENCY_SECONDS) as address:
        write_tree(Path(name) / "iam", Size(users), drifted=False)
        return _seconds(_APPLY, Path(name), address, most_seconds)


def _swapped(most_seconds: float) -> float | None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as name, iam_of(0, LATENCY_SECONDS) as address:
        _write_pairs(Path(name) / "iam", swapped=False)
        if _seconds(_APPLY, Path(name), address, most_seconds) is None:
            return None
        _write_pairs(Path(name) / "iam", swapped=True)
        return _seconds(_AS_ON_AWS, Path(name), address, most_seconds)


def _seconds(command: tuple[str, ...], folder: Path, address: str, most_seconds: float) -> float | None:
    run = cost(command, folder, address, most_seconds=most_seconds)
    if run.exit_code != 0:
        return None
    lines = max((folder / ".iamctl/journal").iterdir()).read_text(encoding="ascii").splitlines()
    first, last = (datetime.fromisoformat(json.loads(line)["at"]) for line in (lines[1], lines[-1]))
    return (last - first).total_seconds()


def _write_pairs(root: Path, *, swapped: bool) -> None:
    """Write groups whose policies each allow one service and deny part of another, with the same members in all."""
    names = range(2 * PAIRS)
    people = [f"user-{number}" for number in range(MEMBERS)]
    policies = {
        f"policy-{number}": {
            "document": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": f"service{number}:*", "Resource": "*"},
                    {"Effect": "Deny", "Action": f"service{number}:Delete*", "Resource": "*"},
                ],
            }
        }
        for number in names
    }
    groups = {f"group-{number}": {"policies": [f"policy-{number ^ int(swapped)}"]} for number in names}
    settings = {"version": 1, "accounts": {"bench": {"id": ACCOUNT_ID}}, "limits": {"attachments": "100%"}}
    manifest = {
        "users": {person: {} for person in people},
        "groups": groups,
        "memberships": dict.fromkeys(groups, people),
        "policies": policies,
    }
    root.mkdir(exist_ok=True)
    (root / "iamctl.yaml").write_text(json.dumps(settings), encoding="utf-8")
    (root / "iam.yaml").write_text(json.dumps(manifest), encoding="utf-8")
