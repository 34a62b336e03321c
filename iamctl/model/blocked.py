"""Why a call cannot run yet: what would be wrong, and for whom, at the moment before the calls that it waits for."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.policy import Atom


@dataclass(frozen=True)
class Gain:
    """Somebody would be allowed what neither the account before nor the account after allows."""

    statement: Atom
    """One of the statements that would allow it."""


@dataclass(frozen=True)
class Reaches:
    """Somebody could use a right over a user, a group, a role or a policy that gives more than on either side."""

    statement: Atom
    """The Allow."""
    target: str
    """Such as ``group/oncall``."""


@dataclass(frozen=True)
class GainByTags:
    """Somebody would be allowed to do to a user or a policy, of whose tags only some have changed, what neither side allows."""

    statement: Atom
    """One of the statements that would allow it."""
    target: str
    """Such as ``user/dan``."""


@dataclass(frozen=True)
class Unguarded:
    """A user with a password would be without an MFA guard, and has one before and after."""


@dataclass(frozen=True)
class DeviceMissing:
    """A user with a password would be without an MFA device, and has one, or no password, before and after."""


@dataclass(frozen=True)
class DenyMissing:
    """A Deny that applies before and one that applies after would both be missing.

    A policy of a resource may allow what no Allow of IAM does, and then only a Deny restrains it.
    """

    statement: Atom
    """One of the Denies; one that applies before and after, where there is such a one."""


class Quota(Enum):
    """What IAM counts, and refuses beyond a limit.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    GROUPS_PER_USER = auto()
    POLICIES_PER_GROUP = auto()
    """Managed policies; inline ones are limited by their size."""
    INLINE_SIZE = auto()
    """Characters of all inline policies of one group."""


@dataclass(frozen=True)
class QuotaExceeded:
    """A user would be in too many groups, or a group would have too many or too long policies."""

    what: Quota
    holder: str
    """The user or group, such as ``group/devs``."""


@dataclass(frozen=True)
class TooFewAdministrators:
    """Fewer administrators would remain than there are before, and than there are after."""


Blocked = Gain | GainByTags | Reaches | Unguarded | DeviceMissing | DenyMissing | QuotaExceeded | TooFewAdministrators


@dataclass(frozen=True)
class Objection:
    """What would be wrong, and for whom."""

    who: str
    """A user, role or group, such as ``user/alice``, in lower case."""
    why: Blocked


@dataclass(frozen=True)
class Late:
    """A call that comes later than preferred."""

    after: int
    """The index of the call that it had to wait for."""
    objection: Objection
    """What would have been wrong before that call."""
