"""The measurements: what is run, how often, and what of it is kept."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.child import KILLED, MEMORY, Cost, cost, iam_of
from benchmarks.generated import Size, write_tree

SIZES = (50, 500, 5_000)
START_RUNS = 15
PLAN_RUNS = 3
SAFE_ORDER_WORLDS = 1_000
SAFE_ORDER_SEED = 1
_IAMCTL = ("-m", "iamctl")
_PLAN = (*_IAMCTL, "plan", "iam", "--detailed-exitcode")
"""Ends with 2, and so the benchmark, when there is something to change."""
_ACME = str(Path(__file__).resolve().parents[1] / "examples" / "acme")


@dataclass(frozen=True)
class Work:
    """The cost of one piece of work on an account of some size; of several runs the one with the least CPU."""

    users: int
    name: str
    cost: Cost


@dataclass(frozen=True)
class Ordering:
    """What it took to order the calls of one case; None where it was not done in time."""

    calls: int
    stuck: int
    cpu_seconds: float


def starts() -> dict[str, float]:
    """Return CPU seconds of a bare interpreter, of ``--help`` and of ``validate`` on the acme example."""
    commands = {
        "python -c pass": ("-c", "pass"),
        "iamctl --help": (*_IAMCTL, "--help"),
        "iamctl validate": (*_IAMCTL, "validate", _ACME),
    }
    with tempfile.TemporaryDirectory() as folder:
        # in turns, so that whatever else runs on the machine slows all of them
        rounds = [
            {name: _done(cost(command, Path(folder))).cpu_seconds for name, command in commands.items()}
            for _ in range(START_RUNS)
        ]
    return {name: min(seconds[name] for seconds in rounds) for name in commands}


def reads(users: int) -> Iterator[Work]:
    """Yield what it costs to validate and to plan a generated account."""
    with _trees(users) as folder:
        yield Work(users, "validate", _least(cost((*_IAMCTL, "validate", "iam"), folder) for _ in range(PLAN_RUNS)))
        with iam_of(users) as address:
            yield Work(users, "no-op plan", _least(cost(_PLAN, folder, address) for _ in range(PLAN_RUNS)))
            plan_of_drift = (*_IAMCTL, "plan", "drifted")
            yield Work(users, "plan, 1% drift", _least(cost(plan_of_drift, folder, address) for _ in range(PLAN_RUNS)))


def fresh_apply(users: int, most_seconds: float) -> Work | None:
    """Return what it costs to make a generated account, None where that takes more than ``most_seconds``."""
    with _trees(users) as folder, iam_of(0) as address:
        apply = cost((*_IAMCTL, "apply", "iam", "--yes"), folder, address, most_seconds=most_seconds)
        if apply.exit_code == KILLED:
            return None
        _done(apply)
        _done(cost(_PLAN, folder, address))
    return Work(users, "fresh apply", apply)


def ordering(case: str, most_seconds: float) -> Ordering | None:
    """Return what ordering ten thousand calls takes, None when that is more than ``most_seconds``."""
    with tempfile.TemporaryDirectory() as folder:
        run = cost(("-m", "benchmarks.ordering", case), Path(folder), most_seconds=most_seconds)
    return Ordering(*json.loads(run.output)) if run.exit_code == 0 else None


@dataclass(frozen=True)
class Access:
    """What proofs about access cost; None where that was not done in time."""

    milliseconds: float | None
    """CPU milliseconds of comparing fifty statements, both ways."""
    people: dict[str, tuple[int, float] | None]
    """Case to the people whom a plan touches, and the CPU seconds of all proofs about them."""


def access(cases: Sequence[str], most_seconds: float) -> Access:
    """Return what proofs about access cost."""
    found: dict[str, tuple[int, float] | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        alone = cost(("-m", "benchmarks.access"), Path(folder), most_seconds=most_seconds)
        for case in cases:
            run = cost(("-m", "benchmarks.access", case), Path(folder), most_seconds=most_seconds)
            touched, _, seconds = json.loads(run.output) if run.exit_code == 0 else (0, 0, 0.0)
            found[case] = (touched, seconds) if run.exit_code == 0 else None
    return Access(json.loads(alone.output) if alone.exit_code == 0 else None, found)


def simulated(most_seconds: float) -> dict[str, tuple[int, float, float]]:
    """Return the calls of applies by a simulated clock, with their seconds with and without waits; empty if not in time."""
    with tempfile.TemporaryDirectory() as folder:
        run = cost(("-m", "benchmarks.simulated"), Path(folder), most_seconds=most_seconds)
    return {case: tuple(row) for case, row in json.loads(run.output).items()} if run.exit_code == 0 else {}


def missed_share() -> float | None:
    """Return the share of worlds with a safe order in which none was found; None where nothing measures it."""
    if find_spec("benchmarks.safe_order") is None:
        return None
    program = (
        f"from benchmarks.safe_order import missed_share as m; print(float(m({SAFE_ORDER_WORLDS}, {SAFE_ORDER_SEED})))"
    )
    with tempfile.TemporaryDirectory() as folder:
        run = cost(("-c", program), Path(folder), most_seconds=60)
    return float(run.output) if run.exit_code == 0 else None


@contextmanager
def _trees(users: int) -> Iterator[Path]:
    """Yield a folder with the manifests, ``iam`` as in the account and ``drifted``."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        write_tree(Path(name) / "iam", Size(users), drifted=False)
        write_tree(Path(name) / "drifted", Size(users), drifted=True)
        yield Path(name)


def _least(costs: Iterator[Cost]) -> Cost:
    return min((_done(run) for run in costs), key=lambda run: run.cpu_seconds)


def _done(run: Cost) -> Cost:
    if run.exit_code != 0:
        sys.exit(f"the benchmark ran into exit code {run.exit_code}:\n{run.output[-2000:]}")
    return run
