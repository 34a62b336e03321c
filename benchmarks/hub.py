"""Many accounts of AWS on loopback: one is recorded from the sandbox, and each other is the same under its own names.

``python -m benchmarks.hub LATENCY`` serves them and prints the address. Each answer takes ``LATENCY`` seconds longer, and
answers run side by side. The role ``arn:aws:iam::ID:role/iamctl`` of each account can be assumed.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

from benchmarks.child import without_python
from benchmarks.many_accounts import id_of, name_of, write_accounts
from iamctl.sandbox.serving import Asked, Reply, SandboxServer
from iamctl.source.sandbox import loaded_sandbox, read_file

HUB = "999999999999"
_KEY = re.compile(r"Credential=(\w+)/")
_CONTENT = re.compile(rb"<Content>([^<]*)</Content>")
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_ASSUMED = (
    '<AssumeRoleResponse xmlns="{sts}"><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/iamctl/x'
    "</Arn><AssumedRoleId>AROAEXAMPLE:x</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>"
    "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z"
    "</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>"
    "</AssumeRoleResponse>"
)

Recorded = dict[str, bytes]
"""The answer to each operation that a plan asks for."""


def recorded() -> Recorded:
    """Return what a plan of the first account gets from the sandbox after that account was applied."""
    answers: Recorded = {}

    class Recorder(SandboxServer):
        def reply_to(self, asked: Asked) -> Reply:
            reply = self.forwarded(asked)
            answers[asked.operation] = reply.content
            return reply

    with tempfile.TemporaryDirectory() as name:
        root, file = Path(name), Path(name) / "account.json"
        write_accounts(root / "iam", 1)
        words = ["iam", "--account", name_of(0)]
        _iamctl(root, "apply", *words, "--yes", "--sandbox", str(file))
        snapshot = read_file(file)
        assert snapshot
        opened = loaded_sandbox(
            file,
            snapshot,
            snapshot["account"],
            credentials="exact",
            now=datetime.now(UTC).replace(microsecond=0),
            moment=None,
        )
        with opened as (session, _), Recorder(session) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            _iamctl(root, "plan", *words, "--detailed-exitcode", endpoint=server.url)
            server.shutdown()
    return answers


class Hub(ThreadingHTTPServer):
    """Answers for every account from the record of one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answers: Recorded, latency_seconds: float) -> None:
        self.answers = answers
        self.latency_seconds = latency_seconds
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        key = _KEY.search(self.headers.get("Authorization", ""))
        status, content = self._answer(sent, key[1] if key else "")
        time.sleep(self.server.latency_seconds)
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def _answer(self, sent: dict[str, str], key: str) -> tuple[int, bytes]:
        if sent["Action"] == "AssumeRole":
            return 200, _ASSUMED.format(sts=_STS, account=sent["RoleArn"].split(":")[4]).encode()
        content = self.server.answers.get(sent["Action"])
        if content is None:
            return (
                400,
                b"<ErrorResponse><Error><Code>NotRecorded</Code><Message>it was not recorded</Message></Error></ErrorResponse>",
            )
        return 200, _of(content, key.removeprefix("ASIA"))

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _of(content: bytes, account_id: str) -> bytes:
    """Return an answer about the first account as one about another."""
    if not account_id.isdecimal():
        account_id = HUB
    number = (int(account_id) - int(id_of(0))) % 10_000

    def renamed(text: bytes) -> bytes:
        text = text.replace(id_of(0).encode(), account_id.encode())
        text = text.replace(b"user-0000-", f"user-{number:04}-".encode())
        return text.replace(b"team-0", f"team-{number % 7}".encode())

    def report(found: re.Match[bytes]) -> bytes:
        return b"<Content>" + base64.b64encode(renamed(base64.b64decode(found[1]))) + b"</Content>"

    return _CONTENT.sub(report, renamed(content))


def _iamctl(root: Path, *words: str, endpoint: str | None = None) -> None:
    environment = {**without_python(), **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})}
    command = [sys.executable, "-m", "iamctl", *words]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    with Hub(recorded(), float(sys.argv[1])) as hub:
        sys.stdout.write(f"http://127.0.0.1:{hub.server_port}\n")
        sys.stdout.flush()
        hub.serve_forever()
