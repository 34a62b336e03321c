"""Secrets Manager of a sandbox, as far as the delivery of access keys needs it: values are put in, described and read."""

from __future__ import annotations

import json
from dataclasses import field

from iamctl.text.late_dataclass import dataclass

_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
_REQUIRED = {
    "PutSecretValue": ("SecretId", "ClientRequestToken", "SecretString"),
    "DescribeSecret": ("SecretId",),
    "GetSecretValue": ("SecretId",),
}
"""By operation, the parameters that the sandbox needs, first the name."""


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

    def answer(self, operation: str, body: str | bytes | None) -> tuple[int, str]:
        """Return status and JSON of the answer to a request with this JSON."""
        if operation not in _REQUIRED:
            return _error("InvalidRequestException", f"the sandbox does not implement {operation}")
        try:
            given = _values(json.loads(body or b"{}"), _REQUIRED[operation])
        except ValueError:
            return _error("SerializationException", "the request is not JSON")
        if not all(given):
            return _error("InvalidParameterException", f"{operation} needs {', '.join(_REQUIRED[operation])}")
        if given[0] in self.missing:
            return _error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if operation == "PutSecretValue":
            return self._put(*given)
        return self._value(*given) if operation == "GetSecretValue" else self._description(*given)

    def _description(self, name: str) -> tuple[int, str]:
        *older, current = ["", *self.values.get(name, {})]
        stages = {version: [_PREVIOUS] for version in older[-1:] if version}
        stages |= {current: [_CURRENT]} if current else {}
        return 200, json.dumps({"Name": name, "VersionIdsToStages": stages})

    def _value(self, name: str) -> tuple[int, str]:
        text = self.current(name)
        if text is None:
            return _error("ResourceNotFoundException", "Secrets Manager can't find the specified secret value.")
        version = next(reversed(self.values[name]))
        found = {"Name": name, "VersionId": version, "SecretString": text, "VersionStages": [_CURRENT]}
        return 200, json.dumps(found)

    def _put(self, name: str, version: str, text: str) -> tuple[int, str]:
        held = self.values.setdefault(name, {})
        if held.get(version, text) != text:
            return _error("ResourceExistsException", "the version exists with another value")
        held[version] = text
        return 200, json.dumps({"Name": name, "VersionId": version, "VersionStages": [_CURRENT]})


def _values(asked: object, names: tuple[str, ...]) -> list[str]:
    """Return the texts of these parameters, empty where there is none."""
    given = [asked.get(name) if isinstance(asked, dict) else None for name in names]
    return [value if isinstance(value, str) else "" for value in given]


def _error(code: str, message: str) -> tuple[int, str]:
    return 400, json.dumps({"__type": code, "message": message})
