"""Makes sure that every write goes to the account that was planned for, also when credentials are renewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from iamctl.aws.errors import in_plain_words
from iamctl.aws.renewal import access_key
from iamctl.aws.session import Caller, Session, identify, identifying_client
from iamctl.model.failures import RefusedError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

CHECKED_EVERY = 50
"""Writes with the same credentials after which STS must have been asked again."""

ASKED_AFTER = 30
"""Writes after which STS is asked again while writes go on: an answer needs the time of some ten writes."""

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


class CredentialsRenewedError(Exception):
    """The credentials changed while STS was asked about them; the write was not sent."""


class _Question:
    """One request to STS, and the writes since it was made."""

    def __init__(self, key: str) -> None:
        self.key = key
        """The access key that the answer is about."""
        self.writes = 0
        self.error: BaseException | None = None
        self.answered = Event()


def in_a_thread(job: Callable[[], None]) -> None:
    """Run a job beside everything else; it does not keep the process alive."""
    Thread(target=job, name="same-caller", daemon=True).start()


class SameCaller:
    """Lets a write pass when STS has told for its credentials that they are those of the planned account.

    At most ``CHECKED_EVERY`` writes begin after a question to STS whose answer was good. The next question is asked
    while writes go on; they wait only for an answer that takes longer than the rest of these writes.
    """

    def __init__(
        self, session: Session, caller: Caller, beside: Callable[[Callable[[], None]], None] = in_a_thread
    ) -> None:
        """``beside`` runs a job while writes go on."""
        self._session = session
        self._caller = caller
        self._beside = beside
        self._sts = identifying_client(session)
        self._sts.meta.events.register_first("before-send.sts", self._note_key)
        self._lock = Lock()
        self._last: _Question | None = None
        """The last question that was answered."""
        self._open: _Question | None = None
        """The one question that is not answered yet."""

    def watch(self, client: Any) -> None:
        """Look at every request of a client right before it is sent."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-send.{service}", self._before_send)

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> None:
        self._check(_key_of(request))

    def _note_key(self, request: AWSPreparedRequest, **_: Any) -> None:
        """Note which key signed the question: the credentials may have been renewed after the write was signed."""
        if self._open is not None:
            self._open.key = _key_of(request)

    def _check(self, key: str) -> None:
        """Return when a write that ``key`` signed may be sent."""
        while True:
            with self._lock:
                if self._may_pass(key):
                    early = self._passed(key)
                    break
                question = self._open
                is_mine = question is None
                if question is None:
                    self._open = question = _Question(key)
            if not is_mine:
                question.answered.wait()
                continue
            self._ask(question)
            if question.key != key:
                raise CredentialsRenewedError
        if early is not None:
            self._ask_beside(early)

    def _may_pass(self, key: str) -> bool:
        """Return whether a write may be sent, False where STS has to answer before.

        Raises:
            RefusedError: the credentials are those of somebody else.
            AwsError: STS was asked about them, and could not tell.
        """
        last = self._last
        if last is None or last.key != key:
            return False
        if last.error is not None:
            raise last.error
        return last.writes < CHECKED_EVERY

    def _passed(self, key: str) -> _Question | None:
        """Count a write, and return the question that is to be asked beside it and those after it."""
        early = None
        for question in (self._last, self._open):
            if question is not None:
                question.writes += 1
        if self._last is not None and self._last.writes >= ASKED_AFTER and self._open is None:
            self._open = early = _Question(key)
        return early

    def _ask_beside(self, question: _Question) -> None:
        try:
            self._beside(partial(self._ask, question))
        except RuntimeError:  # there is no further thread
            self._ask(question)

    def _ask(self, question: _Question) -> None:
        """Ask STS who calls; the answer is that to ``question``, and an error is raised by the writes after it."""
        try:
            again = identify(self._session, self._sts)
            if _principal(again) != _principal(self._caller):
                question.error = RefusedError(
                    f"the credentials now belong to {again.arn}; nothing was sent with them (IAM402)"
                )
        except BaseException as error:  # noqa: BLE001 - this may be a thread of its own; the next write raises it
            question.error = error
        with self._lock:
            self._last, self._open = question, None
        question.answered.set()


class SameReader:
    """Makes sure that answers came from the account that was planned for, also where credentials were renewed."""

    def __init__(self, session: Session, caller: Caller) -> None:
        self._session = session
        self._caller = caller
        self._lock = Lock()
        self._good = {self._key()}

    def check(self) -> None:
        """Return if what was read until now can be believed; STS is asked about each renewal once.

        Raises:
            RefusedError: the credentials are those of somebody else.
            AwsError: STS could not tell.
        """
        key = self._key()
        if key in self._good:
            return
        with self._lock:
            if key in self._good:
                return
            again = identify(self._session)
            if _principal(again) != _principal(self._caller):
                raise RefusedError(f"the credentials now belong to {again.arn}, so what was read is not used (IAM402)")
            self._good.add(key)

    def _key(self) -> str:
        with in_plain_words("sts", "GetCallerIdentity"):
            credentials = self._session.get_credentials()
            return access_key(credentials) if credentials else ""


def _key_of(request: AWSPreparedRequest) -> str:
    """Return the access key that signed a request."""
    header: Any = request.headers.get("Authorization", "")
    found = _CREDENTIAL.search(header.decode() if isinstance(header, bytes) else header)
    return found[1] if found else ""


def _principal(caller: Caller) -> tuple[str, str, bool, str]:
    """Return what must stay the same: the session name of a role may change when its credentials are renewed."""
    role = re.match(r"(arn:[^:]+:sts::\d{12}:assumed-role/.+)/[^/]+$", caller.arn)
    return caller.account_id, caller.partition, caller.is_root, role[1] if role else caller.arn
