"""The tables of ``docs/performance.md``."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.applies import Timed
from benchmarks.child import Cost
from benchmarks.generated import Size
from benchmarks.measure import SAFE_ORDER_SEED, SAFE_ORDER_WORLDS, Access, Ordering, Work
from benchmarks.ordering_cases import CASES
from benchmarks.others import OTHERS, USERS
from benchmarks.simulated import MOST_SECONDS as MOST_SIMULATED_SECONDS
from benchmarks.terraform import MOST_SHARE, Compared
from iamctl import __version__

BARE, HELP, VALIDATE = "python -c pass", "iamctl --help", "iamctl validate"
MOST_PLAN_CALLS = 12
MOST_PLAN_SECONDS = {5_000: 6.0, 500: 1.5}
MOST_PLAN_BYTES = 300 * 10**6
MOST_PROOF_MILLISECONDS = 30.0
MOST_PROOF_SECONDS = 10.0
LEAST_FIT = 0.99
MOST_START = {HELP: 12.0, VALIDATE: 20.0}

_READ = re.compile(r"(?:Generate|Get|List)[A-Z]\w*")


@dataclass(frozen=True)
class Results:
    """All that one run measured."""

    starts: Mapping[str, float]
    works: tuple[Work, ...]
    orderings: Mapping[str, Ordering | None]
    missed_share: float | None
    access: Access
    applies: tuple[Timed, ...] = ()
    simulated: Mapping[str, tuple[int, float, float]] = field(default_factory=dict)
    beside: Compared | str = "it was not asked for"
    """An apply beside Terraform's, or why there was none."""

    def cost(self, users: int, name: str) -> Cost:
        work = self.of(users, name)
        assert work, f"{name} of {users} users was not measured"
        return work.cost

    def of(self, users: int, name: str) -> Work | None:
        return next((work for work in self.works if (work.users, work.name) == (users, name)), None)


def tables(results: Results) -> str:
    """Return the part of the page that is measured, as Markdown."""
    return "\n\n".join((_machine(results), _targets(results), _works(results), _others(results))) + "\n"


