"""An IAM on loopback that real processes reach by AWS_ENDPOINT_URL, and that refuses or waits when told to."""

from __future__ import annotations

import struct
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from functools import partial
from socket import SO_LINGER, SOL_SOCKET

from canaries import SEEN
from faults import READS, Outage, Rules
from moto.iam.models import iam_backends
from serving import serving

from iamctl.sandbox import open_sandbox
from iamctl.sandbox.buckets import ObjectReply
from iamctl.sandbox.serving import Handler, Reply, SandboxServer

DROPPED = b""


class Loopback:
    """What was asked, and what happens instead of an answer."""

    def __init__(self, session, url, account):
        self.session = session
        self.account = account
        self.rules = Rules()
        """Faults of the nth request of an operation, or of all reads or writes; see ``faults.py``."""
        self.past = None
        """A ``Past`` to remember the account in after each write."""
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

    buckets = None
    """The S3 beside this IAM."""

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
        return [operation for operation in self.asked if not operation.startswith(READS)]

    @property
    def counts(self):
        return Counter(self.asked)


@contextmanager
def loopback(snapshot, account_id="123456789012"):
    """Yield an IAM on a port of 127.0.0.1 that holds what ``snapshot`` holds."""
    with open_sandbox(snapshot, account_id=account_id) as session, _Server(session) as server:
        served = server.served = Loopback(session, server.url, iam_backends[account_id]["aws"])
        with _serving(server):
            yield served


@contextmanager
def loopback_s3(account_id="123456789012"):
    """Yield an S3 on a port of 127.0.0.1 for clients in this process, where an open sandbox would catch all requests."""
    with open_sandbox(None, account_id=account_id) as session:
        server = _Server(session)
    with server:
        served = server.served = Loopback(None, server.url, None)
        with _serving(server):
            yield served


@contextmanager
def _serving(server):
    server.served.buckets = server.buckets
    with serving(server):
        yield


class _Handler(Handler):
    def send(self, reply):
        if isinstance(reply, Outage):
            self.close_connection = True
            if reply is Outage.RESET:
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            return
        super().send(reply)

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
            status, body = rest or (400, Reply.error(code, message).content.decode())
            return Reply(status, body.replace("{Password}", password).encode())
        if isinstance(fault, bytes):
            return Reply(200, fault.replace(b"{Password}", password.encode())) if fault else Outage.DROP
        if fault:
            fault()
        carry_out = partial(self.carry_out, asked)
        return served.rules.exchange(asked.operation, asked, served.account, carry_out, self.one_at_a_time)

    def object_reply_to(self, asked):
        """Answer as S3, or with the next fault: ``(code, message, status)`` or a function to call before."""
        served = self.served
        served.asked.append(asked.operation)
        faults = served.faults[asked.operation]
        fault = faults.pop(0) if faults else None
        if isinstance(fault, tuple):
            code, message, status = fault
            answer = ObjectReply.error(status, code, message)
            return Reply(answer.status, answer.content)
        if fault == DROPPED:
            super().object_reply_to(asked)
            return Outage.DROP
        if fault:
            fault()
        return super().object_reply_to(asked)

    def carry_out(self, asked):
        reply = self.forwarded(asked)
        if self.served.past is not None and not asked.operation.startswith(READS):
            self.served.past.remember(self.served.account)
        return reply
