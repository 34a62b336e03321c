"""An IAM on loopback: the sandbox in a process of its own, so that its work does not count as iamctl's.

``python -m benchmarks.endpoint USERS [LATENCY]`` serves a generated account, with 0 an empty one, and prints its
address. Each answer takes ``LATENCY`` seconds longer.
``GET /calls`` tells how often each operation was asked since the last such question.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.generated import ACCOUNT_ID, Size, snapshot
from iamctl.cli.process import collect_seldom
from iamctl.sandbox import open_sandbox
from iamctl.sandbox.serving import Asked, Handler, Reply, SandboxServer

if TYPE_CHECKING:
    import boto3


class CountingServer(SandboxServer):
    """Counts the requests by operation, and answers each a little later; the delays run side by side."""

    def __init__(self, session: boto3.Session, latency_seconds: float) -> None:
        super().__init__(session)
        self.calls: Counter[str] = Counter()
        self._latency_seconds = latency_seconds

    def reply_to(self, asked: Asked) -> Reply:
        self.calls[asked.operation] += 1
        reply = self.forwarded(asked)
        if self._latency_seconds:
            time.sleep(self._latency_seconds)
        return reply


class CountingHandler(Handler):
    """Tells beside all else what was asked so far."""

    server: CountingServer

    def do_GET(self) -> None:  # noqa: N802 - the name of the base class
        told = json.dumps(self.server.calls).encode()
        self.server.calls.clear()
        self.send(Reply(200, told))


CountingServer.handler = CountingHandler


def serve(users: int, latency_seconds: float) -> None:
    collect_seldom()  # a pause of the endpoint would count as time of the calls
    with (
        open_sandbox(snapshot(Size(users)), account_id=ACCOUNT_ID) as session,
        CountingServer(session, latency_seconds) as server,
    ):
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
