"""Secrets of AWS Secrets Manager: which access key one holds, and new keys put into it; never what it contains."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from iamctl.aws.errors import error_code
from iamctl.aws.session import Session, service_reader

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

SECRETS_MANAGER = "secretsmanager"
PUT = "PutSecretValue"

_VERSION = "iamctl-access-key-"
_CURRENT = "AWSCURRENT"
_LENGTHS = range(32, 65)
"""Characters of a version id.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""


def version_of(key_id: str) -> str:
    """Return the id of the version of a secret that holds an access key, so that its id tells the key."""
    version = f"{_VERSION}{key_id}"
    return version if len(version) in _LENGTHS else hashlib.sha256(version.encode()).hexdigest()


def put_secret_value(client: Any, **params: Any) -> Mapping[str, Any]:
    """Put an access key into a secret and return the answer; the version has the id of the key in its id.

    Sent twice it makes one version.
    """
    key_id = json.loads(params["SecretString"])["AccessKeyId"]
    answer: Mapping[str, Any] = client.put_secret_value(**params, ClientRequestToken=version_of(key_id))
    return answer


def with_secrets(snapshot: Snapshot, session: Session, names: Iterable[str]) -> Snapshot:
    """Return the snapshot with whether these secrets exist, and which access key of a user each holds.

    A read that AWS denies leaves it unknown.
    """
    client = service_reader(session, SECRETS_MANAGER)
    held = snapshot.get("credentials", {}).values()
    keys = {
        version_of(key["AccessKeyId"]): key["AccessKeyId"] for one in held for key in one.get("AccessKeyMetadata", ())
    }
    found = {name: _facts(client, name, keys) for name in names}
    return {**snapshot, "secrets": {**snapshot.get("secrets", {}), **found}}


def _facts(client: Any, name: str, keys: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = client.describe_secret(SecretId=name)
    except ClientError as error:
        return {"Exists": False if error_code(error) == "ResourceNotFoundException" else None}
    except BotoCoreError:
        return {"Exists": None}
    versions = answer.get("VersionIdsToStages") or {}
    current = next((version for version, stages in versions.items() if _CURRENT in stages), "")
    return {"Exists": "DeletedDate" not in answer, "AccessKeyId": keys.get(current)}
