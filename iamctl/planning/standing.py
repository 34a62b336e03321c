"""Which findings tell what was so before the plan."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from iamctl.comparison.scope import scope
from iamctl.model import Finding, Severity
from iamctl.report.findings import touched
from iamctl.rules import Review, check

_MAY_STAND = frozenset({Severity.WARN, Severity.INFO})


def with_standing(findings: Iterable[Finding], review: Review) -> tuple[Finding, ...]:
    """Return the findings, of which those are ``standing`` that hold for the account as it is live.

    That is decided by rules, subjects and facts: the rules that found something run once more on the live account
    without any change, with the manifests of the base if these are known. A finding on manifests stands if the base has it; without
    a base, if the plan changes nothing of its subject, which is then live as it is declared.
    """
    found = tuple(findings)
    codes = frozenset(finding.rule for finding in found if _may_stand(finding))
    if not codes:
        return found
    base = review.desired.base.desired if review.desired.base else None
    of_manifests = {_key(finding) for finding in review.desired.findings}
    before = {_key(finding) for finding in base.findings} if base else set[Hashable]()
    if base:
        before |= {_key(finding) for finding in check(Review(base, review.now), "manifests", codes)}
    if review.changes or base:
        before |= {_key(finding) for finding in check(_before(review), "plan", codes)}
    else:
        before |= {_key(finding) for finding in found}
    changed = touched(review.changes)

    def stands(finding: Finding) -> bool:
        if base is None and _key(finding) in of_manifests:
            return finding.address not in changed
        return _key(finding) in before

    return tuple(
        replace(finding, standing=True) if _may_stand(finding) and stands(finding) else finding for finding in found
    )


def _may_stand(finding: Finding) -> bool:
    return finding.severity in _MAY_STAND


def _key(finding: Finding) -> Hashable:
    """Return what makes two findings the same; the message only where a finding has neither subject nor facts."""
    said = "" if finding.address or finding.facts else finding.message
    return (finding.rule, finding.severity, finding.address, finding.facts, said)


def _before(review: Review) -> Review:
    """Return what rules inspect of the account without the plan."""
    desired = review.desired
    if desired.base and desired.base.desired:
        desired = replace(desired.base.desired, base=desired.base, settings=desired.settings)
        scoped = scope(desired, review.live.state, review.now)
        return replace(review, desired=desired, scoped=scoped, changes=(), ordered=None, sources=None)
    return replace(review, changes=(), ordered=None)
