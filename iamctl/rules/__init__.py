"""Rules: pure functions that check manifests or a plan and report what is wrong; one decorator registers each.

Rules are found in any module of this package, so adding one touches one file. Modules whose rules need the live
account or a plan belong into the package ``plan``: ``validate`` imports them only to judge assertions.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from iamctl.account.live import Live
from iamctl.comparison.scoped import Scoped
from iamctl.model import Action, Address, Change, Finding, Origin, Resource, Severity, State
from iamctl.model.settings import Desired
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:  # validate loads neither the order nor what is known of access
    from iamctl.access.administrators import Administrators
    from iamctl.access.authority import Authority
    from iamctl.access.differences import Differences
    from iamctl.access.escalation import Escalations
    from iamctl.access.guard_proof import GuardProof
    from iamctl.access.held import PolicySources
    from iamctl.access.mfa_guard import Guards
    from iamctl.access.moves import Moves
    from iamctl.access.people import People
    from iamctl.access.sides import Sides
    from iamctl.audit.audited import Audited
    from iamctl.model.affected import Affected
    from iamctl.model.declared_change import DeclaredChange
    from iamctl.order import Ordered
    from iamctl.rules.declared_statements import DeclaredStatement
    from iamctl.rules.plan.approving import Approving
    from iamctl.rules.plan.judged import Judgements

Stage = Literal["files", "manifests", "declared", "plan"]
"""When a rule runs: while files are read (the loader reports it), on the manifests alone, on the manifests in ``validate``
only, since a plan knows better, or on a plan."""

_NOT_READ = Live("", "", State({}))
_NOT_SCOPED = Scoped(State({}), State({}), State({}))


@dataclass(frozen=True)
class Review:
    """What a rule may inspect. At the stage ``manifests`` only ``desired`` and ``now`` are set."""

    desired: Desired
    now: datetime
    live: Live = _NOT_READ
    scoped: Scoped = _NOT_SCOPED
    changes: tuple[Change, ...] = ()
    allowed_removals: Mapping[str, int] = field(default_factory=dict)
    """What ``--allow-removals`` permits: a number for each named limit."""
    ordered: Ordered | None = None
    allow_self: bool = False
    """Whether ``--allow-self`` permits changes of the caller."""
    allow_transition: bool = False
    """Whether ``--allow-transition`` permits temporary policies on users."""
    sources: PolicySources | None = None
    """Who holds which policy before the plan, where the comparison knows it already."""
    asserts_live: bool = False
    """Whether assertions are judged on the account as it is, not as the plan leaves it."""
    only_due: bool = False
    """Whether the plan holds just what time brings about."""

    @cached_property
    def deleted(self) -> tuple[Resource, ...]:
        """The live resources that the plan deletes."""
        return tuple(change.before for change in self.changes if change.before and change.action is Action.DELETE)

    @cached_property
    def gone(self) -> frozenset[Address]:
        """The addresses of the resources that the plan deletes."""
        return frozenset(resource.address for resource in self.deleted)

    @cached_property
    def after(self) -> State:
        """The whole account after the plan, including everything it does not change."""
        return after_changes(self.scoped.whole, self.changes)

    @cached_property
    def statements(self) -> tuple[DeclaredStatement, ...]:
        """The statements of all well-formed declared documents, policy by policy."""
        from iamctl.rules.declared_statements import declared_statements

        return tuple(declared_statements(self.desired.state))

    @cached_property
    def held(self) -> tuple[PolicySources, PolicySources]:
        """The documents that apply to each user, before and after the plan."""
        from iamctl.access.held import PolicySources

        before = self.sources or PolicySources(self.live, self.scoped.whole)
        return before, PolicySources(self.live, self.after) if self.changes else before

    @cached_property
    def affected(self) -> Mapping[Address, Affected]:
        """Whose access each change of a policy, of a group's policies or of a boundary touches."""
        from iamctl.access.affected import Reached, affected

        if not self.changes:
            return {}
        before, after = self.held
        return affected(self.changes, Reached(before, self.scoped.whole), Reached(after, self.after))

    @cached_property
    def touched(self) -> frozenset[Address]:
        """The users whose access, credentials or facts the plan changes, and those whom it creates or deletes."""
        from iamctl.access.affected import touched_users

        return touched_users(self.changes, self.affected)

    @cached_property
    def declared_changes(self) -> tuple[DeclaredChange, ...]:
        """What differs from the manifests and settings of the base and needs no call now."""
        from iamctl.comparison.declared_changes import declared_changes

        return declared_changes(self.desired, self.changes)

    @cached_property
    def people(self) -> tuple[People, People]:
        """The users and roles as principals, before and after the plan."""
        from iamctl.access.people import People

        was, will = self.held
        before = People(was, self.scoped.whole, self.now)
        return before, People(will, self.after, self.now) if self.changes else before

    @cached_property
    def sides(self) -> tuple[Sides, Sides]:
        """The statements that reach everybody, before and after the plan, for proofs about requests."""
        from iamctl.access.sides import Sides, engine_of

        was, will = self.people
        engine = engine_of(self.held, self.now)
        before = Sides(engine, was, self.scoped.whole)
        return before, Sides(engine, will, self.after) if self.changes else before

    @cached_property
    def differences(self) -> Differences:
        """What anybody may do before the plan and not after it, and the reverse."""
        from iamctl.access.differences import Differences

        return Differences(*self.sides)

    @cached_property
    def moves(self) -> Moves:
        """What becomes of users whose policies the plan moves to groups or to managed policies."""
        from iamctl.access.moves import Moves, moves
        from iamctl.kinds import GroupInlinePolicy, UserInlinePolicy, UserPolicy

        kinds = (UserPolicy, UserInlinePolicy, GroupInlinePolicy)
        removed = [one for one in self.deleted if isinstance(one, kinds) and one.owner not in self.gone]
        return moves(removed, self.sides, self.held, self.desired.state) if removed else Moves()

    @cached_property
    def guards(self) -> tuple[Guards, Guards]:
        """Who has an MFA guard, before and after the plan."""
        from iamctl.access.mfa_guard import Guards

        was, will = self.held
        before = Guards(was, self.scoped.whole, lambda: self._guard_proofs[0])
        return before, Guards(will, self.after, lambda: self._guard_proofs[1]) if self.changes else before

    @cached_property
    def _guard_proofs(self) -> tuple[GuardProof, GuardProof]:
        from iamctl.access.guard_proof import GuardProof

        was, will = self.sides
        before = GuardProof(was)
        return before, GuardProof(will) if self.changes else before

    @cached_property
    def authorities(self) -> tuple[Authority, Authority]:
        """Who may do everything, before and after the plan."""
        from iamctl.access.authority import Authority

        was, will = self.sides
        before = Authority(was)
        return before, Authority(will) if self.changes else before

    @cached_property
    def audited(self) -> Audited:
        """The account before the plan, as controls see it."""
        from iamctl.audit.audited import Audited

        return Audited(self.live, self.scoped.whole, self.desired.settings, self.now)

    @property
    def is_declared_only(self) -> bool:
        """Whether nothing live is known, so that only the manifests count."""
        return self.live is _NOT_READ

    @cached_property
    def judged(self) -> Judgements:
        """The judgements of the assertions."""
        from iamctl.rules.plan.judged import Judgements

        return Judgements(self)

    @cached_property
    def approving(self) -> Approving:
        """What of the plan an approval may permit, and whether one does."""
        from iamctl.rules.plan.approving import Approving

        return Approving(self)

    @cached_property
    def escalations(self) -> tuple[Escalations, Escalations]:
        """Who can come to more access and how, before and after the plan."""
        from iamctl.access.escalation import Escalations

        was, will = map(Escalations, self.people, self.authorities)
        return was, will

    @cached_property
    def administrators(self) -> tuple[Administrators, Administrators]:
        """The administrators before and after the plan."""
        from iamctl.access.administrators import administrators

        whole = self.scoped.whole
        was, will = self.people
        before = administrators(was, lambda: self.authorities[0], whole, whole)
        if not self.changes:
            return before, before
        return before, administrators(will, lambda: self.authorities[1], whole, self.after)


