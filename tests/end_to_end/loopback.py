"""An IAM on loopback that real processes reach by AWS_ENDPOINT_URL, and that refuses or waits when told to."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from botocore.awsrequest import AWSPreparedRequest
from canaries import SEEN

from iamctl.sandbox import open_sandbox

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[a-z0-9-]+/(iam|sts)/aws4_request")
_READS = ("Get", "List", "Generate")
_ERROR = (
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{}</Code>'
    "<Message>{}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
)


DROPPED = b""


class Loopback:
    """What was asked, and what happens instead of an answer."""

    def __init__(self, session, url):
        self.session = session
        self.url = url
        self.asked = []
        self.faults = defaultdict(list)
        """Operation to the faults of its first requests: ``(code, message)``, a function to call first, or None.

        Bytes are the whole answer, ``DROPPED`` is none. What ``{Password}`` stands for in them came with the request.
        """
        self.passwords = []
        """All that were sent, refused ones too."""
        self.clock_ahead_seconds = 0
        """How far the clock of this IAM is ahead of the machine's."""

    @property
    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "ASIAIAMCTLSANDBOX234",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_SESSION_TOKEN": "sandbox",
            "AWS_REGION": "us-east-1",
        }

    @property
    def writes(self):
        """The operations that were to change something, in the order in which they came."""
        return [operation for operation in self.asked if not operation.startswith(_READS)]

    @property
    def counts(self):
        return Counter(self.asked)


@contextmanager
def loopback(snapshot, account_id="123456789012"):
    """Yield an IAM on a port of 127.0.0.1 that holds what ``snapshot`` holds."""
    with open_sandbox(snapshot, account_id=account_id) as session:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        served = Loopback(session, f"http://127.0.0.1:{server.server_port}")
        server.served = served
        server.one_at_a_time = threading.Lock()
        server.endpoints = {name: session.client(name)._endpoint for name in ("iam", "sts")}
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = parse_qs(body.decode())
        operation, password = sent["Action"][0], sent.get("Password", [""])[0]
        served = self.server.served
        served.asked.append(operation)
        served.passwords += filter(None, [password])
        SEEN.update(served.passwords)
        fault = served.faults[operation].pop(0) if served.faults[operation] else None
        if isinstance(fault, tuple):
            code, message, *rest = fault
            status, body = rest or (400, _ERROR.format(code, message))
            self.reply(status, body.replace("{Password}", password).encode())
            return
        if isinstance(fault, bytes):
            self.close_connection = fault == DROPPED
            if fault:
                self.reply(200, fault.replace(b"{Password}", password.encode()))
            return
        if fault:
            fault()
        endpoint = self.server.endpoints[_SCOPE.search(self.headers["Authorization"])[1]]
        request = AWSPreparedRequest("POST", endpoint.host, dict(self.headers), body, stream_output=False)
        with self.server.one_at_a_time:  # moto is made for one thread
            answer = endpoint._send(request)
        self.reply(answer.status_code, answer.content)

    def reply(self, status, content):
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        with suppress(ConnectionError):  # the process that asked may be gone
            self.end_headers()
            self.wfile.write(content)

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + self.server.served.clock_ahead_seconds)

    def log_message(self, *_):
        pass
