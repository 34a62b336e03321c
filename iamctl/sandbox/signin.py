"""AWS Sign-In of a sandbox: its sessions are listed and revoked, with the parameters and answers of botocore 1.44.8.

Assumed: a session outlives the password and the user, an owner with a path is named without it, and an unknown
session is an entry of ``errors`` with the code ``RESOURCE_NOT_FOUND``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from iamctl.text.late_dataclass import dataclass

PATHS = {"/list-sessions": "ListSessions", "/batch-revoke-sessions": "BatchRevokeSessions"}
"""The paths of the requests, and their operations."""

_MOST_RESULTS = 100
_MOST_REVOKED = 5
_PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:(?:\*|root|(?:user|role)/[\w+=,.@-]{1,64})", re.ASCII)


@dataclass
class StoredSessions:
    """The sign-in sessions of an account, by ARN, in AWS's words.

    https://docs.aws.amazon.com/boto3/latest/reference/services/signin.html
    """

    by_arn: dict[str, dict[str, Any]] = field(default_factory=dict)
    page: int = _MOST_RESULTS
    """How many sessions a page has at most."""
    broken: dict[str, tuple[str, str]] = field(default_factory=dict)
    """ARN of a session that cannot be revoked to the code and the message of the error."""

    def add(self, sessions: Iterable[Mapping[str, Any]]) -> None:
        """Add sessions; one without a status is active."""
        self.by_arn.update({one["sessionArn"]: {"status": "ACTIVE", **one} for one in sessions})

    def answer(self, operation: str, body: str | bytes | None) -> tuple[int, str]:
        """Return status and JSON of the answer to a request with this JSON."""
        try:
            asked = json.loads(body or b"{}")
        except ValueError:
            return _error("the request is not JSON")
        if operation not in PATHS.values():
            return _error("the sandbox has only ListSessions and BatchRevokeSessions")
        principal = asked.get("principalArn", "")
        if not _PRINCIPAL.fullmatch(principal):
            return _error(f"principalArn {principal!r} is not the ARN of a user, a role or an account")
        owned = {
            arn: one
            for arn, one in self.by_arn.items()
            if principal.endswith(":*") or one["principalArn"].lower() == principal.lower()
        }
        return self._listed(asked, owned) if operation == "ListSessions" else self._revoked(asked, owned)

    def _listed(self, asked: Mapping[str, Any], owned: Mapping[str, dict[str, Any]]) -> tuple[int, str]:
        status, start = asked.get("status"), int(asked.get("nextToken") or 0)
        found = [one for _, one in sorted(owned.items()) if status is None or one["status"] == status]
        end = start + min(self.page, asked.get("maxResults", _MOST_RESULTS))
        more = {"nextToken": str(end)} if end < len(found) else {}
        return 200, json.dumps({"items": found[start:end], **more})

    def _revoked(self, asked: Mapping[str, Any], owned: Mapping[str, dict[str, Any]]) -> tuple[int, str]:
        arns = asked.get("sessionArns") or []
        if not 1 <= len(arns) <= _MOST_REVOKED:
            return _error(f"sessionArns has {len(arns)} members, not 1 to {_MOST_REVOKED}")
        revoked, errors = [], []
        for arn in arns:
            code, message = self.broken.get(arn, ("", ""))
            if arn not in owned:
                code, message = "RESOURCE_NOT_FOUND", "The session does not exist."
            if code:
                errors.append({"sessionArn": arn, "code": code, "message": message})
            else:
                owned[arn]["status"] = "REVOKED"
                revoked.append({"sessionArn": arn})
        return 200, json.dumps({"revokedSessions": revoked, "errors": errors})


def _error(message: str) -> tuple[int, str]:
    return 400, json.dumps({"__type": "ValidationException", "error": "INVALID_REQUEST", "message": message})
