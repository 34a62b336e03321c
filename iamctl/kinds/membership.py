"""Membership of one user in one group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.model import Address, Declares, Operations, Phase, RemovalLimit, Resource, Section, Step, Writes
from iamctl.model.access_change import MembershipChange
from iamctl.model.settings import MOST_OF_A_REASON
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_NAMED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["user"],
    "properties": {
        "user": {"type": "string", "description": "The user's name.", "examples": ["bob"]},
        "until": {
            "type": "string",
            "format": "iamctl-until",
            "description": "The last day (through its end, UTC) or an RFC 3339 time; past it the user is taken out.",
            "examples": ["2026-12-31", "2026-12-31T18:00:00+01:00"],
        },
        "from": {
            "type": "string",
            "format": "iamctl-until",
            "description": "The first day (from its start, UTC) or an RFC 3339 time; before it, the user is not a member.",
            "examples": ["2026-12-01"],
        },
        "reason": {
            "type": "string",
            "maxLength": MOST_OF_A_REASON,
            "description": f"Why, for reviewers; at most {MOST_OF_A_REASON} characters.",
            "examples": ["cover for alice, OPS-123"],
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Membership(Resource):
    """An edge, not an object: it exists or it does not, so it never updates."""

    kind: ClassVar[str] = "membership"
    title: ClassVar[str] = "Memberships"
    noun: ClassVar[str] = "group"
    operations: ClassVar[Operations] = Operations(create=("AddUserToGroup",), delete=("RemoveUserFromGroup",))
    section: ClassVar[Section | None] = Section(
        name="memberships",
        noun="membership",
        entry="All members of one group; its name is the key. `[]` means no members.",
        example={"developers": ["alice", {"user": "bob", "until": "2026-12-31"}]},
        comment=(
            'The members of each group; `[]` means no members. Temporary: {user: NAME, until: 2026-12-31, reason: "why"}.',
        ),
        live_ones="memberships of declared groups",
        entry_words="the members of",
        keyed_by="group",
        undeclared="remove",
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("memberships", 0.20)
    reference_fields: ClassVar[Mapping[str, str]] = {"group": "group", "user": "user"}
    owner_field: ClassVar[str | None] = "group"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "memberships": {
            "type": "array",
            "items": {"type": ["string", "object"], **{k: v for k, v in _NAMED.items() if k != "type"}},
            "description": "Groups by name, each with all its members; `[]` means no members.",
            "examples": [["alice", {"user": "bob", "until": "2026-12-31", "reason": "cover for alice, OPS-123"}]],
        }
    }

    group: str
    user: str
    until: str | None = field(default=None, compare=False)
    """The end as the manifest writes it, a date or an RFC 3339 time."""
    begins: str | None = field(default=None, compare=False)
    """The beginning as the manifest writes it under ``from``."""
    why: str | None = field(default=None, compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.group, self.user)

    @once
    def owner(self) -> Address:
        return Address.of("group", self.group)

    @once
    def references(self) -> tuple[Address, ...]:
        return self.owner, self.subject

    @once
    def subject(self) -> Address:
        return Address.of("user", self.user)

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        """Yield all memberships, also those that have ended or begin later; whoever plans leaves these out."""
        for entry in manifests.entries("memberships"):
            for index, member in enumerate(entry.value):
                origin = entry.origin(index)
                if isinstance(member, str):
                    yield cls(group=entry.name, user=member, origin=origin)
                else:
                    yield cls(
                        group=entry.name,
                        user=member["user"],
                        until=member.get("until"),
                        begins=member.get("from"),
                        why=member.get("reason"),
                        origin=origin,
                    )

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("UserDetailList", ()):
            for group in detail.get("GroupList", ()):
                yield cls(group=group, user=detail["UserName"])

    def to_json(self) -> dict[str, Any]:
        return {"group": self.group, "user": self.user}

    def to_manifest(self, writing: Writes) -> str:
        return self.user

    def beside_calls(self) -> Mapping[str, Any]:
        return {"from": self.begins, "until": self.until, "reason": self.why}

    def terms(self) -> Mapping[str, Any]:
        return {"until": self.until} if self.until else {}

    def create_steps(self) -> Iterator[Step]:
        yield self._step("AddUserToGroup", Phase.GRANT, after=True)

    def delete_steps(self) -> Iterator[Step]:
        yield self._step("RemoveUserFromGroup", Phase.REVOKE, after=False)

    def _step(self, operation: str, phase: Phase, *, after: bool) -> Step:
        return Step(
            operation,
            {"GroupName": self.group, "UserName": self.user},
            phase,
            uses=self.references,
            effects=(MembershipChange(self.user, self.group, after),),
        )
