"""Secrets Manager of a sandbox, as far as the delivery of access keys needs it: values are put in, and described."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass
class StoredSecrets:
    """All secrets that anybody names exist, unless their name is ``missing``; a file of a sandbox keeps none of them.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    """

    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name to the texts by version, the current one last."""
    missing: set[str] = field(default_factory=set)

    def current(self, name: str) -> str | None:
        """Return the text of the current version, or None."""
        return next(reversed(self.values.get(name, {}).values()), None)

    def answer(self, operation: str, asked: Mapping[str, Any]) -> tuple[int, str]:
        """Return status and JSON of the answer to a request."""
        name = asked.get("SecretId", "")
        if operation not in {"PutSecretValue", "DescribeSecret"}:
            return _error("InvalidRequestException", f"the sandbox does not implement {operation}")
        if name in self.missing:
            return _error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if operation == "PutSecretValue":
            return self._put(name, asked["ClientRequestToken"], asked["SecretString"])
        *older, current = ["", *self.values.get(name, {})]
        stages = {version: [_PREVIOUS] for version in older[-1:] if version}
        stages |= {current: [_CURRENT]} if current else {}
        return 200, json.dumps({"Name": name, "VersionIdsToStages": stages})

    def _put(self, name: str, version: str, text: str) -> tuple[int, str]:
        held = self.values.setdefault(name, {})
        if held.get(version, text) != text:
            return _error("ResourceExistsException", "the version exists with another value")
        held[version] = text
        return 200, json.dumps({"Name": name, "VersionId": version, "VersionStages": [_CURRENT]})


def _error(code: str, message: str) -> tuple[int, str]:
    return 400, json.dumps({"__type": code, "message": message})
