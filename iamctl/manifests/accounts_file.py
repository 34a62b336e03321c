"""Reads and writes the accounts file: the accounts of the organization, as ``iamctl fleet discover`` wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from iamctl.manifests.bounds import MAX_FILE_BYTES
from iamctl.manifests.characters import error
from iamctl.manifests.events import load_yaml
from iamctl.manifests.folder import APPROVALS_FILE, SETTINGS_FILE, FileError, read_file
from iamctl.manifests.node import MappingNode, Places, ScalarNode
from iamctl.manifests.organization_schema import DEFAULT_ACCOUNTS_FILE, accounts_file_schema
from iamctl.manifests.schema import shape_of
from iamctl.manifests.shape import Subject, shape_findings
from iamctl.manifests.values import typed
from iamctl.model import Finding, Origin, Severity
from iamctl.model.organization import OrganizationAccount
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern

MAX_ACCOUNTS_FILE_BYTES = 4 * MAX_FILE_BYTES
"""More than the number of YAML values permits: about 20,000 accounts."""

_HEAD = (
    "# Written by iamctl fleet discover from AWS Organizations; do not edit it, run the command again.",
    "# 'selections' in iamctl.yaml state what each account gets.",
)
_ID = late_pattern(r"[0-9]{12}")
_NAME = late_pattern(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.ya?ml")


@dataclass(frozen=True)
class AccountsFile:
    """The content of the accounts file, as far as it could be read, and its mistakes."""

    path: str
    accounts: tuple[OrganizationAccount, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the file was read without mistakes; if not, that an account is missing proves nothing."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def accounts_path(settings: MappingNode | None) -> str | None:
    """Return the path of the accounts file that iamctl.yaml names; None if it has no organization or a bad path."""
    organization = settings.get("organization") if settings else None
    if organization is None:
        return None
    node = organization.get("accounts_file") if isinstance(organization, MappingNode) else None
    if node is None:
        return DEFAULT_ACCOUNTS_FILE
    name = node.text if isinstance(node, ScalarNode) else ""
    return name if _NAME.fullmatch(name) and name not in {SETTINGS_FILE, APPROVALS_FILE} else None


def read_accounts_file(root: Path, settings: MappingNode | None) -> AccountsFile | None:
    """Return the accounts file of a tree; None if its iamctl.yaml has no organization."""
    path = accounts_path(settings)
    if path is None:
        return None
    try:
        data = read_file(root, path, MAX_ACCOUNTS_FILE_BYTES)
    except FileError as problem:
        message = f"the accounts file cannot be used: {problem}; run 'iamctl fleet discover' to write it"
        return AccountsFile(path, (), (error(message, path),))
    loaded = load_yaml(path, data, wanted="version and accounts")
    found = _accounts(path, loaded.root) if loaded.root else AccountsFile(path)
    return AccountsFile(path, found.accounts, (*loaded.findings, *found.findings))


def _accounts(path: str, root: MappingNode) -> AccountsFile:
    places = Places(path, ScalarNode("", True, 1, 1), root)
    value = typed(root, accounts_file_schema(), lambda node: node.text)
    findings = list(shape_findings("accounts-file", value, Subject("", places)))
    bad = {tuple(problem.instance_path)[:2] for problem in shape_of("accounts-file").problems(value)}
    entries = value.get("accounts")
    names: dict[str, OrganizationAccount] = {}
    ids: dict[str, Origin] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if ("accounts", index) in bad:
            continue
        account_id, place = entry["id"], places["accounts", index]
        account = OrganizationAccount(account_id, entry["name"], entry["ou"], entry["state"], entry.get("tags"), place)
        if (first := ids.setdefault(account_id, place)) != place:
            message = f"account {account_id} is already listed in line {first.line}; keep one"
            findings.append(Finding("IAM003", Severity.ERROR, message, origin=places["accounts", index, "id"]))
            continue
        findings += _name_findings(account, names, places["accounts", index, "name"])
        names.setdefault(account.account_name, account)
    return AccountsFile(path, tuple(names.values()), tuple(dict.fromkeys(findings)))


def _name_findings(
    account: OrganizationAccount, found: Mapping[str, OrganizationAccount], place: Origin
) -> Iterator[Finding]:
    name = account.account_name
    if name in found:
        first = found[name]
        message = (
            f"account {account.account_id} has the same name as {first.account_id}, {name!r}; rename one in "
            "Organizations, or list one under 'accounts' in iamctl.yaml with another name"
        )
        yield Finding("IAM003", Severity.ERROR, f"{message}, and run 'iamctl fleet discover' again", origin=place)
    elif _ID.fullmatch(name) and name != account.account_id:
        message = f"the name {name} of account {account.account_id} looks like the id of another account"
        yield Finding("IAM003", Severity.ERROR, f"{message}; rename it in Organizations", origin=place)


def accounts_text(accounts: Iterable[OrganizationAccount]) -> str:
    """Return the text of an accounts file: one line for each account, by id, with every character visible."""
    lines = [_listed(account) for account in sorted(accounts, key=lambda account: account.account_id)]
    return "".join(f"{line}\n" for line in (*_HEAD, "version: 1", "accounts:" if lines else "accounts: []", *lines))


def _listed(account: OrganizationAccount) -> str:
    from iamctl.manifests.flow_text import flow_text
    from iamctl.manifests.spans import Leaf, Raw

    facts: dict[str, Raw] = {
        key: {name: Leaf(text) for name, text in value.items()} if isinstance(value, dict) else Leaf(value)
        for key, value in account.to_json().items()
    }
    return f"  - {flow_text(facts)}"
