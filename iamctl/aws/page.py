"""Listings of IAM page by page, until they are provably at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import xform_name

from iamctl.aws.errors import IncompleteReadError, NoSuchEntityError, in_plain_words
from iamctl.aws.session import MAX_READERS

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

MAX_ITEMS = 1000
"""The largest page that IAM gives; it may always give less, even nothing, and say that there is more.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

Result = TypeVar("Result")


def ask(iam: IAMClient, operation: str, **params: Any) -> Mapping[str, Any]:
    """Return the answer to one request.

    Raises:
        AwsError: there is none.
    """
    with in_plain_words("iam", operation):
        answer: Mapping[str, Any] = getattr(iam, xform_name(operation))(**params)
    return answer


def pages(iam: IAMClient, operation: str, **params: Any) -> Iterator[Mapping[str, Any]]:
    """Yield all pages of a listing.

    Raises:
        IncompleteReadError: a marker is missing or comes twice.
        AwsError: a page cannot be read.
    """
    seen: set[str] = set()
    while True:
        page = ask(iam, operation, **params)
        yield page
        marker = page.get("Marker")
        if not page.get("IsTruncated", bool(marker)):
            return
        if not marker:
            raise IncompleteReadError(f"iam:{operation} says that there is more and not where; run again")
        if marker in seen:
            raise IncompleteReadError(f"iam:{operation} gives the same page again and again; run again")
        seen.add(marker)
        params["Marker"] = marker


def items(iam: IAMClient, operation: str, key: str, **params: Any) -> list[Mapping[str, Any]]:
    """Return what a listing holds under ``key``, of all pages.

    Raises:
        AwsError: the listing cannot be read to its end.
    """
    return [item for page in pages(iam, operation, **params) for item in page.get(key) or ()]


def whole_answer(iam: IAMClient, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the answer to a request with the lists of all its pages, None where IAM has no such thing.

    Raises:
        AwsError: it cannot be read to its end.
    """
    answer: dict[str, Any] = {}
    try:
        for page in pages(iam, operation, **params):
            for key, value in page.items():
                answer[key] = [*answer.get(key, ()), *value] if isinstance(value, list) else value
    except NoSuchEntityError:
        return None
    return answer


def side_by_side(read: Callable[[str], Result], names: Iterable[str]) -> dict[str, Result]:
    """Return what ``read`` gives for each name, sorted by name; the first error ends all.

    Raises:
        AwsError: as ``read`` does.
    """
    ordered = sorted(set(names))
    with ThreadPoolExecutor(max_workers=MAX_READERS) as readers:
        try:
            return dict(zip(ordered, readers.map(read, ordered), strict=True))
        except BaseException:
            readers.shutdown(wait=False, cancel_futures=True)
            raise
