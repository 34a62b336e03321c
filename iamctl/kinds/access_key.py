"""An access key of a user: made inactive and later deleted where there are too many, or a newer one is in use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.credentials import LastUse, held_credentials
from iamctl.kinds.rotation import (
    MOST_ACCESS_KEYS,
    NEW_KEY,
    Begun,
    Deeds,
    KeyFacts,
    RotationRule,
    SecretFacts,
    Wait,
    WaitReason,
    next_deeds,
    strays_of,
)
from iamctl.kinds.tag import note_effects
from iamctl.kinds.user import User
from iamctl.model import Address, Operations, Phase, Reason, RemovalLimit, Resource, State, Step, Why
from iamctl.model.access_change import KeyChange
from iamctl.model.settings import OWN_TAG_PREFIX
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot

INACTIVE_SINCE = f"{OWN_TAG_PREFIX}inactive-since/"
"""What the key of the tag begins with that tells on which day a key was made inactive; IAM itself does not keep it."""

_COUNT: Mapping[str, Any] = {
    "minimum": 0,
    "maximum": MOST_ACCESS_KEYS,
    "x-iamctl-message": "expected 0, 1 or 2: IAM lets a user hold two access keys",
}
_DURATION: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^[1-9][0-9]{0,3}d$",
    "x-iamctl-message": "expected a number of days, for example 80d",
}
_ROTATE: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["every", "overlap", "deliver"],
    "properties": {
        "every": {
            **_DURATION,
            "description": "The age at which iamctl creates a new key. It must be longer than `overlap` and "
            "`access_keys.delete_after_days` together.",
            "examples": ["80d"],
        },
        "overlap": {
            **_DURATION,
            "description": "How long the old key must be unused before iamctl deactivates it. Both keys work until then.",
            "examples": ["10d"],
        },
        "deliver": {
            "type": "string",
            "pattern": "^(age|secretsmanager:[A-Za-z0-9/_+=.@-]{1,512})$",
            "x-iamctl-message": "expected 'age' or 'secretsmanager:NAME', the name of an existing secret",
            "description": "Who receives the secret of a new key: `age`, a file for the recipients of `secrets`, or "
            "`secretsmanager:NAME`, a secret of AWS Secrets Manager in the same account.",
            "examples": ["age", "secretsmanager:ci/aws-key"],
        },
    },
    "description": "Replaces the access key regularly. `count` must be 1.",
    "examples": [{"every": "80d", "overlap": "10d", "deliver": "age"}],
}
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class AccessKey(Resource):
    """A key for requests outside the console; the manifest says how many may be active, not which.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
    """

    kind: ClassVar[str] = "access-key"
    title: ClassVar[str] = "Access keys"
    noun: ClassVar[str] = "access key"
    operations: ClassVar[Operations] = Operations(
        update=("UpdateAccessKey", "TagUser", "UntagUser"), delete=("DeleteAccessKey", "UntagUser")
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("access_keys", is_declared=False)
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "access_keys": {
                    "type": ["integer", "object"],
                    **_COUNT,
                    "additionalProperties": False,
                    "required": ["count"],
                    "properties": {
                        "count": {
                            "type": "integer",
                            **_COUNT,
                            "description": "How many active access keys the user may have.",
                            "examples": [1],
                        },
                        "retire": {
                            "type": "array",
                            "uniqueItems": True,
                            "items": {
                                "type": "string",
                                "pattern": "^A[KS]IA[A-Z0-9]{12,124}$",
                                "x-iamctl-message": "expected the id of an access key, for example AKIAIOSFODNN7EXAMPLE",
                            },
                            "description": "Ids of access keys to deactivate, and later to delete. An id is not a secret.",
                            "examples": [["AKIAIOSFODNN7EXAMPLE"]],
                        },
                        "rotate": _ROTATE,
                    },
                    "default": 0,
                    "description": "How many active access keys the user may have, which to retire, and when to rotate; "
                    "iamctl creates a key only with `rotate`.",
                    "examples": [1, {"count": 1, "retire": ["AKIAIOSFODNN7EXAMPLE"]}],
                },
            }
        }
    }

    user: str
    key_id: str
    is_active: bool = True
    inactive_since: str | None = None
    """The day on which iamctl made it inactive, as a tag of the user tells; None for all others."""
    created: datetime | None = field(default=None, compare=False)
    last_use: LastUse | None = field(default=None, compare=False)
    is_retired: bool = field(default=False, compare=False)
    """Whether the manifest names it under ``retire``."""
    is_use_known: bool = field(default=True, compare=False)
    """Whether ``last_use`` is None only because the key was never used."""
    begun: str | None = field(default=None, compare=False)
    """The note of its user about a key whose creation began."""

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.key_id)

    @property
    def last_used(self) -> datetime | None:
        return self.last_use.at if self.last_use else None

    @property
    def unused_since(self) -> datetime:
        """The last use, or for a key that was never used the day it was made."""
        return self.last_use.at if self.last_use else self.created or _BEFORE_ALL

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        """Yield the keys whose ids are known; the credential report tells none."""
        tags = {
            detail["UserName"]: {tag["Key"]: tag["Value"] for tag in detail.get("Tags") or ()}
            for detail in snapshot.get("UserDetailList", ())
        }
        for name, held in held_credentials(snapshot):
            for key in held.access_keys or ():
                if key.id is not None:
                    yield cls(
                        user=name,
                        key_id=key.id,
                        is_active=key.is_active,
                        inactive_since=tags[name].get(INACTIVE_SINCE + key.id),
                        created=key.created,
                        last_use=key.last_use,
                        is_use_known=key.is_use_known,
                        begun=tags[name].get(NEW_KEY),
                    )

    @classmethod
    def resolved_against_live(
        cls, desired: State, live: State, now: datetime, settings: Settings
    ) -> Iterator[AccessKey]:
        """Yield the keys of the users that stay as they must be: no more active ones than the manifest permits.

        Keys that the manifest names under ``retire`` go inactive, and of too many others those that have not been used
        for longest, then the oldest. Such a key is left out, and so deleted, once it has been inactive and unused for as
        long as the settings say. Keys of a user with a rotation go as ``next_deeds`` says.
        """
        patience = timedelta(days=settings.access_keys.delete_after_days)
        for owner, held in keys_by_user(live).items():
            user = desired.get(owner)
            if not isinstance(user, User):
                continue
            deeds = deeds_for(user, live.get(owner), held, now, patience)
            named = (replace(key, is_retired=key.key_id in user.retired_keys) for key in held)
            keys = [key for key in named if key.key_id not in deeds.deleted]
            surplus = () if user.rotation else _surplus(keys, user.access_keys)
            for key in keys:
                if key in surplus or key.key_id in deeds.deactivated or key.key_id in deeds.noted:
                    yield replace(key, is_active=False, inactive_since=f"{now:%Y-%m-%d}")
                elif key.is_active:
                    yield replace(key, inactive_since=None)
                elif not key.is_over(now, patience):
                    yield key

    def is_over(self, now: datetime, patience: timedelta) -> bool:
        """Tell whether iamctl made the key inactive long ago, and nobody used it since."""
        end = self.wait_ends(patience)
        return end is not None and end <= now

    def wait_ends(self, patience: timedelta) -> datetime | None:
        """Return when a key that iamctl made inactive is deleted unless somebody uses it; None for all others."""
        if self.inactive_since is None or self.is_active:
            return None
        try:
            next_day = start_of(self.inactive_since) + timedelta(days=1)
            return max(next_day, self.unused_since) + patience
        except (ValueError, OverflowError):  # somebody else wrote the tag
            return None

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "key_id": self.key_id, "status": _status(is_active=self.is_active)}

    def cause(self, after: Resource | None) -> Why:
        if after is None:
            return Why(Reason.KEY_UNUSED)
        if isinstance(after, AccessKey) and after.is_retired:
            return Why(Reason.KEY_RETIRED)
        return Why(Reason.TOO_MANY_KEYS if self.takes(after) else Reason.KEY_ACTIVE_AGAIN)

    def takes(self, after: Resource | None) -> bool:
        return after is None or (isinstance(after, AccessKey) and self.is_active and not after.is_active)

    def update_steps(self, after: Self) -> Iterator[Step]:
        """Yield the tag before what it tells: a key that is inactive without it stays for ever."""
        if after.inactive_since and after.inactive_since != self.inactive_since:
            tags = [{"Key": INACTIVE_SINCE + self.key_id, "Value": after.inactive_since}]
            yield self._tag_step("TagUser", {"Tags": tags}, Phase.LOCK, since=after.inactive_since)
        if self.is_active != after.is_active:
            yield self._deactivation(after)
        if self.inactive_since and not after.inactive_since:
            yield self._tag_step("UntagUser", {"TagKeys": [INACTIVE_SINCE + self.key_id]})

    def delete_steps(self) -> Iterator[Step]:
        if self.is_active:
            yield self._deactivation()
        params = {"UserName": self.user, "AccessKeyId": self.key_id}
        yield Step("DeleteAccessKey", params, Phase.TIDY, uses=(*self.references, room_address(self.user)))
        if self.inactive_since:
            yield self._tag_step("UntagUser", {"TagKeys": [INACTIVE_SINCE + self.key_id]})

    def _deactivation(self, after: Self | None = None) -> Step:
        """Return the call; a key that the manifest retires works until the user has the new one that replaces it."""
        params = {"UserName": self.user, "AccessKeyId": self.key_id, "Status": "Inactive"}
        effects = (KeyChange(self.user, self.key_id, after=False),)
        replacement = (new_key_address(self.user),) if after and after.is_retired else ()
        return Step("UpdateAccessKey", params, Phase.LOCK, uses=(*self.references, *replacement), effects=effects)

    def _tag_step(
        self, operation: str, params: dict[str, Any], phase: Phase = Phase.TIDY, since: str | None = None
    ) -> Step:
        effects = note_effects(self.user, INACTIVE_SINCE + self.key_id, self.inactive_since, since)
        return Step(operation, {"UserName": self.user, **params}, phase, uses=self.references, effects=effects)


def new_key_address(user: str) -> Address:
    """Return the address of the key that a plan creates for a user."""
    return Address.of("new-access-key", user)


def room_address(user: str) -> Address:
    """Return what stands for the room for a new key in the order of calls: deletions use it, and a creation ends it."""
    return Address.of("access-key-room", user)


def keys_by_user(live: State) -> dict[Address, list[AccessKey]]:
    """Return the keys whose ids are known by the addresses of their users."""
    held: defaultdict[Address, list[AccessKey]] = defaultdict(list)
    for key in live.of_kind(AccessKey):
        held[Address.of("user", key.user)].append(key)
    return dict(held)


def deeds_for(
    user: User, live: Resource | None, keys: Sequence[AccessKey], now: datetime, patience: timedelta
) -> Deeds:
    """Return what to do with the keys of a declared user; ``live`` is the user in the account, ``keys`` the live keys.

    Without a rotation only keys that the manifest retires, and one that nobody has, are named.
    """
    if isinstance(live, User) and user.rotation and not _are_known(live):
        return Deeds(is_unfinished=True, waits=Wait(WaitReason.KEYS_UNKNOWN))
    begun = Begun.of(keys[0].begun) if keys else None
    facts = [_facts(key, patience, is_retired=key.key_id in user.retired_keys) for key in keys]
    if user.rotation:
        return next_deeds(user.rotation, facts, begun, now, patience, _secret_facts(user.rotation, live))
    strays, _ = strays_of(facts, begun)
    retired = [key for key in keys if key.key_id in user.retired_keys]
    return Deeds(
        deleted={key.id: Reason.KEY_INTERRUPTED for key in strays},
        deactivated={key.key_id: Reason.KEY_RETIRED for key in retired if key.is_active},
        noted={key.key_id: Reason.KEY_RETIRED for key in retired if not (key.is_active or key.inactive_since)},
    )


def _secret_facts(rotation: RotationRule, live: Resource | None) -> SecretFacts | None:
    """Return what is known of the secret that receives new keys; for a new user it is taken to exist."""
    if not isinstance(live, User):
        return SecretFacts(exists=True)
    told = live.secrets.get(rotation.secret or "")
    return SecretFacts.of(told) if told is not None else None


def _are_known(user: User) -> bool:
    held = user.credentials.access_keys
    return held is not None and all(key.id is not None for key in held)


def _facts(key: AccessKey, patience: timedelta, *, is_retired: bool) -> KeyFacts:
    return KeyFacts(
        id=key.key_id,
        is_active=key.is_active,
        created=key.created,
        used=key.last_used,
        is_use_known=key.is_use_known,
        deleted_at=key.wait_ends(patience),
        is_retired=is_retired,
    )


def _surplus(keys: Sequence[AccessKey], permitted: int) -> tuple[AccessKey, ...]:
    """Return the active keys above the number permitted, retired ones apart: unused longest first, then oldest."""
    active = sorted(
        (key for key in keys if key.is_active and not key.is_retired),
        key=lambda key: (key.unused_since, key.created or _BEFORE_ALL, key.key_id),
    )
    return tuple(active[: max(0, len(active) - permitted)])


def _status(*, is_active: bool) -> str:
    return "Active" if is_active else "Inactive"
