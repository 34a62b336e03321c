"""Faults between a client and the embedded IAM: which request meets what, before or after it took effect.

The loopback IAM of other processes and the one inside a process (``crashing.py``) share these rules.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from unittest import mock

from iamctl.sandbox import paging
from iamctl.sandbox.serving import Reply

READS = ("Get", "List", "Generate", "Describe")


class Outage(Enum):
    """What a client gets in place of an answer."""

    DROP = "the connection is closed"
    RESET = "the connection is reset"


@dataclass
class Rule:
    """Lets the ``nth`` request of an operation, and the ``times - 1`` after it, meet an effect.

    ``operation`` is a name, ``write``, ``read`` or ``*``. An effect gets the request and returns what the client gets
    in place of the answer, or None for the answer. ``around`` is open while the request is carried out.
    """

    effect: Callable[[object], Reply | Outage | None] = lambda _: None
    operation: str = "*"
    nth: int = 1
    times: float = 1
    when: str = "before"
    around: Callable[[object], AbstractContextManager] = lambda _: nullcontext()
    seen: int = 0
    met: int = 0

    def is_met(self, operation):
        is_read = operation.startswith(READS)
        kind = "read" if is_read else "write"
        if operation in {"GetCallerIdentity", "AssumeRole"}:  # STS is asked before anything else
            kind = "sts"
        if self.operation not in {"*", kind, operation}:
            return False
        self.seen += 1
        is_met = self.nth <= self.seen < self.nth + self.times
        self.met += is_met
        return is_met


@dataclass
class Rules:
    """The rules of one IAM, asked for each request."""

    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __iadd__(self, rule):
        self.rules.append(rule)
        return self

    def exchange(self, operation, asked, account, forward, one_at_a_time):
        """Return what the client gets; a request is carried out while the lock is held."""
        with self.lock:
            met = [rule for rule in self.rules if rule.is_met(operation)]
        for rule in met:
            if rule.when == "before" and (reply := rule.effect(asked)) is not None:
                return reply
        with one_at_a_time:
            reply = self.carried_out([rule.around for rule in met], account, forward)
        for rule in met:
            if rule.when == "after" and (instead := rule.effect(asked)) is not None:
                return instead
        return reply

    def carried_out(self, arounds, account, forward):
        if not arounds:
            return forward()
        with arounds[0](account):
            return self.carried_out(arounds[1:], account, forward)


def drop(_):
    return Outage.DROP


def reset(_):
    return Outage.RESET


def delay(seconds):
    return lambda _: time.sleep(seconds)


def status(code, number=500, message="injected"):
    return lambda _: Reply.error(code, message, number)


def garbage(content=b"<html><body>Please sign in</body></html>", number=200):
    return lambda _: Reply(number, content)


def edit(change):
    """Another actor changes the account: ``change`` is called."""

    def effect(_):
        change()

    return effect


def kill(process, number=signal.SIGKILL):
    """The process that ``process`` returns gets a signal, and no answer."""

    def effect(_):
        os.kill(process(), number)
        return Outage.DROP

    return effect


def short_page(items):
    """Pages have at most that many items, and every other one is empty."""

    @contextmanager
    def around(account):
        before, account.short_pages = account.short_pages, items
        try:
            yield
        finally:
            account.short_pages = before

    return around


@contextmanager
def twice(_account):
    """A page begins with the last item of the page before it."""
    position = paging.position

    def one_back(marker, operation, total):
        start, after_empty = position(marker, operation, total)
        return max(0, start - 1) if marker and not after_empty else start, after_empty

    with mock.patch.object(paging, "position", one_back):
        yield


class Past:
    """Remembers the account after each write, and answers reads from an earlier state of it."""

    def __init__(self):
        self.states = []

    def remember(self, account):
        self.states.append(deepcopy(account.__dict__))

    def stale(self, writes):
        """Reads are answered as the account was ``writes`` writes ago, or as it was first."""

        @contextmanager
        def around(account):
            now = account.__dict__
            if not self.states:
                yield
                return
            account.__dict__ = self.states[max(0, len(self.states) - 1 - writes)]
            try:
                yield
            finally:
                account.__dict__ = now

        return around
