"""From a command line to what the manifests declare; nothing here needs the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from iamctl.manifests import Tree, find_tree, read_tree
from iamctl.model import ManifestError, Severity
from iamctl.model.settings import Base, Desired
from iamctl.rules import Review, by_place, check


def open_tree(directory: Path | None) -> Tree:
    """Return the manifest tree of a command line."""
    return read_tree(find_tree(directory))


def declared(tree: Tree, account: str, partition: str, now: datetime, base: Base | None = None) -> Desired:
    """Return what the manifests say about an account, with the warnings of the rules that need no live state.

    With ``base``, settings that are looser than there are errors.

    Raises:
        ManifestError: the files have mistakes, or a rule finds an error in them; all of them at once.
    """
    try:
        desired = replace(tree.declare(account, partition=partition, now=now), base=base)
    except ManifestError as error:
        beside = error.beside and replace(error.beside, base=base)
        more = check(Review(beside, now), "manifests") if beside else ()
        raise ManifestError(by_place(error.findings + more)) from error
    findings = by_place(desired.findings + check(Review(desired, now), "manifests"))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise ManifestError(findings)
    return replace(desired, findings=findings)
