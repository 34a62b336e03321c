"""Trees of manifests for tests: written from ``{path: text}``, read, and their findings as lines."""

from __future__ import annotations

from datetime import UTC, datetime

from iamctl.manifests import read_tree
from iamctl.model import ManifestError

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SETTINGS = 'version: 1\naccounts: {prod: {id: "123456789012"}}\n'
ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}\n'


def write_tree(root, files):
    """Write the files below ``root``, with an iamctl.yaml of one account unless they bring their own (or None)."""
    for path, text in {"iamctl.yaml": SETTINGS, **files}.items():
        if text is None:
            continue
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.replace("ALLOW", ALLOW).encode())
    return root


def declare(root, *, account=None, partition="aws", now=NOW):
    tree = read_tree(root)
    return tree.declare(tree.account(account).account_name, partition=partition, now=now)


def findings(root, **given):
    """Return what is wrong with the tree as ``file:line:col: RULE message``; before the rule of others stands their weight."""
    try:
        found = declare(root, **given).findings
    except ManifestError as error:
        found = error.findings
        assert any(finding.severity == "error" for finding in found)
    return [line(finding) for finding in found]


def findings_of_tree(root):
    """Return what is wrong with the tree as a whole, as ``findings`` does."""
    return [line(finding) for finding in read_tree(root).findings()]


def line(finding):
    weight = "" if finding.severity == "error" else f"{finding.severity} "
    return f"{finding.origin}: {weight}{finding.rule} {finding.message}"
