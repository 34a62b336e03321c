"""Whether somebody comes, on the way, to more by what is not theirs: tags of others, or a group that they may fill.

A statement may look at the tags of the user or policy that a request is about. And a right may be worth more or less,
as what it is about changes: the right to add members to a group, to make keys for a user, to write a policy. The pair
of the right and of what it is worth is then judged as one, on the same side of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from iamctl.access.on_target import Tags, looks_at_arns, looks_at_tags, on_target, tags_known
from iamctl.access.powers import is_power_over, powers
from iamctl.access.statement_sets import StatementSets, bits
from iamctl.model.access_change import ARN, AccessChange, ResourceFactChange
from iamctl.model.blocked import Blocked, Gain, GainByTags, Objection, Reaches
from iamctl.order.safety import Safety
from iamctl.order.watched import Reach, Watched, changed_targets, documents, policies_of, worth
from iamctl.order.world import View, World
from iamctl.policy import Atom
from iamctl.policy.pattern import ANY
from iamctl.text.late_dataclass import dataclass

NOBODY = View(exists=False)
EVERYTHING = Atom("Allow", opaque="everything")
"""What somebody may do who can write a policy that reaches them."""
_UNKNOWN = frozenset({ANY})


@dataclass
class Side:
    """What people may do before or after a plan, and what their rights are worth then."""

    views: Mapping[str, View]
    tags: Mapping[str, Tags]
    worth: Mapping[tuple[str, Reach], View]

    @classmethod
    def of(cls, world: World, watched: Watched, everything: int) -> Side:
        """Return the side that a world shows."""
        found = {
            (person, reach): worth(world, person, reach, everything)
            for person, reaches in watched.reaching.items()
            for reach in reaches
        }
        return cls({person: world.view(person) for person in watched.people}, dict(world.tags), found)


@dataclass
class Consequences:
    """Judges one state on the way."""

    safety: Safety
    watched: Watched = field(default_factory=Watched)
    sides: tuple[Side, ...] = ()
    everything: int = 0
    _about: dict[tuple[str, str], list[Reach]] = field(default_factory=dict)
    """Person and target to the rights."""
    _seen: dict[tuple[int, str, Tags], int] = field(default_factory=dict)
    _looking: int = 0
    _checked: int = 0
    _is_renaming: bool = False

    def __post_init__(self) -> None:
        self._is_renaming = any(tag == ARN for tags in self.watched.tags.values() for tag, _ in tags)
        for person, reaches in self.watched.reaching.items():
            for reach in reaches:
                self._about.setdefault((person, reach.target), []).append(reach)

    def objection(self, world: World, effects: Iterable[AccessChange], people: Mapping[str, View]) -> Objection | None:
        """Return who would come to more once the effects have run; ``people`` are seen as they were before."""
        if not self.sides:
            return None
        changes = list(effects)
        tagged = {change.resource.lower() for change in changes if isinstance(change, ResourceFactChange)}
        places = sorted(world.places(changes) | tagged | people.keys())
        for person in sorted(self.watched.people.intersection(people)):
            now = world.view(person)
            is_changed = now != people[person]
            for name in self.watched.looking.get(person, ()):
                if (is_changed or name in tagged) and (why := self._by_tags(person, name, world, now)):
                    return Objection(person, why)
            for reach in self._reaches(person, None if is_changed else places):
                if why := self._by_reach(person, reach, world, now):
                    return Objection(person, why)
        return None

    def _reaches(self, person: str, places: Collection[str] | None) -> Iterable[Reach]:
        """Return what somebody could reach, only what is about ``places`` where these are given."""
        if places is None:
            return self.watched.reaching.get(person, ())
        return (reach for place in places for reach in self._about.get((person, place), ()))

    def _by_tags(self, person: str, name: str, world: World, now: View) -> Blocked | None:
        views = [self._on(side.views[person], name, side.tags[name]) for side in self.sides]
        found = self.safety.objection(views[0], views[1], self._on(now, name, world.tags[name]))
        return GainByTags(found.statement, name) if isinstance(found, Gain) else found

    def _on(self, view: View, name: str, tags: Tags) -> View:
        """Return what a view decides of requests about one target."""
        return view._replace(
            allow=self._bits_on(view.allow, name, tags),
            deny=self._bits_on(view.deny, name, tags),
            bound=None if view.bound is None else self._bits_on(view.bound, name, tags),
        )

    def _bits_on(self, statements: int, name: str, tags: Tags) -> int:
        looking = statements & self._that_look()
        found = statements & ~looking
        for number in bits(looking):
            key = (number, name, tags)
            if key not in self._seen:
                self._seen[key] = self._bit_on(number, name, tags)
            found |= self._seen[key]
        return found

    def _bit_on(self, number: int, name: str, tags: Tags) -> int:
        statement = self.safety.sets.atoms[number]
        known = frozenset(tags_known(statement, (tag for tag, _ in tags)))
        if not known:
            return 1 << number
        seen = on_target(
            statement, self.watched.targets[name], tuple((tag, value) for tag, value in tags if tag in known)
        )
        return self.safety.sets.bit(seen) if seen else 0

    def _that_look(self) -> int:
        atoms = self.safety.sets.atoms
        while self._checked < len(atoms):
            atom = atoms[self._checked]
            looks = looks_at_tags(atom) or (self._is_renaming and looks_at_arns(atom))
            self._looking |= looks << self._checked
            self._checked += 1
        return self._looking

    def _by_reach(self, person: str, reach: Reach, world: World, now: View) -> Reaches | None:
        right, views, name = 1 << reach.right, [side.views[person] for side in self.sides], reach.target
        if name in self.watched.targets:
            right, now = self._bits_on(right, name, world.tags[name]), self._on(now, name, world.tags[name])
            views = [self._on(view, name, side.tags[name]) for view, side in zip(views, self.sides, strict=True)]
        if not right or not self.safety.is_effective(now, right):
            return None
        value = worth(world, person, reach, self.everything)
        for side, view in zip(self.sides, views, strict=True):
            is_within = value == side.worth[person, reach] or self.safety.is_within(side.worth[person, reach], value)
            if is_within and self.safety.proves(view, now, right):
                return None
        return Reaches(self.safety.sets.atoms[reach.right], reach.target)


def reaching_people(
    sets: StatementSets,
    sides: tuple[Mapping[str, View], Mapping[str, View]],
    joined: World,
    effects: Sequence[AccessChange],
    arns: Mapping[str, frozenset[str]],
    looking: Mapping[str, tuple[str, ...]],
) -> Mapping[str, tuple[Reach, ...]]:
    """Return what people could reach by rights that a plan gives or takes, where it also changes what these are worth.

    A right that somebody keeps may be given or taken, too: by the tags of those at which they are ``looking``.
    """
    people = {
        person: looking.get(person, ()) for person in sorted(sides[0]) if person in looking or _moves(person, sides)
    }
    held = _allowed(sets, {policy for person in people for policy in policies_of(person, joined)}, joined, effects)
    allows = 0
    for allow in held.values():
        allows |= allow
    known = {number: good for number in bits(allows) if (good := powers(sets.atoms[number]))}
    rights = sum(1 << number for number in known)
    if not known:
        return {}
    targets = changed_targets(effects, joined)
    found: dict[str, tuple[Reach, ...]] = {}
    for person, tagged in people.items():
        keeps = not _moves(person, sides)
        reaches = []
        for number in bits(rights & _at_any_moment(person, joined, held)):
            reaches += [
                Reach(number, power, target)
                for power in sorted(known[number], key=lambda power: power.name)
                for target in sorted(targets[power])
                if target != person
                and (not keeps or target in tagged)
                and is_power_over(sets.atoms[number], power, person, arns.get(target, _UNKNOWN))
            ]
        if reaches:
            found[person] = tuple(reaches)
    return found


def _moves(person: str, sides: tuple[Mapping[str, View], Mapping[str, View]]) -> bool:
    """Tell whether a plan changes the statements of a person."""
    before, after = sides[0][person], sides[1].get(person, NOBODY)
    return (before.allow, before.deny, before.bound) != (after.allow, after.deny, after.bound)


def _allowed(
    sets: StatementSets, policies: Collection[str], joined: World, effects: Sequence[AccessChange]
) -> Mapping[str, int]:
    """Return the Allows of all documents that each of these policies has at any moment."""
    held: defaultdict[str, int] = defaultdict(int)
    for policy, document in documents(joined, effects):
        if policy in policies:
            held[policy] |= sets.of(document).allow
    return held


def _at_any_moment(person: str, joined: World, held: Mapping[str, int]) -> int:
    """Return the Allows that somebody may have on the way, also of documents that they have neither before nor after."""
    found = 0
    for policy in policies_of(person, joined):
        found |= held.get(policy, 0)
    return found
