"""An IAM on loopback: the sandbox in a process of its own, so that its work does not count as iamctl's.

``python -m benchmarks.endpoint USERS [LATENCY]`` serves a generated account, with 0 an empty one, and prints its
address. Each answer takes ``LATENCY`` seconds longer.
``GET /calls`` tells how often each operation was asked since the last such question.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from benchmarks.generated import ACCOUNT_ID, Size, snapshot

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[a-z0-9-]+/(iam|sts)/aws4_request")


_ONE_AT_A_TIME = Lock()
"""The embedded IAM is made for one thread; delays are not counted against it."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    services: dict[str, Any]
    calls: Counter[str]
    latency_seconds: float

    def do_POST(self) -> None:
        from botocore.awsrequest import AWSPreparedRequest

        body = self.rfile.read(int(self.headers["Content-Length"]))
        scope = _SCOPE.search(self.headers["Authorization"])
        assert scope
        self.calls[parse_qs(body.decode())["Action"][0]] += 1
        endpoint = self.services[scope[1]]._endpoint  # noqa: SLF001 - past the client's own parsing
        headers: Any = dict(self.headers)
        request = AWSPreparedRequest("POST", endpoint.host, headers, body, stream_output=False)
        with _ONE_AT_A_TIME:
            answer = endpoint._send(request)  # noqa: SLF001 - what the sandbox takes the place of
        if self.latency_seconds:
            time.sleep(self.latency_seconds)
        self.reply(answer.status_code, answer.content)

    def do_GET(self) -> None:
        told = json.dumps(self.calls).encode()
        self.calls.clear()
        self.reply(200, told)

    def reply(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


def serve(users: int, latency_seconds: float) -> None:
    from iamctl.sandbox import open_sandbox

    with open_sandbox(snapshot(Size(users)), account_id=ACCOUNT_ID) as session:
        Handler.services = {name: session.client(name) for name in ("iam", "sts")}
        Handler.calls = Counter()
        Handler.latency_seconds = latency_seconds
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
