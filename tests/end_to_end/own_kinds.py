"""Kinds that iamctl does not have, written as a contributor would: a role, and a Git password that hangs on a user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, ClassVar

from iamctl.kinds.fields import path_field, tags_field
from iamctl.kinds.kept import kept, named, names
from iamctl.kinds.tag import TAG_SCHEMA, dropped_keys, tags_from_aws, tags_to_aws, written_tags
from iamctl.model import Address, Phase, RemovalLimit, Resource, Section, Step
from iamctl.policy.names import path_error
from iamctl.text.late_dataclass import dataclass


def trust(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass(frozen=True, kw_only=True)
class Role(Resource):
    """A role that one service may assume."""

    kind: ClassVar[str] = "role"
    title: ClassVar[str] = "Roles"
    noun: ClassVar[str] = "role"
    section: ClassVar[Section | None] = Section(
        name="roles",
        noun="role",
        entry="One role; its name is the key.",
        example={"nightly": {"service": "lambda.amazonaws.com"}},
        comment=("The roles of the account, by name, each with the service that assumes it.",),
        restored={"RoleName": {"type": "string", "description": "The name."}},
        restored_as="As in a snapshot.",
    )
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("roles")
    longest_name: ClassVar[int | None] = 64
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "roles": {
            "type": "object",
            "additionalProperties": False,
            "required": ["service"],
            "properties": {
                "service": {"type": "string", "description": "Who assumes it.", "examples": ["lambda.amazonaws.com"]},
                "path": {"type": "string", "description": "The path.", "examples": ["/jobs/"]},
                "tags": TAG_SCHEMA,
            },
            "description": "Roles by name.",
        }
    }

    name: str
    service: str
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    arn: str | None = field(default=None, compare=False)
    role_id: str | None = field(default=None, compare=False)

    @property
    def address(self):
        return Address.of(self.kind, self.name)

    @property
    def unique_id(self):
        return self.role_id

    def aligned(self, live):
        return replace(self, name=live.name, path=live.path)

    @classmethod
    def declared(cls, manifests):
        for entry in manifests.entries("roles"):
            value, origin = entry.value, entry.origin()
            path, tags = value.get("path", "/"), value.get("tags", {})
            yield cls(name=entry.name, service=value["service"], path=path, tags=tags, origin=origin)

    @classmethod
    def live(cls, snapshot):
        for detail in snapshot.get("RoleDetailList", ()):
            statement = detail["AssumeRolePolicyDocument"]["Statement"][0]
            yield cls(
                name=detail["RoleName"],
                path=detail["Path"],
                tags=tags_from_aws(detail["Tags"]),
                service=statement["Principal"]["Service"],
                arn=detail["Arn"],
                role_id=detail["RoleId"],
            )

    def to_json(self):
        return {"name": self.name, "path": self.path, "service": self.service, "tags": dict(self.tags)}

    def to_manifest(self, writing):
        return {
            **path_field(self.path, writing),
            **tags_field(self.tags, writing),
            "service": writing.text(self.service),
        }

    @classmethod
    def to_restore(cls, snapshot, names):
        return [kept(role, KEPT) for role in named(snapshot["RoleDetailList"], "RoleName", names)]

    def form_errors(self):
        return filter(None, [path_error(self.path)])

    def create_steps(self):
        params = {"RoleName": self.name, "Path": self.path, "AssumeRolePolicyDocument": self._trust()}
        if self.tags:
            params["Tags"] = tags_to_aws(self.tags)
        yield Step("CreateRole", params, Phase.CREATE, makes=(self.address,))

    def update_steps(self, after):
        me = (self.address,)
        if after.service != self.service:
            params = {"RoleName": self.name, "PolicyDocument": after._trust()}
            yield Step("UpdateAssumeRolePolicy", params, Phase.CHANGE, uses=me)
        if dropped := dropped_keys(self.tags, after.tags):
            yield Step("UntagRole", {"RoleName": self.name, "TagKeys": dropped}, Phase.CHANGE, uses=me)
        if written := written_tags(self.tags, after.tags):
            yield Step("TagRole", {"RoleName": self.name, "Tags": tags_to_aws(written)}, Phase.CHANGE, uses=me)

    def delete_steps(self):
        yield Step("DeleteRole", {"RoleName": self.name}, Phase.DELETE, ends=(self.address,))

    def _trust(self):
        return json.dumps(trust(self.service))


KEPT = names("RoleName", "RoleId", "Arn", "Path", "CreateDate", "AssumeRolePolicyDocument")


@dataclass(frozen=True, kw_only=True)
class GitPassword(Resource):
    """A password of a user for one service, such as CodeCommit."""

    kind: ClassVar[str] = "git-password"
    title: ClassVar[str] = "Git passwords"
    noun: ClassVar[str] = "Git password"
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("git_passwords")
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "git": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "The services for which the user has a password.",
                    "examples": [["codecommit.amazonaws.com"]],
                }
            }
        }
    }

    user: str
    service: str
    credential_id: str | None = field(default=None, compare=False)

    @property
    def address(self):
        return Address.of(self.kind, self.user, self.service)

    @classmethod
    def declared(cls, manifests):
        for entry in manifests.entries("users"):
            for index, service in enumerate((entry.value or {}).get("git", ())):
                yield cls(user=entry.name, service=service, origin=entry.origin("git", index))

    @classmethod
    def live(cls, snapshot):
        for name, held in snapshot.get("credentials", {}).items():
            for one in held.get("ServiceSpecificCredentials", ()):
                identity = one["ServiceSpecificCredentialId"]
                yield cls(user=name, service=one["ServiceName"], credential_id=identity)

    def to_json(self):
        return {"user": self.user, "service": self.service}

    def to_manifest(self, writing):
        return {"git": [writing.text(self.service)]}

    def create_steps(self):
        params = {"UserName": self.user, "ServiceName": self.service}
        yield Step("CreateServiceSpecificCredential", params, Phase.GRANT, uses=self.references)

    def delete_steps(self):
        params = {"UserName": self.user, "ServiceSpecificCredentialId": self.credential_id}
        yield Step("DeleteServiceSpecificCredential", params, Phase.REVOKE, uses=self.references)
