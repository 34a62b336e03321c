"""Which accounts a selector matches: by name or id, by organizational unit, by tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Generic, Protocol, TypeVar

from iamctl.model.failures import UsageError
from iamctl.model.organization import ROOT_OU
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import did_you_mean

_ID = late_pattern(r"[0-9]{12}")
_OU = late_pattern(r"/|(/[^/]+)+")
_OU_PREFIX, _TAG_PREFIX = "ou:", "tag:"
_BELOW = "/*"
_ANY = "*"


class Selectable(Protocol):
    """What a selector knows of an account."""

    @property
    def account_name(self) -> str:
        """The name of the account."""

    @property
    def account_id(self) -> str:
        """The 12 digits of the account."""

    @property
    def ou(self) -> str:
        """The path of the organizational unit; empty if it is not known."""

    @property
    def tags(self) -> Mapping[str, str] | None:
        """The tags of the account; None if they were not read."""


A = TypeVar("A", bound=Selectable)


@dataclass(frozen=True)
class AccountSelector:
    """Criteria for accounts: an account must match each kind that is given, and of a kind one pattern.

    ``*`` and ``?`` match any text and any character, in the path of an organizational unit within one name. A path that
    ends in ``/*`` is the unit and all below it.
    """

    accounts: tuple[str, ...] = ()
    """Patterns of names, and ids; 12 digits are always an id, so that no name can pass for the id of another account."""
    ous: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    """Patterns of values by key; each must match."""

    def matches(self, account: Selectable) -> bool:
        """Return whether the account matches."""
        return (
            (not self.accounts or self._names(account))
            and (not self.ous or any(in_ou(pattern, account.ou) for pattern in self.ous))
            and all(_has_tag(account, key, pattern) for key, pattern in self.tags)
        )

    @property
    def exact(self) -> tuple[str, ...]:
        """The names and ids one of which an account must have; empty if a pattern may match others."""
        return () if any(map(_is_wild, self.accounts)) else self.accounts

    def _names(self, account: Selectable) -> bool:
        ids, names, patterns = self._parts
        return (
            account.account_id in ids
            or account.account_name in names
            or any(matches_text(pattern, account.account_name) for pattern in patterns)
        )

    @cached_property
    def _parts(self) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
        """The ids, the names and the patterns of ``accounts``: a list of thousands of names is one look-up."""
        ids = frozenset(item for item in self.accounts if _ID.fullmatch(item))
        wild = tuple(item for item in self.accounts if _is_wild(item))
        return ids, frozenset(self.accounts) - ids - frozenset(wild), wild


class AccountIndex(Generic[A]):
    """Accounts by name and id, so that thousands of selectors for one account each need no look at all accounts."""

    def __init__(self, accounts: Iterable[A]) -> None:
        self.accounts = tuple(accounts)
        self.unread = next((account for account in self.accounts if account.tags is None), None)
        """The first account whose tags were not read."""
        self._by_name = {account.account_name: account for account in self.accounts}
        self._by_id = {account.account_id: account for account in self.accounts}

    def named(self, text: str) -> A | None:
        """Return the account with that id, or with that name."""
        return self._by_id.get(text) if _ID.fullmatch(text) else self._by_name.get(text)

    def matching(self, selector: AccountSelector) -> list[A]:
        """Return the accounts that a selector matches."""
        exact = selector.exact
        found = (
            {one.account_id: one for text in exact if (one := self.named(text))}.values() if exact else self.accounts
        )
        return [account for account in found if selector.matches(account)]


def _is_wild(text: str) -> bool:
    return _ANY in text or "?" in text


def _has_tag(account: Selectable, key: str, pattern: str) -> bool:
    value = (account.tags or {}).get(key)
    return value is not None and matches_text(pattern, value)


def matches_text(pattern: str, text: str) -> bool:
    """Return whether a pattern with ``*`` and ``?`` matches a whole text; case counts."""
    return _compiled(pattern, ".").fullmatch(text) is not None


def in_ou(pattern: str, path: str) -> bool:
    """Return whether a pattern of organizational units matches a path; a path that is not known never matches."""
    if not path or path == ROOT_OU:
        return bool(path) and pattern in {ROOT_OU, _BELOW}
    if not pattern.endswith(_BELOW):
        return _compiled(pattern, "[^/]").fullmatch(path) is not None
    above = pattern.removesuffix(_BELOW)
    levels = path.split("/")[: above.count("/") + 1]
    return _compiled(above, "[^/]").fullmatch("/".join(levels)) is not None


@lru_cache(maxsize=1 << 12)
def _compiled(pattern: str, character: str) -> re.Pattern[str]:
    parts = (f"{character}*" if part == _ANY else character if part == "?" else re.escape(part) for part in pattern)
    return re.compile("".join(parts), re.DOTALL)


def is_ou_pattern(text: str) -> bool:
    """Return whether a text is the path of an organizational unit, with or without wildcards."""
    return _OU.fullmatch(text) is not None


def select(accounts: Iterable[A], selectors: Sequence[str]) -> tuple[A, ...]:
    """Return the accounts that each of ``selectors`` (values of ``--select``) matches, in their order; all without any.

    A selector is a pattern of names, an id, ``ou:/prod/*``, ``tag:team=payments`` or ``tag:team``; of several with
    commas between them one must match.

    Raises:
        UsageError: a selector is malformed, matches no account, or all together match none.
    """
    known = found = tuple(accounts)
    for text in selectors:
        parts = [_parsed(part.strip(), text) for part in text.split(",")]
        if any(part.tags for part in parts) and any(account.tags is None for account in known):
            raise UsageError(
                f"--select {text!r}: the accounts file has no tags; run 'iamctl fleet discover --tags' to read them"
            )
        chosen = [account for account in known if any(part.matches(account) for part in parts)]
        if not chosen:
            near = did_you_mean(text[:256], [account.account_name for account in known])
            raise UsageError(f"--select {text!r} matches no account{near}")
        ids = {account.account_id for account in chosen}
        found = tuple(account for account in found if account.account_id in ids)
    if not found:
        raise UsageError(f"no account matches all of {', '.join(f'--select {text!r}' for text in selectors)}")
    return found


def _parsed(part: str, text: str) -> AccountSelector:
    if part.startswith(_OU_PREFIX):
        path = part.removeprefix(_OU_PREFIX)
        if not is_ou_pattern(path):
            raise UsageError(f"--select {text!r}: {path!r} is not the path of an OU; write for example ou:/prod/*")
        return AccountSelector(ous=(path,))
    if part.startswith(_TAG_PREFIX):
        key, equals, value = part.removeprefix(_TAG_PREFIX).partition("=")
        if not key:
            raise UsageError(f"--select {text!r} names no tag; write for example tag:team=payments")
        return AccountSelector(tags=((key, value if equals else _ANY),))
    if not part:
        raise UsageError(f"--select {text!r} is empty; write a name, an id, ou:/prod/* or tag:team=payments")
    return AccountSelector(accounts=(part,))
