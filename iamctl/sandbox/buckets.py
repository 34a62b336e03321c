"""S3 of a served sandbox, as far as locks need it: whole objects, read, and written and deleted under conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from iamctl.text.late_dataclass import dataclass

_OPERATIONS = {"GET": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_ERROR = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>{}</Code><Message>{}</Message></Error>"


@dataclass(frozen=True)
class ObjectRequest:
    """A signed request for one object."""

    method: str
    target: str
    """Path and query, as the request line has them."""
    headers: Mapping[str, str]
    body: bytes
    region: str
    """Of the signature."""

    @property
    def operation(self) -> str:
        """The operation in AWS's words."""
        return _OPERATIONS.get(self.method, self.method)

    def header(self, name: str) -> str:
        """Return a header, empty where there is none; case does not count."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class ObjectReply:
    """What S3 answers."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def error(cls, status: int, code: str, message: str, **headers: str) -> ObjectReply:
        """Return an error as S3 writes it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, _ERROR.format(escape(code), escape(message)).encode(), named)


@dataclass
class Buckets:
    """All buckets that anybody names exist, belong to ``owner`` and are in the region of the first request."""

    owner: str
    regions: dict[str, str] = field(default_factory=dict)
    objects: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    """Body and time of the last write, by bucket and key."""

    def answer(self, asked: ObjectRequest, now: datetime) -> ObjectReply:
        """Return the answer to a request; a write without a condition is refused, as a bucket policy can do.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        """
        bucket, _, key = unquote(urlsplit(asked.target).path).lstrip("/").partition("/")
        region = self.regions.setdefault(bucket, asked.region)
        if region != asked.region:
            message = "The bucket you are attempting to access must be addressed using the specified endpoint."
            return ObjectReply.error(301, "PermanentRedirect", message, x_amz_bucket_region=region)
        if asked.header("x-amz-expected-bucket-owner") not in {"", self.owner}:
            return ObjectReply.error(403, "AccessDenied", "Access Denied")
        if not key or asked.method not in _OPERATIONS:
            return ObjectReply.error(501, "NotImplemented", "the sandbox has objects of S3 only, for locks")
        if asked.method == "GET":
            return self._get(bucket, key)
        if refusal := self._refusal(bucket, key, asked):
            return refusal
        if asked.method == "DELETE":
            del self.objects[bucket, key]
            return ObjectReply(204)
        self.objects[bucket, key] = (asked.body, now)
        return ObjectReply(200, headers={"ETag": etag(asked.body)})

    def _get(self, bucket: str, key: str) -> ObjectReply:
        found = self.objects.get((bucket, key))
        if found is None:
            return ObjectReply.error(404, "NoSuchKey", "The specified key does not exist.")
        body, written = found
        return ObjectReply(
            200, body, {"ETag": etag(body), "Last-Modified": format_datetime(written.astimezone(UTC), usegmt=True)}
        )

    def _refusal(self, bucket: str, key: str, asked: ObjectRequest) -> ObjectReply | None:
        """Return why a write is refused.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        found, wanted = self.objects.get((bucket, key)), asked.header("If-Match")
        is_new = asked.method == "PUT" and asked.header("If-None-Match") == "*"
        if not wanted and not is_new:
            return ObjectReply.error(403, "AccessDenied", "the sandbox allows conditional writes only")
        if found is None and not is_new:
            return ObjectReply.error(404, "NoSuchKey", "The specified key does not exist.")
        if found is not None and (is_new or wanted.strip('"') != etag(found[0]).strip('"')):
            message = "At least one of the pre-conditions you specified did not hold"
            return ObjectReply.error(412, "PreconditionFailed", message)
        return None


def etag(body: bytes) -> str:
    """Return the ETag of an object that was written in one part, with its quotes."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
