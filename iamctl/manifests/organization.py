"""Reads the settings for many accounts: what each account of the organization gets, and its wave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from iamctl.manifests.accounts_file import AccountsFile
from iamctl.manifests.folder import SETTINGS_FILE
from iamctl.manifests.node import Path
from iamctl.model import Finding, Origin, Severity
from iamctl.model.account_selector import AccountIndex, AccountSelector, Selectable
from iamctl.model.organization import ACTIVE, OrganizationAccount
from iamctl.model.settings import PARTITION
from iamctl.model.wave import ONE_WAVE, WaveRule
from iamctl.text.counted import counted, listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.nearest import did_you_mean

_ACCOUNT_ID = late_pattern(r"\{\{ *account\.id *\}\}")
_PARTITION = late_pattern(r"\{\{ *partition *\}\}")
_NAMED = 5
"""How many accounts one message names."""


class Parts(Protocol):
    """The reader of iamctl.yaml."""

    findings: list[Finding]

    def part(self, path: Path, value: Any) -> Any:
        """Return a part of the file, or None if it does not match its schema."""

    def items(self, path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
        """Yield path and value of the list items that match their schema."""

    def place(self, *path: str | int) -> Origin:
        """Return the place of a part, or of the nearest one around it."""

    def report(self, message: str, origin: Origin) -> None:
        """Report an error."""


@dataclass(frozen=True)
class SelectedAccount:
    """An account of the organization with what its selections give it."""

    account: OrganizationAccount
    roles: Mapping[str, str]
    """Role ARN by command; ``PARTITION`` may be its partition."""
    listed: tuple[tuple[str, Origin], ...]
    """Its files and folders."""
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Selected:
    """The accounts of the organization."""

    accounts: tuple[SelectedAccount, ...] = ()
    unselected: tuple[OrganizationAccount, ...] = ()
    """Those that no entry of ``selections`` selects; iamctl does not manage them."""


@dataclass(frozen=True)
class _Entry:
    """One entry of ``selections``."""

    path: Path
    select: AccountSelector
    exclude: AccountSelector | None
    listed: tuple[tuple[str, Origin], ...]
    variables: Mapping[str, tuple[str, Origin]]


def selected_accounts(
    parts: Parts, value: Mapping[str, Any], file: AccountsFile | None, by_hand: Mapping[str, str]
) -> Selected:
    """Return the accounts of the organization and report all mistakes; ``by_hand`` has the other names by id."""
    if file is None:
        if "selections" in value and "organization" not in value:
            message = "'selections' need 'organization', whose accounts they select; add it, or remove this"
            parts.report(message, parts.place("selections"))
        elif isinstance(value.get("organization"), dict) and parts.part(("organization",), True) is not None:
            message = "this is not a file for accounts; choose another name, for example accounts.lock.yaml"
            parts.report(message, parts.place("organization", "accounts_file"))
        return Selected()
    parts.findings += file.findings
    accounts = [account for account in file.accounts if not _is_by_hand(parts, account, by_hand)]
    entries = [_entry(parts, path, item) for path, item in parts.items(("selections",), value.get("selections"))]
    if "selections" not in value:
        parts.report("no account of the organization is selected; add 'selections'", parts.place("organization"))
        return Selected(unselected=tuple(accounts))
    index = AccountIndex(accounts)
    for entry in entries:
        if file.is_whole:
            _check_matches(parts, entry.path, entry.select, index)
        if entry.exclude:
            _check_tags(parts, (*entry.path[:-1], "exclude"), entry.exclude, index)
    roles = _roles(parts, value)
    is_complete = parts.part(("selections",), value["selections"]) is not None and file.is_whole
    return _selected(parts, index, entries, roles, is_complete=is_complete)


def _is_by_hand(parts: Parts, account: OrganizationAccount, by_hand: Mapping[str, str]) -> bool:
    """Return whether ``accounts`` in iamctl.yaml lists the account, or its name, and report it."""
    name, place = by_hand.get(account.account_id), account.origin or Origin(SETTINGS_FILE, 1, 1)
    if name is not None:
        parts.report(
            f"account {account.account_id} is also listed under 'accounts' in iamctl.yaml, as {name!r}; remove it there, "
            "or run 'iamctl fleet discover' again to remove it here",
            place,
        )
        return True
    if account.account_name in by_hand.values():
        message = f"iamctl.yaml lists another account with the name {account.account_name!r}; rename that one"
        parts.report(message, place)
        return True
    return False


def _entry(parts: Parts, path: Path, item: Mapping[str, Any]) -> _Entry:
    variables = item.get("variables", {})
    if "partition" in variables:
        message = "the variable 'partition' is reserved for iamctl; choose another name"
        parts.report(message, parts.place(*path, "variables", "partition"))
    return _Entry(
        (*path, "select"),
        selector(item["select"]),
        selector(item["exclude"]) if "exclude" in item else None,
        tuple((text, parts.place(*path, "manifests", index)) for index, text in enumerate(item.get("manifests", ()))),
        {name: (text, parts.place(*path, "variables", name)) for name, text in variables.items()},
    )


def selector(value: Mapping[str, Any]) -> AccountSelector:
    """Return what ``select`` or ``exclude`` in iamctl.yaml states."""
    return AccountSelector(_texts(value.get("account")), _texts(value.get("ou")), tuple(value.get("tag", {}).items()))


def _texts(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _check_tags(parts: Parts, path: Path, one: AccountSelector, index: AccountIndex[Any]) -> bool:
    """Report a selector by tags if those of an account were not read, and return whether it can be used."""
    if not one.tags or index.unread is None:
        return True
    message = (
        f"the accounts file has no tags, for example of account {index.unread.account_id}; run 'iamctl fleet discover' "
        "again, which reads them if a selector uses tags"
    )
    parts.report(message, parts.place(*path, "tag"))
    return False


def _check_matches(parts: Parts, path: Path, one: AccountSelector, index: AccountIndex[Any]) -> None:
    """Report a selector, or an item of its accounts, that matches no account."""
    if not _check_tags(parts, path, one, index):
        return
    missing = False
    for number, text in enumerate(one.accounts):
        if not index.named(text) and not index.matching(AccountSelector(accounts=(text,))):
            missing = True
            near = did_you_mean(text[:256], (account.account_name for account in index.accounts))
            parts.report(f"no account matches {text!r}{near}", parts.place(*path, "account", number))
    if not missing and not index.matching(one):
        units = {account.ou for account in index.accounts if account.ou}
        near = did_you_mean(one.ous[0].removesuffix("/*"), units) if len(one.ous) == 1 else ""
        parts.report(f"this selects no account{near or '; correct or remove it'}", parts.place(*path))


def _roles(parts: Parts, value: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the role templates by command; an organization is in one partition, which the role of discovery states."""
    organization = value.get("organization")
    settings = organization if isinstance(organization, dict) else {}
    role = parts.part(("organization", "role"), settings.get("role"))
    discover = parts.part(("organization", "discover"), settings.get("discover"))
    partition = discover["role"].split(":")[1] if discover else PARTITION
    found = {"plan": role, "apply": role} if isinstance(role, str) else role or {}
    return {command: _PARTITION.sub(partition, text) for command, text in found.items()}


