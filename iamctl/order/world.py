"""Who holds what while the calls of a plan run: a simulation that effects change and undo."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from iamctl.access.on_target import Tags
from iamctl.access.rebound import knows, rebind
from iamctl.access.statement_sets import Grants, StatementSets, bits
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
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

GROUPS_PER_USER = 10
POLICIES_PER_GROUP = 10
"""Defaults of quotas. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


@dataclass(frozen=True)
class Holdings:
    """The account as far as access goes. Users, roles and groups are named as ``user/alice``, in lower case."""

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Group to its users."""
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Group, user or role to the policies that it holds."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """Policy to its document in force; a policy that is held and not here is unknown."""
    boundaries: Mapping[str, str] = field(default_factory=dict)
    """User or role to the policy that bounds it."""
    people: frozenset[str] = frozenset()
    """The users and roles that exist."""
    without_login: frozenset[str] = frozenset()
    """Those who certainly have no password."""
    devices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """User to the MFA devices that are known."""
    active_keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """User to the ids of the active access keys that are known."""
    spelling: Mapping[str, str] = field(default_factory=dict)
    """ARN in lower case to how IAM spells it."""
    arns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """User, group, role or policy to its ARNs; with wildcards where part of one is not known."""
    prefix: str = "arn:*:iam::*:"
    """What the ARNs of users and groups begin with."""
    groups_per_user: int = GROUPS_PER_USER
    policies_per_group: int = POLICIES_PER_GROUP

    @once
    def groups(self) -> Mapping[str, frozenset[str]]:
        """User to their groups."""
        return _inverted(self.members)

    @once
    def holders(self) -> Mapping[str, frozenset[str]]:
        """Policy to the groups, users and roles that hold it."""
        return _inverted(self.held)

    @once
    def bounded(self) -> Mapping[str, frozenset[str]]:
        """Policy to the users and roles that it bounds."""
        return _inverted({person: (policy,) for person, policy in self.boundaries.items()})

    @once
    def logins(self) -> frozenset[str]:
        """The users who may have a password."""
        return frozenset(name for name in self.people if name.startswith("user/")) - self.without_login


class View(NamedTuple):
    """What one person may do, by statements: ``bound`` is None without a boundary, ``device`` an active MFA device."""

    allow: int = 0
    deny: int = 0
    bound: int | None = None
    login: bool = False
    device: bool = False
    exists: bool = True


@dataclass(frozen=True)
class Watchers:
    """Who depends on what is not theirs: on the tags of a user or policy, or on what it, or a group, gives."""

    tags: Mapping[str, set[str]] = field(default_factory=dict)
    content: Mapping[str, set[str]] = field(default_factory=dict)


_Sets = defaultdict[str, set[str] | frozenset[str]]
"""Sets by name: those of the live account are shared by all worlds, until one of them changes its own."""


class World:
    """The simulated account."""

    def __init__(self, holdings: Holdings, sets: StatementSets, watchers: Watchers | None = None) -> None:
        self.sets = sets
        self.watch(watchers or Watchers())
        self.tags: dict[str, Tags] = {}
        """Target to those of its tags that have changed."""
        self.members: _Sets = defaultdict(set, holdings.members)
        self.groups: _Sets = defaultdict(set, holdings.groups)
        self.held: _Sets = defaultdict(set, holdings.held)
        self.holders: _Sets = defaultdict(set, holdings.holders)
        self.documents: dict[str, Document | None] = dict(holdings.documents)
        self.boundaries: dict[str, str | None] = dict(holdings.boundaries)
        self.bounded: _Sets = defaultdict(set, holdings.bounded)
        self.people = set(holdings.people)
        self.logins = set(holdings.logins)
        self.between: set[str] = set()
        """Those whose old password is gone and whose new one comes next."""
        self.devices: _Sets = defaultdict(set, holdings.devices)
        self.active_keys: _Sets = defaultdict(set, holdings.active_keys)
        self.fact_changes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._views: dict[str, View] = {}
        self._holder_grants: dict[str, Grants] = {}

    def watch(self, watchers: Watchers) -> None:
        """Count these from now on among those whom effects touch."""
        self._watchers = watchers
        self.is_watched = bool(watchers.content or watchers.tags)
        """Whether anybody depends on what is not theirs."""

    def view(self, person: str) -> View:
        """Return what a person may do now."""
        found = self._views.get(person)
        if found is None:
            found = self._views[person] = self._look(person)
        return found

    def views(self, people: Iterable[str]) -> dict[str, View]:
        """Return what each of these people may do now."""
        known, found = self._views, dict[str, View]()
        for person in people:
            view = known.get(person)
            if view is None:
                view = known[person] = self._look(person)
            found[person] = view
        return found

    def touched(self, effects: Iterable[AccessChange]) -> set[str]:
        """Return whose view the effects may change, as things are now, and who depends on what these people have."""
        watchers, found, watching = self._watchers, set[str](), set[str]()
        for change in effects:
            match change:
                case MembershipChange(person=person):
                    found.add(person)
                case AttachmentChange(holder=holder):
                    found |= self.persons(holder)
                case DocumentChange(policy=policy):
                    found |= self.people_of(policy_key(policy))
                case ResourceFactChange(resource=resource):
                    watching |= watchers.tags.get(resource.lower(), set())
                case _:
                    found.add(change.person)
        if watchers.content:
            for target in found | self.places(effects):
                watching |= watchers.content.get(target, set())
        return found | watching if watching else found

    def people_of(self, policy: str) -> set[str]:
        """Return who holds a policy, also by a group, or is bounded by it."""
        return set[str]().union(self.bounded[policy], *(self.persons(holder) for holder in self.holders[policy]))

    def places(self, effects: Iterable[AccessChange]) -> set[str]:
        """Return the groups and policies whose content or members the effects name or change."""
        found: set[str] = set()
        for change in effects:
            match change:
                case MembershipChange(group_key=group):
                    found.add(group)
                case AttachmentChange(holder=holder, policy=policy):
                    found |= {holder.lower(), policy_key(policy)}
                case DocumentChange(policy=policy):
                    found.add(policy_key(policy))
                    found |= self.holders[policy_key(policy)]
                case _:
                    pass
        return found

    def changed_places(self, effects: Iterable[AccessChange]) -> set[str]:
        """Return the groups and policies whose content the effects change; members are no content."""
        return self.places(change for change in effects if not isinstance(change, MembershipChange))

    def run(self, effects: Iterable[AccessChange]) -> None:
        """Carry effects out."""
        for change in effects:
            self._run(change)

    def forget(self, people: Iterable[str]) -> None:
        """Look again at these people when asked the next time."""
        for person in people:
            self._views.pop(person, None)

    def peek(self, person: str, effects: Sequence[AccessChange], undoing: Iterable[AccessChange]) -> View:
        """Return what a person may do once the effects have run, and leave none of them."""
        if len(effects) == 1 and (more := self._added_to(person, effects[0])):
            view = self.view(person)
            return View(view.allow | more.allow, view.deny | more.deny, *view[2:])
        self.run(effects)
        found = self._look(person)
        self.run(undoing)
        return found

    def undo(self, undoing: Iterable[AccessChange], seen: Mapping[str, View]) -> None:
        """Take effects back that ran last, after which people are seen as before."""
        self.run(undoing)
        self._views.update(seen)

    def _run(self, change: AccessChange) -> None:
        match change:
            case MembershipChange(person=person, group_key=group, after=after):
                _put(_own(self.members, group), person, inside=after)
                _put(_own(self.groups, person), group, inside=after)
            case AttachmentChange(holder=holder, policy=policy, after=after):
                _put(_own(self.held, holder.lower()), policy_key(policy), inside=after)
                _put(_own(self.holders, policy_key(policy)), holder.lower(), inside=after)
                self._holder_grants.pop(holder.lower(), None)
            case DocumentChange(policy=policy, after=document):
                self.documents[policy_key(policy)] = document
                for holder in self.holders[policy_key(policy)]:
                    self._holder_grants.pop(holder, None)
            case BoundaryChange(person=person, before=before, after=after_policy):
                if before:
                    _own(self.bounded, policy_key(before)).discard(person)
                if after_policy:
                    _own(self.bounded, policy_key(after_policy)).add(person)
                self.boundaries[person] = policy_key(after_policy) if after_policy else None
            case ExistenceChange(person=person, after=after):
                _put(self.people, person, inside=after)
            case LoginChange(person=person, after=after, again=again):
                _put(self.logins, person, inside=after)
                _put(self.between, person, inside=again and not after)
            case DeviceChange(person=person, serial=serial, after=after):
                _put(_own(self.devices, person), serial, inside=after)
            case KeyChange(person=person, key_id=key_id, after=after):
                _put(_own(self.active_keys, person), key_id, inside=after)
            case ResourceFactChange(resource=resource, after=values):
                name = resource.lower()
                self.tags[name] = tuple(sorted({**dict(self.tags.get(name, ())), **dict(values)}.items()))
            case PrincipalFactChange(person=person, keys=keys, count=count):
                for key in keys:
                    self.fact_changes[person][key] += count

    def inline_size(self, group: str) -> int:
        """Return the characters of all inline documents of a group, without white space."""
        found = (self.documents.get(policy) for policy in self.held[group] if policy.startswith("group-inline-policy/"))
        return sum(document.size for document in found if document)

    def managed_count(self, group: str) -> int:
        """Return how many managed policies are attached to a group, without inline ones."""
        return sum(not policy.startswith("group-inline-policy/") for policy in self.held[group])

    def grants(self, holder: str) -> Grants:
        """Return the statements of all that a group, a user or a role holds itself."""
        found = self._holder_grants.get(holder)
        if found is None:
            allow = deny = 0
            for policy in sorted(self.held[holder]):
                grants = self.document_grants(policy)
                allow |= grants.allow
                deny |= grants.deny
            found = self._holder_grants[holder] = Grants(allow, deny)
        return found

    def document_grants(self, policy: str) -> Grants:
        """Return the statements of a policy; for a document that is not known, those of an unknown one."""
        document = self.documents.get(policy)
        return self.sets.unknown(policy) if document is None else self.sets.of(document)

    def _added_to(self, person: str, change: AccessChange) -> Grants | None:
        """Return the statements that one more group or policy adds to those of a person; None where more changes."""
        if person not in self.people or self.fact_changes.get(person):
            return None
        match change:
            case MembershipChange(person=user, group_key=group, after=True) if user == person:
                return self.grants(group)
            case AttachmentChange(holder=holder, policy=policy, after=True) if person in self.persons(holder):
                return self.document_grants(policy_key(policy))
            case _:
                return None

    def persons(self, holder: str) -> set[str] | frozenset[str]:
        """Return the members of a group, or the user or role itself."""
        return self.members[holder.lower()] if holder.startswith("group/") else {holder.lower()}

    def _look(self, person: str) -> View:
        if person not in self.people:
            return View(exists=False)
        known, groups = self._holder_grants, self.groups[person]
        allow = deny = 0
        for holder in (person, *groups):
            grants = known.get(holder)
            if grants is None:
                for one in (person, *sorted(groups)):  # statements get their numbers in this order
                    self.grants(one)
                grants = known[holder]
            allow |= grants[0]
            deny |= grants[1]
        boundary = self.boundaries.get(person)
        bound = self.document_grants(boundary) if boundary else None
        view = View(
            allow,
            deny | bound.deny if bound else deny,
            bound.allow if bound else None,
            person in self.logins,
            person in self.devices and bool(self.devices[person]),
        )
        epochs = self.fact_changes.get(person)
        return self._rebound(person, view, epochs) if epochs else view

    def _rebound(self, person: str, view: View, epochs: Counter[str]) -> View:
        """Return the view with every statement that knows a changed fact of the person as another statement."""
        bound = None if view.bound is None else self._rebound_bits(person, view.bound, epochs)
        return view._replace(
            allow=self._rebound_bits(person, view.allow, epochs),
            deny=self._rebound_bits(person, view.deny, epochs),
            bound=bound,
        )

    def _rebound_bits(self, person: str, statements: int, epochs: Counter[str]) -> int:
        found = 0
        for number in bits(statements):
            atom = self.sets.atoms[number]
            facts = tuple(sorted((key, count) for key, count in epochs.items() if count and knows(atom, key)))
            found |= self.sets.bit(rebind(person, atom, facts)) if facts else 1 << number
        return found


def policy_key(policy: str) -> str:
    """Return how a policy is known: an ARN without case, an inline policy exactly, since IAM may tell case there."""
    return policy if "-inline-policy/" in policy else policy.lower()


def _inverted(sets: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Return for each member of the sets the names of those that have it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, members in sets.items():
        for member in members:
            found[member].append(name)
    return {member: frozenset(names) for member, names in found.items()}


def _own(sets: _Sets, name: str) -> set[str]:
    """Return a set that may be changed."""
    found = sets[name]
    if isinstance(found, frozenset):
        found = sets[name] = set(found)
    return found


def _put(where: set[str], what: str, *, inside: bool) -> None:
    if inside:
        where.add(what)
    else:
        where.discard(what)
