"""Parameters that are known only during apply: results of earlier calls, and secrets."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iamctl.model import IamctlError

HIDDEN = "(not shown)"
_SHORTEST_PART = 4
"""A text that ends with this much of a secret was cut inside the secret."""


class UnresolvedParameterError(IamctlError):
    """A parameter refers to a value that this run does not have."""

    code = "UnresolvedParameter"


class SecretNotMadeError(UnresolvedParameterError):
    """A secret could not be created or delivered."""

    code = "SecretNotMade"


class SecretText(str):
    """A secret among parameters, which shows itself only to whoever sends it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(HIDDEN)


class Secrets:
    """Makes the secrets of one call, and knows them, so that nothing that is kept or shown holds one."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._made: list[str] = []

    def __bool__(self) -> bool:
        """Tell whether any was made."""
        return bool(self._made)

    def __call__(self, name: str) -> str:
        """Return the secret of a name, made anew.

        Raises:
            UnresolvedParameterError: it cannot be made.
        """
        try:
            made = self._make(name)
        except UnresolvedParameterError:
            raise
        except IamctlError as error:
            raise SecretNotMadeError(str(error)) from error
        self._made.append(made)
        return SecretText(made)

    def hidden(self, text: str) -> str:
        """Return ``text`` without any of the secrets, and without a part of one where it was cut short."""
        for secret in self._made:
            text = text.replace(secret, HIDDEN)
            for length in range(len(secret) - 1, _SHORTEST_PART - 1, -1):
                if text.removesuffix("…").endswith(secret[:length]):
                    text = text.removesuffix("…")[:-length] + HIDDEN
                    break
        return text

    def are_in(self, error: BaseException) -> bool:
        """Tell whether a traceback of ``error`` would show one of the secrets."""
        told = "".join(traceback.format_exception(error))
        return any(secret in told for secret in self._made)


def no_secret(name: str) -> str:
    """Refuse every secret: for runs whose plans hold none.

    Raises:
        UnresolvedParameterError: always.
    """
    raise UnresolvedParameterError(f"the plan needs the secret {name!r}, which this run cannot create")


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
            raise UnresolvedParameterError(f"call {reference['call']} did not return {reference['path']!r}")
        found = found[part]
    return found


def secret_names(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the secrets among parameters of a plan."""
    for value in params.values():
        if isinstance(value, Mapping) and value.keys() == {"$secret"}:
            yield value["$secret"]
