"""Further calls for plans that have no safe order without them: a document in two steps, a temporary Deny.

Each part of a plan that shares nobody with the others is mended by itself, with as few kinds of calls as are enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from iamctl.access.rebound import knows, plain
from iamctl.access.statement_sets import StatementSets
from iamctl.kinds import User
from iamctl.kinds.transition import MAX_SIZE
from iamctl.model import Change
from iamctl.model.access_change import DocumentChange, PrincipalFactChange
from iamctl.model.blocked import Blocked, DenyMissing, Gain, GainByTags, Reaches, Unguarded
from iamctl.model.transition import TRANSITION, Transition
from iamctl.order.graph import NO_EXTRA, Extra, Node, nodes_of
from iamctl.order.greedy import SearchResult
from iamctl.order.search import Search
from iamctl.order.watched import arns_of
from iamctl.order.world import Holdings, World
from iamctl.policy import Atom, Document, atoms_of
from iamctl.policy.middle import denies, middle
from iamctl.policy.widened import SHORTEST, VERSION, Block, Fitted, fitted, without_facts, without_resources
from iamctl.text.late_dataclass import dataclass

MOST_CALLS = 2_000
"""A part with more calls is not mended: each try orders all of them."""
MOST_ROUNDS = 6
MOST_DROPPED = 8
"""So many extra calls are tried to do without: each time the part is ordered once more."""
MOST_TRANSITIONS = 50
"""Users of one plan who get a temporary policy; more of them are better served by two merges."""

_Blocks = tuple[Block, ...]


def mended(
    changes: Sequence[Change], holdings: Holdings, parts: Sequence[frozenset[int]], users: Mapping[str, str]
) -> Extra:
    """Return the further calls with which the stuck ``parts`` have a safe order, as far as they are found.

    ``users`` are those who may get a temporary policy, with their names as IAM spells them; none where nobody may.
    """
    found = NO_EXTRA
    for part in parts:
        left = MOST_TRANSITIONS - len(found.transitions)
        extra = _Part(changes, holdings, part, users, left).mended()
        found = found.joined(extra) if extra else found
    return found


@dataclass
class _Part:
    changes: Sequence[Change]
    holdings: Holdings
    only: Collection[int]
    users: Mapping[str, str]
    most_transitions: int
    _added: dict[str, _Blocks] = field(default_factory=dict)
    """User to what they would gain, which no Deny of either side holds back."""

    @cached_property
    def _former_names(self) -> Mapping[str, str]:
        """Return the old names of the users whom the plan renames."""
        users = ((change.before, change.after) for change in self.changes)
        return {
            str(new.address).lower(): old.name
            for old, new in users
            if isinstance(old, User) and isinstance(new, User) and old.address != new.address
        }

    def mended(self) -> Extra | None:
        nodes = self._nodes(NO_EXTRA)
        result = Search(nodes, self.holdings).order()
        for splits, transitions in ((True, False), (False, True), (True, True)):
            self._added = {}
            if (not transitions or self.users) and (
                found := self._tried(nodes, result, splits=splits, transitions=transitions)
            ):
                return self._fewest(found)
        return None

    def _fewest(self, extra: Extra) -> Extra:
        """Return the extra calls without those that are not needed beside the others."""
        extras: list[int | Transition] = [*extra.splits, *extra.transitions]
        for dropped in extras[:MOST_DROPPED]:
            fewer = extra.without(dropped)
            if fewer != NO_EXTRA and self._is_enough(fewer):
                extra = fewer
        return extra

    def _is_enough(self, extra: Extra) -> bool:
        nodes = self._nodes(extra)
        return len(Search(nodes, self.holdings).order().order) == len(nodes)

    def _nodes(self, extra: Extra) -> list[Node]:
        return nodes_of(self.changes, extra, self.only)

    def _tried(self, nodes: Sequence[Node], result: SearchResult, *, splits: bool, transitions: bool) -> Extra | None:
        extra = NO_EXTRA
        for _ in range(MOST_ROUNDS):
            more = Extra(
                {**extra.splits, **(dict(self._splits(nodes, result)) if splits else {})},
                self._transitions(extra, nodes, result) if transitions else (),
            )
            if more == extra or len(more.transitions) > self.most_transitions:
                return None
            extra, nodes = more, self._nodes(more)
            result = Search(nodes, self.holdings).order()
            if len(result.order) == len(nodes):
                return extra
        return None

    def _splits(self, nodes: Sequence[Node], result: SearchResult) -> Iterator[tuple[int, Document]]:
        """Yield the changes of documents that are stuck, each with the document in between."""
        for number in result.stuck:
            index = nodes[number].change
            change = self.changes[index] if index < len(self.changes) else None
            for effect in nodes[number].effects:
                if not isinstance(effect, DocumentChange) or not effect.before or not effect.after or not change:
                    continue
                between = middle(effect.before, effect.after)
                if between in (None, effect.before, effect.after) or not change.before or not change.after:
                    continue
                assert between is not None
                if any(change.before.split_steps(change.after, between)):
                    yield index, between

    def _transitions(self, extra: Extra, nodes: Sequence[Node], result: SearchResult) -> tuple[Transition, ...]:
        """Return the temporary policies for all who are stuck, together with those that there are."""
        known = {f"user/{one.user.lower()}": one for one in extra.transitions}
        stuck: dict[str, list[Blocked]] = {}
        for found in result.stuck.values():
            if _is_mendable(found.why) and found.who in self.users:
                stuck.setdefault(found.who, []).append(found.why)
        sides, arns, facts = self._sides(nodes), arns_of(nodes, self.holdings), _changed_facts(nodes)
        for person, reasons in sorted(stuck.items()):
            blocks = _held_back(person, sides, facts[person])
            added = self._added.get(person, ())
            # the Denies that move are mostly enough; what is still stuck with them needs more
            for why in reasons if person in known else reasons[-1:]:
                if not blocks or person in known or isinstance(why, GainByTags | Reaches):
                    fresh = _against(why, arns, (*blocks, *added), facts[person])
                    self._added[person] = (*self._added.get(person, ()), *fresh)
            if transition := self._transition(person, (*blocks, *self._added.get(person, ()))):
                known[person] = transition
        return tuple(known[person] for person in sorted(known))

    def _sides(self, nodes: Sequence[Node]) -> tuple[World, World]:
        before, after = (World(self.holdings, StatementSets()) for _ in range(2))
        after.run(effect for node in nodes if node.change < len(self.changes) for effect in node.effects)
        return before, after

    def _transition(self, person: str, blocks: _Blocks) -> Transition | None:
        own = [policy for policy in self.holdings.held.get(person, ()) if policy.startswith("user-inline-policy/")]
        sizes = (found.size for policy in own if (found := self.holdings.documents.get(policy)))
        fit = _fit(blocks, MAX_SIZE - sum(sizes)) if blocks else None
        if fit is None:
            return None
        names = {policy.rpartition("/")[2] for policy in own}
        choices = (TRANSITION, *(f"{TRANSITION}-{number}" for number in range(2, len(names) + 3)))
        name = next(name for name in choices if name not in names)
        return Transition(self.users[person], name, fit, self._former_names.get(person))


def _is_mendable(why: Blocked) -> bool:
    """Tell whether a temporary Deny may help: not against quotas, missing devices or too few administrators."""
    return isinstance(why, Gain | GainByTags | Reaches | DenyMissing | Unguarded)


def _fit(blocks: _Blocks, room: int) -> Fitted | None:
    """Return a document that fits, and leaves room for another Deny of everything, which the next run may need."""
    return fitted(blocks, room - SHORTEST) or fitted(blocks, room)


def _changed_facts(nodes: Sequence[Node]) -> Mapping[str, frozenset[str]]:
    """Return the condition keys of each person that a plan changes."""
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for node in nodes:
        for change in node.effects:
            if isinstance(change, PrincipalFactChange):
                found[change.person] |= change.keys
    return found


def _held_back(person: str, sides: tuple[World, World], facts: Collection[str]) -> _Blocks:
    """Return the Denies that somebody has before or after, but for those that are in force all the time.

    None of them looks at the ``facts`` that the plan changes: it is to mean the same until it is removed.
    """
    before, after = ({*_documents(person, side)} for side in sides)
    moved = sorted(before ^ after, key=lambda found: (found[0], found[1], found[2].text if found[2] else ""))
    found = [(document, block) for _, _, document in moved if document for block in denies(document)]
    return tuple(without_facts(block) if _looks_at(document, block, facts) else block for document, block in found)


def _looks_at(document: Document, block: Block, facts: Collection[str]) -> bool:
    """Tell whether a Deny of a document decides by some of these facts, or cannot stand in a newer version as it is."""
    version = document.normalized.version if document.normalized else ""
    if version != VERSION and "${" in document.text:
        return True
    statements = atoms_of(Document.from_data({"Version": version, "Statement": [block]})) if facts else ()
    return any(knows(statement, key) for statement in statements for key in facts)


def _documents(person: str, world: World) -> Iterator[tuple[str, str, Document | None]]:
    for holder in (person, *world.groups[person]):
        for policy in world.held[holder]:
            yield holder, policy, world.documents.get(policy)
    if boundary := world.boundaries.get(person):
        yield "boundary", boundary, world.documents.get(boundary)


def _against(why: Blocked, arns: Mapping[str, Collection[str]], known: _Blocks, facts: Iterable[str]) -> _Blocks:
    """Return the Deny of what somebody would gain or miss; a wider one where that is among the ``known``."""
    if not isinstance(why, Gain | GainByTags | Reaches | DenyMissing):
        return ()
    statement = plain(why.statement)
    if statement.opaque is not None or "" in {key for _, key, _ in statement.condition}:
        return ()
    if isinstance(why, Gain | DenyMissing):
        exact = _deny(statement)
        is_known = exact in known or any(knows(statement, key) for key in facts)
        return (without_facts(exact) if is_known else exact,)
    about = sorted(arn for arn in arns.get(why.target, ()) if "*" not in arn)
    resources = frozenset(about or {"*"})
    exact = _deny(Atom("Deny", statement.actions, resources, negated_action=statement.negated_action))
    return (without_resources(exact) if exact in known else exact,)


def _deny(statement: Atom) -> Block:
    condition: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in sorted(statement.condition, key=str):
        condition.setdefault(operator, {})[key] = sorted(values)
    return {
        "Effect": "Deny",
        "NotAction" if statement.negated_action else "Action": sorted(statement.actions),
        "NotResource" if statement.negated_resource else "Resource": sorted(statement.resources),
        **({"Condition": condition} if condition else {}),
    }
