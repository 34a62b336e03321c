"""The next deeds in the rotation of a user's access keys: a pure function of what IAM tells, the clock and the manifest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from iamctl.model.settings import OWN_TAG_PREFIX
from iamctl.model.why import Reason
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of

NEW_KEY = f"{OWN_TAG_PREFIX}new-key"
"""The tag that a user has from before a key is created until somebody has its secret."""

MOST_ACCESS_KEYS = 2
"""Active or not. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

RECENT = timedelta(days=30)
"""A key used within this period may still be in use."""

SECRETS_MANAGER = "secretsmanager:"


@dataclass(frozen=True)
class RotationRule:
    """What a manifest says about the rotation of a user's access key."""

    every: timedelta
    overlap: timedelta
    """How long the old key must be unused before it is deactivated."""
    secret: str | None = None
    """The secret of Secrets Manager that receives new keys; None: an age file."""
    recipient: str | None = None
    """The user's own public key, which can read the age file as well."""

    @classmethod
    def of(cls, declared: Mapping[str, Any] | None, recipient: str | None) -> RotationRule | None:
        """Return the rule that ``rotate`` of a manifest declares, or None."""
        if declared is None:
            return None
        secret = declared["deliver"].removeprefix(SECRETS_MANAGER) if declared["deliver"] != "age" else None
        return cls(_days(declared["every"]), _days(declared["overlap"]), secret, recipient)

    def to_json(self) -> dict[str, str]:
        """Return its lines in a manifest, each by its path below ``access_keys``."""
        deliver = f"{SECRETS_MANAGER}{self.secret}" if self.secret else "age"
        parts = {"every": f"{self.every.days}d", "overlap": f"{self.overlap.days}d", "deliver": deliver}
        return {f"rotate.{name}": text for name, text in parts.items()}


def _days(text: str) -> timedelta:
    return timedelta(days=int(text.removesuffix("d")))


@dataclass(frozen=True)
class Begun:
    """The note of a key whose creation began: on which day, and which keys there were before."""

    day: date
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((f"{self.day:%Y-%m-%d}", *self.known))

    @classmethod
    def of(cls, text: str | None) -> Begun | None:
        """Return what the tag ``NEW_KEY`` says; None without it, or if somebody else wrote it."""
        day, *known = (text or "-").split() or ["-"]
        try:
            return cls(date.fromisoformat(day), tuple(known))
        except ValueError:
            return None


