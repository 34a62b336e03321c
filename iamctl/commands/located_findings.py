"""Findings by file and line, which validate and plan add to a report for SARIF and Code Quality."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl import __version__
from iamctl.commands.workspace import BaseManifestError
from iamctl.manifests import find_tree
from iamctl.model import Finding, ManifestError, Severity
from iamctl.render import NEEDS
from iamctl.report.blocks import Report
from iamctl.report.findings import findings_report
from iamctl.terminal.show import show

if TYPE_CHECKING:
    from iamctl.report.placed import RuleText


def with_findings(
    report: Report,
    findings: Iterable[Finding],
    output: str,
    directory: Path | None,
    category: str,
    *,
    account_id: str = "",
    rules: Callable[[], tuple[RuleText, ...]] | None = None,
) -> Report:
    """Return the report; for such a format with its findings by file and line of the manifests.

    ``rules`` returns what the findings are of; without it, the rules.
    """
    if not is_located(output):
        return report
    from iamctl.report.placed import Findings

    found = Findings(
        found=tuple(findings),
        rules=(rules or _rule_texts)(),
        folder=_from_here(find_tree(directory)),
        version=__version__,
        category=category,
        account_id=account_id,
    )
    return replace(report, findings=found)


def is_located(output: str) -> bool:
    """Tell whether a format reports findings by file and line."""
    return NEEDS[output] == "findings"


@contextmanager
def located_mistakes(output: str, directory: Path | None, category: str) -> Iterator[None]:
    """Print mistakes in manifests in such a format before they go on as an exception."""
    try:
        yield
    except ManifestError as error:
        if is_located(output):
            is_outside = isinstance(error, BaseManifestError)
            found = tuple(map(outside, error.findings)) if is_outside else error.findings
            show(with_findings(findings_report(found, ""), found, output, directory, category), output)
        raise


def outside(finding: Finding) -> Finding:
    """Return a finding in a file outside the manifests, for example in ``--base``, with its place in the message only."""
    return replace(finding, origin=None, message=f"{finding.origin}: {finding.message}") if finding.origin else finding


def _from_here(folder: Path) -> str:
    """Return the relative path of a folder as given, or resolved where links lead out of this folder and back."""
    for here, there in ((Path.cwd(), folder), (Path.cwd().resolve(), folder.resolve())):
        path = os.path.relpath(there, here)
        if path.partition(os.sep)[0] != os.pardir:
            return "" if path == os.curdir else Path(path).as_posix()
    return folder.resolve().as_posix()


def _rule_texts() -> tuple[RuleText, ...]:
    """Return one text per code: a code of rules at two stages has both titles and the higher severity."""
    from iamctl.report.placed import RuleText
    from iamctl.rules import rules

    by_code = defaultdict(list)
    for rule in rules():
        by_code[rule.code].append(rule)
    weights = list(Severity)
    return tuple(
        RuleText(
            code,
            min((rule.severity for rule in alike), key=weights.index),
            " ".join(dict.fromkeys(rule.title for rule in alike)),
            alike[0].source,
        )
        for code, alike in by_code.items()
    )
