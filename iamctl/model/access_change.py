"""What a call does to who may do what: the few things that the order of calls has to know about each of them."""

from __future__ import annotations

from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once


class _OfUser:
    """What is about one user."""

    user: str

    @once
    def person(self) -> str:
        """The user as ``user/alice``, in lower case; kept, since the order of calls asks many times."""
        return f"user/{self.user.lower()}"


@dataclass(frozen=True)
class MembershipChange(_OfUser):
    """A user is a member of a group ``after`` the call, or no longer."""

    user: str
    group: str
    after: bool

    @once
    def group_key(self) -> str:
        """The group as ``group/dev``, in lower case; kept like the person."""
        return f"group/{self.group.lower()}"


@dataclass(frozen=True)
class AttachmentChange:
    """A group or a user (``holder`` is its address as text) holds a policy ``after`` the call, or no longer.

    ``policy`` is the ARN of a managed policy, or the address of an inline one as text.
    """

    holder: str
    policy: str
    after: bool


@dataclass(frozen=True)
class DocumentChange:
    """The document in force of a policy changes; None where there is no policy."""

    policy: str
    before: Document | None
    after: Document | None


@dataclass(frozen=True)
class BoundaryChange(_OfUser):
    """The permissions boundary of a user changes; None where there is none."""

    user: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ExistenceChange(_OfUser):
    """A user exists ``after`` the call, or no longer."""

    user: str
    after: bool


@dataclass(frozen=True)
class PrincipalFactChange(_OfUser):
    """What statements know of a user changes: ``keys`` are lower-case condition keys, also used as variables.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """

    user: str
    keys: frozenset[str]
    count: int = 1
    """How often; -1 takes it back."""


ARN = "$arn"
"""Stands for the ARN among the keys of tags, in which IAM allows no such sign."""


@dataclass(frozen=True)
class ResourceFactChange:
    """What the statements of others know of a user, group or policy changes: its tags, as ``aws:ResourceTag/KEY``, or its ARN.

    Keys are in lower case, the value is None where there is no such tag; for the ARN the key is ``ARN``, and the value
    what follows the account, such as ``user/staff/alice``. ``resource`` is its address as text.
    """

    resource: str
    before: tuple[tuple[str, str | None], ...]
    after: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class LoginChange(_OfUser):
    """A user can sign in with a password ``after`` the call, or no longer.

    ``again``: the call is one of the two that put another password in the place of one.
    """

    user: str
    after: bool
    again: bool = False


@dataclass(frozen=True)
class DeviceChange(_OfUser):
    """An MFA device is active for a user ``after`` the call, or no longer."""

    user: str
    serial: str
    after: bool


@dataclass(frozen=True)
class KeyChange(_OfUser):
    """An access key of a user is active ``after`` the call, or no longer."""

    user: str
    key_id: str
    after: bool


AccessChange = (
    MembershipChange
    | AttachmentChange
    | DocumentChange
    | BoundaryChange
    | ExistenceChange
    | PrincipalFactChange
    | ResourceFactChange
    | LoginChange
    | DeviceChange
    | KeyChange
)
