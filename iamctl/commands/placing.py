"""What validate and plan add to a report for formats that lay findings on lines of files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from iamctl import __version__
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
) -> Report:
    """Return the report, for such a format with its findings on lines of the tree that the command line names."""
    if not is_placed(output):
        return report
    from iamctl.report.placed import Findings

    found = Findings(
        found=tuple(findings),
        rules=_rule_texts(),
        folder=_from_here(find_tree(directory)),
        version=__version__,
        category=category,
        account_id=account_id,
    )
    return replace(report, findings=found)


def is_placed(output: str) -> bool:
    """Tell whether a format lays findings on lines of files."""
    return NEEDS[output] == "findings"


@contextmanager
def mistakes_placed(
    output: str, directory: Path | None, category: str, told: Callable[[Finding], Finding] = lambda finding: finding
) -> Iterator[None]:
    """Print mistakes in manifests in such a format, each as ``told`` has it, before whoever called tells them its way."""
    try:
        yield
    except ManifestError as error:
        if is_placed(output):
            found = tuple(map(told, error.findings))
            show(with_findings(findings_report(found, ""), found, output, directory, category), output)
        raise


def outside(finding: Finding) -> Finding:
    """Return a finding on a file outside the tree, such as one of ``--base``, as one without a place that tells it."""
    return replace(finding, origin=None, message=f"{finding.origin}: {finding.message}") if finding.origin else finding


def _from_here(folder: Path) -> str:
    """Return the way to a folder as it was named, or where links lead out of here and back, the one without links."""
    for here, there in ((Path.cwd(), folder), (Path.cwd().resolve(), folder.resolve())):
        path = os.path.relpath(there, here)
        if path.partition(os.sep)[0] != os.pardir:
            return "" if path == os.curdir else Path(path).as_posix()
    return folder.resolve().as_posix()


def _rule_texts() -> tuple[RuleText, ...]:
    """Return one text for each code: a code that stands for a rule at two stages has both titles and the larger weight."""
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
