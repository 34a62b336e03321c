"""The line of the manifests that causes a finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from iamctl.kinds import Membership
from iamctl.model import Action, Address, Change, Finding, Severity


def with_causes(findings: Iterable[Finding], changes: Iterable[Change]) -> tuple[Finding, ...]:
    """Return the findings; one on a user whom a single membership brings it has the place of that membership.

    Of several new memberships the one counts whose group the facts of the finding name. A warning that is neither a
    risk nor names the group is about the user, and what existed before the plan keeps the place of its user.
    """
    joined: defaultdict[Address, list[Membership]] = defaultdict(list)
    for change in changes:
        if change.action is Action.CREATE and isinstance(change.after, Membership) and change.after.origin:
            joined[change.resource.subject].append(change.after)
    return tuple(
        _with_cause(finding, joined.get(finding.address, [])) if finding.address else finding for finding in findings
    )


def _with_cause(finding: Finding, joined: list[Membership]) -> Finding:
    if finding.standing or not joined:
        return finding
    named = [membership for membership in joined if str(Address.of("group", membership.group)) in finding.facts]
    is_of_access = finding.first or finding.severity is Severity.REFUSE
    found = named or (joined if is_of_access else [])
    return replace(finding, origin=found[0].origin) if len(found) == 1 else finding
