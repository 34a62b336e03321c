"""Who must be looked at while a plan changes something that is not theirs: the tags of others, and what they could reach."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import NamedTuple

from iamctl.access.on_target import Tags, Target, looks_at_arns, looks_at_tags, tags_known, tells_apart
from iamctl.access.powers import Power
from iamctl.model.access_change import (
    ARN,
    AccessChange,
    AttachmentChange,
    BoundaryChange,
    DocumentChange,
    MembershipChange,
    ResourceFactChange,
)
from iamctl.order.direction import Direction
from iamctl.order.graph import Node
from iamctl.order.world import Holdings, View, Watchers, World, policy_key
from iamctl.policy import Document, atoms_of
from iamctl.text.late_dataclass import dataclass

_WRITING = frozenset({Power.WRITE_GROUP, Power.WRITE_POLICY})
_MAKING = frozenset({"CreateUser", "UpdateUser", "CreateGroup", "UpdateGroup"})


class Reach(NamedTuple):
    """A right of somebody over something whose worth a plan changes."""

    right: int
    """The number of the statement."""
    power: Power
    target: str
    """A group, a user, a role or a policy."""


@dataclass(frozen=True)
class Watched:
    """What each person depends on beside their own statements."""

    targets: Mapping[str, Target] = field(default_factory=dict)
    """Those whose tags change."""
    tags: Mapping[str, Tags] = field(default_factory=dict)
    """Target to those of its tags that change, before the plan."""
    looking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Person to the targets at whose tags their statements look."""
    reaching: Mapping[str, tuple[Reach, ...]] = field(default_factory=dict)
    """Person to what they could reach."""

    @property
    def people(self) -> frozenset[str]:
        """All who depend on something."""
        return frozenset(self.looking) | frozenset(self.reaching)

    def watchers(self) -> Watchers:
        """Return who depends on what."""
        tags, content = defaultdict(set), defaultdict(set)
        for person, names in self.looking.items():
            for name in names:
                tags[name].add(person)
        for person, reaches in self.reaching.items():
            for reach in reaches:
                content[reach.target].add(person)
                if reach.target in self.targets:  # a right may depend on the tags of what it is about
                    tags[reach.target].add(person)
        return Watchers(dict(tags), dict(content))


def turning_calls(
    nodes: Iterable[Node], directions: Mapping[int, Direction], watched: Watched, joined: World
) -> Mapping[int, frozenset[str]]:
    """Return calls that restrain or widen, each with those for whom it also does the opposite.

    They could write into the group or policy that the call brings to them, or takes away from them.
    """
    writers: defaultdict[str, set[str]] = defaultdict(set)
    for person, reaches in watched.reaching.items():
        for reach in reaches:
            if reach.power in _WRITING:
                writers[reach.target].add(person)
    found: dict[int, frozenset[str]] = {}
    for node in nodes if writers else ():
        if directions[node.number] in (Direction.RESTRAINS, Direction.WIDENS):
            brings = directions[node.number] is Direction.RESTRAINS
            moved = (_moved(change, joined, brings=brings) for change in node.effects)
            turned = [people & writers[target] for people, targets in moved for target in targets & writers.keys()]
            if any(turned):
                found[node.number] = frozenset().union(*turned)
    return found


def _moved(change: AccessChange, joined: World, *, brings: bool) -> tuple[AbstractSet[str], set[str]]:
    """Return to whom a call brings groups and policies, or from whom it takes them, and which."""
    match change:
        case MembershipChange(person=person, group_key=group, after=after) if after is brings:
            return {person}, {group, *joined.held[group]}
        case AttachmentChange(holder=holder, policy=policy, after=after) if after is brings:
            return joined.persons(holder), {policy_key(policy)}
        case BoundaryChange(person=person, before=before, after=after):
            bound = after if brings else before
            return {person}, {policy_key(bound)} if bound else set()
        case _:
            return set(), set()


def arns_of(nodes: Iterable[Node], holdings: Holdings) -> Mapping[str, frozenset[str]]:
    """Return the ARNs that users, groups and policies have while a plan runs, with wildcards for what is not known."""
    found = defaultdict(frozenset[str], holdings.arns)
    for node in nodes:
        if node.step.operation in _MAKING:
            found[str(node.address).lower()] |= {f"arn:*:iam::*:{node.address.kind}/*{node.address.name}"}
        for change in node.effects:
            match change:
                case DocumentChange(policy=policy) if policy.startswith("arn:"):
                    found[policy_key(policy)] = frozenset({policy})
                case ResourceFactChange(resource=resource, before=before, after=after):
                    arns = (holdings.prefix + value for key, value in (*before, *after) if key == ARN and value)
                    found[resource.lower()] |= frozenset(arns)
                case _:
                    pass
    return found


