"""Parameters that are known only while applying: results of earlier calls, and secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iamctl.model import IamctlError


class UnresolvedParameterError(IamctlError):
    """A parameter refers to something that this run does not have."""


def no_secret(name: str) -> str:
    """Refuse every secret: for runs whose plans hold none.

    Raises:
        UnresolvedParameterError: always.
    """
    raise UnresolvedParameterError(f"the plan wants the secret {name!r}, which this run cannot make")


def resolved(
    params: Mapping[str, Any], results: Mapping[int, Mapping[str, Any]], secret: Callable[[str], str]
) -> dict[str, Any]:
    """Return ``params`` with every ``$result`` and ``$secret`` in its place.

    Raises:
        UnresolvedParameterError: the result or the secret is not there.
    """
    return {key: _value(value, results, secret) for key, value in params.items()}


def _value(value: Any, results: Mapping[int, Mapping[str, Any]], secret: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {"$secret"}:
            return secret(value["$secret"])
        if value.keys() == {"$result"}:
            return _result(value["$result"], results)
        return {key: _value(part, results, secret) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_value(part, results, secret) for part in value]
    return value


def _result(reference: Mapping[str, Any], results: Mapping[int, Mapping[str, Any]]) -> Any:
    found: Any = results.get(reference["call"])
    for part in reference["path"].split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise UnresolvedParameterError(f"call {reference['call']} gave no {reference['path']!r}")
        found = found[part]
    return found
