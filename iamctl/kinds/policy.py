"""A customer-managed policy: its document and its versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.arn import boundary_arn, customer_policy_arn, is_aws_managed
from iamctl.kinds.fields import path_field, tags_field
from iamctl.kinds.kept import TAGS, kept, named, names
from iamctl.kinds.tag import (
    TAG_SCHEMA,
    dropped_keys,
    fit_together,
    tag_change,
    tags_from_aws,
    tags_to_aws,
    written_tags,
)
from iamctl.model import Address, Declares, Operations, Phase, RemovalLimit, Resource, Section, Step, Writes
from iamctl.model.access_change import DocumentChange
from iamctl.policy import Document
from iamctl.policy.builtin import BUILTINS
from iamctl.policy.names import description_error, policy_path_error
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.snapshot import GroupDetail, Snapshot, UserDetail

FILES = "policies"
"""The folder of the documents in an imported tree."""

_KEPT = {
    **names("PolicyName", "PolicyId", "Arn", "Path", "Description", "DefaultVersionId", "CreateDate", "UpdateDate"),
    "PolicyVersionList": names("VersionId", "IsDefaultVersion", "CreateDate", "Document"),
    "Tags": TAGS,
}

_NAMES = {"type": "array", "items": {"type": "string"}}
_HELD_BY: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["groups", "users", "bounds"],
    "properties": {
        "groups": {**_NAMES, "description": "Groups that hold the policy."},
        "users": {**_NAMES, "description": "Users who hold it directly."},
        "bounds": {**_NAMES, "description": "Users whose boundary it is."},
    },
    "description": "Who has the policy.",
}

MAX_VERSIONS = 5
"""IAM keeps at most this many versions of one managed policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


MAX_SIZE = 6144
"""Characters of a document, without white space."""


@dataclass(frozen=True)
class Version:
    """One version of a managed policy; ``version_id`` is ``v1``, ``v2`` and so on, never used twice."""

    version_id: str
    is_default: bool
    document: Document | None = field(default=None, compare=False)
    """None where the snapshot does not hold it."""

    @property
    def number(self) -> int:
        """The number in the id, 3 for ``v3``; 0 where the id has none."""
        digits = self.version_id.removeprefix("v").partition(".")[0]
        return int(digits) if digits.isdecimal() else 0


