"""Organizations of a sandbox: moto's, with the accounts that the file of the sandbox lists."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import OrganizationsBackend
from moto.organizations.responses import OrganizationsResponse

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account

_SEPARATOR = "/"


class SandboxOrganizationsResponse(OrganizationsResponse):  # type: ignore[misc]
    """One request to Organizations."""

    def __init__(self, account: Account, organization: OrganizationsBackend) -> None:
        super().__init__()
        self.account = account
        self.organization = organization

    @property
    def organizations_backend(self) -> OrganizationsBackend:
        """The organization of the sandbox, where moto would look one up."""
        return self.organization

    def get_current_account(self) -> str:
        """Return the id of the sandbox's account, regardless of the caller."""
        return str(self.account.account_id)

    def get_region_from_url(self, request: Any, full_url: str) -> str:
        """Return the region of the sandbox's account, whatever address was called."""
        del request, full_url
        return str(self.account.region_name)

    def list_accounts(self) -> str:
        """ListAccounts: return a page of the accounts.

        Raises:
            AWSOrganizationsNotInUseException: the account is in no organization.
        """
        if self.organization.org is None:
            raise AWSOrganizationsNotInUseException
        return str(super().list_accounts())


def organization_of(account: Account) -> OrganizationsBackend:
    """Return the organization that the file lists under ``organization``; without that the account is in none.

    The accounts are copies of moto's first one: moto chooses random ids, and makes an IAM for each new account.
    """
    backend = OrganizationsBackend(account.region_name, account.account_id)
    if account.organization is None:
        return backend
    backend.create_organization(region=account.region_name)
    (first,) = backend.accounts
    units: dict[tuple[str, ...], str] = {(): backend.org.root_id}
    backend.accounts = [
        _member(first, number, entry, _unit(backend, units, _names(entry)))
        for number, entry in enumerate(account.organization)
    ]
    return backend


def _member(first: Any, number: int, entry: Mapping[str, Any], parent: str) -> Any:
    member = copy(first)
    member.id = entry["id"]
    member.name = entry["name"]
    member.email = f"{entry['id']}@example.com"
    member.state = entry.get("state", "ACTIVE")
    member.status = member.state if member.state in {"ACTIVE", "PENDING_CLOSURE"} else "SUSPENDED"
    member.tags = dict(entry.get("tags", {}))
    member.parent_id = parent
    member.create_time = first.create_time + timedelta(seconds=number)  # moto's pages need one time for each
    return member


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    path = entry.get("ou", _SEPARATOR).strip(_SEPARATOR)
    return tuple(name.replace("%2F", "/").replace("%25", "%") for name in path.split(_SEPARATOR)) if path else ()


def _unit(backend: OrganizationsBackend, units: dict[tuple[str, ...], str], names: tuple[str, ...]) -> str:
    """Return the id of a unit, made with those above it if it is new."""
    if names not in units:
        parent = _unit(backend, units, names[:-1])
        made = backend.create_organizational_unit(Name=names[-1], ParentId=parent)
        units[names] = made["OrganizationalUnit"]["Id"]
    return units[names]
