"""Many accounts on loopback: a client of the hub is in one of them once it has assumed a role there."""

from __future__ import annotations

import re
from contextlib import contextmanager

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from serving import serving

from iamctl.sandbox.serving import Reply, SandboxServer
from iamctl.sandbox.session import Wire, boto_session, loaded_account

HUB = "999999999999"
_KEY = re.compile(r"Credential=([^/]+)/")
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/.+")
_GIVEN = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")
READS = ("Get", "List", "Generate", "AssumeRole")


class Hub(SandboxServer):
    """Answers for all accounts, and keeps which account was asked what."""

    def __init__(self, wires):
        self.wires = wires
        self.asked = []
        """Account id and operation of each request, in their order."""
        self.sessions = []
        """The role and the session name of each AssumeRole."""
        self.without_role = set()
        """Ids of accounts whose role cannot be assumed."""
        self.throttled = set()
        """Ids of accounts whose IAM answers nothing but Throttling."""
        self.refusing = {}
        """By account id, a function from an operation to an error code, or None."""
        self._account_of = {}
        super().__init__(boto_session(wires[HUB], "us-east-1"))

    @property
    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "ASIAIAMCTLSANDBOX234",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_SESSION_TOKEN": "sandbox",
            "AWS_REGION": "us-east-1",
        }

    def writes(self, account_id):
        return [name for account, name in self.asked if account == account_id and not name.startswith(READS)]

    def users(self, account_id):
        return sorted(user.name for user in self.wires[account_id].account.users.values())

    def reply_to(self, asked):
        key = _KEY.search(asked.headers.get("Authorization", ""))[1]
        account = self._account_of.get(key, HUB)
        if asked.operation == "AssumeRole":
            return self._assumed(asked)
        self.asked.append((account, asked.operation))
        if asked.service == "iam" and account in self.throttled:
            return Reply.error("Throttling", "Rate exceeded")
        if code := self.refusing.get(account, lambda _: None)(asked.operation):
            return Reply.error(code, "injected", 403)
        return self._answer(account, asked)

    def _assumed(self, asked):
        account = _ROLE.fullmatch(asked.params["RoleArn"])[1]
        self.asked.append((account, asked.operation))
        self.sessions.append((asked.params["RoleArn"], asked.params["RoleSessionName"]))
        if account in self.without_role:
            return Reply.error("AccessDenied", f"not authorized to assume {asked.params['RoleArn']}", 403)
        reply = self._answer(account, asked)
        self._account_of[_GIVEN.search(reply.content)[1].decode()] = account
        return reply

    def _answer(self, account, asked):
        host = f"https://{asked.service}.amazonaws.com/"
        request = AWSPreparedRequest("POST", host, HeadersDict(asked.headers), asked.body, stream_output=False)
        with self.one_at_a_time:
            answer = self.wires[account].answer(asked.service, request)
        return Reply(answer.status_code, answer.content)


@contextmanager
def hub(account_ids):
    """Yield a server of empty accounts; clients in this process reach it like all others."""
    wires = {}
    for account_id in (HUB, *account_ids):
        account = loaded_account({}, account_id, "aws")
        dict.__setitem__(iam_backends[account_id], "aws", account)
        wires[account_id] = Wire(account, None)
    try:
        with Hub(wires) as server, serving(server):
            yield server
    finally:
        for account_id in wires:
            iam_backends.pop(account_id, None)
            sts_backends.pop(account_id, None)
