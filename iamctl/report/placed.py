"""Findings as tools for reviews want them: each on a line of a file, with a fingerprint and a text that does nothing."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterator

from iamctl.model import Finding, Origin, Severity
from iamctl.report.findings import whole_message
from iamctl.text.late_dataclass import dataclass
from iamctl.text.late_pattern import late_pattern
from iamctl.text.visible import escaped, visible

SETTINGS_FILE = "iamctl.yaml"
"""Where a finding stands that is about the account and not about a line of a manifest."""

_LIVE = late_pattern(
    r"""(?<=\])\(                         # [text](target)
      | <(?=[A-Za-z/!?])                  # <tag, <!--
      | (?<![A-Za-z0-9])@(?=[A-Za-z0-9])  # @user,    though not user@example.com
      | \#(?=\d) | (?<=\bgh)-(?=\d)       # references to issues
      | (?<=[a-z]):(?=//) | (?<=\bwww)\.  # bare addresses
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class RuleText:
    """What a tool for reviews shows of a rule."""

    code: str
    severity: Severity
    title: str
    source: str


@dataclass(frozen=True)
class Findings:
    """What rules found, and all that places it."""

    found: tuple[Finding, ...]
    rules: tuple[RuleText, ...]
    folder: str
    """The manifest tree, from the current directory; empty when it is that, absolute when it lies outside."""
    version: str
    """The version of iamctl."""
    category: str
    """What was looked at, such as ``plan/prod``: a later result of the same category takes the place of this one."""
    account_id: str = ""
    """The account that was read, if any."""


@dataclass(frozen=True)
class PlacedFinding:
    """One finding on a line of a file."""

    finding: Finding
    path: str
    """From the current directory, or absolute."""
    line: int
    column: int
    text: str
    fingerprint: str
    """The same from run to run, wherever the line moves; no two of a result are equal."""


def placed(findings: Findings) -> Iterator[PlacedFinding]:
    """Yield the findings with their places, those that stop first."""
    order = {severity: number for number, severity in enumerate(Severity)}
    seen: Counter[str] = Counter()
    for finding in sorted(findings.found, key=lambda finding: order[finding.severity]):
        place = _place(finding.origin)
        told = _identity(finding, place, findings.account_id)
        seen[told] += 1
        yield PlacedFinding(
            finding=finding,
            path=posixpath.join(findings.folder, place.path),
            line=place.line,
            column=place.column,
            text=_inert(whole_message(finding)),
            fingerprint=hashlib.sha256(f"{told}{seen[told]}".encode()).hexdigest(),
        )


def _place(origin: Origin | None) -> Origin:
    """Return the place in the tree; what has none, or only the tree itself, stands at the top of iamctl.yaml."""
    return origin if origin and origin.path not in {"", "."} else Origin(SETTINGS_FILE, 1, 1)


def _identity(finding: Finding, place: Origin, account_id: str) -> str:
    """Return what makes a finding the same as one of another day: rule, file, address and facts, never its message.

    What stands on a line of a manifest is one thing for all accounts that read it; all else is of its account.
    """
    address = str(finding.address or "").lower()
    whose = "" if finding.origin else account_id
    return json.dumps([finding.rule, place.path, whose, address, *finding.facts])


def _inert(text: str) -> str:
    """Return a text that is no markup, link or mention, also where a tool takes it for Markdown."""
    return _LIVE.sub(lambda match: escaped(match[0]), visible(text))
