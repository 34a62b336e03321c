"""Answers that come to an end: a time-out between two bytes does not limit how long an answer takes, or how large it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

WHOLE_ANSWER_SECONDS = 60.0
"""From the headers to the last byte; the largest page of IAM takes a few seconds."""

MAX_ANSWER_BYTES = 256 * 1_048_576
"""Of an answer: 256 MiB. The largest page of IAM has 1,000 policies, each with five URL-encoded versions: some 92 MB.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

_MOST_BYTES = 65_536


class SlowAnswerError(BotoCoreError):
    """An answer began and did not end in time; it is not asked for again, since a proxy that drips keeps dripping."""

    fmt = "the answer from {url} did not end within {seconds} seconds"


class LongAnswerError(BotoCoreError):
    """An answer is longer than any of AWS's; what is behind it is a proxy, or a mistake."""

    fmt = "the answer from {url} is larger than {size} MiB"


class WholeAnswers:
    """The HTTP session of a client, whose answers end within a minute and fit into memory."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Return the answer to a request with its whole body.

        Raises:
            SlowAnswerError: the body did not end in time.
            LongAnswerError: the body is larger than any answer of AWS.
        """
        wants_stream, request.stream_output = request.stream_output, True
        answer: Any = self._inner.send(request)
        request.stream_output = wants_stream
        if wants_stream:
            return answer  # type: ignore[no-any-return]
        end, parts, size = time.monotonic() + WHOLE_ANSWER_SECONDS, list[bytes](), 0
        while part := answer.raw.read1(_MOST_BYTES):
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                answer.raw.close()
                raise LongAnswerError(url=request.url, size=MAX_ANSWER_BYTES // 1_048_576)
            if time.monotonic() > end:
                answer.raw.close()
                raise SlowAnswerError(url=request.url, seconds=int(WHOLE_ANSWER_SECONDS))
        answer.raw.release_conn()
        answer._content = b"".join(parts)  # noqa: SLF001 - where botocore keeps what it has read
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
