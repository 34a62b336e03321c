"""Whether the roles that somebody may newly assume trust them."""

from __future__ import annotations

from iamctl.access.people import People, Person
from iamctl.access.row import Row
from iamctl.access.trust import trusts
from iamctl.access.truth import Truth
from iamctl.policy.pattern import resource_includes

_ASSUME, _SERVICE = "sts:AssumeRole", "sts"


class Trusted:
    """The roles of an account with their trust policies."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._roles = [
            (role.name, people.arn(f"role{role.path}{role.name}"), role.trust) for role in people.sources.roles
        ]

    def roles(self, row: Row, principal: Person | None) -> tuple[tuple[str, Truth], ...]:
        """Return the roles that a row allows to assume, each with whether its trust policy lets the person."""
        if principal is None or row.services != (_SERVICE,) or _ASSUME not in row.powerful:
            return ()
        account = self._people.sources.account_id
        return tuple(
            (name, trusts(trust, principal, account)) for name, arn, trust in self._roles if _is_meant(row, arn)
        )


def _is_meant(row: Row, arn: str) -> bool:
    return (
        any(resource_includes(pattern, arn) for pattern in row.resources)
        and all(resource_includes(pattern, arn) for pattern in row.within)
        and not any(resource_includes(pattern, arn) for pattern in row.excepted)
    )