@dataclass(frozen=True)
class KeyFacts:
    """What IAM tells of one access key."""

    id: str
    is_active: bool
    created: datetime | None
    used: datetime | None = None
    is_use_known: bool = True
    deleted_at: datetime | None = None
    """When the wait of an inactive key ends; None for active keys and for those that iamctl did not deactivate."""
    is_retired: bool = False

    @property
    def idle_since(self) -> datetime:
        """The last use, or the creation of a key that was never used."""
        return self.used or self.created or datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class SecretFacts:
    """What Secrets Manager tells of the secret that receives new keys; never what it contains."""

    exists: bool | None = None
    """None: AWS denied the read."""
    key_id: str | None = None
    """The access key whose secret is the current version."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> SecretFacts:
        """Return the facts of one entry of ``secrets`` in a snapshot."""
        return cls(facts.get("Exists"), facts.get("AccessKeyId"))


class WaitReason(StrEnum):
    """Why a rotation does not go on today."""

    KEYS_UNKNOWN = "keys-unknown"
    USE_UNKNOWN = "use-unknown"
    SECRET_UNKNOWN = "secret-unknown"  # noqa: S105 - a reason
    SECRET_MISSING = "secret-missing"  # noqa: S105 - a reason
    NEW_UNUSED = "new-unused"
    OLD_IN_USE = "old-in-use"
    OLD_USED_LAST = "old-used-last"
    """The old key was used after the new one."""
    NO_ROOM = "no-room"
    DEACTIVATED = "deactivated"
    """Somebody else deactivated the only key."""


@dataclass(frozen=True)
class Wait:
    """What a rotation waits for."""

    reason: WaitReason
    key: str = ""
    """The key that it is about."""
    other: str = ""
    until: datetime | None = None
    """When the rotation goes on by itself, if nothing else happens."""


@dataclass(frozen=True)
class Deeds:
    """What the next plan does with the keys of a user."""

    makes: Reason | None = None
    """Why a key is created."""
    due: KeyFacts | None = None
    """The key that the new one replaces."""
    deactivated: Mapping[str, Reason] = field(default_factory=dict)
    deleted: Mapping[str, Reason] = field(default_factory=dict)
    noted: Mapping[str, Reason] = field(default_factory=dict)
    """The inactive keys whose wait begins today."""
    replaced_by: str = ""
    """The key that is in use in place of the one that is deactivated."""
    is_unfinished: bool = False
    """Whether the note of an interrupted creation must stay."""
    waits: Wait | None = None


def next_deeds(
    rule: RotationRule,
    keys: Collection[KeyFacts],
    begun: Begun | None,
    now: datetime,
    patience: timedelta,
    secret: SecretFacts | None = None,
) -> Deeds:
    """Return what to do now with the keys of a user; an inactive key is deleted after ``patience``.

    ``secret`` is None where nobody asked; it decides only where a key is created, or was in a run that ended early.

    A key that nobody can have goes first, then what the wait is over for. A key is created only where IAM has room, and
    the old one is deactivated only when the new one is in use.
    """
    facts = (secret or SecretFacts()) if rule.secret else None
    strays, wait = strays_of(keys, begun, facts)
    if wait:
        return Deeds(is_unfinished=True, waits=wait)
    deleted = {key.id: Reason.KEY_INTERRUPTED for key in strays}
    deleted |= {key.id: Reason.KEY_UNUSED for key in keys if key.deleted_at and key.deleted_at <= now}
    rest = sorted((key for key in keys if key.id not in deleted), key=lambda key: (key.created or now, key.id))
    retired = {key.id: Reason.KEY_RETIRED for key in rest if key.is_retired}
    found = Deeds(
        deleted=deleted,
        deactivated={key.id: retired[key.id] for key in rest if key.id in retired and key.is_active},
        noted={key.id: retired[key.id] for key in rest if key.id in retired and _is_left(key)},
    )
    active = [key for key in rest if key.is_active and not key.is_retired]
    if len(active) == MOST_ACCESS_KEYS:
        return _overlapping(found, rule, active, now)
    return _deliverable(_alone(found, rule, active, rest, now, patience), facts)


def strays_of(
    keys: Collection[KeyFacts], begun: Begun | None, secret: SecretFacts | None = None
) -> tuple[tuple[KeyFacts, ...], Wait | None]:
    """Return the keys of an interrupted creation that nobody has; with a wait where that is not known."""
    strays = []
    for key in keys:
        if begun is None or key.id in begun.known or key.used or key.created is None:
            continue
        if abs(key.created.date() - begun.day) > timedelta(days=1):  # made by somebody else, later
            continue
        if not key.is_use_known:
            return (), Wait(WaitReason.USE_UNKNOWN, key.id)
        if secret and secret.exists is None:
            return (), Wait(WaitReason.SECRET_UNKNOWN, key.id)
        if not (secret and secret.key_id == key.id):
            strays.append(key)
    return tuple(strays), None


def _is_left(key: KeyFacts) -> bool:
    """Return whether a key is inactive and no wait for its deletion has begun."""
    return not key.is_active and key.deleted_at is None


def _overlapping(found: Deeds, rule: RotationRule, active: Sequence[KeyFacts], now: datetime) -> Deeds:
    """Deactivate the old one of two active keys, or wait."""
    old, new = active
    wait: Wait | None = None
    idle_at = old.idle_since + rule.overlap
    if not (old.is_use_known and new.is_use_known):
        wait = Wait(WaitReason.USE_UNKNOWN, old.id if new.is_use_known else new.id)
    elif new.used is None:
        wait = Wait(WaitReason.NEW_UNUSED, new.id, old.id)
    elif idle_at > now:
        wait = Wait(WaitReason.OLD_IN_USE, old.id, new.id, idle_at)
    elif old.used and new.used <= old.used and old.used + RECENT >= now:
        wait = Wait(WaitReason.OLD_USED_LAST, old.id, new.id, old.used + RECENT)
    if wait:
        return replace(found, waits=wait)
    return replace(found, deactivated={**found.deactivated, old.id: Reason.KEY_REPLACED}, replaced_by=new.id)


def _deliverable(found: Deeds, secret: SecretFacts | None) -> Deeds:
    """Create no key that a secret of AWS cannot receive."""
    if not found.makes or secret is None or secret.exists:
        return found
    reason = WaitReason.SECRET_UNKNOWN if secret.exists is None else WaitReason.SECRET_MISSING
    return replace(found, makes=None, due=None, waits=Wait(reason, found.due.id if found.due else ""))


def _alone(
    found: Deeds,
    rule: RotationRule,
    active: Sequence[KeyFacts],
    rest: Sequence[KeyFacts],
    now: datetime,
    patience: timedelta,
) -> Deeds:
    """Create a key where the only one is due or there is none, or wait; an inactive key begins to make room early."""
    left = [key for key in rest if _is_left(key) and not key.is_retired]
    if not active and left:
        return replace(found, waits=Wait(WaitReason.DEACTIVATED, left[-1].id))
    found = replace(found, noted={**found.noted, **dict.fromkeys((key.id for key in left), Reason.KEY_MAKES_ROOM)})
    due = active[0] if active else None
    if due and (due.created is None or due.created + rule.every > now):
        return found
    if len(rest) < MOST_ACCESS_KEYS:
        return replace(found, makes=Reason.KEY_DUE if due else Reason.KEY_MISSING, due=due)
    inactive = [key for key in rest if key is not due]
    day_over = start_of(now.date().isoformat()) + timedelta(days=1)  # the tag that this plan writes records a day
    until, blocking = min((key.deleted_at or day_over + patience, key.id) for key in inactive)
    return replace(found, waits=Wait(WaitReason.NO_ROOM, due.id if due else "", blocking, until))
