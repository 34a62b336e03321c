"""``python -m benchmarks.fleet``: measure runs over many accounts, and write the table into ``docs/performance.md``.

Each account has 30 users, two groups and a policy, and matches its manifests. A plan assumes its role and reads it on
loopback, where each answer takes 100 ms; without AWS, it reads nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import neg
from pathlib import Path
from threading import Event, Thread, Timer

import psutil

from benchmarks.child import without_python
from benchmarks.many_accounts import id_of, write_accounts
from iamctl.cluster.address import parse_address
from iamctl.cluster.connection import open_cluster

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = (
    "<!-- Written by python -m benchmarks.fleet. -->",
    "<!-- End of what python -m benchmarks.fleet writes. -->",
)
ACCOUNTS = (20, 200, 2_000)
LATENCY_SECONDS = 0.1
TASKS = 500
MOST_SECONDS = 900.0
"""On the clock, for one run."""
_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Run:
    """What one run took, all its processes together."""

    accounts: int
    work: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int

    is_whole: bool = True
    """Whether it ended before ``MOST_SECONDS``."""

    @property
    def row(self) -> str:
        if not self.is_whole:
            return f"| {self.accounts:,} | {self.work} | not in time | | | |"
        each = 1000 * self.cpu_seconds / self.accounts
        return (
            f"| {self.accounts:,} | {self.work} | {self.cpu_seconds:.1f} | {each:.0f} | {self.peak_bytes / 10**6:.0f} "
            f"| {self.wall_seconds:.0f} |"
        )


def main(sizes: Sequence[int]) -> None:
    runs = []
    with _process("-m", "benchmarks.hub", str(LATENCY_SECONDS)) as hub:
        for accounts in sizes:
            with tempfile.TemporaryDirectory() as name:
                root = Path(name)
                write_accounts(root / "iam", accounts)
                _with_roles(root / "iam", accounts)
                runs.append(_run(root, accounts, "validate"))
                runs.append(_run(root, accounts, "plan", endpoint=hub))
            sys.stderr.write("".join(f"{run.row}\n" for run in runs[-2:]))
    text = _text(runs, _overhead())
    sys.stdout.write(text)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _text(runs: Sequence[Run], overhead: tuple[float, float]) -> str:
    load = f"{os.cpu_count()} cores and a load average of {os.getloadavg()[0]:.0f}"
    each = "CPU and memory are those of all processes together, and shared pages count in each of them."
    cluster = "on a cluster with one scheduler and two workers on loopback, all four processes together"
    lines = [
        f"Measured with {load}, {LATENCY_SECONDS * 1000:.0f} ms for each answer. {each}",
        "",
        "| accounts | `iamctl fleet` | CPU s | CPU ms for each account | peak MB | s on the clock |",
        "| --- | --- | --- | --- | --- | --- |",
        *(run.row for run in runs),
        "",
        f"A task that does nothing takes {overhead[0]:.1f} ms of CPU {cluster}, and {overhead[1]:.1f} ms on the clock.",
    ]
    return "\n".join(lines) + "\n"


def _with_roles(tree: Path, accounts: int) -> None:
    file = tree / "iamctl.yaml"
    text = file.read_text(encoding="utf-8")
    for account in range(accounts):
        entry = f'{{id: "{id_of(account)}", '
        text = text.replace(entry, f'{entry}assume_role: "arn:aws:iam::{id_of(account)}:role/iamctl", ')
    file.write_text(text, encoding="utf-8")


def _run(root: Path, accounts: int, command: str, endpoint: str | None = None) -> Run:
    environment = {**without_python(), **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})}
    words = [sys.executable, "-m", "iamctl", "fleet", command, "iam", "--format", "jsonl"]
    output = root / "output.jsonl"
    began = time.monotonic()
    with output.open("wb") as file:
        child = subprocess.Popen(words, cwd=root, env=environment, stdout=file)
        guard = Timer(MOST_SECONDS, child.terminate)  # the accounts under way are finished, then the run ends
        guard.start()
        with _sampled(child.pid) as peak:
            _, status, usage = os.wait4(child.pid, 0)
        guard.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    if wall >= MOST_SECONDS:
        return Run(accounts, command, 0, wall, 0, is_whole=False)
    lines = output.read_text(encoding="utf-8").splitlines()
    assert child.returncode == 0, lines[:1]
    assert len(lines) == accounts, len(lines)
    assert all('"outcome":"clean"' in line for line in lines), next(line for line in lines if '"clean"' not in line)[
        :500
    ]
    return Run(accounts, command, usage.ru_utime + usage.ru_stime, wall, max(peak))


@contextmanager
def _sampled(pid: int) -> Iterator[list[int]]:
    """Yield a list that gets the memory of a process and all below it, a few times each second."""
    found, over = [0], Event()

    def sample() -> None:
        while not over.wait(_SAMPLE_SECONDS):
            found.append(_bytes_of(pid))

    thread = Thread(target=sample)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _bytes_of(pid: int) -> int:
    total = 0
    try:
        for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def _overhead() -> tuple[float, float]:
    """Return what a task of a cluster takes that does nothing: milliseconds of CPU, and on the clock."""
    with ExitStack() as stack:
        listen = ("-m", "iamctl", "fleet", "scheduler", "--listen", "tcp://127.0.0.1:0")
        url = stack.enter_context(_process(*listen))
        for _ in range(2):
            stack.enter_context(_process("-m", "iamctl", "fleet", "worker", "--scheduler", url))
        with open_cluster(parse_address(url), None, is_repeatable=False) as cluster:
            submit = cluster.executor.submit
            assert [submit(neg, number).result() for number in range(20)] == [-number for number in range(20)]
            processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
            cpu, began = _cpu_of(processes), time.monotonic()
            futures = [submit(neg, number) for number in range(TASKS)]
            assert sum(future.result() for future in futures) == -sum(range(TASKS))
            wall = time.monotonic() - began
            return 1000 * (_cpu_of(processes) - cpu) / TASKS, 1000 * wall / TASKS


def _cpu_of(processes: Sequence[psutil.Process]) -> float:
    return float(sum(times.user + times.system for times in (one.cpu_times() for one in processes)))


@contextmanager
def _process(*words: str) -> Iterator[str]:
    """Run Python, and yield the last word that it printed first."""
    command = [sys.executable, *words]
    with subprocess.Popen(command, env=without_python(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or ACCOUNTS)
