"""What is live and not as the manifests say, told as what somebody did by hand."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from iamctl.kinds import Membership, MfaDevice, SigninSession, User, UserInlinePolicy, UserPolicy
from iamctl.model import Action, Address, Change, Plan, Reason, Severity
from iamctl.model.deed import Attribution, Deed
from iamctl.model.evidence import Commit
from iamctl.model.plan import RESTRAINT
from iamctl.model.transition import is_transition
from iamctl.policy import Document
from iamctl.report.attribution import (
    NOT_LOOKED_UP,
    attribution_json,
    attribution_lines,
    not_looked_up_text,
    started_by_line,
)
from iamctl.report.blocks import Line, Report, Section, Span, Style, line, places
from iamctl.report.drift_first import as_live, first_section, hidden_administrators, is_undeclared_way, outside
from iamctl.report.findings import finding_line, finding_sections, standing_sections
from iamctl.report.statements import document_texts
from iamctl.report.words import PLAIN, drift_sentence, merged_sentence, reason_text
from iamctl.text.counted import counted, listed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import to_the_second

SHORT_ID = 12
"""So many digits of the id of a commit are in text."""

MOST_NAMES = 20
"""So many of the things that hang on one, or that nobody declares, are named in text; JSON has them all."""

_NOT_ADOPTED = frozenset({UserPolicy.kind, UserInlinePolicy.kind, MfaDevice.kind, SigninSession.kind})
"""What no manifest can declare, so that a plan removes it."""

_REFUSED = "A plan would be refused"
_ORDER = (Action.DELETE, Action.UPDATE, Action.CREATE)
"""What was added by hand first: it may give access."""

_STYLES: Mapping[Action, Style] = {Action.DELETE: "delete", Action.UPDATE: "update", Action.CREATE: "create"}


@dataclass(frozen=True)
class Ways:
    """The commands that end a difference, as words."""

    adopt: tuple[str, ...]
    """Writes what is live into the manifests; an address at the end says what."""
    undo: tuple[str, ...]
    """Makes the account as the manifests say."""
    shared: Mapping[Address, str] = field(default_factory=dict)
    """The files that only an edit by hand may change, since something else uses them too, by address."""
    undeclared: frozenset[Address] = frozenset()
    """The users that no manifest declares; their memberships are adopted with them."""

    def adopting(self, address: Address) -> str | None:
        """Return the command that adopts what is live at an address; None where no command does."""
        if address.kind in _NOT_ADOPTED or address in self.shared:
            return None
        user = Address.of(User.kind, address.name)
        with_user = (str(user),) if address.kind == Membership.kind and user in self.undeclared else ()
        return shlex.join((*self.adopt, *with_user, str(address)))


@dataclass(frozen=True)
class Drift:
    """One thing that differs, with what hangs on it and differs for that reason alone."""

    change: Change
    sentence: str
    details: tuple[str, ...] = ()
    """What was changed, from what the manifests say to what is live; what was merged, the other way round."""
    along: tuple[Address, ...] = ()
    is_due: bool = False
    """Whether nobody did it: time went by, or a rename waits to be applied."""
    is_merged: bool = False
    """Whether nobody did it: the account is as the manifests were when they were applied last."""
    attribution: Attribution | None = None
    """Who did it; None where nobody asked."""

    @property
    def is_deed(self) -> bool:
        """Whether somebody did it."""
        return not (self.is_due or self.is_merged)


@dataclass(frozen=True)
class Merged:
    """What was merged since the manifests that were applied last."""

    since: Commit
    """The commit of those manifests."""
    changes: frozenset[Address]
    """What the next apply changes for no other reason."""
    undeclared: frozenset[Address]
    """What no manifest declares any longer, and is as those manifests declared it."""


def drifts(changes: Iterable[Change], merged: Merged | None = None) -> tuple[Drift, ...]:
    """Return what the changes of a plan repair, what was added first, then by address, and last what was merged.

    That is apart, so that no deed hides among what hangs on it.
    """
    explained = merged.changes if merged else frozenset()
    found = tuple(changes)
    deeds = _drifts([change for change in found if change.address not in explained])
    return (*deeds, *_drifts([change for change in found if change.address in explained], is_merged=True))


def _drifts(found: Sequence[Change], *, is_merged: bool = False) -> tuple[Drift, ...]:
    roots = {
        (change.address, change.action)
        for change in found
        if change.resource.owner is None and change.action is not Action.UPDATE
    }
    along: defaultdict[Address, list[Address]] = defaultdict(list)
    alone = []
    for change in found:
        around = (address for address in change.resource.references if (address, change.action) in roots)
        if (change.address, change.action) not in roots and (root := next(around, None)):
            along[root].append(change.address)
        else:
            alone.append(change)
    told = (_drift(change, tuple(along[change.address]), is_merged=is_merged) for change in alone)
    return tuple(sorted(told, key=lambda one: (_ORDER.index(one.change.action), one.change.address.rank)))


def drift_report(
    plan: Plan,
    found: Iterable[Drift],
    version: str,
    ways: Ways,
    *,
    all_findings: bool = False,
    merged: Merged | None = None,
    event: Deed | None = None,
) -> Report:
    """Return the report of what differs; ``plan`` is the plan that would put it right, ``ways`` are both ways to do so.

    What a reader must see first is what is so in the account, not what the plan would bring. Everything else that rules
    found in the account is one line for each rule, or in full with ``all_findings``. ``event`` is what started the run.
    """
    told, ways = tuple(found), replace(ways, undeclared=frozenset(plan.undeclared))
    plan = replace(plan, findings=tuple(as_live(plan, _deeds(told))))
    by_hand, due = [one for one in told if one.is_deed], [one for one in told if one.is_due]
    undeclared = undeclared_deeds(plan, merged)
    account = f"{plan.account.name} ({plan.account.id}, {plan.account.partition})"
    sections = [
        Section(f"Drift in {account}", (started_by_line(event),) if event else ()),
        *first_section(plan, all_findings=all_findings),
    ]
    sections += [
        Section(title, tuple(entry for one in part for entry in _lines(one, ways)))
        for title, part in (("Differences from the manifests", by_hand), ("Due, not applied yet", due))
        if part
    ]
    if merged and (lines := tuple(_merged_lines(told, merged, ways))):
        sections.append(Section(f"Merged since commit {merged.since.id[:SHORT_ID]}, not applied yet", lines))
    if undeclared:
        nobody = (entry for address in undeclared for entry in _undeclared_lines(address, ways))
        sections.append(Section("Undeclared", tuple(nobody)))
    asserted = [finding for finding in plan.findings if finding.address and finding.address.kind == "assertion"]
    if asserted:
        sections.append(Section("Assertions", tuple(map(finding_line, asserted))))
    refused = [one for one in plan.findings if one.severity is Severity.REFUSE and one not in asserted]
    sections += [replace(section, title=_REFUSED) for section in finding_sections(refused)]
    standing = [one for one in plan.findings if one.standing and not one.first and one not in (*asserted, *refused)]
    sections += finding_sections(standing) if all_findings else standing_sections(standing)
    if left := sum(one.attribution == NOT_LOOKED_UP for one in told):
        sections.append(Section("", (line(Span(not_looked_up_text(left), "dim")),)))
    sections.append(Section("", tuple(_summary(plan, told, ways, merged, is_refused=bool(refused)))))
    return Report(
        _json(plan, told, version, ways, merged, event), tuple(sections), marker=f"iamctl-drift {plan.account.name}"
    )


def is_drift(plan: Plan, found: Iterable[Drift], merged: Merged | None = None) -> bool:
    """Tell whether the account differs from the manifests, or an administrator is outside of them."""
    return bool(undeclared_deeds(plan, merged) or outside(plan) or any(one.is_deed for one in found))


def undeclared_deeds(plan: Plan, merged: Merged | None) -> tuple[Address, ...]:
    """Return what nobody declares and counts as drift, without what manifests stopped declaring since the last apply."""
    explained = merged.undeclared if merged else frozenset()
    return tuple(address for address in plan.undeclared_drift if address not in explained)


def _merged_lines(told: Iterable[Drift], merged: Merged, ways: Ways) -> Iterator[Line]:
    for one in told:
        if one.is_merged:
            yield from _lines(one, ways)
    for address in sorted(merged.undeclared):
        yield line(f"no manifest declares {address} any longer", indent=1)


def _deeds(told: Iterable[Drift]) -> Mapping[Address | None, bool]:
    """Return for each user that differs, and None for what several people may share, whether somebody did it."""
    return {_person(one.change): one.is_deed for one in sorted(told, key=lambda one: one.is_deed)}


def _person(change: Change) -> Address | None:
    """Return the user whose membership or password a change is about; None for what several people may share."""
    user = getattr(change.resource, "user", None)
    return Address.of("user", user) if user else None


def _drift(change: Change, along: tuple[Address, ...], *, is_merged: bool) -> Drift:
    is_due = _is_due(change)
    if not is_merged or is_due:
        return Drift(change, drift_sentence(change), tuple(_details(change)), along, is_due)
    to_come = replace(change, before=change.after, after=change.before)
    return Drift(change, merged_sentence(change), tuple(_details(to_come)), along, is_merged=True)


def _is_due(change: Change) -> bool:
    """Tell whether nobody did it: time went by, or a rename waits to be applied."""
    if change.why is None:
        return False
    return change.why.is_due or (change.why.reason is Reason.RENAMED and change.fields == ("name",))


def _details(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    live, wanted = getattr(before, "document", None), getattr(after, "document", None)
    if isinstance(live, Document) and after is None:
        yield from document_texts(None, live)
    if before is None or after is None:
        return
    if isinstance(live, Document) and isinstance(wanted, Document) and "document" in change.fields:
        yield from document_texts(wanted, live)
    here, there = before.to_json(), after.to_json()
    for name in change.fields:
        if name not in {"document", "name"}:
            yield f"{name}: {_plain(_at(there, name))} -> {_plain(_at(here, name))}"


def _at(fields: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = fields.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else value


def _plain(value: Any) -> str:
    return "(none)" if value is None else str(value)


def _undeclared_lines(address: Address, ways: Ways) -> Iterator[Line]:
    yield line(Span(f"no manifest declares {address}", "delete"), indent=1)
    yield from _adopt_lines(address, ways)


def _adopt_lines(address: Address, ways: Ways) -> Iterator[Line]:
    """Yield the command that adopts what is live, or that nothing does."""
    if command := ways.adopting(address):
        yield Line((Span("adopt: ", "dim"), Span(command)), indent=3, is_to_copy=True)
    elif path := ways.shared.get(address):
        yield line(Span(f"adopt: edit {path} by hand; other accounts or entries use it too", "dim"), indent=3)
    elif not is_transition(address):
        yield line(Span("adopt: manifests cannot declare it; put the policy on a group of the user", "dim"), indent=3)


def _lines(one: Drift, ways: Ways) -> Iterator[Line]:
    change = one.change
    place = places([change.after.origin]) if change.after else ()
    is_plain = change.why is None or change.why.reason in PLAIN
    reason = "" if is_plain else f"  {reason_text(change)}"
    yield line(Span(one.sentence, _STYLES[change.action]), Span(reason, "dim"), *place, indent=1)
    yield from attribution_lines(one.attribution)
    yield from (line(detail, indent=3) for detail in one.details)
    if one.along:
        yield line(f"with it: {listed(one.along, MOST_NAMES)}", indent=3)
    if one.is_deed:
        yield from _adopt_lines(change.address, ways)


def _summary(
    plan: Plan, found: tuple[Drift, ...], ways: Ways, merged: Merged | None, *, is_refused: bool
) -> Iterator[Line]:
    undeclared = undeclared_deeds(plan, merged)
    by_hand = sum(one.is_deed for one in found) + len(undeclared)
    if others := [address for address in plan.undeclared if address not in plan.undeclared_drift]:
        yield line(f"Not declared and left alone: {listed(others, MOST_NAMES)}.")
    if by_hand:
        yield line(Span(f"{counted(by_hand, 'difference')}.", "strong"))
        if merged is None:
            yield line(Span("This includes changes that are merged but not applied yet; see --applied.", "dim"))
        if undeclared or any(one.is_deed and ways.adopting(one.change.address) for one in found):
            yield Line((Span("adopt all: ", "dim"), Span(shlex.join(ways.adopt))), is_to_copy=True)
        yield from _undo_lines(ways, is_refused=is_refused, leaves_some=bool(undeclared))
    if hidden := hidden_administrators(plan):
        yield line(Span(f"{counted(len(hidden), 'administrator')} outside of the manifests.", "strong"))
    if nearly := sum(map(is_undeclared_way, plan.findings)):
        who = counted(nearly, "user")
        yield line(Span(f"{who} can become administrators by what no manifest declares.", "strong"))
    if kept := sum(one.rule == RESTRAINT for one in plan.findings):
        yield line(Span(f"{counted(kept, 'policy', 'policies')} of users that only deny.", "strong"))
    if not (by_hand or hidden or nearly or kept):
        yield line(Span("No drift.", "strong"))
    for number, what in ((sum(one.is_due for one in found), "due"), (sum(one.is_merged for one in found), "merged")):
        if number:
            yield line(Span(f"{counted(number, 'more is', 'more are')} {what}; the next apply does it.", "dim"))


def _undo_lines(ways: Ways, *, is_refused: bool, leaves_some: bool) -> Iterator[Line]:
    """Yield the command that undoes the differences, or why it would not."""
    undo = shlex.join(ways.undo)
    if is_refused:
        yield line(Span("undo: ", "dim"), Span(f"{undo} would be refused; see {_REFUSED!r}"))
    else:
        yield Line((Span("undo: ", "dim"), Span(undo)), is_to_copy=True)
    if leaves_some:
        yield line(Span("An apply leaves what is undeclared alone; list it under 'removed' to delete it.", "dim"))


def _json(
    plan: Plan, found: tuple[Drift, ...], version: str, ways: Ways, merged: Merged | None, event: Deed | None
) -> dict[str, Any]:
    undeclared = undeclared_deeds(plan, merged)
    return {
        "format": "iamctl-drift/1",
        "iamctl_version": version,
        "created_at": to_the_second(plan.created_at),
        "account": {"id": plan.account.id, "name": plan.account.name, "partition": plan.account.partition},
        "summary": {
            "drift": sum(one.is_deed for one in found) + len(undeclared),
            "due": sum(one.is_due for one in found),
            "merged": sum(one.is_merged for one in found) + len(plan.undeclared_drift) - len(undeclared),
            "undeclared": len(plan.undeclared),
            "hidden_administrators": len(hidden_administrators(plan)),
            "undeclared_ways": sum(map(is_undeclared_way, plan.findings)),
        },
        "adopt": shlex.join(ways.adopt),
        "undo": shlex.join(ways.undo),
        "drift": [_drift_json(one, ways) for one in found],
        "undeclared": [str(address) for address in plan.undeclared],
        "undeclared_drift": [str(address) for address in undeclared],
        "applied": merged.since.id if merged else None,
        "event": attribution_json(Attribution(event)) if event else None,
        "findings": [finding.to_json() for finding in plan.findings],
    }


def _drift_json(one: Drift, ways: Ways) -> dict[str, Any]:
    change = one.change
    origin = change.after.origin if change.after else None
    return {
        "address": str(change.address),
        "kind": change.address.kind,
        "sentence": one.sentence,
        "details": list(one.details),
        "is_due": one.is_due,
        "is_merged": one.is_merged,
        "live": change.before.to_json() if change.before else None,
        "desired": change.after.to_json() if change.after else None,
        "along": [str(address) for address in one.along],
        "reason": reason_text(change),
        "actor": attribution_json(one.attribution),
        "adopt": ways.adopting(change.address) if one.is_deed else None,
        "edit": ways.shared.get(change.address) if one.is_deed else None,
        "origin": origin.to_json() if origin else None,
    }
