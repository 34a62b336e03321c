"""Reads approvals.yaml: which refused removals and looser settings the code owners of the file permit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Any

from iamctl.manifests.folder import APPROVALS_FILE
from iamctl.manifests.node import MappingNode, Places, ScalarNode
from iamctl.manifests.schema import APPROVE
from iamctl.manifests.shape import Subject, shape_findings
from iamctl.model import Finding, Severity
from iamctl.model.approval_line import Approval, Approvals
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class ApprovalsFile:
    """The content of approvals.yaml, as far as it could be read, and its mistakes."""

    data: bytes = b""
    lines: tuple[Approval, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    def of_account(self, account_id: str, all_ids: Iterable[str]) -> Approvals:
        """Return the lines that may be about one account of the tree; a line can end with the id of another one."""
        if not self.lines:
            return Approvals((), names_account=any(other != account_id for other in all_ids))
        others = {other for other in all_ids if other != account_id}
        lines = (line for line in self.lines if not line.words.endswith(tuple(f" in {other}" for other in others)))
        return Approvals(tuple(lines), names_account=bool(others))


def approvals_file(root: MappingNode | None, data: bytes, findings: Iterable[Finding]) -> ApprovalsFile:
    """Return the lines of approvals.yaml; ``findings`` are those of its YAML."""
    if root is None:
        return ApprovalsFile(data, (), tuple(findings))
    places = Places(APPROVALS_FILE, ScalarNode("", True, 1, 1), root)
    value = _texts(root)
    found = list(shape_findings("approvals", value, Subject("", places)))
    items = value.get(APPROVE)
    lines: dict[str, Approval] = {}
    bad = {finding.origin for finding in found}
    for index, text in enumerate(items if isinstance(items, list) else ()):
        origin = places[(APPROVE, index)]
        if not isinstance(text, str) or origin in bad:
            continue
        digest, _, words = text.partition(" ")
        first = lines.setdefault(digest, Approval(digest, words, origin))
        if first.origin != origin:
            message = f"this approval is already listed in line {first.origin.line if first.origin else 0}; keep one"
            found.append(Finding("IAM003", Severity.ERROR, message, origin=origin))
    return ApprovalsFile(data, tuple(lines.values()), (*findings, *dict.fromkeys(found)))


def _texts(node: Any) -> Any:
    """Return a node as texts, lists and mappings; approvals have no variables."""
    if isinstance(node, ScalarNode):
        return None if node.is_nothing else node.text
    if isinstance(node, MappingNode):
        return {name: _texts(below) for name, (_, below) in node.pairs.items()}
    return [_texts(item) for item in node.items]
