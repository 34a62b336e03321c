"""iamctl in this process against an embedded IAM that it takes for AWS: killed at a request, lied to, edited meanwhile.

A killed run sends nothing any more, whichever of its threads asks; that is all that a killed process has in common with
the next one, which reads the account and no file. ``test_killed_processes.py`` compares it with processes that are
really killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import botocore.loaders
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from canaries import SEEN
from command_line import ACCOUNT, environment, write_tree
from faults import READS, Outage, Past, Rule, Rules
from moto.core.botocore_stubber import MockRawResponse
from moto.iam.models import iam_backends
from oracle_checks import Sides, broken_promise
from oracle_plans import World
from seen_account import orphans, seen
from urllib3.exceptions import ReadTimeoutError as Urllib3TimeoutError

from iamctl.cli.process import run_command_line
from iamctl.sandbox import open_sandbox
from iamctl.sandbox.buckets import Buckets, ObjectRequest
from iamctl.sandbox.signin import PATHS

VARIABLES = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # never reached; it makes apply wait for nothing that AWS would show late
    "AWS_ACCESS_KEY_ID": "ASIAIAMCTLSANDBOX234",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_SESSION_TOKEN": "sandbox",
    "AWS_REGION": "us-east-1",
}


@cache
def loader():
    return botocore.loaders.create_loader()


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _is_main_thread():
    return threading.current_thread() is threading.main_thread()


class Killed(BaseException):
    """The process is no more."""


class Place:
    """One account, the folder of the manifests, and what happens on the way between them."""

    def __init__(self, folder, account, inner):
        self.folder = folder
        self.account = account
        self.rules = Rules()
        self.past = Past()
        self.flags = ()
        self.asked = []
        self.is_dead = False
        self.states = []
        self.uids = {}
        self.buckets = Buckets(owner=account.account_id)
        self.one_at_a_time = threading.RLock()
        self._inner = inner

    def send(self, endpoint, request):
        """Take a request of botocore."""
        if endpoint._endpoint_prefix == "s3":  # the lock
            return self.object_answer(request)
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        if endpoint._endpoint_prefix == "secretsmanager":
            operation, params = text(request.headers["X-Amz-Target"]).partition(".")[2], json.loads(body)
        elif endpoint._endpoint_prefix == "signin":
            operation, params = PATHS[urlsplit(request.url).path], json.loads(body)
        else:
            params = {name: values[0] for name, values in parse_qs(body).items()}
            operation = params.pop("Action")
        SEEN.update(filter(None, [params.get("Password")]))
        asked = SimpleNamespace(operation=operation, params=params)

        def forward():
            if self.is_dead:
                raise Killed
            self.asked.append(operation)
            answer = self._inner(endpoint, request)
            SEEN.update(key.secret_access_key for key in self.account.access_keys.values())
            if not operation.startswith(READS) and answer.status_code < 300 and endpoint._endpoint_prefix == "iam":
                self.past.remember(self.account)
                self.states.append((operation, self.seen()))
            return answer

        if self.is_dead:
            raise Killed
        reply = self.rules.exchange(operation, asked, self.account, forward, self.one_at_a_time)
        if reply is Outage.DROP:
            raise ConnectionClosedError(endpoint_url=request.url)
        if reply is Outage.RESET:
            error = Urllib3TimeoutError(None, request.url, "")
            raise ReadTimeoutError(endpoint_url=request.url, error=error)
        if isinstance(reply, AWSResponse):
            return reply
        return AWSResponse(request.url, reply.status, {}, MockRawResponse(reply.content))

    def object_answer(self, request):
        """Return the answer of S3, in which the lock is."""
        parts = urlsplit(request.url)
        headers = {name: text(value) for name, value in request.headers.items()}
        body = request.body if isinstance(request.body, bytes) else getattr(request.body, "getvalue", bytes)()
        asked = ObjectRequest(request.method, f"{parts.path}?{parts.query}", headers, body, "us-east-1")
        with self.one_at_a_time:
            answer = self.buckets.answer(asked, datetime.now(UTC))
        return AWSResponse(request.url, answer.status, dict(answer.headers), MockRawResponse(answer.content))

    def seen(self):
        """Return the account as the oracle of the order sees it."""
        return seen(self.account, self.uids)

    def kill_at(self, number, when):
        """Let the process die before or after its ``number``-th write takes effect."""

        def effect(_):
            self.is_dead = True
            raise Killed

        if when == "before":
            self.rules += Rule(effect, "write", number)
            return

        @contextmanager
        def around(_):
            yield
            effect(_)

        self.rules += Rule(operation="write", nth=number, around=around)

    def run(self, *words):
        """Run a command line and return its exit code and output; None for a code if it was killed."""
        out, err = io.StringIO(), io.StringIO()
        self.asked, self.is_dead = [], False
        # a run inside another one is in a thread of its workers, which may set no handlers
        handlers = contextlib.nullcontext() if _is_main_thread() else mock.patch("signal.signal")
        with handlers, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run_command_line([str(word) for word in words])
            except Killed:
                code = None
        self.is_dead = False
        return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue(), asked=self.asked)

    def apply(self, *words, parallel=1):
        """Apply the manifests."""
        given = ("--yes", "--access", "none", "--parallel", parallel, "--patience", "30s", "--quiet")
        return self.run("apply", self.folder / "iam", *given, *self.flags, *words)

    def is_planned_empty(self):
        """Return whether a plan finds nothing to change."""
        planned = self.run("plan", self.folder / "iam", "--access", "none", "--detailed-exitcode", "--quiet")
        assert planned.code in {0, 2}, planned.out[-3000:] + planned.err
        return planned.code == 0

    @property
    def writes(self):
        return [operation for operation in self.asked if not operation.startswith(("Assume", *READS))]

    def saved(self):
        """Return the account, to ``restore`` it."""
        return deepcopy(self.account.__dict__)

    def restore(self, saved):
        self.account.__dict__ = deepcopy(saved)
        self.rules, self.states, self.past = Rules(), [], Past()

    def manifests(self, declared, **settings):
        """Write the manifests."""
        write_tree(self.folder / "iam", declared, **settings)


@contextmanager
def place(folder, snapshot, account_id=ACCOUNT):
    """Yield an account that this process takes for AWS, with ``folder`` as working directory."""
    before = Path.cwd()
    with (
        open_sandbox(snapshot, account_id=account_id),
        mock.patch.dict(os.environ, environment(**VARIABLES), clear=True),
    ):
        opened = Place(folder, iam_backends[account_id]["aws"], Endpoint._send)
        opened.uids.update({user.id: user.id for user in opened.account.users.values()})
        os.chdir(folder)

        def send(endpoint, request):
            return opened.send(endpoint, request)

        answers = mock.patch.object(Endpoint, "_send", send)
        reads_models_once = mock.patch.object(botocore.session, "create_loader", return_value=loader())
        try:
            with answers, reads_models_once:
                yield opened
        finally:
            os.chdir(before)


_UNDISTURBED = {}
"""By the id of a scenario, which is a constant: the account that a run without faults leaves, and its writes."""


class Trial:
    """A scenario in its place, with the states before it and after an undisturbed run.

    That run is made once in a process for each scenario: no scenario creates what has an id in ``seen``.
    """

    def __init__(self, here, scenario):
        self.here = here
        here.flags = scenario.flags
        here.manifests(scenario.declared, **scenario.settings)
        self.first, self.before, self.orphans = here.saved(), here.seen(), orphans(here.account)
        if id(scenario) not in _UNDISTURBED:
            _UNDISTURBED[id(scenario)] = self.reached()
        self.after, self.writes = _UNDISTURBED[id(scenario)]

    def reached(self):
        """Return the account that an undisturbed run reaches, and how many writes it takes."""
        done = self.here.apply()
        assert done.code == 0, done.out[-3000:] + done.err
        self.after, writes = self.here.seen(), len(self.here.writes)
        assert self.problem() is None, self.problem()
        self.begin()
        return self.after, writes

    def begin(self):
        self.here.restore(self.first)

    def problem(self):
        """Return what is wrong with a state since the beginning, or with the account as it is."""
        if found := broken(self.before, self.after, self.here.states, self.before.roles):
            return found
        if extra := orphans(self.here.account) - self.orphans:
            return f"left over: {extra}"
        return None

    def finishes(self, *words, parallel=1):
        """Run without faults and return what is wrong with the result, or None."""
        self.here.rules = Rules()
        return self.ends(*words, parallel=parallel)

    def ends(self, *words, parallel=1):
        """Run with the faults that are set and return what is wrong with the result, or None."""
        done = self.here.apply(*words, parallel=parallel)
        if done.code != 0:
            return f"exit code {done.code}: {done.err or done.out[-3000:]}"
        if self.here.seen() != self.after:
            return f"another account than without faults: {self.here.seen()}"
        if not self.here.is_planned_empty():
            return "the plan is not empty"
        return self.problem()


@contextmanager
def trial(folder, scenario):
    with place(folder, scenario.live) as here:
        yield Trial(here, scenario)


def broken(before, after, states, unmanaged):
    """Return what is wrong with a state on the way from one account to another, or None."""
    sides = Sides.of(World(before, after))
    for number, (operation, state) in enumerate(states, 1):
        if problem := broken_promise(sides, state) or locked_out(before, after, state) or touched(state, unmanaged):
            return f"after write {number} ({operation}): {problem}"
    return None


def by_uid(account):
    return {user.uid: user for user in account.users.values()}


def locked_out(before, after, now):
    """Return who has lost a way in that they have before and after, or None."""
    old, new, held = by_uid(before), by_uid(after), by_uid(now)
    for uid in old.keys() & new.keys():
        if uid not in held:
            return f"{uid} is gone"
        if old[uid].login and new[uid].login and not held[uid].login:
            return f"{uid} has no password"
        if lost := (old[uid].devices & new[uid].devices) - held[uid].devices:
            return f"{uid} has lost {lost}"
        if lost := (old[uid].keys & new[uid].keys) - held[uid].keys:
            return f"{uid} has lost {lost}"
    return None


def touched(state, unmanaged):
    return None if dict(state.roles) == dict(unmanaged) else "a role changed"