def _selected(
    parts: Parts,
    index: AccountIndex[OrganizationAccount],
    entries: Sequence[_Entry],
    roles: Mapping[str, str],
    *,
    is_complete: bool,
) -> Selected:
    found, unselected, forgotten = [], [], []
    matching: dict[str, list[_Entry]] = {account.account_id: [] for account in index.accounts}
    for entry in entries:
        for account in index.matching(entry.select):
            matching[account.account_id].append(entry)
    for account in index.accounts:
        selecting = matching[account.account_id]
        giving = [entry for entry in selecting if entry.exclude is None or not entry.exclude.matches(account)]
        if not giving:
            unselected.append(account)
            if not selecting and account.state == ACTIVE:
                forgotten.append(account)
            continue
        files: dict[str, Origin] = {}
        for text, place in (pair for entry in giving for pair in entry.listed):
            files.setdefault(text, place)
        if not files and is_complete:
            message = f"account {account.account_name!r} has no 'manifests'; add them to an entry that selects it"
            parts.report(message, parts.place(*giving[0].path))
        own = {command: _ACCOUNT_ID.sub(account.account_id, text) for command, text in roles.items()}
        found.append(SelectedAccount(account, own, tuple(files.items()), _variables(parts, account, giving)))
    if forgotten and is_complete:
        parts.findings.append(_forgotten(forgotten))
    return Selected(tuple(found), tuple(unselected))


