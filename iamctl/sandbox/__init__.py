"""The embedded IAM behind ``--sandbox``: moto in process, with what it lacks of AWS added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

__all__ = ["corrections_page", "open_sandbox"]


@contextmanager
def open_sandbox(
    snapshot: Mapping[str, Any] | None,
    *,
    account_id: str,
    partition: str = "aws",
    short_pages: int | None = None,
    moment: datetime | None = None,
) -> Iterator[boto3.Session]:
    """Yield a boto3 session whose IAM and STS are the embedded one, loaded from ``snapshot`` (empty when None).

    While it is open, every AWS request of the process goes to the embedded services: IAM and STS answer, all others
    raise, and nothing reaches the network. Clients of an earlier sandbox raise when they are used after its end.
    Loading does not validate: a live account may contain anything.

    ``short_pages`` cuts the pages of listings to at most that many items and makes every other page empty, as AWS
    may do, to test readers. Its clock is fixed at ``moment``, or is that of the machine.
    """
    from iamctl.sandbox.session import sandbox_session

    opened = sandbox_session(
        snapshot, account_id=account_id, partition=partition, short_pages=short_pages, moment=moment
    )
    with opened as session:
        yield session


def corrections_page() -> str:
    """Return the page "What the sandbox corrects" as Markdown."""
    from iamctl.sandbox.corrections import page

    return page()