@dataclass(frozen=True, kw_only=True)
class Policy(Resource):
    """A managed policy of this account. IAM changes its document and tags, never its name, path or description."""

    kind: ClassVar[str] = "policy"
    title: ClassVar[str] = "Policies"
    noun: ClassVar[str] = "policy"
    operations: ClassVar[Operations] = Operations(
        create=("CreatePolicy", "TagPolicy"),  # tags of a new policy need their own permission
        update=("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "TagPolicy", "UntagPolicy"),
        delete=("DeletePolicyVersion", "DeletePolicy"),
    )
    section: ClassVar[Section | None] = Section(
        name="policies",
        noun="policy",
        entry="One customer-managed policy; its name is the key.",
        example={"deploy-payments": {"file": "policies/deploy.json"}},
        comment=(
            "The customer-managed policies of the account, by name, each with the file of its document.",
            "Policies that only roles use are not here; iamctl leaves them alone.",
        ),
        restored={
            "PolicyName": {"type": "string", "description": "The name."},
            "held_by": _HELD_BY,
        },
        restored_as="As in a snapshot, with all versions.",
    )
    document_files: ClassVar[Mapping[str, tuple[str, ...]]] = {"policies": ("file",)}
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("policies")
    longest_name: ClassVar[int | None] = 128
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "policies": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "path": {
                    "type": "string",
                    "description": "The path, `/` when left out; IAM never changes it.",
                    "examples": ["/teams/payments/"],
                },
                "description": {
                    "type": "string",
                    "description": "What the policy is for; compared only where it is given. IAM never changes it.",
                    "examples": ["Deploy the payments service"],
                },
                "tags": {**TAG_SCHEMA, "description": "Tags; compared only where they are given."},
                "file": {
                    "type": "string",
                    "description": "The JSON file with the document, relative to this file.",
                    "examples": ["policies/deploy.json"],
                },
                "document": {
                    "type": "object",
                    "description": "The document itself, in AWS's own words.",
                    "examples": [
                        {
                            "Version": "2012-10-17",
                            "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
                        }
                    ],
                },
                "builtin": {
                    "type": "string",
                    "enum": list(BUILTINS),
                    "description": "A document that ships with iamctl, by name and version.",
                    "examples": list(BUILTINS[:1]),
                },
            },
            "description": "Customer-managed policies by name.",
        }
    }

    name: str
    path: str = "/"
    document: Document
    description: str | None = None
    """None where the manifest does not say, or the snapshot does not tell."""
    tags: Mapping[str, str] | None = None
    arn: str = field(compare=False)
    policy_id: str | None = field(default=None, compare=False)
    versions: tuple[Version, ...] = field(default=(), compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.name)

    @property
    def unique_id(self) -> str | None:
        return self.policy_id

    def aligned(self, live: Self) -> Self:
        return replace(
            self,
            name=live.name,
            arn=live.arn,
            description=live.description if self.description is None else self.description,
            tags=live.tags if self.tags is None else self.tags,
        )

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        for entry in manifests.entries("policies"):
            document = manifests.document(entry)
            if document is None:
                continue
            path = entry.value.get("path", "/")
            yield cls(
                name=entry.name,
                path=path,
                document=document,
                description=entry.value.get("description"),
                tags=entry.value.get("tags"),
                arn=customer_policy_arn(manifests.partition, manifests.account_id, path, entry.name),
                origin=entry.origin(),
            )

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for detail in snapshot.get("Policies", ()):
            if is_aws_managed(detail["Arn"]):
                continue
            versions = tuple(map(_version, detail.get("PolicyVersionList", ())))
            default = next((version.document for version in versions if version.is_default), None)
            yield cls(
                name=detail["PolicyName"],
                path=detail.get("Path", "/"),
                document=default or Document.from_data(None),
                description=detail.get("Description"),
                tags=tags_from_aws(detail["Tags"]) if "Tags" in detail else None,
                arn=detail["Arn"],
                policy_id=detail.get("PolicyId"),
                versions=versions,
            )

    def to_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"name": self.name, "path": self.path, "document": self.document.data}
        if self.description is not None:
            fields["description"] = self.description
        if self.tags is not None:
            fields["tags"] = dict(sorted(self.tags.items()))
        return fields

    def to_manifest(self, writing: Writes) -> dict[str, Any]:
        entry = path_field(self.path, writing)
        if self.description:
            entry["description"] = writing.text(self.description)
        file = writing.document_file(self.document, FILES, self.name)
        return {**entry, **tags_field(self.tags or {}, writing), "file": file}

    @classmethod
    def to_restore(cls, snapshot: Snapshot, names: frozenset[str]) -> list[dict[str, Any]]:
        return [
            {**kept(policy, _KEPT), "held_by": _holders(snapshot, policy["Arn"])}
            for policy in named(snapshot["Policies"], "PolicyName", names)
            if not is_aws_managed(policy["Arn"])
        ]

    def form_errors(self) -> Iterable[str]:
        return filter(None, [policy_path_error(self.path), description_error(self.description or "")])

    def create_steps(self) -> Iterator[Step]:
        params: dict[str, Any] = {"PolicyName": self.name, "PolicyDocument": self.document.text}
        if self.path != "/":
            params["Path"] = self.path
        if self.description:
            params["Description"] = self.description
        if self.tags:
            params["Tags"] = tags_to_aws(self.tags)
        effects = (DocumentChange(self.arn, None, self.document),)
        yield Step("CreatePolicy", params, Phase.CREATE, makes=(self.address,), effects=effects)

    def update_steps(self, after: Self) -> Iterator[Step]:
        if after.document != self.document:
            yield from self._document_steps(after)
        yield from self._tag_steps(after)

    def split_steps(self, after: Self, middle: Document) -> Iterator[Step]:
        if middle.size > MAX_SIZE:
            return
        back = self._version_of(after.document)
        surplus = self._surplus_versions(new=1 if back else 2, kept=back)
        yield from (self._delete_version(version, Phase.CHANGE) for version in surplus)
        yield self._new_version(self.document, middle)
        yield self._back(back, middle, after.document) if back else self._new_version(middle, after.document)
        yield from self._tag_steps(after)

    def _tag_steps(self, after: Self) -> Iterator[Step]:
        me, before_tags, after_tags = (self.address,), self.tags or {}, after.tags or {}
        dropped = dropped_keys(before_tags, after_tags)
        if dropped:
            params: dict[str, Any] = {"PolicyArn": self.arn, "TagKeys": dropped}
            effects = (tag_change(str(self.address), before_tags, dict.fromkeys(dropped)),)
            yield Step("UntagPolicy", params, Phase.CHANGE, uses=me, effects=effects)
        if written := written_tags(before_tags, after_tags):
            params = {"PolicyArn": self.arn, "Tags": tags_to_aws(written)}
            beside = bool(dropped) and fit_together(before_tags, after_tags)
            effects = (tag_change(str(self.address), before_tags, written),)
            yield Step("TagPolicy", params, Phase.CHANGE, uses=me, effects=effects, beside_previous=beside)

    def _document_steps(self, after: Self) -> Iterator[Step]:
        """Yield what brings the document into force: an older version that already says the same, or a new one."""
        if back := self._version_of(after.document):
            yield self._back(back, self.document, after.document)
            return
        yield from (self._delete_version(version, Phase.CHANGE) for version in self._surplus_versions(new=1))
        yield self._new_version(self.document, after.document)

    def _version_of(self, document: Document) -> Version | None:
        """Return the newest version that says the same as a document."""
        newest_first = sorted(self.versions, key=lambda version: -version.number)
        return next((one for one in newest_first if one.document and one.document.identical(document)), None)

    def _back(self, version: Version, before: Document, after: Document) -> Step:
        params = {"PolicyArn": self.arn, "VersionId": version.version_id}
        effects = (DocumentChange(self.arn, before, after),)
        return Step("SetDefaultPolicyVersion", params, Phase.CHANGE, uses=(self.address,), effects=effects)

    def _new_version(self, before: Document, after: Document) -> Step:
        params = {"PolicyArn": self.arn, "PolicyDocument": after.text, "SetAsDefault": True}
        effects = (DocumentChange(self.arn, before, after),)
        return Step("CreatePolicyVersion", params, Phase.CHANGE, uses=(self.address,), effects=effects)

    def delete_steps(self) -> Iterator[Step]:
        for version in sorted(self.versions, key=lambda version: version.number):
            if not version.is_default:  # the default goes with the policy
                yield self._delete_version(version, Phase.TIDY)
        yield Step("DeletePolicy", {"PolicyArn": self.arn}, Phase.DELETE, ends=(self.address,))

    def _surplus_versions(self, new: int, kept: Version | None = None) -> tuple[Version, ...]:
        """Return the versions to remove before new ones fit: never the default, nor one to go back to."""
        many = len(self.versions) + new - MAX_VERSIONS
        if many <= 0:
            return ()
        oldest_first = sorted(self.versions, key=lambda version: version.number)
        default = next((index for index, version in enumerate(oldest_first) if version.is_default), len(oldest_first))
        stay = {default, default - 1}
        return tuple(one for index, one in enumerate(oldest_first) if index not in stay and one != kept)[:many]

    def _delete_version(self, version: Version, phase: Phase) -> Step:
        params = {"PolicyArn": self.arn, "VersionId": version.version_id}
        return Step("DeletePolicyVersion", params, phase, uses=(self.address,))


def _version(version: Mapping[str, Any]) -> Version:
    document = Document.from_data(version["Document"]) if "Document" in version else None
    return Version(version["VersionId"], version["IsDefaultVersion"], document)


def _holders(snapshot: Snapshot, arn: str) -> dict[str, list[str]]:
    def is_attached(detail: UserDetail | GroupDetail) -> bool:
        return any(attached["PolicyArn"] == arn for attached in detail.get("AttachedManagedPolicies", ()))

    users, groups = snapshot["UserDetailList"], snapshot["GroupDetailList"]
    return {
        "groups": sorted(group["GroupName"] for group in groups if is_attached(group)),
        "users": sorted(user["UserName"] for user in users if is_attached(user)),
        "bounds": sorted(user["UserName"] for user in users if boundary_arn(user) == arn),
    }
