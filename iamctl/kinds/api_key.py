"""A long-term API key of one service: never made by iamctl, deleted where a user has more than the manifest permits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from iamctl.kinds.credentials import HeldCredential, held_credentials
from iamctl.kinds.user import User
from iamctl.model import Address, Operations, Phase, Reason, RemovalLimit, Resource, State, Step, Why
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

if TYPE_CHECKING:
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ApiKey(Resource):
    """A key for Amazon Bedrock or CloudWatch Logs; the manifest says how many may work, not which.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html
    """

    kind: ClassVar[str] = "api-key"
    title: ClassVar[str] = "API keys"
    noun: ClassVar[str] = "API key"
    operations: ClassVar[Operations] = Operations(delete=("DeleteServiceSpecificCredential",))
    limit: ClassVar[RemovalLimit | None] = RemovalLimit("access_keys", is_declared=False)
    reference_fields: ClassVar[Mapping[str, str]] = {"user": "user"}
    owner_field: ClassVar[str | None] = "user"
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "users": {
            "properties": {
                "api_keys": {
                    "type": "integer",
                    "minimum": 0,
                    "default": 0,
                    "description": "How many long-term API keys of services (Amazon Bedrock, CloudWatch Logs) the user "
                    "may have; iamctl never creates one. Passwords for CodeCommit and Keyspaces do not count.",
                    "examples": [1],
                },
            }
        }
    }

    user: str
    key_id: str
    held: HeldCredential = field(compare=False)

    @once
    def address(self) -> Address:
        return Address.of(self.kind, self.user, self.key_id)

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        for name, credentials in held_credentials(snapshot):
            for held in credentials.service_credentials or ():
                if held.is_api_key:
                    yield cls(user=name, key_id=held.id, held=held)

    @classmethod
    def resolved_against_live(cls, desired: State, live: State, now: datetime, _settings: Settings) -> Iterator[Self]:
        """Yield the keys of the users that stay, without the oldest of those that work and are above the number permitted.

        Keys that are inactive or have expired stay: they let nobody in.
        """
        held: defaultdict[Address, list[Self]] = defaultdict(list)
        for key in live.of_kind(cls):
            held[Address.of("user", key.user)].append(key)
        for owner, keys in held.items():
            user = desired.get(owner)
            if isinstance(user, User):
                working = sorted((key for key in keys if key.held.works(now)), key=_age)
                surplus = working[: max(0, len(working) - user.api_keys)]
                yield from (key for key in keys if key not in surplus)

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "key_id": self.key_id, "service": self.held.service}

    def cause(self, after: Resource | None) -> Why:
        return Why(Reason.TOO_MANY_API_KEYS)

    def delete_steps(self) -> Iterator[Step]:
        params = {"UserName": self.user, "ServiceSpecificCredentialId": self.key_id}
        yield Step("DeleteServiceSpecificCredential", params, Phase.LOCK, uses=self.references)


def _age(key: ApiKey) -> tuple[datetime, str]:
    return key.held.created or _BEFORE_ALL, key.key_id
