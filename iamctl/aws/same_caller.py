"""Makes sure that every write goes to the account that was planned for, also when credentials are renewed."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any

from iamctl.aws.session import Caller, Session, identify
from iamctl.model.failures import RefusedError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

CHECKED_EVERY = 50
"""Writes with the same credentials after which STS is asked again."""

_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


class CredentialsRenewedError(Exception):
    """The credentials changed while STS was asked about them; the write was not sent."""


class SameCaller:
    """Lets a write pass when STS has told for its credentials that they are those of the planned account."""

    def __init__(self, session: Session, caller: Caller) -> None:
        self._session = session
        self._caller = caller
        self._lock = Lock()
        self._key = ""
        self._left = 0

    def watch(self, client: Any) -> None:
        """Look at every request of a client right before it is sent."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-send.{service}", self._before_send)

    def _before_send(self, request: AWSPreparedRequest, **_: Any) -> None:
        header: Any = request.headers.get("Authorization", "")
        found = _CREDENTIAL.search(header.decode() if isinstance(header, bytes) else header)
        self._check(found[1] if found else "")

    def _check(self, key: str) -> None:
        with self._lock:
            if key != self._key or self._left <= 0:
                again = identify(self._session)
                if _principal(again) != _principal(self._caller):
                    raise RefusedError(
                        f"the credentials now belong to {again.arn}; nothing was sent with them (IAM402)"
                    )
                credentials = self._session.get_credentials()
                if not credentials or credentials.get_frozen_credentials().access_key != key:
                    raise CredentialsRenewedError
                self._key, self._left = key, CHECKED_EVERY
            self._left -= 1


def _principal(caller: Caller) -> tuple[str, str, bool, str]:
    """Return what must stay the same: the session name of a role may change when its credentials are renewed."""
    role = re.match(r"(arn:[^:]+:sts::\d{12}:assumed-role/.+)/[^/]+$", caller.arn)
    return caller.account_id, caller.partition, caller.is_root, role[1] if role else caller.arn
