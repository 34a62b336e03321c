"""Reads the accounts of an organization, with as few requests as there can be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from botocore import xform_name

from iamctl.aws.errors import DENIED_CODES, AwsError, IncompleteReadError, code_of, in_plain_words
from iamctl.aws.page import side_by_side
from iamctl.aws.session import Session, service_reader
from iamctl.model.organization import OrganizationAccount, ou_path

_ID_PATH = re.compile(r"o-[a-z0-9]{10,32}/(r-[0-9a-z]{4,32}(?:/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})*)/[0-9]{12}/?")
_NO_ORGANIZATION = frozenset({"AWSOrganizationsNotInUseException"})
_WHO = (
    "use a role in the management account of the organization or in that of a delegated administrator, see 'organization: "
    "discover' in iamctl.yaml"
)
_ACCOUNT_ID = re.compile(r"[0-9]{12}")

Units = Mapping[str, tuple[str, ...]]
"""The names from the root to each root and organizational unit, by its id."""


def read_organization(session: Session, *, with_tags: bool) -> tuple[OrganizationAccount, ...]:
    """Return the accounts of the organization by id.

    One ``ListAccounts`` with its pages, and one ``ListOrganizationalUnitsForParent`` for each unit, from the root down.
    ``ListAccountsForParent`` follows only if ``ListAccounts`` does not state where each account is, and
    ``ListTagsForResource``, one request for each account, only ``with_tags``. ``ListParents`` would be one for each
    account, too, and is throttled.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html

    Raises:
        AwsError: something cannot be read, or is not whole.
    """
    client = service_reader(session, "organizations")
    accounts = {one["Id"]: one for one in _listed(client)}
    bad = next((one for one in accounts if not _ACCOUNT_ID.fullmatch(one)), None)
    if not accounts or bad is not None:
        raise IncompleteReadError("organizations:ListAccounts returned no account ids; run again")
    units = _units(client)
    parents = _parents_by_path(accounts, units) or _parents_by_walk(client, units)
    lost = next((one for one in accounts if one not in parents), None)
    if lost is not None:
        raise IncompleteReadError(f"account {lost} was moved while the organization was read; run again")
    tags = side_by_side(partial(_tags, client), accounts) if with_tags else {}
    return tuple(
        OrganizationAccount(
            account_id,
            str(one.get("Name", "")) or account_id,
            ou_path(units[parents[account_id]]),
            _state(one),
            tags.get(account_id),
        )
        for account_id, one in sorted(accounts.items())
    )


def _listed(client: Any) -> list[Mapping[str, Any]]:
    """Return the accounts as AWS lists them.

    Raises:
        AwsError: AWS refused; the message says whose credentials may list them.
    """
    try:
        return _items(client, "ListAccounts", "Accounts")
    except AwsError as error:
        code = code_of(error)
        if code in _NO_ORGANIZATION:
            raise AwsError(f"the account of these credentials is in no organization ({code}); {_WHO}") from error
        if code in DENIED_CODES:
            raise AwsError(f"{error}; {_WHO}") from error
        raise


def _state(account: Mapping[str, Any]) -> str:
    """Return the state of an account: ``State``, or ``Status``, which was to be retired on 2026-09-09, without it.

    ``State`` is newer than some endpoints: other partitions and emulators may still answer ``Status`` alone.
    """
    state = account.get("State") or account.get("Status")
    if not isinstance(state, str) or not re.fullmatch("[A-Z_]+", state):
        raise IncompleteReadError(f"organizations:ListAccounts returned no state of account {account['Id']}; run again")
    return state


def _units(client: Any) -> Units:
    """Return all organizational units, read level by level."""
    roots = [root["Id"] for root in _items(client, "ListRoots", "Roots")]
    found: dict[str, tuple[str, ...]] = dict.fromkeys(roots, ())
    level: Sequence[str] = roots
    while level:
        below = side_by_side(partial(_below, client), level)
        new = [(unit["Id"], (*found[parent], unit["Name"])) for parent, units in below.items() for unit in units]
        if any(unit in found for unit, _ in new):
            raise IncompleteReadError("an organizational unit was moved while the organization was read; run again")
        found |= dict(new)
        level = [unit for unit, _ in new]
    return found


def _below(client: Any, parent: str) -> list[Mapping[str, Any]]:
    return _items(client, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)


def _parents_by_path(accounts: Mapping[str, Mapping[str, Any]], units: Units) -> Mapping[str, str] | None:
    """Return the id of what each account is in, as ``Paths`` states it; None unless it states one of every account.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """
    found = {}
    for account_id, account in accounts.items():
        paths: Sequence[str] = account.get("Paths") or []
        match = _ID_PATH.fullmatch(paths[0]) if len(paths) == 1 else None
        parent = match[1].rpartition("/")[2] if match else ""
        if parent not in units:
            return None
        found[account_id] = parent
    return found


def _parents_by_walk(client: Any, units: Units) -> Mapping[str, str]:
    def accounts(parent: str) -> list[Mapping[str, Any]]:
        return _items(client, "ListAccountsForParent", "Accounts", ParentId=parent)

    found: dict[str, str] = {}
    for parent, inside in side_by_side(accounts, units).items():
        for account in inside:
            if account["Id"] in found:
                raise IncompleteReadError(
                    f"account {account['Id']} was moved while the organization was read; run again"
                )
            found[account["Id"]] = parent
    return found


def _tags(client: Any, account_id: str) -> Mapping[str, str]:
    tags = _items(client, "ListTagsForResource", "Tags", ResourceId=account_id)
    return {tag["Key"]: tag["Value"] for tag in tags}


def _items(client: Any, operation: str, key: str, **params: Any) -> list[Mapping[str, Any]]:
    """Return what a listing holds under ``key``, of all pages; a page may be empty and not be the last."""
    found: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while True:
        with in_plain_words("organizations", operation):
            page = getattr(client, xform_name(operation))(**params)
            found += page[key]
        token = page.get("NextToken")
        if not token:
            return found
        if token in seen:
            raise IncompleteReadError(f"organizations:{operation} returns the same page again and again; run again")
        seen.add(token)
        params["NextToken"] = token
