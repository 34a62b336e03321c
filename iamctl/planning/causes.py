"""The line of the manifests that causes a finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from iamctl.access.held import policy_words
from iamctl.kinds import GroupInlinePolicy, GroupPolicy, Membership, Policy, User
from iamctl.model import Action, Address, Change, Finding, Origin, Severity
from iamctl.model.affected import Affected
from iamctl.planning.changed_statements import ChangedStatement, changed_statement
from iamctl.rules import rules
from iamctl.text.late_dataclass import dataclass


def with_causes(
    findings: Iterable[Finding], changes: Iterable[Change], affected: Mapping[Address, Affected] | None = None
) -> tuple[Finding, ...]:
    """Return the findings; one on people has the place of the membership or the policy of a group that causes it.

    Of several new memberships the one counts whose group the facts of the finding name. A warning that is neither a
    risk nor names the group is about the user, and what existed before the plan keeps the place of its user.
    ``affected`` tells whom a changed policy reaches: of several, the one counts that the facts name.
    """
    causes = _Causes(tuple(changes), affected or {})
    return tuple(finding if finding.standing else causes.placed(finding) for finding in findings)


@dataclass(frozen=True)
class _Edit:
    """A policy of groups that a plan changes or attaches, and whom that reaches."""

    policy: str
    """As facts of findings call it."""
    holder: str
    """The group, for an attachment."""
    change: Change
    reached: Affected


class _Causes:
    """What a plan changes, by the people whom it reaches."""

    def __init__(self, changes: tuple[Change, ...], affected: Mapping[Address, Affected]) -> None:
        self._changes, self._affected = changes, affected
        self._places: dict[object, Origin | None] = {}

    def placed(self, finding: Finding) -> Finding:
        """Return the finding with the place of its cause, where one is known."""
        joined = self._joined.get(finding.address, []) if finding.address else []
        named = [one for one in joined if str(Address.of("group", one.group)) in finding.facts]
        if not named and (place := self._place_of_edit(finding, is_only_cause=not joined)):
            return replace(finding, origin=place)
        is_of_access = finding.first or finding.severity is Severity.REFUSE
        found = named or (joined if is_of_access else [])
        return replace(finding, origin=found[0].origin) if len(found) == 1 else finding

    def _place_of_edit(self, finding: Finding, *, is_only_cause: bool) -> Origin | None:
        """Return the place of the statement or attachment that a finding is due to; none if the user's own entry may be."""
        if finding.rule not in self._rules:
            return None
        reaching = self._reaching(finding)
        named = tuple(one for one in reaching if one.policy in finding.facts and _is_held(one, finding.facts))
        is_own = finding.address in self._users_changed
        found = named or (reaching if is_only_cause and not is_own else ())
        key = (finding.facts, tuple(map(id, found)))
        if key not in self._places:
            self._places[key] = _best_place(found, finding.facts)
        return self._places[key]

    def _reaching(self, finding: Finding) -> tuple[_Edit, ...]:
        if finding.address:
            return tuple(self._by_person.get(str(finding.address).lower(), ()))
        roles = [fact.lower() for fact in finding.facts if fact.startswith("role/")]
        found = [edit for role in roles for edit in self._by_person.get(role, ())]
        return tuple(found) or tuple(one for one in self._edits if one.policy in finding.facts)

    @cached_property
    def _rules(self) -> frozenset[str]:
        return frozenset(known.code for known in rules("plan") if known.of_access)

    @cached_property
    def _joined(self) -> Mapping[Address, list[Membership]]:
        found: defaultdict[Address, list[Membership]] = defaultdict(list)
        for change in self._changes:
            if change.action is Action.CREATE and isinstance(change.after, Membership) and change.after.origin:
                found[change.resource.subject].append(change.after)
        return found

    @cached_property
    def _users_changed(self) -> frozenset[Address]:
        subjects = (one.resource.subject for one in self._changes if not isinstance(one.resource, Membership))
        return frozenset(subject for subject in subjects if subject.kind == User.kind)

    @cached_property
    def _edits(self) -> tuple[_Edit, ...]:
        found = []
        for change in self._changes:
            reached = self._affected.get(change.address)
            if reached is None:
                continue
            match change.after:
                case Policy() | GroupInlinePolicy():
                    found.append(_Edit(str(change.address), "", change, reached))
                case GroupPolicy(policy_arn=arn, group=group):
                    found.append(_Edit(policy_words(arn), str(Address.of("group", group)), change, reached))
        return tuple(found)

    @cached_property
    def _by_person(self) -> Mapping[str, list[_Edit]]:
        found: defaultdict[str, list[_Edit]] = defaultdict(list)
        for edit in self._edits:
            for person in (
                *(f"user/{name}" for name in edit.reached.users),
                *(f"role/{name}" for name in edit.reached.roles),
            ):
                found[person.lower()].append(edit)
        return found


def _is_held(edit: _Edit, facts: tuple[str, ...]) -> bool:
    return not edit.holder or edit.holder in facts


def _best_place(edits: Iterable[_Edit], facts: tuple[str, ...]) -> Origin | None:
    """Return the place of the changed statement that fits best; an attachment counts where no document changed."""
    found: list[ChangedStatement] = []
    attached: list[Origin] = []
    for edit in edits:
        before, after = edit.change.before, edit.change.after
        if isinstance(after, (Policy, GroupInlinePolicy)):
            was = before.document if isinstance(before, (Policy, GroupInlinePolicy)) else None
            found += [one] if (one := changed_statement(was, after.document, facts)) else []
        elif after and after.origin:
            attached.append(after.origin)
    best = max(found, key=lambda one: one.fit, default=None)
    return best.place if best else next(iter(attached), None)
