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
    with open_sandbox(snapshot, account_id=account_id) as session, _Server(session) as server:
        served = server.served = Loopback(session, server.url)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


class _Handler(Handler):
    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + self.server.served.clock_ahead_seconds)


class _Server(SandboxServer):
    handler = _Handler

    def reply_to(self, asked):
        served, password = self.served, asked.params.get("Password", "")
        served.asked.append(asked.operation)
        served.passwords += filter(None, [password])
        SEEN.update(served.passwords)
        faults = served.faults[asked.operation]
        fault = faults.pop(0) if faults else None
        if isinstance(fault, tuple):
            code, message, *rest = fault
            reply = Reply(*rest) if rest else Reply.error(code, message)
            body = reply.content if isinstance(reply.content, bytes) else reply.content.encode()
            return Reply(reply.status, body.replace(b"{Password}", password.encode()))
        if isinstance(fault, bytes):
            return Reply(200, fault.replace(b"{Password}", password.encode()), is_last=fault == DROPPED)
        if fault:
            fault()
        return self.forwarded(asked)
