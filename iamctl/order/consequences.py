"""Whether somebody comes, on the way, to more by what is not theirs: tags of others, or a group that they may fill.

A statement may look at the tags of the user or policy that a request is about. And a right may be worth more or less,
as what it is about changes: the right to add members to a group, to make keys for a user, to write a policy. The pair
of the right and of what it is worth is then judged as one, on the same side of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iamctl.access.on_target import Tags, looks_at_tags, on_target, tags_known
from iamctl.access.powers import is_power_over, powers
from iamctl.access.statement_sets import StatementSets, bits
from iamctl.model.access_change import AccessChange, ResourceTagChange
from iamctl.model.blocked import Blocked, Gain, GainByTags, Objection, Reaches
from iamctl.order.safety import Safety
from iamctl.order.watched import Reach, Watched, changed_targets, worth
from iamctl.order.world import View, World
from iamctl.policy import Atom
from iamctl.policy.pattern import ANY

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
    _seen: dict[tuple[int, str, Tags], int] = field(default_factory=dict)
    _looking: int = 0
    _checked: int = 0

    def objection(self, world: World, effects: Iterable[AccessChange], people: Mapping[str, View]) -> Objection | None:
        """Return who would come to more once the effects have run; ``people`` are seen as they were before."""
        if not self.sides:
            return None
        changes = list(effects)
        tagged = {change.resource.lower() for change in changes if isinstance(change, ResourceTagChange)}
        for person in sorted(self.watched.people.intersection(people)):
            now = world.view(person)
            is_changed = now != people[person]
            for name in self.watched.looking.get(person, ()):
                if (is_changed or name in tagged) and (why := self._by_tags(person, name, world, now)):
                    return Objection(person, why)
            for reach in self.watched.reaching.get(person, ()):
                if why := self._by_reach(person, reach, world, now):
                    return Objection(person, why)
        return None

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
            self._looking |= looks_at_tags(atoms[self._checked]) << self._checked
            self._checked += 1
        return self._looking

    def _by_reach(self, person: str, reach: Reach, world: World, now: View) -> Reaches | None:
        right = 1 << reach.right
        if not self.safety.is_effective(now, right):
            return None
        value = worth(world, person, reach, self.everything)
        for side in self.sides:
            is_within = value == side.worth[person, reach] or self.safety.is_within(side.worth[person, reach], value)
            if is_within and self.safety.proves(side.views[person], now, right):
                return None
        return Reaches(self.safety.sets.atoms[reach.right], reach.target)


def reaching_people(
    sets: StatementSets,
    sides: tuple[Mapping[str, View], Mapping[str, View]],
    joined: World,
    effects: Iterable[AccessChange],
    arns: Mapping[str, frozenset[str]],
) -> Mapping[str, tuple[Reach, ...]]:
    """Return what people could reach by rights that a plan gives or takes, where it also changes what these are worth."""
    targets = changed_targets(effects, joined)
    known = {number: good for number, atom in enumerate(sets.atoms) if (good := powers(atom))}
    rights = sum(1 << number for number in known)
    found: dict[str, tuple[Reach, ...]] = {}
    for person in sorted(sides[0]):
        before, after = sides[0][person], sides[1].get(person, NOBODY)
        if (before.allow, before.deny, before.bound) == (after.allow, after.deny, after.bound):
            continue
        reaches = []
        for number in bits((before.allow | after.allow) & rights):
            reaches += [
                Reach(number, power, target)
                for power in sorted(known[number], key=lambda power: power.name)
                for target in sorted(targets[power])
                if target != person and is_power_over(sets.atoms[number], power, person, arns.get(target, _UNKNOWN))
            ]
        if reaches:
            found[person] = tuple(reaches)
    return found
