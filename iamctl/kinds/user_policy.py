"""A managed policy attached directly to a user: only ever taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.arn import policy_references, respelled
from iamctl.model import Address, Operations, Phase, RemovalLimit, Resource, Step
from iamctl.model.access_change import AttachmentChange
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

USER_POLICIES = RemovalLimit("user_policies", is_declared=False)
"""The limit on what a plan may take from users directly, managed or inline."""


@dataclass(frozen=True, kw_only=True)
class UserPolicy(Resource):
    """An edge between a user and a managed policy. Manifests cannot declare it: policies belong to groups."""

    kind: ClassVar[str] = "user-policy"
    title: ClassVar[str] = "Policies directly on users"
    noun: ClassVar[str] = "direct policy"
    operations: ClassVar[Operations] = Operations(delete=("DetachUserPolicy",))
    limit: ClassVar[RemovalLimit | None] = USER_POLICIES
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "policies": {
                    "not": {},
                    "x-iamctl-rule": "IAM101",
                    "x-iamctl-message": "a policy is never attached to a user; attach it to a group and make the user "
                    "a member",
                }
            }
        }
    }

    user: str
    policy_arn: str

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.policy_arn)

    @once
    def references(self) -> tuple[Address, ...]:
        return Address.of("user", self.user), *policy_references(self.policy_arn)

    def renamed(self, old: Address, new: Address) -> Self:
        return replace(super().renamed(old, new), policy_arn=respelled(self.policy_arn, old, new))

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("UserDetailList", ()):
            for attached in detail.get("AttachedManagedPolicies", ()):
                yield cls(user=detail["UserName"], policy_arn=attached["PolicyArn"])

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "policy_arn": self.policy_arn}

    def delete_steps(self) -> Iterator[Step]:
        params = {"UserName": self.user, "PolicyArn": self.policy_arn}
        effects = (AttachmentChange(f"user/{self.user}", self.policy_arn, after=False),)
        yield Step("DetachUserPolicy", params, Phase.REVOKE, uses=self.references, effects=effects)
