"""What a reader of drift must see first: administrators against the manifests, and who is nearly one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from iamctl.model import Address, Finding, Plan
from iamctl.model.plan import HIDDEN_ADMINISTRATOR, LOST_ADMINISTRATOR, MADE_BY_HAND, RESTRAINT, MadeByHand
from iamctl.report.blocks import Section, Span, line
from iamctl.report.plan import risk_lines
from iamctl.text.counted import counted

MOST_NEARLY = 10
"""So many lines of the rule ``MADE_BY_HAND`` are in text."""

_REPAIRED = frozenset({MadeByHand.WAY, MadeByHand.RESTRAINT})
"""What a plan would put right."""


def first_section(plan: Plan, *, all_findings: bool) -> Iterator[Section]:
    """Yield the section with what must be seen first, if there is any; of the rule ``MADE_BY_HAND``, the first lines."""
    by_hand = (one for one in plan.findings if one.rule == LOST_ADMINISTRATOR and one.first)
    left = (one for one in outside(plan) if one.rule != MADE_BY_HAND)
    lines = [*risk_lines((*by_hand, *left))]
    nearly = risk_lines(one for one in plan.findings if one.rule == MADE_BY_HAND and one.first)
    shown = nearly if all_findings else nearly[:MOST_NEARLY]
    lines += shown
    if more := len(nearly) - len(shown):
        lines.append(
            line(Span(f"{counted(more, 'more line')} of {MADE_BY_HAND} (details: --all-findings)", "dim"), indent=1)
        )
    if lines:
        yield Section("Look at this first", tuple(lines))


def outside(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings on what no manifest declares and no plan changes, and what a reader must see first."""
    return tuple(
        one for one in plan.findings if one.rule in {HIDDEN_ADMINISTRATOR, RESTRAINT} or is_undeclared_way(one)
    )


def is_undeclared_way(finding: Finding) -> bool:
    """Tell whether somebody can become an administrator by what no manifest declares."""
    return finding.rule == MADE_BY_HAND and finding.facts[0] == MadeByHand.UNDECLARED


def hidden_administrators(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings on administrators whom the manifests do not manage."""
    return tuple(finding for finding in plan.findings if finding.rule == HIDDEN_ADMINISTRATOR)


def as_live(plan: Plan, deeds: Mapping[Address | None, bool]) -> Iterator[Finding]:
    """Yield the findings of the plan; that it takes a right away is told as that somebody has the right by hand."""
    known = {finding.address for finding in hidden_administrators(plan)}
    for finding in plan.findings:
        is_by_hand = deeds.get(finding.address, any(deeds.values()))
        if finding.rule == MADE_BY_HAND and finding.facts[0] in _REPAIRED:
            yield replace(finding, first=is_by_hand)
        elif finding.rule != LOST_ADMINISTRATOR:
            yield finding
        elif is_by_hand:
            who = "" if finding.address else f"the {finding.facts[-1].replace('/', ' ')} "
            message, many = (
                f"{are}, but not in the manifests" for are in (f"{who}is an administrator", "are administrators")
            )
            yield replace(finding, message=message, many=many, first=finding.address not in known)
        else:
            yield replace(finding, first=False)