def after_changes(whole: State, changes: Iterable[Change]) -> State:
    """Return the account ``whole`` after the changes; itself without any, since it knows its resources by kind."""
    changes = tuple(changes)
    if not changes:
        return whole
    resources = dict(whole.resources)
    for change in changes:
        if change.after is None:
            resources.pop(change.address, None)
        else:
            resources[change.address] = change.after
    return State(resources)


@dataclass(frozen=True)
class Hit:
    """One finding of a rule: its subject, and a message that includes the fix.

    A report names a hit under "Look at this first" if ``first`` is true here or for its rule. Write its message as the
    predicate of the subject: "becomes an administrator" is printed as "carol becomes an administrator". Without a
    subject it is a sentence of its own. State in ``facts`` all that distinguishes it, since the plan digest covers
    subject and facts and not the message. Hits with an equal ``many`` are printed as one line, "3 users become
    administrators: ..."; without it, hits with equal facts are, as "each of 3 users becomes an administrator: ...".
    """

    subject: Resource | Address | None
    message: str
    severity: Severity | None = None
    """A severity other than the rule's."""
    origin: Origin | None = None
    """A place other than the subject's."""
    facts: tuple[str, ...] = ()
    """What tells it from other hits of the rule about the subject: names and identifiers, never a sentence or a count.

    Where many hits have the same facts, a report prints their message once.
    """
    first: bool | None = None
    """Whether a report names it under "Look at this first"; None: as the rule says."""
    many: str = ""
    """The message for several subjects, such as "become administrators"."""

    def finding(self, rule: Rule) -> Finding:
        """Return the finding: the hit with the code, severity and place that it leaves to the rule and the subject."""
        subject = self.subject
        address = subject.address if isinstance(subject, Resource) else subject
        origin = self.origin or (subject.origin if isinstance(subject, Resource) else None)
        return Finding(
            rule.code,
            self.severity or rule.severity,
            self.message,
            address,
            origin,
            self.facts,
            first=rule.first if self.first is None else self.first,
            many=self.many,
            plural=rule.plural,
        )


