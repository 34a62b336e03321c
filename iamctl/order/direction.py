"""Which way each call moves access, whatever else has run: the calls that only take need hardly any others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from enum import Enum, auto

from iamctl.access.statement_sets import Grants, StatementSets
from iamctl.model.access_change import (
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DeviceChange,
    DocumentChange,
    ExistenceChange,
    KeyChange,
    LoginChange,
    MembershipChange,
    PrincipalFactChange,
    ResourceFactChange,
)
from iamctl.order.graph import Node
from iamctl.order.world import Watchers, World, policy_key


class Direction(Enum):
    """What a call does to everybody whom it touches, in every state of the account that the plan can reach."""

    __hash__ = object.__hash__  # that of ``Enum`` runs Python code, ten thousand times in a large plan

    NEUTRAL = auto()
    """It changes nothing that a statement sees."""
    RESTRAINS = auto()
    """It only adds Denies, or a boundary where there is none."""
    LOCKS = auto()
    """It only ends a password or an access key."""
    REVOKES = auto()
    """It takes Allows, and no Deny."""
    WIDENS = auto()
    """It takes nothing: without it, everybody can do less or as much."""
    MIXED = auto()
    """Anything else."""


NARROWING = frozenset({Direction.RESTRAINS, Direction.LOCKS, Direction.REVOKES})
"""After such a call everybody can do less or as much, in every state."""


class Directions:
    """Finds the directions of the calls of one plan; ``sides`` are the worlds before and after it."""

    def __init__(
        self,
        nodes: Iterable[Node],
        sides: Iterable[World],
        sets: StatementSets,
        knows: Callable[[str], bool],
        watchers: Watchers | None = None,
    ) -> None:
        self._watchers = watchers or Watchers()
        self._sets = sets
        self._knows = knows
        self._held: defaultdict[str, set[str]] = defaultdict(set)
        self._documents: defaultdict[str, list[Grants]] = defaultdict(list)
        self._unknown: set[str] = set()
        self._joining: dict[tuple[str, bool], Direction] = {}
        """Group, and whether it is joined or left, to the direction."""
        effects = [change for node in nodes for change in node.effects]
        written = (policy_key(change.policy) for change in effects if isinstance(change, DocumentChange))
        self._written = Counter(written)
        self._note(effects, tuple(sides))

    def _note(self, effects: Iterable[AccessChange], sides: tuple[World, ...]) -> None:
        """Keep all that the groups and policies of a plan hold at any moment."""
        groups, policies = set[str](), set[str]()
        for change in effects:
            match change:
                case MembershipChange(group_key=group):
                    groups.add(group)
                case AttachmentChange(policy=policy):
                    policies.add(policy_key(policy))
                case DocumentChange(policy=policy, before=before, after=after):
                    key = policy_key(policy)
                    self._documents[key] += [self._sets.of(document) for document in (before, after) if document]
                case _:
                    pass
        for group in groups:
            for side in sides:
                self._held[group] |= side.held[group]
            policies |= self._held[group]
        for policy in policies:
            found = [side.documents.get(policy) for side in sides]
            self._documents[policy] += [self._sets.of(document) for document in found if document]
            if not self._documents[policy]:
                self._unknown.add(policy)

    def of(self, node: Node) -> Direction:
        """Return the direction of a call."""
        if len(node.effects) == 1:
            return self._direction(node.effects[0])
        found = {self._direction(change) for change in node.effects} - {Direction.NEUTRAL}
        if any(isinstance(change, ExistenceChange) and change.after for change in node.effects):
            return Direction.WIDENS  # nobody can do anything before they exist
        if not found:
            return Direction.NEUTRAL
        return found.pop() if len(found) == 1 else Direction.MIXED

    def _direction(self, change: AccessChange) -> Direction:
        match change:
            case MembershipChange(group_key=group, after=after):
                return self._joined(group, after=after)
            case AttachmentChange(policy=policy, after=after):
                return self._moved({policy_key(policy)}, after=after)
            case DocumentChange():
                return self._rewritten(change)
            case ExistenceChange(after=after):
                return Direction.WIDENS if after else Direction.REVOKES
            case LoginChange(after=after):
                return Direction.WIDENS if after else Direction.LOCKS
            case KeyChange(after=after):
                return Direction.WIDENS if after else Direction.LOCKS
            case DeviceChange(after=after):
                return Direction.RESTRAINS if after else Direction.WIDENS
            case BoundaryChange(before=before, after=bound):
                if before is None:
                    return Direction.RESTRAINS
                return Direction.MIXED if bound else Direction.WIDENS
            case PrincipalFactChange(keys=keys):
                return Direction.MIXED if any(map(self._knows, keys)) else Direction.NEUTRAL
            case ResourceFactChange(resource=resource):
                return Direction.MIXED if resource.lower() in self._watchers.tags else Direction.NEUTRAL

    def _joined(self, group: str, *, after: bool) -> Direction:
        found = self._joining.get((group, after))
        if found is None:
            found = self._joining[group, after] = self._moved(self._held[group], after=after)
        return found

    def _moved(self, policies: Iterable[str], *, after: bool) -> Direction:
        """Return the direction of bringing these policies to somebody, or of taking them away."""
        allow = deny = 0
        for policy in policies:
            if policy in self._unknown:
                return Direction.MIXED
            for grants in self._documents[policy]:
                allow, deny = allow | grants.allow, deny | grants.deny
        if not deny:
            return Direction.WIDENS if after else Direction.REVOKES
        if allow:
            return Direction.MIXED
        return Direction.RESTRAINS if after else Direction.WIDENS

    def _rewritten(self, change: DocumentChange) -> Direction:
        if change.before is None or change.after is None:
            if policy_key(change.policy) not in self._watchers.content:
                return Direction.NEUTRAL  # nobody holds it then
            return Direction.WIDENS if change.after else Direction.REVOKES
        if self._written[policy_key(change.policy)] > 1:
            return Direction.MIXED  # each of them undoes the others
        before, after = self._sets.of(change.before), self._sets.of(change.after)
        if before == after:
            return Direction.NEUTRAL
        narrower = not after.allow & ~before.allow and not before.deny & ~after.deny
        if narrower:
            return Direction.RESTRAINS if before.allow == after.allow else Direction.REVOKES
        wider = not before.allow & ~after.allow and not after.deny & ~before.deny
        return Direction.WIDENS if wider else Direction.MIXED
