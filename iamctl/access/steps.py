"""Which needs of a way to more access somebody meets, and on what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from iamctl.access.decide import Decider, Decision, Request
from iamctl.access.held import HeldPolicy
from iamctl.access.people import People, Person, Target
from iamctl.access.trust import names_directly, serves, trusts
from iamctl.access.truth import Context, Truth
from iamctl.access.ways import ACTIONS, WAYS, Gives, On, Way
from iamctl.model import Address
from iamctl.policy.pattern import ANY

_KINDS = {On.GROUP: "group", On.USER: "user", On.ROLE: "role", On.ASSUMED: "role", On.PASSED: "role"}
_NEW = {On.NEW_USER: "user", On.NEW_ROLE: "role"}
_ADMINISTRATOR = "policy/AdministratorAccess"
_ASSUME = "sts:AssumeRole"
_MOST_EXAMPLES = 20


@dataclass(frozen=True)
class Step:
    """A way that somebody can go."""

    way: Way
    actions: tuple[str, ...]
    """The actions that are allowed, one for each need."""
    target: Address | None
    """What they are on; None for something that the account does not have or that is not one thing."""
    by: HeldPolicy | None
    """The policy that allows the first action; None where a role's trust is enough."""
    is_certain: bool = True
    """Whether it goes whatever is not known."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells a step from others, however it is allowed."""
        return (self.way.gives.name, *self.actions, "" if self.way.needs[0][0] in _OWN else str(self.target or ""))


_OWN = (On.SELF, On.SELF_ROLE)
Fits = Callable[[Target], bool]


