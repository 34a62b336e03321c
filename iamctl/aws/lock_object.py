"""The lock of an account as an object in S3, written and deleted under conditions only."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from iamctl.aws.errors import DENIED_CODES, AwsError, error_code, http_status, in_plain_words
from iamctl.aws.session import Session, watch_answers
from iamctl.model.lock import ConditionFailedError, LockDeniedError, LockSettings, StoredLock

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LOCK_BYTES = 16_384
"""Of a lock; what is larger is none."""

READ_SECONDS = 10
"""For the body of a lock, and between two bytes of an answer."""

_LOCKING = Config(
    connect_timeout=5,
    read_timeout=READ_SECONDS,
    # a request that is sent twice is safe: the second one finds its condition failed, and the lock is read
    retries={"mode": "standard", "total_max_attempts": 2},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_FAILED_CONDITIONS = frozenset({404, 409, 412})
"""There is no object; one that changes just now; another one.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""


class LockObject:
    """The object that is the lock of one account.

    The region of the bucket is found by S3's redirects, which name it. Every request names the owner of the bucket, so
    that nobody else's bucket of the same name is used.
    """

    def __init__(self, session: Session, settings: LockSettings, account_id: str) -> None:
        key = settings.key(account_id)
        self.place = f"s3://{settings.bucket}/{key}"
        self._owner = settings.owner or account_id
        self._where = {"Bucket": settings.bucket, "Key": key, "ExpectedBucketOwner": self._owner}
        with in_plain_words("s3", "PutObject"):
            self._s3: Any = session.client("s3", config=_LOCKING)
        watch_answers(session, self._s3)

    def create(self, body: bytes) -> str:
        """Write the lock if there is none, and return its ETag."""
        return self._put(body, IfNoneMatch="*")

    def replace(self, body: bytes, etag: str) -> str:
        """Write the lock if its ETag is still ``etag``, and return the new one."""
        return self._put(body, IfMatch=etag)

    def delete(self, etag: str) -> None:
        """Delete the lock if its ETag is still ``etag``."""
        self._ask("delete_object", "DeleteObject", IfMatch=etag)

    def read(self) -> StoredLock | None:
        """Return the lock, or None where there is none."""
        try:
            answer = self._ask("get_object", "GetObject")
        except ConditionFailedError:
            return None
        with in_plain_words("s3", "GetObject"):
            return StoredLock(_body(answer["Body"]), answer["ETag"], _age(answer))

    def _put(self, body: bytes, **condition: str) -> str:
        answer = self._ask("put_object", "PutObject", Body=body, ContentType="application/json", **condition)
        etag = answer.get("ETag")
        if not isinstance(etag, str) or not etag:
            raise AwsError("the response to s3:PutObject is not from AWS, perhaps a page of a proxy")
        return etag

    def _ask(self, method: str, operation: str, **params: Any) -> Mapping[str, Any]:
        with in_plain_words("s3", operation):
            try:
                answer: Mapping[str, Any] = getattr(self._s3, method)(**self._where, **params)
            except ClientError as error:
                self._explain(operation, error)
                raise
        return answer

    def _explain(self, operation: str, error: ClientError) -> None:
        """Raise what a refusal means for a lock; return where it means the same as anywhere.

        Raises:
            ConditionFailedError: the lock is not as the request demanded.
            LockDeniedError: the caller may not do this.
            AwsError: there is no such bucket.
        """
        status, code = http_status(error), error_code(error)
        if code == "NoSuchBucket":
            raise AwsError(
                f"the bucket of the lock {self.place} does not exist; create it, or correct 'lock'"
            ) from error
        if status in _FAILED_CONDITIONS:
            raise ConditionFailedError from error
        if code in DENIED_CODES:
            missing = (
                ". Without s3:ListBucket AWS answers the same if there is no lock" if operation == "GetObject" else ""
            )
            raise LockDeniedError(
                f"AWS denied s3:{operation} on the lock {self.place}. Allow it in a policy of the caller; the bucket must "
                f"belong to account {self._owner}, or to the one that 'lock' names as owner{missing}"
            ) from error


def _body(stream: Any) -> bytes:
    """Return the body of an answer; of one that is longer than a lock, or does not end in time, only a part."""
    end, parts, size = time.monotonic() + READ_SECONDS, list[bytes](), 0
    while part := stream._raw_stream.read1(MAX_LOCK_BYTES):  # noqa: SLF001 - the only read that returns what is there
        parts.append(part)
        size += len(part)
        if size > MAX_LOCK_BYTES or time.monotonic() > end:
            break
    stream.close()
    return b"".join(parts)


def _age(answer: Mapping[str, Any]) -> float:
    """Return how old an object is by the clock of S3 alone; by ours where the answer has no date."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        now = parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError):
        now = datetime.now(UTC)
    written: datetime = answer["LastModified"]
    return (now - written).total_seconds()
