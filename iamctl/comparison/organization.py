"""What changed in an organization since its accounts file was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from iamctl.model.organization import OrganizationAccount
from iamctl.text.late_dataclass import dataclass


class AccountChangeKind(StrEnum):
    """What changed of an account."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"
    STATE = "state"
    TAGS = "tags"


@dataclass(frozen=True)
class AccountChange:
    """One change of one account."""

    kind: AccountChangeKind
    account: OrganizationAccount
    """As it is now; for an account that is gone, as it was."""
    before: str = ""
    """The old name, path or state."""
    after: str = ""


def account_changes(
    before: Iterable[OrganizationAccount], after: Iterable[OrganizationAccount]
) -> tuple[AccountChange, ...]:
    """Return the changes by kind and account id; tags are compared if both sides have them."""
    old = {account.account_id: account for account in before}
    new = {account.account_id: account for account in after}
    found = [AccountChange(AccountChangeKind.NEW, account) for key, account in new.items() if key not in old]
    found += [AccountChange(AccountChangeKind.GONE, account) for key, account in old.items() if key not in new]
    for key, account in new.items():
        if key in old:
            found += _changes(old[key], account)
    order = list(AccountChangeKind)
    return tuple(sorted(found, key=lambda change: (order.index(change.kind), change.account.account_id)))


def _changes(old: OrganizationAccount, new: OrganizationAccount) -> Iterator[AccountChange]:
    for kind, before, after in (
        (AccountChangeKind.RENAMED, old.account_name, new.account_name),
        (AccountChangeKind.MOVED, old.ou, new.ou),
        (AccountChangeKind.STATE, old.state, new.state),
    ):
        if before != after:
            yield AccountChange(kind, new, before, after)
    if old.tags is not None and new.tags is not None and old.tags != new.tags:
        yield AccountChange(AccountChangeKind.TAGS, new, _listed(old), _listed(new))


def _listed(account: OrganizationAccount) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted((account.tags or {}).items()))
