"""Attachment of one managed policy to one group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.arn import policy_references, respelled
from iamctl.model import Address, Declares, Operations, Phase, RemovalLimit, Resource, Step, Writes
from iamctl.model.access_change import AttachmentChange
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

ATTACHMENTS = RemovalLimit("attachments", 0.20)
"""The limit on what a plan may take from groups, managed or inline."""


@dataclass(frozen=True, kw_only=True)
class GroupPolicy(Resource):
    """An edge between a group and a managed policy, customer-managed or AWS-managed."""

    kind: ClassVar[str] = "group-policy"
    title: ClassVar[str] = "Policies of groups"
    noun: ClassVar[str] = "policy"
    operations: ClassVar[Operations] = Operations(create=("AttachGroupPolicy",), delete=("DetachGroupPolicy",))
    limit: ClassVar[RemovalLimit | None] = ATTACHMENTS
    reference_fields: ClassVar[Mapping[str, str]] = {"group": "group"}
    owner_field: ClassVar[str | None] = "group"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "groups": {
            "properties": {
                "policies": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Managed policies: a name declared under `policies`, `aws:Name` for an AWS-managed "
                    "one, `live:path/name` for one that another tool owns, or an ARN.",
                    "examples": [["deploy-payments", "aws:ReadOnlyAccess", "live:team/shared-logs"]],
                }
            }
        }
    }

    group: str
    policy_arn: str

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.group, self.policy_arn)

    @once
    def references(self) -> tuple[Address, ...]:
        return Address.of("group", self.group), *policy_references(self.policy_arn)

    def renamed(self, old: Address, new: Address) -> Self:
        return replace(super().renamed(old, new), policy_arn=respelled(self.policy_arn, old, new))

    def aligned(self, live: Self) -> Self:
        return self if self.policy_arn == live.policy_arn else replace(self, policy_arn=live.policy_arn)

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("groups"):
            for index in range(len((entry.value or {}).get("policies", ()))):
                arn = manifests.policy_arn(entry, "policies", index)
                if arn is not None:
                    yield cls(group=entry.name, policy_arn=arn, origin=entry.origin("policies", index))

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("GroupDetailList", ()):
            for attached in detail.get("AttachedManagedPolicies", ()):
                yield cls(group=detail["GroupName"], policy_arn=attached["PolicyArn"])

    def to_json(self) -> dict[str, Any]:
        return {"group": self.group, "policy_arn": self.policy_arn}

    def to_manifest(self, writing: Writes) -> dict[str, Any]:
        return {"policies": [writing.policy_name(self.policy_arn)]}

    def create_steps(self) -> Iterator[Step]:
        yield self._step("AttachGroupPolicy", Phase.GRANT, after=True)

    def delete_steps(self) -> Iterator[Step]:
        yield self._step("DetachGroupPolicy", Phase.REVOKE, after=False)

    def _step(self, operation: str, phase: Phase, *, after: bool) -> Step:
        return Step(
            operation,
            {"GroupName": self.group, "PolicyArn": self.policy_arn},
            phase,
            uses=self.references,
            effects=(AttachmentChange(f"group/{self.group}", self.policy_arn, after),),
        )
