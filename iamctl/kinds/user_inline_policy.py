"""A policy that is written into one user: only ever taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.user_policy import USER_POLICIES
from iamctl.model import Address, Operations, Phase, RemovalLimit, Resource, Step
from iamctl.model.access_change import AttachmentChange, DocumentChange
from iamctl.model.transition import is_transition
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class UserInlinePolicy(Resource):
    """A named document inside a user. Manifests cannot declare it: policies belong to groups."""

    kind: ClassVar[str] = "user-inline-policy"
    title: ClassVar[str] = "Inline policies directly on users"
    noun: ClassVar[str] = "direct inline policy"
    operations: ClassVar[Operations] = Operations(delete=("DeleteUserPolicy",))
    limit: ClassVar[RemovalLimit | None] = USER_POLICIES
    keeps_case: ClassVar[bool] = True
    """As for inline policies of groups."""
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "inline_policies": {
                    "not": {},
                    "x-iamctl-rule": "IAM101",
                    "x-iamctl-message": "a policy is never written into a user; write it into a group and make the "
                    "user a member",
                }
            }
        }
    }

    user: str
    name: str
    document: Document

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.name)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("UserDetailList", ()):
            for policy in detail.get("UserPolicyList", ()):
                document = Document.from_data(policy["PolicyDocument"])
                yield cls(user=detail["UserName"], name=policy["PolicyName"], document=document)

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "name": self.name, "document": self.document.data}

    def takes(self, after: Resource | None) -> bool:
        return after is None and not is_transition(self.address)

    def delete_steps(self) -> Iterator[Step]:
        params = {"UserName": self.user, "PolicyName": self.name}
        policy = str(self.address)
        effects = (
            AttachmentChange(f"user/{self.user}", policy, after=False),
            DocumentChange(policy, self.document, None),
        )
        yield Step("DeleteUserPolicy", params, Phase.REVOKE, uses=self.references, effects=effects)
