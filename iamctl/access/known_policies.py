"""What AWS's own policies do, by name: a snapshot seldom has their documents.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

GIVES_EVERYTHING = frozenset({"aws:AdministratorAccess"})
TAKES_EVERYTHING = frozenset({"aws:AWSDenyAll"})
ESCALATES = GIVES_EVERYTHING | {"aws:IAMFullAccess"}
_DENYING = ("aws:AWSDenyAll", "aws:AWSCompromisedKeyQuarantine")


def is_known_to_deny(policy: str) -> bool:
    """Return whether a policy of AWS, such as ``aws:AWSDenyAll``, denies something by its name."""
    return policy.startswith(_DENYING)
