"""``iamctl fleet discover``: write the accounts of the organization to the accounts file."""

from __future__ import annotations

from pathlib import Path

from iamctl import __version__
from iamctl.commands.replace_files import replace_files
from iamctl.commands.workspace import moment
from iamctl.comparison.organization import account_changes
from iamctl.manifests import find_tree
from iamctl.manifests.accounts_file import accounts_text
from iamctl.manifests.discovery import read_discovery
from iamctl.report.discovery import discovery_report
from iamctl.source.open import SourceOptions
from iamctl.source.organization import organization_accounts
from iamctl.terminal.show import show

DIFFERS = 2


def discover(directory: Path | None, options: SourceOptions, *, tags: bool, check: bool, output: str) -> int:
    """Write the file and print what changed; return 0, with ``check`` 2 if the file differs, which is not written then.

    The tags of accounts are read with ``tags``, or if a selector uses them. Accounts that iamctl.yaml lists by hand are
    left out.

    Raises:
        ManifestError: iamctl.yaml has mistakes or no organization.
        AwsError: the organization cannot be read; the file stays as it is.
    """
    root = find_tree(directory)
    found = read_discovery(root)
    accounts = organization_accounts(options, found.role, moment(None), with_tags=tags or found.uses_tags)
    kept = tuple(account for account in accounts if account.account_id not in found.by_hand)
    data = accounts_text(kept).encode()
    differs = found.data is None or found.data.replace(b"\r\n", b"\n") != data
    changes = account_changes(found.known.accounts, kept)
    if differs and not check:
        replace_files(root, {found.known.path: data}, {} if found.data is None else {found.known.path: found.data})
    report = discovery_report(found.known.path, kept, changes, __version__, differs=differs, is_check=check)
    show(report, output)
    return DIFFERS if differs and check else 0
