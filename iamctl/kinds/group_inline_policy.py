"""A policy that is written into one group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.group_policy import ATTACHMENTS
from iamctl.model import Address, Declares, Operations, Phase, RemovalLimit, Resource, Step, Writes
from iamctl.model.access_change import AccessChange, AttachmentChange, DocumentChange
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

FILES = "inline_policies"
"""The folder in an imported tree that holds one for each group: beside that of the managed policies, so that no group
and policy share a path."""


@dataclass(frozen=True, kw_only=True)
class GroupInlinePolicy(Resource):
    """A named document inside a group."""

    kind: ClassVar[str] = "group-inline-policy"
    title: ClassVar[str] = "Inline policies of groups"
    noun: ClassVar[str] = "inline policy"
    operations: ClassVar[Operations] = Operations(("PutGroupPolicy",), ("PutGroupPolicy",), ("DeleteGroupPolicy",))
    document_files: ClassVar[Mapping[str, tuple[str, ...]]] = {"groups": ("inline_policies", "*", "file")}
    limit: ClassVar[RemovalLimit | None] = ATTACHMENTS
    longest_name: ClassVar[int | None] = 128
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html"""
    keeps_case: ClassVar[bool] = True
    """AWS does not say that names of inline policies are compared without it: a live ``A`` beside ``a`` must load."""
    reference_fields: ClassVar[Mapping[str, str]] = {"group": "group"}
    owner_field: ClassVar[str | None] = "group"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "groups": {
            "properties": {
                "inline_policies": {
                    "type": "object",
                    "additionalProperties": {"type": "object"},
                    "description": "Documents by name: the document itself, or `{file: path}` to a JSON file.",
                    "examples": [{"logs": {"file": "../policies/logs.json"}}],
                }
            }
        }
    }

    group: str
    name: str
    document: Document

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.group, self.name)

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("groups"):
            for name in (entry.value or {}).get("inline_policies", {}):
                document = manifests.document(entry, "inline_policies", name)
                if document is not None:
                    origin = entry.origin("inline_policies", name)
                    yield cls(group=entry.name, name=name, document=document, origin=origin)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("GroupDetailList", ()):
            for policy in detail.get("GroupPolicyList", ()):
                document = Document.from_data(policy["PolicyDocument"])
                yield cls(group=detail["GroupName"], name=policy["PolicyName"], document=document)

    def to_json(self) -> dict[str, Any]:
        return {"group": self.group, "name": self.name, "document": self.document.data}

    def to_manifest(self, writing: Writes) -> dict[str, Any]:
        return {
            "inline_policies": {self.name: {"file": writing.document_file(self.document, FILES, self.group, self.name)}}
        }

    def create_steps(self) -> Iterator[Step]:
        written = DocumentChange(str(self.address), None, self.document)
        yield self._put(self.document, Phase.GRANT, (written, self._held(after=True)))

    def update_steps(self, after: Self) -> Iterator[Step]:
        yield self._put(
            after.document, Phase.CHANGE, (DocumentChange(str(self.address), self.document, after.document),)
        )

    def split_steps(self, after: Self, middle: Document) -> Iterator[Step]:
        policy = str(self.address)
        yield self._put(middle, Phase.CHANGE, (DocumentChange(policy, self.document, middle),))
        yield self._put(after.document, Phase.CHANGE, (DocumentChange(policy, middle, after.document),))

    def delete_steps(self) -> Iterator[Step]:
        params = {"GroupName": self.group, "PolicyName": self.name}
        effects = (self._held(after=False), DocumentChange(str(self.address), self.document, None))
        yield Step("DeleteGroupPolicy", params, Phase.REVOKE, uses=self.references, effects=effects)

    def _held(self, *, after: bool) -> AttachmentChange:
        return AttachmentChange(f"group/{self.group}", str(self.address), after)

    def _put(self, document: Document, phase: Phase, effects: tuple[AccessChange, ...]) -> Step:
        params = {"GroupName": self.group, "PolicyName": self.name, "PolicyDocument": document.text}
        return Step("PutGroupPolicy", params, phase, uses=self.references, effects=effects)
