"""Running iamctl as a child process and telling what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

MOST_SECONDS = 200.0
"""On the clock, for one command."""
KILLED = -9
"""The exit code of a command that took longer."""
FAKE = {
    "AWS_ACCESS_KEY_ID": "ASIAIAMCTLSANDBOX234",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_SESSION_TOKEN": "sandbox",
    "AWS_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
MEMORY = next((path for path in ("/dev/shm",) if os.access(path, os.W_OK)), None)
"""Where the journal's flushes to the disk, one before and after each call, take no time of the machine's disk."""
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    exit_code: int
    output: str
    calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def call_count(self) -> int:
        return sum(self.calls.values())


def without_python() -> dict[str, str]:
    """Return the environment of a child: fake credentials, and none of Python's settings.

    So bytecode is kept from the first run on, as where iamctl is installed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return {**kept, **FAKE, "PYTHONPATH": str(_ROOT)}


def cost(
    command: Sequence[str], folder: Path, endpoint: str | None = None, *, most_seconds: float = MOST_SECONDS
) -> Cost:
    """Run a Python command line in ``folder`` and return its cost; no network but ``endpoint`` on loopback.

    After ``most_seconds`` on the clock it is killed, and its exit code is ``KILLED``.
    """
    environment = without_python()
    if endpoint:
        assert endpoint.startswith("http://127.0.0.1:"), endpoint
        environment["AWS_ENDPOINT_URL"] = endpoint
        calls_of(endpoint)
    started = time.monotonic()
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment, stdout=output, stderr=output)
        guard = Timer(most_seconds, child.kill)
        guard.start()
        _, status, usage = os.wait4(child.pid, 0)  # of this child alone, which getrusage cannot tell
        guard.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - started,
        peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        exit_code=child.returncode,
        output=(folder / "output").read_text(encoding="utf-8", errors="replace"),
        calls=calls_of(endpoint) if endpoint else {},
    )


@contextmanager
def iam_of(users: int, latency_seconds: float = 0.0) -> Iterator[str]:
    """Yield the address of an IAM on loopback that holds a generated account, an empty one for 0."""
    command = [sys.executable, "-m", "benchmarks.endpoint", str(users), str(latency_seconds)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def calls_of(endpoint: str) -> dict[str, int]:
    """Return how often each operation was asked since the last such question."""
    with urllib.request.urlopen(f"{endpoint}/calls") as answer:
        told: dict[str, int] = json.load(answer)
    return told
