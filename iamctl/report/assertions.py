"""What ``iamctl access check`` reports: which assertions hold on the live account, and which do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from iamctl.access.verdicts import Counterexample, Undecided, Verdict
from iamctl.model import Account, Finding
from iamctl.model.assertion import ADMINISTRATOR
from iamctl.report.access_json import example_json, sources_json
from iamctl.report.access_words import LIMITS
from iamctl.report.blocks import Line, Report, Section, Span, line, places
from iamctl.report.findings import finding_sections
from iamctl.text.counted import counted
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import to_the_second


@dataclass(frozen=True)
class Checked:
    """The judgements of all assertions on one account."""

    account: Account
    at: datetime
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    """What the rules say of them; an assertion that holds for every request has none."""

    @property
    def holding(self) -> tuple[Verdict, ...]:
        """The assertions that hold, apart from unusual requests."""
        return tuple(verdict for verdict in self.verdicts if verdict.holds)


def assertions_report(checked: Checked, version: str) -> Report:
    """Return the report: what does not hold with a request or a way that shows it, then what holds."""
    account = checked.account
    sections = [Section(f"Assertions for {account.name} ({account.id}, {account.partition})", ())]
    sections += finding_sections(checked.findings)
    if lines := tuple(_holding(checked)):
        sections.append(Section("Assertions that hold", lines))
    sections.append(Section("", tuple(_summary(checked))))
    return Report(_json(checked, version), tuple(sections), marker=f"iamctl-access-check {account.name}")


def _holding(checked: Checked) -> Iterator[Line]:
    for verdict in checked.holding:
        kinds = {person.kind for person in verdict.people}
        people = counted(len(verdict.people), "role") if kinds == {"role"} else _people(verdict, kinds)
        place = places([verdict.assertion.origin])
        yield line(f"{verdict.assertion.name}: {people}", *place, indent=1)


def _people(verdict: Verdict, kinds: set[str]) -> str:
    number = len(verdict.people)
    return counted(number, "user or role", "users and roles") if "role" in kinds else counted(number, "user")


def _summary(checked: Checked) -> Iterator[Line]:
    number = len(checked.verdicts)
    if not number:
        yield line("The manifests contain no assertions.")
        return
    yield line(Span(f"Assertions that hold: {len(checked.holding):,} of {number:,}.", "strong"))
    yield line(Span(LIMITS, "dim"))


def _json(checked: Checked, version: str) -> dict[str, Any]:
    account = checked.account
    refuted = sum(bool(verdict.refuted) for verdict in checked.verdicts)
    return {
        "format": "iamctl-access-check/1",
        "iamctl_version": version,
        "created_at": to_the_second(checked.at),
        "account": {"id": account.id, "name": account.name, "partition": account.partition},
        "summary": {
            "assertions": len(checked.verdicts),
            "holding": len(checked.holding),
            "refuted": refuted,
            "undecided": len(checked.verdicts) - len(checked.holding) - refuted,
        },
        "assertions": [_verdict_json(verdict) for verdict in checked.verdicts],
        "findings": [finding.to_json() for finding in checked.findings],
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    origin = verdict.assertion.origin
    return {
        "name": verdict.assertion.name,
        "origin": origin.to_json() if origin else None,
        "holds": verdict.holds,
        "people": len(verdict.people),
        "refuted": [_counterexample_json(one) for one in verdict.refuted],
        "undecided": [_undecided_json(one) for one in verdict.undecided],
        "unusual": [_counterexample_json(one) for one in verdict.unusual],
    }


def _counterexample_json(one: Counterexample) -> dict[str, Any]:
    steps = [{"actions": list(step.actions), "target": str(step.target) if step.target else None} for step in one.steps]
    return {
        "person": str(one.person),
        "witness": example_json(one.request) if one.request else None,
        "sources": sources_json(one.sources),
        "steps": steps,
        "already": (str(one.target) if one.target else ADMINISTRATOR) if one.is_there else None,
    }


def _undecided_json(one: Undecided) -> dict[str, Any]:
    return {"person": str(one.person), "doubt": one.doubt.value, "documents": list(one.documents)}
