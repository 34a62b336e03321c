"""The report of what a discovery found in an organization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamctl.comparison.organization import AccountChange, AccountChangeKind
from iamctl.model.organization import ACTIVE, OrganizationAccount
from iamctl.report.blocks import Line, Report, Section, Span, Style, line
from iamctl.text.counted import counted

DISCOVERY_FORMAT = "iamctl-discovery/1"

_TITLES: Mapping[AccountChangeKind, str] = {
    AccountChangeKind.NEW: "New accounts",
    AccountChangeKind.GONE: "Accounts that left the organization",
    AccountChangeKind.RENAMED: "Renamed accounts",
    AccountChangeKind.MOVED: "Accounts in another OU",
    AccountChangeKind.STATE: "Accounts in another state",
    AccountChangeKind.TAGS: "Changed tags",
}
_ADVICE: Mapping[AccountChangeKind, str] = {
    AccountChangeKind.NEW: "'selections' in iamctl.yaml state what a new account gets; iamctl validate names those that no "
    "entry selects.",
    AccountChangeKind.GONE: "iamctl stops managing these accounts and removes nothing in them. Remove their names and ids from "
    "'selections' and 'waves'. To keep managing one, list it under 'accounts' in iamctl.yaml.",
    AccountChangeKind.RENAMED: "Names in 'selections' and 'waves', --account and {{ account.name }} use the new name from now on.",
    AccountChangeKind.MOVED: "Another OU may mean other manifests and variables: run iamctl plan for these accounts.",
    AccountChangeKind.STATE: f"iamctl skips an account that is not {ACTIVE}, and changes nothing in it.",
    AccountChangeKind.TAGS: "Other tags may mean other manifests and variables: run iamctl plan for these accounts.",
}


def discovery_report(
    path: str,
    accounts: Sequence[OrganizationAccount],
    changes: Sequence[AccountChange],
    version: str,
    *,
    differs: bool,
    is_check: bool,
) -> Report:
    """Return the report; ``differs``: the file at ``path`` has other content than the organization."""
    data = {
        "format": DISCOVERY_FORMAT,
        "iamctl_version": version,
        "accounts_file": path,
        "differs": differs,
        "written": differs and not is_check,
        "accounts": len(accounts),
        "changes": [_json(change) for change in changes],
    }
    first = line(Span(counted(len(accounts), "account"), "strong"), " in the organization", *_others(accounts))
    sections = [Section("", (first,)), *_sections(changes)]
    return Report(data, (*sections, Section("", (_end(path, differs=differs, is_check=is_check),))))


def _others(accounts: Sequence[OrganizationAccount]) -> Iterator[Span]:
    inactive = sum(account.state != ACTIVE for account in accounts)
    if inactive:
        yield Span(f", {inactive:,} of them not {ACTIVE}, so iamctl skips them", "warn")


def _end(path: str, *, differs: bool, is_check: bool) -> Line:
    if not differs:
        return line(path, " is up to date; nothing was written.")
    if is_check:
        return line(
            Span(path, "warn"), " differs from the organization. Run iamctl fleet discover, review and commit it."
        )
    return line("Wrote ", Span(path, "strong"), ". Review and commit it: plan and apply read this file only.")


def _sections(changes: Sequence[AccountChange]) -> Iterator[Section]:
    for kind, title in _TITLES.items():
        lines = [_line(change) for change in changes if change.kind is kind]
        if lines:
            yield Section(title, (*lines, line(Span(_ADVICE[kind], "dim"), indent=1)))


def _line(change: AccountChange) -> Line:
    account = change.account
    signs: Mapping[AccountChangeKind, tuple[str, Style]] = {
        AccountChangeKind.NEW: ("+", "create"),
        AccountChangeKind.GONE: ("-", "delete"),
    }
    sign, style = signs.get(change.kind, ("~", "update"))
    name = Span(f"{sign} {account.account_id} {account.account_name}", style)
    if change.kind in signs:
        state = "" if account.state == ACTIVE else f"  {account.state}"
        return line(name, Span(f"  {account.ou}", "quiet"), Span(state, "warn"), indent=1)
    return line(name, f"  {change.before or '(none)'} -> {change.after or '(none)'}", indent=1)


def _json(change: AccountChange) -> dict[str, Any]:
    sides = {} if change.kind in {AccountChangeKind.NEW, AccountChangeKind.GONE} else _sides(change)
    return {"change": change.kind.value, **change.account.to_json(), **sides}


def _sides(change: AccountChange) -> dict[str, str]:
    return {"before": change.before, "after": change.after}
