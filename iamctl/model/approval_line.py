"""Approvals: what a line of ``approvals.yaml`` permits that a limit or another guard rail refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import field
from typing import Any, Literal

from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

APPROVAL_RULE = "IAM452"
"""The rule that reports approvals; a report names those that are used or new before everything else."""

Subject = Literal["removals", "settings"]
"""What one approval is about: removals over the limits and keys in use, or settings looser than in the base."""

_FORMAT = "iamctl-approval/1"


@dataclass(frozen=True)
class Approval:
    """A digest of what is permitted, with words for people that must be true."""

    digest: str
    words: str
    origin: Origin | None = field(default=None, compare=False)
    """The place of the line in ``approvals.yaml``; None for what a plan asks for."""

    def __str__(self) -> str:
        return f"{self.digest} {self.words}"


@dataclass(frozen=True)
class Approvals:
    """The lines of ``approvals.yaml`` that may be about one account."""

    lines: tuple[Approval, ...] = ()
    names_account: bool = False
    """Whether the words of a line end with the account id, because the manifests have several accounts."""


def approval_digest(subject: Subject, account: Iterable[str], items: Iterable[Any]) -> str:
    """Return ``sha256:…`` of what is approved: JSON values in any order, in one account.

    The format and the subject are part of what is hashed, so that no plan digest and no approval of another kind is
    equal.
    """
    import hashlib  # loads OpenSSL

    rows = sorted(_canonical(item) for item in items)
    text = _canonical([_FORMAT, subject, list(account), rows])
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
