"""The lock of an account: where it is kept, and what whoever keeps it can do."""

from __future__ import annotations

from typing import Protocol

from iamctl.model.address import IamctlError
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class LockSettings:
    """Where the lock of an account is kept."""

    s3: str
    """The bucket, and what the keys of locks begin with, without a slash at its end: ``bucket/prefix``."""
    owner: str = ""
    """The account id of the bucket's owner; empty: the account itself."""

    @property
    def bucket(self) -> str:
        """The name of the bucket."""
        return self.s3.partition("/")[0]

    def key(self, account_id: str) -> str:
        """Return the key of the lock of an account."""
        return f"{self.s3}/{account_id}.json".partition("/")[2]

    def __str__(self) -> str:
        return f"{self.s3} of {self.owner}" if self.owner else self.s3


@dataclass(frozen=True)
class StoredLock:
    """A lock as it was read."""

    body: bytes
    etag: str
    age_seconds: float
    """How long ago it was written, both by the clock of whoever keeps it."""


class ConditionFailedError(Exception):
    """The lock is not as the request demanded, so nothing was written."""


class LockDeniedError(IamctlError):
    """The caller may not do this with the lock; for some callers AWS answers so where there is no lock, too."""


class LockStore(Protocol):
    """Whoever keeps the lock of one account, and changes it only under conditions."""

    place: str
    """Where the lock is, for messages."""

    def create(self, body: bytes) -> str:
        """Write the lock if there is none, and return its ETag.

        Raises:
            ConditionFailedError: there is one.
        """
        ...

    def replace(self, body: bytes, etag: str) -> str:
        """Write the lock if its ETag is still ``etag``, and return the new one.

        Raises:
            ConditionFailedError: it is another one, or gone.
        """
        ...

    def delete(self, etag: str) -> None:
        """Delete the lock if its ETag is still ``etag``.

        Raises:
            ConditionFailedError: it is another one, or gone.
        """
        ...

    def read(self) -> StoredLock | None:
        """Return the lock, or None where there is none."""
        ...
