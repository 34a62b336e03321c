"""A sign-in session that ``aws login`` or an MCP client refreshes: read of people who lose every way in, and revoked.

https://docs.aws.amazon.com/boto3/latest/reference/services/signin/client/list_sessions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.model import Address, Operations, Phase, Reason, Resource, State, Step, Why
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.kinds.credentials import Credentials
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot

SIGNIN = "signin"
"""The name that botocore has for AWS Sign-In."""

PARTITION = "aws"
"""The only partition in the patterns of its ARNs.

https://raw.githubusercontent.com/aws/api-models-aws/main/models/signin/service/2023-01-01/signin-2023-01-01.json
"""

REVOKE = "BatchRevokeSessions"

LONGEST_SESSION = timedelta(days=90)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html"""

_REASON = "iamctl: the user has no way in any more"
"""What AWS records with a revocation."""


class Unread(StrEnum):
    """Why the sessions of a user were not read."""

    PARTITION = "partition"
    """AWS Sign-In accepts only ARNs of the commercial partition."""
    BOTOCORE = "botocore"
    """This version of botocore does not know the operations."""
    FAILED = "failed"
    """AWS refused the read, or did not answer."""


@dataclass(frozen=True)
class SessionRead:
    """How the sessions of one user were read; ``unread`` is None where they were."""

    unread: Unread | None = None
    text: str = ""
    """What AWS answered instead."""


def session_reads(snapshot: Snapshot) -> dict[str, SessionRead]:
    """Return how the sessions of users were read, by name; nobody else's were."""
    reads = snapshot.get("signin_sessions", {})
    return {name: _session_read(read) for name, read in reads.items()}


def _session_read(read: Mapping[str, Any]) -> SessionRead:
    return SessionRead(Unread(read["Unread"]), read.get("Text", "")) if "Unread" in read else SessionRead()


def user_of(principal: str, account_id: str) -> str:
    """Return the name of the user that an ARN names; "" for anyone else."""
    head, _, name = principal.partition(":user/")
    return name.rpartition("/")[2] if head == f"arn:{PARTITION}:iam::{account_id}" else ""


def may_be_signed_in(held: Credentials, now: datetime) -> bool:
    """Return whether a user can have a session: with a password, or one that was used within the longest session."""
    if held.has_password is not False:
        return True
    if held.password_used is None:
        return not held.is_password_use_known
    return now - held.password_used <= LONGEST_SESSION


@dataclass(frozen=True, kw_only=True)
class SigninSession(Resource):
    """One active session of a user; nobody declares it, and it stays as long as the user has a password."""

    kind: ClassVar[str] = "signin-session"
    title: ClassVar[str] = "Sign-in sessions"
    noun: ClassVar[str] = "sign-in session"
    operations: ClassVar[Operations] = Operations()
    """None of IAM: sessions are those of another service."""
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"

    user: str
    arn: str
    principal_arn: str = field(compare=False)
    """The identity that owns it, as AWS Sign-In spells it."""
    client: str = field(default="", compare=False)
    """``CLI`` or ``MCP``."""
    issued: datetime | None = field(default=None, compare=False)
    expires: datetime | None = field(default=None, compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.arn)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for name, read in sorted(snapshot.get("signin_sessions", {}).items()):
            for session in read.get("Sessions", ()):
                yield cls.of(name, session)

    @classmethod
    def of(cls, user: str, entry: Mapping[str, Any]) -> Self:
        """Return the session of a user that an entry of ListSessions describes."""
        return cls(
            user=user,
            arn=entry["sessionArn"],
            principal_arn=entry["principalArn"],
            client=entry.get("clientType", ""),
            issued=_moment(entry.get("issuedAt")),
            expires=_moment(entry.get("expiresAt")),
        )

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, _now: datetime, _settings: Settings) -> Iterator[Self]:
        """Yield the sessions of the users whose password stays."""
        return (session for session in live.of_kind(cls) if Address.of("login-profile", session.user) in desired)

    def to_json(self) -> dict[str, Any]:
        told = {"client": self.client, "issued": _text(self.issued), "expires": _text(self.expires)}
        return {"user": self.user, "arn": self.arn, **{name: value for name, value in told.items() if value}}

    def cause(self, after: Resource | None) -> Why:
        return Why(Reason.CONSOLE_NOT_GRANTED)

    def delete_steps(self) -> Iterator[Step]:
        """Yield one call for the session, so that a failure concerns no other."""
        params = {"principalArn": self.principal_arn, "sessionArns": [self.arn], "reason": _REASON}
        yield Step(REVOKE, params, Phase.REVOKE, uses=self.references, service=SIGNIN, follows=self.references)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat().replace("+00:00", "Z")
