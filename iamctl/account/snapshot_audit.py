"""Checks what a snapshot file contains of the facts of an audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iamctl.account.audit_facts import UNREAD, AuditFact
from iamctl.account.snapshot_credentials import MistakeError, check_sessions
from iamctl.text.moment import start_of

_PLACE = "audit"


def check_audit(facts: Any) -> None:
    """Refuse facts that are not what a read gives.

    Raises:
        MistakeError: so it is.
    """
    if not isinstance(facts, dict):
        raise MistakeError(f"{_PLACE} is not an object")
    for name, check in _CHECKS.items():
        if name in facts and not check(facts[name]):
            raise MistakeError(f"{_PLACE}.{name} has the wrong type")
    check_sessions(facts.get(AuditFact.SIGNIN_SESSIONS, []), f"{_PLACE}.{AuditFact.SIGNIN_SESSIONS.value}")
    for index, certificate in enumerate(facts.get(AuditFact.SERVER_CERTIFICATES) or ()):
        _check_moment(certificate.get("Expiration"), f"{_PLACE}.{AuditFact.SERVER_CERTIFICATES.value}[{index}]")


def _check_moment(value: Any, place: str) -> None:
    try:
        if value is not None:
            start_of(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise MistakeError(f"{place}.Expiration is not a time of the form '2024-01-31T10:00:00Z'") from error


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_policy(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(type(part) in (bool, int) for part in value.values()))


def _are_certificates(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get("ServerCertificateName"), str) for item in value
    )


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    AuditFact.PASSWORD_POLICY: _is_policy,
    AuditFact.ACCOUNT_ALIASES: _are_texts,
    AuditFact.SERVER_CERTIFICATES: _are_certificates,
    AuditFact.ANALYZERS: lambda value: isinstance(value, dict) and all(map(_are_texts, value.values())),
    AuditFact.ORGANIZATIONS_FEATURES: lambda value: value is None or _are_texts(value),
    AuditFact.VIRTUAL_DEVICES: _are_texts,
    UNREAD: lambda value: isinstance(value, dict) and _are_texts(list(value.values())),
}
