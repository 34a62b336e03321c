"""An access key that a plan creates in a rotation, and the note on the user that its creation began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.access_key import deeds_for, keys_by_user, new_key_address, room_address
from iamctl.kinds.login_profile import readers_of
from iamctl.kinds.rotation import NEW_KEY, SECRETS_MANAGER, Begun
from iamctl.kinds.tag import note_effects
from iamctl.kinds.user import User
from iamctl.model import Address, Operations, Phase, Reason, Resource, State, Step, Why
from iamctl.model.access_change import KeyChange
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot

SECRET_PREFIX = "access-key/"  # noqa: S105 - a name
"""The prefix of the name of a new key's secret in a plan; the user follows."""


@dataclass(frozen=True, kw_only=True)
class NewAccessKey(Resource):
    """A key in creation: live as long as the user has the note, desired when the rotation is due.

    The note is written before the key exists, and removed after somebody has its secret. A key that was created in
    between and never used is known to be nobody's.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    """

    kind: ClassVar[str] = "new-access-key"
    title: ClassVar[str] = "New access keys"
    noun: ClassVar[str] = "new access key"
    operations: ClassVar[Operations] = Operations(
        create=("TagUser", "CreateAccessKey", "UntagUser"), update=("TagUser", "UntagUser"), delete=("UntagUser",)
    )
    parts_in_address: ClassVar[int | None] = 1
    """A plan creates one key for a user."""
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"

    user: str
    note: str
    """The value of the tag."""
    is_created: bool = False
    """Whether the plan creates the key; never true of a live one."""
    replaces: str | None = field(default=None, compare=False)
    """The id of the key that is due."""
    age_days: int = field(default=0, compare=False)
    """How old that key is."""
    reason: Reason = field(default=Reason.KEY_MISSING, compare=False)
    secret: str | None = field(default=None, compare=False)
    """The secret of Secrets Manager that receives it; None: an age file."""
    age_recipient: str | None = field(default=None, compare=False)
    readers: tuple[str, ...] = field(default=(), compare=False)
    """Who can read the age file: public keys in short."""

    @cached_property
    def address(self) -> Address:
        return new_key_address(self.user)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("UserDetailList", ()):
            for tag in detail.get("Tags") or ():
                if tag["Key"] == NEW_KEY:
                    yield cls(user=detail["UserName"], note=tag["Value"])

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, now: datetime, settings: Settings) -> Iterator[Self]:
        """Yield the keys that are due, and the notes that must stay because nobody knows yet whose key it is."""
        patience = timedelta(days=settings.access_keys.delete_after_days)
        held = keys_by_user(live) if any(user.rotation for user in desired.of_kind(User)) else {}
        for user in desired.of_kind(User):
            if user.rotation is None:
                continue
            keys = held.get(user.address, [])
            deeds = deeds_for(user, live.get(user.address), keys, now, patience)
            note = live.get(new_key_address(user.name))
            if deeds.makes:
                known = tuple(key.key_id for key in keys if key.key_id not in deeds.deleted)
                yield cls(
                    user=user.name,
                    note=str(Begun(now.date(), known)),
                    is_created=True,
                    replaces=deeds.due.id if deeds.due else None,
                    age_days=(now - deeds.due.created).days if deeds.due and deeds.due.created else 0,
                    reason=deeds.makes,
                    secret=user.rotation.secret,
                    age_recipient=user.rotation.recipient,
                    readers=() if user.rotation.secret else readers_of(settings.secrets, user.rotation.recipient),
                    origin=user.origin,
                )
            elif deeds.is_unfinished and isinstance(note, cls):
                yield note

    def to_json(self) -> dict[str, Any]:
        replaces = {"replaces": self.replaces} if self.replaces else {}
        return {"user": self.user, **({**replaces, "deliver": self.deliver} if self.is_created else {})}

    @property
    def deliver(self) -> str:
        """Who receives it, as the manifest writes it."""
        return f"{SECRETS_MANAGER}{self.secret}" if self.secret else "age"

    def terms(self) -> Mapping[str, Any]:
        if not self.is_created:
            return {}
        return {"secret": self.secret} if self.secret else {"readers": list(self.readers)}

    def cause(self, after: Resource | None) -> Why:
        return after.why if isinstance(after, NewAccessKey) else Why(Reason.KEY_NOTED)

    @property
    def why(self) -> Why:
        """Why it is created."""
        replaced = Address.of("access-key", self.user, self.replaces) if self.replaces else None
        return Why(self.reason, replaced, days=self.age_days)

    def create_steps(self) -> Iterator[Step]:
        """Yield the note, the key, what puts its secret into a secret of AWS, and the end of the note.

        An age file is written with the answer of the creation, before it counts as done.
        """
        yield from self._steps(None)

    def update_steps(self, after: Self) -> Iterator[Step]:
        yield from after._steps(self.note)

    def _steps(self, live_note: str | None) -> Iterator[Step]:
        ends = (room_address(self.user),)
        if live_note != self.note:
            tags = {"Tags": [{"Key": NEW_KEY, "Value": self.note}]}
            effects = note_effects(self.user, NEW_KEY, live_note, self.note)
            params = {"UserName": self.user, **tags}
            yield Step("TagUser", params, Phase.GRANT, uses=self.references, ends=ends, effects=effects)
        made = (KeyChange(self.user, "", after=True),)
        yield Step(
            "CreateAccessKey", {"UserName": self.user}, Phase.GRANT, uses=self.references, ends=ends, effects=made
        )
        if self.secret:
            text = {"SecretId": self.secret, "SecretString": {"$secret": f"{SECRET_PREFIX}{self.user}"}}
            yield Step("PutSecretValue", text, Phase.GRANT, uses=self.references, service="secretsmanager")
        yield self._untag(self.note, (self.address,))

    def delete_steps(self) -> Iterator[Step]:
        """Yield the end of the note, once a key that nobody has is gone."""
        yield self._untag(self.note, (), (room_address(self.user),))

    def _untag(self, note: str, makes: tuple[Address, ...], ends: tuple[Address, ...] = ()) -> Step:
        params = {"UserName": self.user, "TagKeys": [NEW_KEY]}
        effects = note_effects(self.user, NEW_KEY, note, None)
        return Step("UntagUser", params, Phase.GRANT, uses=self.references, makes=makes, ends=ends, effects=effects)
