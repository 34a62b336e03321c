"""The embedded IAM behind a port of this machine, for clients in other processes."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.model import OperationNotFoundError

from iamctl.kinds.signin_session import SIGNIN
from iamctl.sandbox.buckets import Buckets, ObjectRequest
from iamctl.sandbox.session import NetworkError
from iamctl.sandbox.signin import PATHS
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    import boto3

LOOPBACK = "127.0.0.1"

MOST_BYTES = 1_000_000
"""No request to IAM is as large: policy documents have at most some ten thousand characters."""

_SERVICES = ("iam", "sts", "organizations", "secretsmanager", "signin")
_FORWARDED = ("Content-Type", "X-Amzn-Requestid")
"""Headers of an answer that a client looks at."""
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?", re.IGNORECASE)
_ERROR = (
    '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>{}</Code>'
    "<Message>{}</Message></Error><RequestId>request-id</RequestId></ErrorResponse>"
)


@dataclass(frozen=True)
class Asked:
    """One signed request: its operation, and the parameters as the form of the request has them."""

    service: str
    operation: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    path: str = ""
    """The path of the request, where it names the operation."""


@dataclass(frozen=True)
class Reply:
    """What a client gets; after one with ``is_last`` the connection is closed."""

    status: int
    content: bytes
    is_last: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def error(cls, code: str, message: str, status: int = 400) -> Reply:
        """Return an error as IAM writes it."""
        return cls(status, _ERROR.format(escape(code), escape(message)).encode())


class SandboxServer(ThreadingHTTPServer):
    """Serves the services of an open sandbox on 127.0.0.1, one request at a time, whoever signed it."""

    daemon_threads = True
    handler: type[BaseHTTPRequestHandler]
    """What answers a connection; a subclass of the server may have another one."""

    def __init__(self, session: boto3.Session, port: int = 0) -> None:
        self._endpoints = {name: session.client(name)._endpoint for name in _SERVICES}  # type: ignore[call-overload]  # noqa: SLF001
        self.one_at_a_time = threading.RLock()
        self.buckets = Buckets(owner=session.client("sts").get_caller_identity()["Account"])
        super().__init__((LOOPBACK, port), self.handler)

    @property
    def url(self) -> str:
        """The endpoint URL for clients."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def reply_to(self, asked: Asked) -> Reply:
        """Return the answer to one request; a subclass may do something else before, after or instead."""
        return self.forwarded(asked)

    def object_reply_to(self, asked: ObjectRequest) -> Reply:
        """Return the answer of S3 to one request; a subclass may do something else before, after or instead."""
        with self.one_at_a_time:
            answer = self.buckets.answer(asked, datetime.now(UTC))
        return Reply(answer.status, answer.content, headers=answer.headers)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing about a client that went away in the middle of a request."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def forwarded(self, asked: Asked) -> Reply:
        """Return what the sandbox answers to a request."""
        endpoint = self._endpoints.get(asked.service)
        if endpoint is None:
            return Reply.error(
                "InvalidAction",
                f"the sandbox does not have {asked.service}, only {', '.join(_SERVICES)} and objects of s3",
            )
        url, sent_headers = endpoint.host + asked.path, HeadersDict(asked.headers)
        request = AWSPreparedRequest("POST", url, sent_headers, asked.body, stream_output=False)  # type: ignore[arg-type]
        try:
            with self.one_at_a_time:
                answer = endpoint._send(request)  # noqa: SLF001
        except NetworkError as error:
            return Reply.error("ServiceUnavailable", str(error), 503)
        except (NotImplementedError, OperationNotFoundError):
            return Reply.error("InvalidAction", f"the sandbox does not implement {asked.operation}")
        sent = {name.title(): value for name, value in answer.headers.items()}
        headers = {name: sent[name] for name in _FORWARDED if name in sent}
        return Reply(answer.status_code, answer.content, headers=headers)


class Handler(BaseHTTPRequestHandler):
    """Reads requests of one connection, and writes what the server replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    """Headers and content leave in one piece, so that a client is woken once."""
    server: SandboxServer

    def do_POST(self) -> None:
        """Answer a request of a client of every service but S3."""
        self._exchange()

    def do_GET(self) -> None:
        """Answer a request of a client of S3."""
        self._exchange()

    def do_PUT(self) -> None:
        """Answer a request of a client of S3."""
        self._exchange()

    def do_DELETE(self) -> None:
        """Answer a request of a client of S3."""
        self._exchange()

    def _exchange(self) -> None:
        length = self.headers.get("Content-Length", "" if self.command == "POST" else "0")
        if not (length.isascii() and length.isdecimal()) or int(length) > MOST_BYTES:
            self.send(Reply(413, b"", is_last=True))
            return
        body = self.rfile.read(int(length))
        if not _HOST.fullmatch(self.headers.get("Host", "")):  # a page in a browser, under a name of its own
            self.send(Reply.error("AccessDenied", "this endpoint is for programs on this machine", 403))
            return
        self.send(self._answer(body))

    def _answer(self, body: bytes) -> Reply:
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        if scope is None:
            return Reply.error("MissingAuthenticationToken", "the request is not signed", 403)
        if scope[2] == "s3":
            return self.server.object_reply_to(
                ObjectRequest(self.command, self.path, dict(self.headers), body, scope[1])
            )
        if self.command != "POST":
            return Reply(501, b"", is_last=True)
        sent = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        operation = sent.pop("Action", "") or self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        path = self.path if scope[2] == SIGNIN else ""
        return self.server.reply_to(Asked(scope[2], PATHS.get(path, operation), sent, dict(self.headers), body, path))

    def send(self, reply: Reply) -> None:
        """Write a reply; a client that is gone is no error."""
        self.close_connection = reply.is_last
        self.send_response(reply.status)
        for name, value in {"Content-Type": "text/xml", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content)))
        with suppress(ConnectionError):  # the client may be gone
            self.end_headers()
            self.wfile.write(reply.content)
            self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Tell a client to send its content, at once."""
        is_expected = super().handle_expect_100()
        self.wfile.flush()
        return is_expected

    def log_message(self, *_: object) -> None:
        """Print nothing."""


SandboxServer.handler = Handler
