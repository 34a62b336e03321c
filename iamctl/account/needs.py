"""What a command must still read of an account, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Needs:
    """What is to be added to a snapshot; true when there is anything."""

    all_credentials: frozenset[str] = frozenset()
    """Names of users: all of their credentials, of every kind."""
    sign_in: frozenset[str] = frozenset()
    """Names of users: their passwords, access keys and MFA devices."""
    passwords: frozenset[str] = frozenset()
    """Names of users: whether they have a password."""
    keys_and_certificates: frozenset[str] = frozenset()
    """Names of users: their SSH keys and signing certificates."""
    unassigned_devices: frozenset[str] = frozenset()
    """Names of new users: whether a virtual MFA device that belongs to nobody has their name."""
    policy_details: frozenset[str] = frozenset()
    """ARNs of managed policies: description, tags, and whether the policy exists."""
    policy_descriptions: frozenset[str] = frozenset()
    """ARNs of customer-managed policies: the description, which never changes under one policy id."""
    policy_documents: frozenset[str] = frozenset()
    """ARNs of AWS-managed policies: the document in force."""
    audit: frozenset[str] = frozenset()
    """What only an audit reads, as ``iamctl.account.audit_facts.AuditFact`` names it."""

    secrets: frozenset[str] = frozenset()
    """Names of secrets of Secrets Manager: whether each exists, and which access key is its current version."""
    signin_sessions: frozenset[str] = frozenset()
    """Names of users: their active sign-in sessions."""

    @classmethod
    def of(
        cls,
        *,
        all_credentials: Iterable[str] = (),
        sign_in: Iterable[str] = (),
        passwords: Iterable[str] = (),
        keys_and_certificates: Iterable[str] = (),
        unassigned_devices: Iterable[str] = (),
        policy_details: Iterable[str] = (),
        policy_descriptions: Iterable[str] = (),
        policy_documents: Iterable[str] = (),
        audit: Iterable[str] = (),
        secrets: Iterable[str] = (),
        signin_sessions: Iterable[str] = (),
    ) -> Needs:
        """Return needs from any collections of names and ARNs."""
        return cls(
            frozenset(all_credentials),
            frozenset(sign_in),
            frozenset(passwords),
            frozenset(keys_and_certificates),
            frozenset(unassigned_devices),
            frozenset(policy_details),
            frozenset(policy_descriptions),
            frozenset(policy_documents),
            frozenset(audit),
            frozenset(secrets),
            frozenset(signin_sessions),
        )

    @property
    def is_documents_only(self) -> bool:
        """Whether only documents are needed, which change no resource of the account."""
        return not any(getattr(self, field.name) for field in fields(self) if field.name != "policy_documents")

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def __sub__(self, fetched: Needs) -> Needs:
        """Return what is left when ``fetched`` has been read."""
        return Needs(*(getattr(self, field.name) - getattr(fetched, field.name) for field in fields(self)))

    def __or__(self, other: Needs) -> Needs:
        """Return what either needs."""
        return Needs(*(getattr(self, field.name) | getattr(other, field.name) for field in fields(self)))
