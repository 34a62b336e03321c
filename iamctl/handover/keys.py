"""Delivers new access keys: AWS shows the secret of a key once, and it is delivered before the answer counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from iamctl.handover.delivery import EncryptedFiles, HandoverError
from iamctl.handover.letter import NewKey
from iamctl.kinds.new_access_key import SECRET_PREFIX, NewAccessKey
from iamctl.kinds.rotation import NEW_KEY
from iamctl.model import REACHED, Call, CallError, Outcome, OutcomeStatus
from iamctl.text.late_dataclass import dataclass

CREATION = "CreateAccessKey"


@dataclass(frozen=True)
class HandedKey:
    """One new access key at the end of an apply; ``valid`` is None if the next run may delete it."""

    user: str
    access_key: str
    file: str | None
    secret: str | None
    valid: bool | None

    def to_json(self) -> dict[str, str | bool | None]:
        """Return the fields, as the result of an apply lists them; one of ``file`` and ``secret`` is None."""
        return {
            "user": self.user,
            "access_key": self.access_key,
            "file": self.file,
            "secret": self.secret,
            "valid": self.valid,
        }


class KeyHandover:
    """Takes the secrets of new access keys out of AWS's answers, and delivers each to a file or to another call."""

    def __init__(self, files: EncryptedFiles | None, keys: Iterable[NewAccessKey]) -> None:
        """``keys`` are those that the plan creates; ``files`` receives those without a secret of AWS."""
        self._declared = {key.user.lower(): key for key in keys}
        self._files = files
        self._texts: dict[str, str] = {}
        self._handed: dict[str, tuple[str, str | None]] = {}

    def check(self) -> None:
        """Check whether files can be written, before a key is created.

        Raises:
            HandoverError: they cannot.
        """
        if self._files:
            self._files.check()

    def received(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the answer to a call without the secret of a new key, after delivering it.

        Raises:
            CallError: the secret is not in the answer, or cannot be delivered: the key exists, and nobody has it.
        """
        if call.service != "iam" or call.operation != CREATION:
            return answer
        made = answer.get("AccessKey") or {}
        user, key_id, secret = call.params["UserName"], made.get("AccessKeyId"), made.get("SecretAccessKey")
        declared = self._declared.get(str(user).lower())
        if not key_id or not secret or declared is None:
            raise CallError("UnreadableAnswer", "the response contains no access key", ambiguous=True)
        if declared.secret:
            self._texts[user] = json.dumps({"UserName": user, "AccessKeyId": key_id, "SecretAccessKey": secret})
            self._handed[user] = (key_id, None)
        else:
            assert self._files is not None
            try:
                file = self._files.deliver_key(user, NewKey(key_id, secret, declared.replaces))
            except HandoverError as error:
                raise CallError("KeyNotDelivered", str(error)) from error
            self._handed[user] = (key_id, file)
        return {"AccessKey": {name: value for name, value in made.items() if name != "SecretAccessKey"}}

    def __call__(self, name: str) -> str:
        """Return the text that a secret of AWS receives: the new key of a user as JSON.

        Raises:
            HandoverError: this run created no key of that name.
        """
        text = self._texts.get(name.removeprefix(SECRET_PREFIX))
        if text is None:
            raise HandoverError(f"the plan needs the secret {name!r}, which this run did not receive")
        return text

    def finish(self, outcomes: Iterable[Outcome]) -> tuple[HandedKey, ...]:
        """Return the keys that were created, and whether each is in somebody's hands for good."""
        statuses = {self._delivered_by(outcome.call): outcome.status for outcome in outcomes}
        return tuple(self._end(user, statuses.get(user)) for user in sorted(self._handed))

    def _delivered_by(self, call: Call) -> str:
        """Return the user whose new key is in somebody's hands for good once the call is done; empty for other calls.

        That is the call which fills the secret, or the end of the note: until then the next run deletes the key.
        """
        text, user = call.params.get("SecretString"), str(call.params.get("UserName", ""))
        if isinstance(text, Mapping):
            return str(text.get("$secret", "")).removeprefix(SECRET_PREFIX)
        declared = self._declared.get(user.lower())
        is_end = call.operation == "UntagUser" and call.params.get("TagKeys") == [NEW_KEY]
        return user if is_end and declared and not declared.secret else ""

    def _end(self, user: str, status: OutcomeStatus | None) -> HandedKey:
        key_id, file = self._handed[user]
        secret = self._declared[user.lower()].secret
        return HandedKey(user, key_id, file, secret, True if status in REACHED else None)
