"""What iamctl.yaml says about discovering accounts; the rest of the tree need not be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iamctl.manifests.accounts_file import MAX_ACCOUNTS_FILE_BYTES, AccountsFile, accounts_path, read_accounts_file
from iamctl.manifests.characters import error
from iamctl.manifests.events import load_yaml
from iamctl.manifests.folder import SETTINGS_FILE, FileError, read_file
from iamctl.manifests.node import MappingNode, Places, ScalarNode
from iamctl.manifests.schema import ASSERTIONS, iamctl_yaml_schema
from iamctl.manifests.shape import Subject, shape_findings
from iamctl.manifests.values import typed
from iamctl.model import Finding, ManifestError, Severity
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Discovery:
    """How to find the accounts of an organization, and which are known."""

    role: str | None
    """The role that reads the organization; None for the caller's own credentials."""
    uses_tags: bool
    """Whether a selection or a wave selects by tags."""
    by_hand: Mapping[str, str]
    """The names of the accounts that iamctl.yaml lists, by id; the accounts file leaves them out."""
    known: AccountsFile
    """The accounts file as it is; without accounts if it is new."""
    data: bytes | None
    """Its bytes; None if it is new."""


def read_discovery(root: Path) -> Discovery:
    """Return what the iamctl.yaml below ``root`` says.

    Raises:
        ManifestError: it cannot be read, does not match its schema, or has no organization.
    """
    try:
        data = read_file(root, SETTINGS_FILE)
    except FileError as problem:
        raise ManifestError([error(str(problem), SETTINGS_FILE)]) from problem
    loaded = load_yaml(SETTINGS_FILE, data, wanted="version and accounts")
    findings = list(loaded.findings)
    settings = _value(loaded.root) if loaded.root else {}
    if loaded.root:
        places = Places(SETTINGS_FILE, ScalarNode("", True, 1, 1), loaded.root)
        findings += dict.fromkeys(shape_findings("settings", settings, Subject("", places)))
    findings += _without_organization(loaded.root, settings)
    known = read_accounts_file(root, loaded.root)
    if known is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise ManifestError(findings)
    try:
        written = read_file(root, known.path, MAX_ACCOUNTS_FILE_BYTES)
    except FileError:
        written = None
    by_hand = {account["id"]: name for name, account in settings.get("accounts", {}).items()}
    return Discovery(
        settings["organization"].get("discover", {}).get("role"), any(_tags(settings)), by_hand, known, written
    )


def _value(root: MappingNode) -> dict[str, Any]:
    """Return the settings as their schema types them; assertions have a schema of their own."""

    def typed_without(node: MappingNode, schema: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: typed(below, schema["properties"].get(name, {}), _text)
            for name, (_, below) in node.pairs.items()
            if name != ASSERTIONS
        }

    schema = iamctl_yaml_schema()
    found = typed_without(root, schema)
    accounts = root.get("accounts")
    if isinstance(accounts, MappingNode):
        one = schema["properties"]["accounts"]["additionalProperties"]
        found["accounts"] = {
            name: typed_without(below, one) if isinstance(below, MappingNode) else typed(below, one, _text)
            for name, (_, below) in accounts.pairs.items()
        }
    return found


def _text(node: ScalarNode) -> str:
    return node.text


def _without_organization(root: MappingNode | None, settings: Mapping[str, Any]) -> Iterator[Finding]:
    if root is not None and "organization" not in settings:
        yield error("there is no 'organization', whose accounts could be discovered; add it", SETTINGS_FILE)
    elif root is not None and accounts_path(root) is None:
        yield error("'accounts_file' is not a file for accounts; choose another name", SETTINGS_FILE)


def _tags(settings: Mapping[str, Any]) -> Iterator[bool]:
    for section in ("selections", "waves"):
        for entry in settings.get(section, ()):
            yield any("tag" in entry.get(key, ()) for key in ("select", "exclude"))