def fit(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return offset, slope and R² of the line of least squares through ``points``."""
    count = len(points)
    mean_x, mean_y = (sum(point[axis] for point in points) / count for axis in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    offset = mean_y - slope * mean_x
    left = sum((y - offset - slope * x) ** 2 for x, y in points)
    around = sum((y - mean_y) ** 2 for _, y in points)
    return offset, slope, 1 - left / around if around else 1.0


def _machine(results: Results) -> str:
    names = ("boto3", "botocore", "PyYAML", "jsonschema-rs", "typer", "moto")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {platform.system()}, {os.cpu_count()} × {_processor()}, "
        f"CPython {platform.python_version()}, iamctl {__version__}, {versions}. CPU is user and system time of the "
        f"process; `{BARE}` took {1000 * results.starts[BARE]:.0f} ms."
    )


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown processor"


def _targets(results: Results) -> str:
    return _table(("target", "most", "measured", ""), _target_rows(results))


def _target_rows(results: Results) -> Iterator[tuple[str, str, str, str]]:
    largest = max(work.users for work in results.works)
    plan = results.cost(largest, "no-op plan")
    floor = Size(largest).pages
    yield _row(
        f"calls of a no-op plan of {largest:,} users (the floor is {floor} pages)", MOST_PLAN_CALLS, plan.call_count
    )
    for users, seconds in MOST_PLAN_SECONDS.items():
        measured = results.cost(users, "no-op plan").cpu_seconds
        yield _row(f"CPU seconds of a no-op plan of {users:,} users", seconds, measured)
    yield _row(f"peak MB of a no-op plan of {largest:,} users", MOST_PLAN_BYTES // 10**6, plan.peak_bytes / 10**6)
    points = [(work.users, work.cost.cpu_seconds) for work in results.works if work.name == "no-op plan"]
    offset, slope, squared = fit(points)
    words = f"a no-op plan is linear: {offset:.2f} s + {1000 * slope:.2f} s for 1,000 users, R² at least"
    yield words, f"{LEAST_FIT}", f"{squared:.4f}", _verdict(is_met=squared >= LEAST_FIT)
    for users in sorted({work.users for work in results.works}):
        yield _writes_row(users, results.of(users, "fresh apply"))
    for name, ratio in MOST_START.items():
        yield _row(f"`{name}` as a multiple of `{BARE}`", ratio, results.starts[name] / results.starts[BARE])
    if results.access.milliseconds is not None:
        words = "CPU ms to compare the access of 50 statements with 50 of which a tenth is new, both ways"
        yield _row(words, MOST_PROOF_MILLISECONDS, results.access.milliseconds)
    for case, proved in results.access.people.items():
        if proved:
            yield _row(f"CPU seconds of proofs for {proved[0]:,} people: {case}", MOST_PROOF_SECONDS, proved[1])
    for case, ordering in results.orderings.items():
        calls = f"{ordering.calls:,}" if ordering else "10,000"
        words = f"CPU seconds to order {calls} calls, {case} moving"
        if ordering is None:
            yield words, f"{CASES[case]:g}", "not in time", _verdict(is_met=False)
        else:
            stuck = f" ({ordering.stuck:,} times no safe order was found)" if ordering.stuck else ""
            yield _row(words + stuck, CASES[case], ordering.cpu_seconds)
    for apply in results.applies:
        words = f"seconds on the clock for the calls of a {apply.name}, 50 ms each"
        if apply.wall_seconds is None:
            yield words, f"{apply.most_seconds:g}", "not in time", _verdict(is_met=False)
        else:
            yield _row(words, apply.most_seconds, apply.wall_seconds)
    yield from _beside_row(results.beside)
    for case, most in MOST_SIMULATED_SECONDS.items():
        if case in results.simulated:
            count, seconds, alone = results.simulated[case]
            words = f"simulated seconds of {case}, {count:,} calls of 50 ms, 8 side by side, with AWS's waits"
            yield _row(f"{words} ({alone:.3g} s without)", most, seconds)
    if results.missed_share is not None:
        words = f"safe orders that were not found, of {SAFE_ORDER_WORLDS:,} random worlds (seed {SAFE_ORDER_SEED}) that have one"
        yield words, "", f"{results.missed_share:.2%}", ""


def _beside_row(beside: Compared | str) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(beside, str):
        return
    share = beside.iamctl_seconds / beside.terraform_seconds
    words = (
        f"whole fresh apply of {beside.users:,} users, 50 ms a call, as a share of Terraform's in this run "
        f"({beside.iamctl_seconds:.3g} s and {beside.terraform_seconds:.3g} s)"
    )
    yield _row(words, MOST_SHARE, share)


def _writes_row(users: int, work: Work | None) -> tuple[str, str, str, str]:
    wanted = Size(users).objects_and_edges
    words = f"writes of a fresh apply of {users:,} users, one for each object or edge"
    if work is None:
        return words, f"{wanted:,}", "not in time", _verdict(is_met=False)
    writes = sum(count for operation, count in work.cost.calls.items() if not _READ.fullmatch(operation))
    return words, f"{wanted:,}", f"{writes:,}", _verdict(is_met=writes == wanted)


def _row(words: str, most: float, measured: float) -> tuple[str, str, str, str]:
    shown = f"{measured:,}" if isinstance(measured, int) else f"{measured:,.3g}"
    return words, f"{most:,g}", shown, _verdict(is_met=measured <= most)


def _verdict(*, is_met: bool) -> str:
    return "ok" if is_met else "**missed**"


def _works(results: Results) -> str:
    bare = results.starts[BARE]
    rows = (
        (
            f"{work.users:,}",
            work.name,
            f"{work.cost.cpu_seconds:.2f}",
            f"{work.cost.cpu_seconds / bare:.0f}",
            f"{work.cost.peak_bytes / 10**6:.0f}",
            f"{work.cost.call_count:,}",
            ", ".join(f"{count:,} {operation}" for operation, count in sorted(work.cost.calls.items())),
        )
        for work in results.works
    )
    return _table(("users", "work", "CPU s", f"× `{BARE}`", "peak MB", "AWS calls", "by operation"), rows)


def _others(results: Results) -> str:
    ours, plan = results.cost(USERS, "fresh apply"), results.cost(USERS, "no-op plan")
    rows = [("iamctl, this run", f"{ours.call_count:,}", f"{plan.call_count:,}", f"{plan.cpu_seconds:.2g}")]
    for other in OTHERS:
        applied = f"{other.apply_calls:,}" if other.apply_calls else "not measured"
        rows.append((other.name, applied, f"{other.plan_calls:,}", f"{other.plan_cpu_seconds:g}"))
    head = (f"{USERS} users", "calls of a fresh apply", "calls of a no-op plan", "CPU s of a no-op plan")
    return (
        f"{_table(head, rows)}\n\nOnly the first row is measured in this run. The others were measured by the study "
        "behind this project, on the same generated account and another day; read them as orders of magnitude."
        f"{_beside(results.beside)}"
    )


def _beside(beside: Compared | str) -> str:
    if isinstance(beside, str):
        return f" In this run no apply was compared with Terraform's: {beside}."
    return (
        f" The comparison with Terraform above is of this run: it sent {beside.terraform_calls:,} requests for the apply, "
        f"and iamctl {beside.iamctl_calls:,}."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
