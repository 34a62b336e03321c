"""A user: its path, tags and permissions boundary, and what goes with it and has no address of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.arn import arn_change, boundary_arn, policy_references, respelled
from iamctl.kinds.credentials import KEPT_CREDENTIALS, Credentials, held_credentials, instant
from iamctl.kinds.fields import path_field, tags_field
from iamctl.kinds.kept import ATTACHED, INLINE, TAGS, kept, named, names
from iamctl.kinds.rotation import RotationRule
from iamctl.kinds.session_limit import console_of
from iamctl.kinds.tag import (
    TAG_SCHEMA,
    dropped_keys,
    fit_together,
    in_live_spelling,
    tag_change,
    tags_from_aws,
    tags_to_aws,
    written_tags,
)
from iamctl.model import (
    Address,
    Declares,
    Operations,
    Part,
    Phase,
    RemovalLimit,
    Resource,
    Section,
    State,
    Step,
    Writes,
)
from iamctl.model.access_change import AccessChange, BoundaryChange, ExistenceChange, PrincipalFactChange
from iamctl.policy.names import path_error
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from datetime import datetime

    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot

_KEPT = {
    **names("UserName", "UserId", "Arn", "Path", "CreateDate", "GroupList"),
    "UserPolicyList": INLINE,
    "AttachedManagedPolicies": ATTACHED,
    "PermissionsBoundary": names("PermissionsBoundaryType", "PermissionsBoundaryArn"),
    "Tags": TAGS,
}


@dataclass(frozen=True, kw_only=True)
class User(Resource):
    """A person or a machine that signs in with credentials of its own."""

    kind: ClassVar[str] = "user"
    title: ClassVar[str] = "Users"
    noun: ClassVar[str] = "user"
    operations: ClassVar[Operations] = Operations(
        create=("CreateUser", "TagUser"),  # tags of a new user need their own permission
        update=("UpdateUser", "TagUser", "UntagUser", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"),
        delete=("DeleteSSHPublicKey", "DeleteSigningCertificate", "DeleteServiceSpecificCredential", "DeleteUser"),
    )
    section: ClassVar[Section | None] = Section(
        name="users",
        noun="user",
        heading="People",
        entry="One user; its name is the key.",
        example={"alice": {"path": "/people/", "tags": {"team": "payments"}}},
        comment=(
            "The users of the account, by name; a name that stands alone has all defaults.",
            "To delete a user, write `removed: [user/NAME]`. Deleting only the line here deletes nobody.",
        ),
        restored={
            "UserName": {"type": "string", "description": "The name."},
            "credentials": {"type": "object", "description": "As in a snapshot."},
        },
        restored_as="As in a snapshot, without secrets.",
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("users")
    longest_name: ClassVar[int | None] = 64
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    longest_live_name: ClassVar[int | None] = 128
    """Users from before the limit of 64 may have longer names, and calls about them take these.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    """
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "path": {"type": "string", "description": "The path, `/` when left out.", "examples": ["/people/"]},
                "tags": TAG_SCHEMA,
                "permissions_boundary": {
                    "type": "string",
                    "description": "The managed policy that bounds what the user may do, named as under `policies`.",
                    "examples": ["human-boundary"],
                },
                "renamed_from": {
                    "type": "string",
                    "description": "The name until now: the user is renamed and keeps id, password and keys.",
                    "examples": ["robert"],
                },
                "until": {
                    "type": "string",
                    "format": "iamctl-until",
                    "description": "The last day (through its end, UTC) or an RFC 3339 time. After it, the user loses "
                    "password, keys and memberships, and is deleted `leavers.delete_after_days` later.",
                    "examples": ["2026-12-31"],
                },
                "groups": {
                    "not": {},
                    "x-iamctl-message": "list group members under 'memberships': 'developers: [alice]'",
                },
            },
            "description": "Users by name. A user with nothing to say is written `carol:`.",
        }
    }

    name: str
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    permissions_boundary: str | None = None
    """The ARN of the boundary."""
    access_keys: int = field(default=0, compare=False)
    """How many active access keys the manifest permits."""
    api_keys: int = field(default=0, compare=False)
    """How many long-term API keys of services the manifest permits."""
    retired_keys: tuple[str, ...] = field(default=(), compare=False)
    """The ids of the access keys that the manifest names under ``retire``."""
    rotation: RotationRule | None = field(default=None, compare=False)
    secrets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)
    """What a live user shares with all others: the secrets of AWS that were asked about, by name."""
    renamed_from: str | None = field(default=None, compare=False)
    until: str | None = field(default=None, compare=False)
    """The end as the manifest writes it, a date or an RFC 3339 time."""
    has_ended: bool = field(default=False, compare=False)
    """Whether ``until`` has passed, so that no way in is permitted."""
    arn: str | None = field(default=None, compare=False)
    user_id: str | None = field(default=None, compare=False)
    created: datetime | None = field(default=None, compare=False)
    credentials: Credentials = field(default=Credentials(), compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.name)

    @once
    def references(self) -> tuple[Address, ...]:
        return policy_references(self.permissions_boundary)

    @property
    def unique_id(self) -> str | None:
        return self.user_id

    def renamed(self, old: Address, new: Address) -> Self:
        if self.permissions_boundary is None:
            return self
        return replace(self, permissions_boundary=respelled(self.permissions_boundary, old, new))

    def aligned(self, live: Self) -> Self:
        name = live.name if live.address == self.address else self.name
        tags = in_live_spelling(self.tags, live.tags)
        return self if (name, tags) == (self.name, self.tags) else replace(self, name=name, tags=tags)

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("users"):
            value = entry.value or {}
            boundary = "permissions_boundary" in value
            keys = value.get("access_keys", 0)
            wanted: Mapping[str, Any] = {"count": keys} if isinstance(keys, int) else keys
            yield cls(
                name=entry.name,
                path=value.get("path", "/"),
                tags=value.get("tags", {}),
                permissions_boundary=manifests.policy_arn(entry, "permissions_boundary") if boundary else None,
                access_keys=wanted["count"],
                api_keys=value.get("api_keys", 0),
                retired_keys=tuple(wanted.get("retire", ())),
                rotation=RotationRule.of(wanted.get("rotate"), value.get("age_recipient")),
                renamed_from=value.get("renamed_from"),
                until=value.get("until"),
                origin=entry.origin(),
            )

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        credentials = dict(held_credentials(snapshot))
        secrets = snapshot.get("secrets", {})
        for detail in snapshot.get("UserDetailList", ()):
            yield cls(
                name=detail["UserName"],
                path=detail.get("Path", "/"),
                tags=tags_from_aws(detail.get("Tags", ())),
                permissions_boundary=boundary_arn(detail),
                arn=detail.get("Arn"),
                user_id=detail.get("UserId"),
                created=instant(detail.get("CreateDate")),
                credentials=credentials[detail["UserName"]],
                secrets=secrets,
            )

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, _now: datetime, _settings: Settings) -> Iterator[Self]:
        """Yield the declared users; one who has ended is not created any more."""
        for user in desired.of_kind(cls):
            if not user.has_ended or user.address in live:
                yield user

    def to_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"name": self.name, "path": self.path, "tags": dict(sorted(self.tags.items()))}
        if self.permissions_boundary:
            fields["permissions_boundary"] = self.permissions_boundary
        return fields

    def to_manifest(self, writing: Writes) -> dict[str, Any]:
        entry: dict[str, Any] = {**path_field(self.path, writing), **tags_field(self.tags, writing)}
        if self.permissions_boundary:
            entry["permissions_boundary"] = writing.policy_name(self.permissions_boundary)
        if self.credentials.has_password:
            entry["console"] = console_of(self.credentials.max_session)
        if active := sum(key.is_active for key in self.credentials.access_keys or ()):
            entry["access_keys"] = active
        if active := sum(one.is_active and one.is_api_key for one in self.credentials.service_credentials or ()):
            entry["api_keys"] = active
        return entry

    @classmethod
    def to_restore(cls, snapshot: Snapshot, names: frozenset[str]) -> list[dict[str, Any]]:
        held = {name.lower(): facts for name, facts in snapshot.get("credentials", {}).items()}
        return [
            {**kept(user, _KEPT), "credentials": kept(held.get(user["UserName"].lower(), {}), KEPT_CREDENTIALS)}
            for user in named(snapshot["UserDetailList"], "UserName", names)
        ]

    def form_errors(self) -> Iterable[str]:
        return filter(None, [path_error(self.path)])

    def along(self) -> Mapping[Part, int]:
        held = self.credentials
        parts = {
            Part.SSH_KEY: held.ssh_keys,
            Part.SIGNING_CERTIFICATE: held.certificates,
            Part.SERVICE_CREDENTIAL: tuple(one for one in held.service_credentials or () if not one.is_api_key),
        }
        return {part: len(ids) for part, ids in parts.items() if ids}

    def beside_calls(self) -> Mapping[str, Any]:
        return {
            "until": self.until,
            "access_keys": self.access_keys,
            "api_keys": self.api_keys,
            "retired_keys": list(self.retired_keys),
            **(self.rotation.to_json() if self.rotation else {}),
        }

    def terms(self) -> Mapping[str, Any]:
        return {"until": self.until} if self.until else {}

    def create_steps(self) -> Iterator[Step]:
        params: dict[str, Any] = {"UserName": self.name}
        if self.path != "/":
            params["Path"] = self.path
        if self.tags:
            params["Tags"] = tags_to_aws(self.tags)
        if self.permissions_boundary:
            params["PermissionsBoundary"] = self.permissions_boundary
        effects: tuple[AccessChange, ...] = (ExistenceChange(self.name, after=True),)
        if self.permissions_boundary:
            effects += (BoundaryChange(self.name, None, self.permissions_boundary),)
        yield Step("CreateUser", params, Phase.CREATE, uses=self.references, makes=(self.address,), effects=effects)

    def update_steps(self, after: Self) -> Iterator[Step]:
        me = (after.address,)
        if after.address != self.address or after.path != self.path:
            params = {"UserName": self.name}
            if after.path != self.path:
                params["NewPath"] = after.path
            seen = (*_fact_change(after.name, "aws:principalarn"), arn_change(self, after))
            if after.address == self.address:
                yield Step("UpdateUser", params, Phase.CHANGE, uses=me, effects=seen)
            else:
                params["NewUserName"] = after.name
                seen = (*_fact_change(after.name, "aws:principalarn", "aws:username"), arn_change(self, after))
                yield Step("UpdateUser", params, Phase.CREATE, makes=me, ends=(self.address,), effects=seen)
        yield from self._tag_steps(after)
        yield from self._boundary_steps(after)

    def _tag_steps(self, after: Self) -> Iterator[Step]:
        """Yield what drops tags and what writes them, in any order where a user can hold both."""
        me, dropped = (after.address,), dropped_keys(self.tags, after.tags)
        if dropped:
            params: dict[str, Any] = {"UserName": after.name, "TagKeys": dropped}
            effects = self._tag_effects(after, dict.fromkeys(dropped))
            yield Step("UntagUser", params, Phase.CHANGE, uses=me, effects=effects)
        if written := written_tags(self.tags, after.tags):
            params = {"UserName": after.name, "Tags": tags_to_aws(written)}
            beside = bool(dropped) and fit_together(self.tags, after.tags)
            effects = self._tag_effects(after, written)
            yield Step("TagUser", params, Phase.CHANGE, uses=me, effects=effects, beside_previous=beside)

    def _tag_effects(self, after: Self, tags: Mapping[str, str | None]) -> tuple[AccessChange, ...]:
        keys = (f"aws:principaltag/{key.lower()}" for key in tags)
        return *_fact_change(after.name, *keys), tag_change(str(after.address), self.tags, tags)

    def _boundary_steps(self, after: Self) -> Iterator[Step]:
        uses = (after.address, *self.references, *after.references)
        if after.permissions_boundary == self.permissions_boundary:
            return
        effects = (BoundaryChange(after.name, self.permissions_boundary, after.permissions_boundary),)
        if after.permissions_boundary is None:
            params = {"UserName": after.name}
            yield Step("DeleteUserPermissionsBoundary", params, Phase.GRANT, uses=uses, effects=effects)
            return
        params = {"UserName": after.name, "PermissionsBoundary": after.permissions_boundary}
        phase = Phase.CHANGE if self.permissions_boundary else Phase.LOCK
        yield Step("PutUserPermissionsBoundary", params, phase, uses=uses, effects=effects)

    def delete_steps(self) -> Iterator[Step]:
        """Yield what IAM wants gone before the user, and the user; passwords, access keys, API keys and devices are kinds of their own.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
        """
        for operation, params in self._credential_removals():
            yield Step(operation, {"UserName": self.name, **params}, Phase.TIDY, uses=(self.address,))
        yield Step(
            "DeleteUser",
            {"UserName": self.name},
            Phase.DELETE,
            uses=self.references,
            ends=(self.address,),
            effects=(ExistenceChange(self.name, after=False),),
        )

    def _credential_removals(self) -> Iterator[tuple[str, dict[str, Any]]]:
        held = self.credentials
        for key in held.ssh_keys or ():
            yield "DeleteSSHPublicKey", {"SSHPublicKeyId": key.id}
        for certificate in held.certificates or ():
            yield "DeleteSigningCertificate", {"CertificateId": certificate.id}
        for credential in held.service_credentials or ():
            if credential.is_api_key:
                continue  # a kind of its own
            yield "DeleteServiceSpecificCredential", {"ServiceSpecificCredentialId": credential.id}


def _fact_change(user: str, *keys: str) -> tuple[AccessChange, ...]:
    return (PrincipalFactChange(user, frozenset(keys)),)
