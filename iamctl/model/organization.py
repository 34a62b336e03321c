"""The accounts of an AWS organization, as the accounts file of a repository lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

ACTIVE = "ACTIVE"
"""The one state in which an account can be planned; Organizations has others, and may get more.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
"""

ROOT_OU = "/"
"""The path of an account that is directly below the root."""


@dataclass(frozen=True)
class OrganizationAccount:
    """One account of the organization."""

    account_id: str
    account_name: str
    """As Organizations has it: not unique there, and its own administrators may change it."""
    ou: str = ROOT_OU
    """The names of its organizational units from the root: ``/prod/payments``."""
    state: str = ACTIVE
    """In the words of Organizations."""
    tags: Mapping[str, str] | None = None
    """None if the tags were not read."""
    origin: Origin | None = field(default=None, compare=False)
    """The place in the accounts file."""

    def to_json(self) -> dict[str, Any]:
        """Return what the accounts file states, with the id."""
        tags = {} if self.tags is None else {"tags": dict(sorted(self.tags.items()))}
        return {"id": self.account_id, "name": self.account_name, "ou": self.ou, "state": self.state, **tags}


def ou_path(names: tuple[str, ...]) -> str:
    """Return the path of an organizational unit; a ``/`` in a name is ``%2F``, so that no name looks like a path."""
    return ROOT_OU + "/".join(name.replace("%", "%25").replace("/", "%2F") for name in names)