class Steps:
    """Finds the steps of people in one state of an account."""

    def __init__(self, people: People, decider: Decider) -> None:
        self._people = people
        self._decider = decider
        self._trust = {Address.of("role", role.name): role.trust for role in people.sources.roles}
        partition = people.sources.partition
        self._open: dict[tuple[frozenset[str], tuple[Gives, ...]], tuple[Way, ...]] = {}
        self._admin_arn = f"arn:{partition}:iam::aws:{_ADMINISTRATOR}"

    def is_relevant(self, person: Person) -> bool:
        """Return False where no way can be open to somebody, since no Allow is about any action of one."""
        return self.may_add(person.holding.policies) or self._is_named(person)

    def may_add(self, policies: Iterable[HeldPolicy]) -> bool:
        """Return False where policies open no way, since no Allow of theirs is about any action of one."""
        return any(self._decider.named(held, ACTIONS) for held in policies)

    def open(self, person: Person, gains: tuple[Gives, ...]) -> tuple[Way, ...]:
        """Return the ways with one of several gains of which some Allow is about each need, whatever the resource."""
        named = frozenset[str]().union(*(self._decider.named(held, ACTIONS) for held in person.holding.policies))
        if self._is_named(person):
            named |= {_ASSUME.lower()}
        found = self._open.get((named, gains))
        if found is None:
            found = self._open[named, gains] = tuple(
                way
                for way in WAYS
                if way.gives in gains
                and all(any(action.lower() in named for action in actions) for _, actions in way.needs)
            )
        return found

    def _is_named(self, person: Person) -> bool:
        return any(names_directly(trust, person) for trust in self._trust.values() if trust)

    def of(self, way: Way, person: Person, fits: Fits) -> Iterator[Step]:
        """Yield the steps of one way, to the targets that fit."""
        on, actions = way.needs[0]
        if on is On.ANY:
            if found := self._all_needs(way, person, None):
                yield found
            return
        for target in self._candidates(on, actions, way, person):
            if fits(target) and (found := self._all_needs(way, person, target)):
                yield found

    def has_targets(self, way: Way, person: Person) -> bool:
        """Return False where nothing of the account can be the target of a way, whatever else is needed."""
        on, actions = way.needs[0]
        return any(True for _ in self._candidates(on, actions, way, person))

    def without_target(self, way: Way, person: Person) -> Step | None:
        """Return the step that a way would be if the account had a role for it, or None."""
        for action in way.needs[0][1]:
            for text in self._examples(person, action):
                if ":role/" in text or text == ANY:
                    arn = self._people.arn("role/anything") if text == ANY else text
                    if found := self._all_needs(way, person, Target(Address.of("role", "anything"), arn, Context())):
                        return replace(found, target=None)
        return None

    def _all_needs(self, way: Way, person: Person, target: Target | None) -> Step | None:
        chosen, by, truth = [], None, Truth.YES
        for number, (on, actions) in enumerate(way.needs):
            action, decision = self._best(on, actions, way, person, target)
            if decision.allowed is Truth.NO:
                return None
            chosen.append(action)
            truth = min(truth, decision.allowed)
            by = decision.by if number == 0 else by
        is_known = target is not None and target.address in self._people.targets.by_address
        return Step(way, tuple(chosen), target.address if target and is_known else None, by, truth is Truth.YES)

    def _best(
        self, on: On, actions: tuple[str, ...], way: Way, person: Person, target: Target | None
    ) -> tuple[str, Decision]:
        """Return the action of a need that is most certainly allowed."""
        best = (actions[0], Decision(Truth.NO))
        for action in actions:
            decision = self._somewhere(person, action) if on is On.ANY or target is None else None
            decision = decision or self._on(person, action, target, way)
            if decision.allowed > best[1].allowed:
                best = (action, decision)
        return best

    def _somewhere(self, person: Person, action: str) -> Decision:
        """Return the decision on the first thing on which an action is allowed, whatever it is."""
        best = Decision(Truth.NO)
        for text in self._examples(person, action):
            decision = self._decider.decide(Request(action.lower(), text, person.context), person.holding)
            if decision.allowed > best.allowed:
                best = decision
        return best

    def _on(self, person: Person, action: str, target: Target | None, way: Way) -> Decision:
        assert target is not None
        context = person.context.joined(target.context).joined(self._chosen(action, way))
        holding = person.holding
        if action == _ASSUME:
            trust = self._trust.get(target.address)
            if target.address in self._trust and names_directly(trust, person):
                holding = person.holds(self._people.everything).holding
        return self._decider.decide(Request(action.lower(), target.arn, context), holding)

    def _chosen(self, action: str, way: Way) -> Context:
        """Return the values of condition keys that whoever makes the request may choose."""
        name = action.partition(":")[2]
        if name.startswith("Attach"):
            return Context({"iam:policyarn": (self._admin_arn,)})
        if name.startswith("Put") and name.endswith("PermissionsBoundary"):
            return Context({"iam:permissionsboundary": (self._admin_arn,)})
        return Context({"iam:passedtoservice": (way.service,)}) if name == "PassRole" else Context()

    def _candidates(self, on: On, actions: tuple[str, ...], way: Way, person: Person) -> Iterator[Target]:
        known = self._people.targets.by_address
        own = known.get(person.address)
        match on:
            case On.SELF | On.SELF_ROLE:
                kind = "user" if on is On.SELF else "role"
                yield from [own] if own and person.address.kind == kind else []
            case On.OWN_GROUP:
                yield from (known[group] for group in person.groups if group in known)
            case On.OWN_POLICY:
                held = {held.policy for held in person.holding.policies}
                yield from (known[address] for text in sorted(held) if (address := _address(text)) in known)
            case On.NEW_USER | On.NEW_ROLE:
                yield from self._new(_NEW[on], actions, person)
            case _:
                yield from self._others(on, actions, way, person)

    def _others(self, on: On, actions: tuple[str, ...], way: Way, person: Person) -> Iterator[Target]:
        if on is On.GROUP and person.address.kind != "user":
            return
        seen = {person.address, *(person.groups if on is On.GROUP else ())}
        for target in self._reached(_KINDS[on], actions, person, is_assumed=on is On.ASSUMED):
            if target.address in seen:
                continue
            seen.add(target.address)
            trust = self._trust.get(target.address)
            if on is On.ASSUMED and trusts(trust, person, self._people.sources.account_id) is Truth.NO:
                continue
            if on is On.PASSED and serves(trust, way.service) is Truth.NO:
                continue
            yield target

    def _reached(self, kind: str, actions: Iterable[str], person: Person, *, is_assumed: bool) -> Iterator[Target]:
        for action in actions:
            for pattern in self._decider.patterns(action.lower(), person.holding, person.context):
                yield from self._people.targets.near(kind, pattern)
        if is_assumed:
            known = self._people.targets.by_address
            yield from (known[role] for role, trust in self._trust.items() if names_directly(trust, person))

    def _new(self, kind: str, actions: Iterable[str], person: Person) -> Iterator[Target]:
        """Yield what somebody could make, by the patterns of what they may make."""
        context = Context({"iam:permissionsboundary": ()})
        texts = {text for action in actions for text in self._examples(person, action)}
        for text in sorted(texts):
            arn = self._people.arn(f"{kind}/anything") if text == ANY or f":{kind}/" not in text else text
            yield Target(Address.of(kind, "anything"), arn, context)

    def _examples(self, person: Person, action: str) -> list[str]:
        """Return texts that the Allows of an action match."""
        patterns = self._decider.patterns(action.lower(), person.holding, person.context)
        return list(dict.fromkeys(map(example, patterns)))[:_MOST_EXAMPLES]


def example(pattern: str) -> str:
    """Return a text that a pattern matches."""
    return pattern if pattern == ANY else pattern.replace(ANY, "anything").replace("?", "x")


def _address(text: str) -> Address | None:
    kind, _, name = text.partition("/")
    return Address.of(kind, name) if kind == "policy" else None