def _variables(parts: Parts, account: OrganizationAccount, giving: Iterable[_Entry]) -> Mapping[str, str]:
    found: dict[str, tuple[str, Origin]] = {}
    for entry in giving:
        for name, (text, place) in entry.variables.items():
            before, where = found.setdefault(name, (text, place))
            if before != text:
                message = (
                    f"account {account.account_name!r} gets another value of {name!r} in line {where.line}; keep one, "
                    "or exclude the account from one of them"
                )
                parts.report(message, place)
    return {name: text for name, (text, _) in found.items()}


def _forgotten(accounts: Sequence[OrganizationAccount]) -> Finding:
    names = listed((repr(account.account_name) for account in accounts), _NAMED)
    verb = "is" if len(accounts) == 1 else "are"
    message = (
        f"{counted(len(accounts), 'account')} of the organization {verb} in no selection, so iamctl does not manage "
        f"{names}; add an entry to 'selections', or exclude the account in one"
    )
    return Finding("IAM004", Severity.WARN, message, origin=accounts[0].origin)


@dataclass(frozen=True)
class Waves:
    """The waves of iamctl.yaml."""

    rules: tuple[tuple[WaveRule, AccountSelector | None], ...] = ()

    def of(self, account: Selectable) -> WaveRule | None:
        """Return the wave of an account: the first that selects it, else the one without ``select``; None if none does."""
        for rule, one in self.rules:
            if one is not None and one.matches(account):
                return rule
        return next((rule for rule, one in self.rules if one is None), None if self.rules else ONE_WAVE)


def read_waves(parts: Parts, value: Mapping[str, Any], accounts: Sequence[Selectable], *, is_whole: bool) -> Waves:
    """Return the waves and report all mistakes; with ``is_whole`` the accounts are known to be all."""
    rules: list[tuple[WaveRule, AccountSelector | None]] = []
    index = AccountIndex(accounts)
    names: dict[str, Path] = {}
    rest: Path | None = None
    for path, item in parts.items(("waves",), value.get("waves")):
        name, at = item["name"], (*path, "name")
        if (first := names.setdefault(name, at)) != at:
            line = parts.place(*first).line
            parts.report(f"wave {name!r} is already in line {line}; choose another name", parts.place(*at))
        one = selector(item["select"]) if "select" in item else None
        if one is not None and is_whole:
            _check_matches(parts, (*path, "select"), one, index)
        elif one is None and rest is not None:
            message = f"the wave in line {parts.place(*rest).line} takes all other accounts, too; add 'select'"
            parts.report(message, parts.place(*at))
        elif one is None:
            rest = at
        rules.append((WaveRule(name, len(rules), item.get("max_failures", 1 if rules else 0)), one))
    waves = Waves(tuple(rules))
    if is_whole and parts.part(("waves",), value.get("waves")) is not None:
        lost = [repr(account.account_name) for account in accounts if waves.of(account) is None]
        if lost:
            verb = "is" if len(lost) == 1 else "are"
            message = f"{listed(lost, _NAMED)} {verb} in no wave; add a wave without 'select', which takes all others"
            parts.report(message, parts.place("waves"))
    return waves
