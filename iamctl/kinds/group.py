"""A group: its path. Its members and policies are resources of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.arn import arn_change
from iamctl.kinds.fields import path_field
from iamctl.kinds.kept import ATTACHED, INLINE, kept, named, names
from iamctl.model import Address, Declares, Operations, Phase, RemovalLimit, Resource, Section, Step, Writes
from iamctl.policy.names import path_error
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_KEPT = {
    **names("GroupName", "GroupId", "Arn", "Path", "CreateDate"),
    "GroupPolicyList": INLINE,
    "AttachedManagedPolicies": ATTACHED,
}


@dataclass(frozen=True, kw_only=True)
class Group(Resource):
    """A set of users that hold the same policies."""

    kind: ClassVar[str] = "group"
    title: ClassVar[str] = "Groups"
    noun: ClassVar[str] = "group"
    operations: ClassVar[Operations] = Operations(("CreateGroup",), ("UpdateGroup",), ("DeleteGroup",))
    section: ClassVar[Section | None] = Section(
        name="groups",
        noun="group",
        entry="One group; its name is the key.",
        example={"developers": {"policies": ["deploy-payments", "aws:ReadOnlyAccess"]}},
        comment=(
            "The groups of the account, by name, with the policies of each. A plan detaches policies that are not listed here.",
            "Policies: a name from policies.yaml, `aws:NAME` for an AWS policy, `live:NAME` for one that another tool owns.",
        ),
        restored={
            "GroupName": {"type": "string", "description": "The name."},
            "members": {"type": "array", "items": {"type": "string"}, "description": "The names of its members."},
        },
        restored_as="As in a snapshot.",
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("groups")
    longest_name: ClassVar[int | None] = 128
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "groups": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "path": {"type": "string", "description": "The path, `/` when left out.", "examples": ["/teams/"]},
                "members": {
                    "type": "string",
                    "enum": ["open", "closed"],
                    "x-iamctl-message": "expected 'open' or 'closed'; list group members under 'memberships': "
                    "'developers: [alice]'",
                    "description": "`open`: several files may add members. `closed`, the default: one file holds all.",
                },
                "renamed_from": {
                    "type": "string",
                    "description": "The name until now: the group is renamed and keeps id, members and policies.",
                    "examples": ["devs"],
                },
            },
            "description": "Groups by name. What a group holds is exclusive: its members and policies are all here.",
        }
    }

    name: str
    path: str = "/"
    renamed_from: str | None = field(default=None, compare=False)
    arn: str | None = field(default=None, compare=False)
    group_id: str | None = field(default=None, compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.name)

    @property
    def unique_id(self) -> str | None:
        return self.group_id

    def aligned(self, live: Self) -> Self:
        return replace(self, name=live.name) if live.address == self.address and live.name != self.name else self

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("groups"):
            value = entry.value or {}
            yield cls(
                name=entry.name,
                path=value.get("path", "/"),
                renamed_from=value.get("renamed_from"),
                origin=entry.origin(),
            )

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("GroupDetailList", ()):
            yield cls(
                name=detail["GroupName"],
                path=detail.get("Path", "/"),
                arn=detail.get("Arn"),
                group_id=detail.get("GroupId"),
            )

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "path": self.path}

    def to_manifest(self, writing: Writes) -> dict[str, Any]:
        return path_field(self.path, writing)

    @classmethod
    def to_restore(cls, snapshot: Snapshot, names: frozenset[str]) -> list[dict[str, Any]]:
        users = snapshot["UserDetailList"]
        return [
            {
                **kept(group, _KEPT),
                "members": sorted(
                    user["UserName"] for user in users if group["GroupName"] in user.get("GroupList", ())
                ),
            }
            for group in named(snapshot["GroupDetailList"], "GroupName", names)
        ]

    def form_errors(self) -> Iterable[str]:
        return filter(None, [path_error(self.path)])

    def create_steps(self) -> Iterator[Step]:
        params = {"GroupName": self.name} if self.path == "/" else {"GroupName": self.name, "Path": self.path}
        yield Step("CreateGroup", params, Phase.CREATE, makes=(self.address,))

    def update_steps(self, after: Self) -> Iterator[Step]:
        params = {"GroupName": self.name}
        if after.path != self.path:
            params["NewPath"] = after.path
        seen = (arn_change(self, after),)
        if after.address == self.address:
            yield Step("UpdateGroup", params, Phase.CHANGE, uses=(self.address,), effects=seen)
        else:
            params["NewGroupName"] = after.name
            yield Step("UpdateGroup", params, Phase.CREATE, makes=(after.address,), ends=(self.address,), effects=seen)

    def delete_steps(self) -> Iterator[Step]:
        yield Step("DeleteGroup", {"GroupName": self.name}, Phase.DELETE, ends=(self.address,))