@dataclass(frozen=True)
class Rule:
    """A rule with its entry in the generated table."""

    code: str
    severity: Severity
    stage: Stage
    source: str
    title: str
    check: Callable[[Review], Iterable[Hit]] | None
    """None if the loader reports it."""
    first: bool = False
    """Whether its findings belong under "Look at this first"."""
    plural: str = ""
    """What a report says after the number of findings that existed before a plan."""
    of_access: bool = False
    """Whether it names people whose access changes, which a policy of a group may cause."""


_REGISTERED: dict[tuple[str, Stage], Rule] = {}


def rule(
    code: str,
    severity: Severity,
    *,
    stage: Stage = "plan",
    source: str,
    first: bool = False,
    plural: str = "",
    of_access: bool = False,
) -> Callable[[Callable[[Review], Iterable[Hit]]], Callable[[Review], Iterable[Hit]]]:
    """Register a function as the rule ``code``; the first line of its docstring is the title, ``source`` links the reason.

    A code may have one function for each stage, to check the same thing in manifests and in a plan. With ``first`` a
    report names the hits under "Look at this first", in place of "Warnings" or "Notes", and the plan digest covers
    them; ``Hit.first`` decides it for one hit. A refusal is listed under "Refused" in either case. ``plural`` follows
    the number of findings that existed before a plan, such as "users have no MFA device". ``of_access`` lets a hit have
    the place of the policy that causes it.
    """

    def register(check: Callable[[Review], Iterable[Hit]]) -> Callable[[Review], Iterable[Hit]]:
        title = (check.__doc__ or "").strip().splitlines()[0]
        _add(Rule(code, severity, stage, source, title, check, first, plural, of_access))
        return check

    return register


def documented(code: str, severity: Severity, title: str, *, source: str) -> None:
    """List a rule that the loader reports, so that the generated table includes it."""
    _add(Rule(code, severity, "files", source, title, None))


def _add(found: Rule) -> None:
    if (found.code, found.stage) in _REGISTERED:
        raise ValueError(f"duplicate rule code {found.code}")
    _REGISTERED[found.code, found.stage] = found


_DECLARED = "plan.assertions"
"""The module with the rules about what the manifests alone declare; the other rules of plans take long to load."""


@cache
def rules(stage: Stage | None = None) -> tuple[Rule, ...]:
    """Return the rules of a stage, or all, by code and stage."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    if stage == "declared":
        importlib.import_module(f"{__name__}.{_DECLARED}")
    if stage in (None, "plan"):
        from iamctl.rules import plan

        for module in pkgutil.iter_modules(plan.__path__):
            importlib.import_module(f"{plan.__name__}.{module.name}")
    return tuple(found for _, found in sorted(_REGISTERED.items()) if stage in (None, found.stage))


def check(review: Review, stage: Stage, codes: frozenset[str] | None = None) -> tuple[Finding, ...]:
    """Return the findings of a stage's rules, or of those with some codes, by place, address and code."""
    return by_place(_findings(review, stage, codes))


def by_place(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by file, line and column, then by address and code; those without a place last."""
    return tuple(sorted(findings, key=_place))


def _findings(review: Review, stage: Stage, codes: frozenset[str] | None) -> Iterator[Finding]:
    for known in rules(stage):
        if known.check and (codes is None or known.code in codes):
            for hit in known.check(review):
                yield hit.finding(known)


def _place(finding: Finding) -> tuple[object, ...]:
    origin = finding.origin
    place = (0, origin.path, origin.line, origin.column) if origin else (1, "", 0, 0)
    return (*place, str(finding.address or ""), finding.rule, finding.facts, finding.message)