@dataclass(frozen=True)
class Looking:
    """Whose statements look at the tags of which targets whose tags a plan changes."""

    people: Mapping[str, tuple[str, ...]]
    tags: Mapping[str, Tags]
    """Target to those of its tags that change, before the plan."""
    calls: Counter[str]
    """Target to the number of calls that change its tags."""

    def by_order(self, moving: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Return whose access depends on the order of calls.

        Who is not ``moving`` has the same statements all the time, so that a single call about a target leaves them
        with what they have before or after.
        """
        found = {
            person: tuple(name for name in names if self.calls[name] > 1 or person in moving)
            for person, names in self.people.items()
        }
        return {person: names for person, names in found.items() if names}


def looking_people(nodes: Sequence[Node], joined: World, prefix: str) -> Looking:
    """Return who looks at tags or ARNs that a plan changes; ``joined`` holds all that is held at any moment.

    ``prefix`` is what ARNs begin with.
    """
    effects = [change for node in nodes for change in node.effects]
    changes = [change for change in effects if isinstance(change, ResourceFactChange)]
    start: defaultdict[str, dict[str, str | None]] = defaultdict(dict)
    for change in changes:
        for key, value in change.before:
            start[change.resource.lower()].setdefault(key, value)
    calls = Counter(change.resource.lower() for change in changes)
    found: defaultdict[str, set[str]] = defaultdict(set)
    known = frozenset(key for tags in start.values() for key in tags if key != ARN)
    for person, keys in _keys(documents(joined, effects), joined, known).items() if known else ():
        found[person] |= {name for name in start if not keys.isdisjoint(start[name])}
    for person, name in _by_names(documents(joined, effects), joined, changes, prefix):
        found[person].add(name)
    looking = {person: tuple(sorted(names)) for person, names in sorted(found.items()) if names}
    return Looking(looking, {name: tuple(sorted(tags.items())) for name, tags in start.items()}, calls)


def documents(joined: World, effects: Iterable[AccessChange]) -> Iterable[tuple[str, Document]]:
    """Yield each policy with its documents, all that are in force at any moment."""
    yield from ((policy, document) for policy, document in joined.documents.items() if document)
    for change in effects:
        if isinstance(change, DocumentChange):
            yield from ((policy_key(change.policy), found) for found in (change.before, change.after) if found)


def policies_of(person: str, joined: World) -> Iterator[str]:
    """Yield the policies that somebody may hold on the way; ``joined`` holds all that is held at any moment."""
    for holder in (person, *joined.groups[person]):
        yield from joined.held[holder]


def _keys(
    found_in: Iterable[tuple[str, Document]], joined: World, tags: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Return the people whose statements look at some of these tags of what a request is about, and at which."""
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for policy, document in found_in:
        if "resourcetag/" not in document.text.lower():
            continue
        known = frozenset(key for atom in atoms_of(document) if looks_at_tags(atom) for key in tags_known(atom, tags))
        for person in joined.people_of(policy) if known else ():
            found[person] |= known
    return found


def _by_names(
    found_in: Iterable[tuple[str, Document]], joined: World, changes: Iterable[ResourceFactChange], prefix: str
) -> Iterator[tuple[str, str]]:
    """Yield the people whose statements tell the old and new ARN of somebody else apart, each with whose ARN it is.

    Statements of those who are renamed themselves are others once a fact of the caller has changed.
    """
    arns = [
        (change.resource.lower(), prefix + old, prefix + new)
        for change in changes
        for key, old in change.before
        if key == ARN and old and (new := dict(change.after)[ARN])
    ]
    for policy, document in found_in if arns else ():
        atoms = [atom for atom in atoms_of(document) if looks_at_arns(atom)]
        if not atoms:
            continue
        people = joined.people_of(policy)
        for name, old, new in arns if people else ():
            if any(tells_apart(atom, old, new) for atom in atoms):
                yield from ((person, name) for person in people if person != name)


def changed_targets(effects: Iterable[AccessChange], joined: World) -> Mapping[Power, frozenset[str]]:
    """Return the groups, people and policies of which a plan may change what they are worth to somebody.

    An inline policy is none of them: no right is about it, but about the group or user whose policy it is.
    """
    groups, policies, acted, people = set[str](), set[str](), set[str](), set[str]()
    for change in effects:
        people |= joined.touched([change])
        match change:
            case AttachmentChange(holder=holder, policy=policy):
                groups |= {holder.lower()} if holder.startswith("group/") else set()
                acted.add(policy_key(policy))
            case DocumentChange(policy=policy):
                key = policy_key(policy)
                policies.add(key)
                groups |= {holder for holder in joined.holders[key] if holder.startswith("group/")}
            case MembershipChange(group_key=group):
                acted.add(group)
            case _:
                pass
    moved = frozenset(group for group in acted if group.startswith("group/"))
    reaching = {policy for group in moved for policy in joined.held[group]} | (acted - moved)
    return {
        Power.JOIN: frozenset(groups),
        Power.ACT: frozenset(people),
        Power.ATTACH: frozenset(filter(_is_managed, policies)),
        Power.WRITE_GROUP: moved,
        Power.WRITE_POLICY: frozenset(filter(_is_managed, reaching)),
    }


def _is_managed(policy: str) -> bool:
    return policy.startswith("arn:")


def worth(world: World, person: str, reach: Reach, everything: int) -> View:
    """Return what a right over something is worth to a person now, if they use it; ``everything`` is an Allow of all."""
    target = reach.target
    match reach.power:
        case Power.JOIN:
            grants = world.grants(target) if person not in world.members[target] else None
        case Power.ACT:
            return world.view(target)
        case Power.ATTACH:
            grants = world.document_grants(target) if world.documents.get(target) else None
        case Power.WRITE_GROUP:
            return View(allow=everything if person in world.members[target] else 0)
        case Power.WRITE_POLICY:
            return View(allow=everything if person in world.people_of(target) else 0)
    return View(allow=grants.allow, deny=grants.deny) if grants else View()
