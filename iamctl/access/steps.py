"""Which needs of a way to more access somebody meets, and on what; each need is decided on the exact ARN."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from iamctl.access.authority import Authority
from iamctl.access.context import Context
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import People, Person, Target
from iamctl.access.per_document import PerDocument
from iamctl.access.regions import KEY as REGION
from iamctl.access.regions import Regions
from iamctl.access.step import Step
from iamctl.access.trust import names_directly, serves, trusts
from iamctl.access.truth import Truth
from iamctl.access.ways import ACTIONS, WAYS, Gives, On, Way
from iamctl.model import Address
from iamctl.policy import Document
from iamctl.policy.pattern import ANY
from iamctl.proof.engine import Side, limited_to
from iamctl.proof.requests import Allowed, Decision

_KINDS = {On.GROUP: "group", On.USER: "user", On.ROLE: "role", On.ASSUMED: "role", On.PASSED: "role"}
_NEW = {On.NEW_USER: "user", On.NEW_ROLE: "role"}
_ADMINISTRATOR = "policy/AdministratorAccess"
_ASSUME = "sts:AssumeRole"
_MOST_EXAMPLES = 20
_BY_TRUST = {Truth.NO: Allowed.NO, Truth.MAYBE: Allowed.SOMETIMES, Truth.YES: Allowed.ALWAYS}


Fits = Callable[[Target], bool]


class _Met(NamedTuple):
    """How the needs of a way are met."""

    actions: tuple[str, ...]
    """One for each need."""
    by: tuple[int | None, ...]
    """The numbers of the Allows that meet the needs."""
    allowed: Allowed


class Steps:
    """Finds the steps of people in one state of an account."""

    def __init__(self, people: People, authority: Authority) -> None:
        self._people = people
        self._authority = authority
        self._requests = authority.sides.requests
        self._regions = Regions(authority.sides.engine)
        self._names_a_way = PerDocument(self._is_about_a_way)
        self._trust = {Address.of("role", role.name): role.trust for role in people.sources.roles}
        self._open: dict[tuple[frozenset[str], tuple[Gives, ...]], tuple[Way, ...]] = {}
        self._named: dict[int, frozenset[str]] = {}
        self._met_anywhere: dict[object, _Met | None] = {}
        self._about: tuple[int, Mapping[str, int]] = 0, {}
        """So many statements, and those of them about each action of a way."""
        self._about_any = 0
        self._admin_arn = f"arn:{people.sources.partition}:iam::aws:{_ADMINISTRATOR}"

    def may_add(self, policies: Iterable[HeldPolicy]) -> bool:
        """Return False where policies open no way, since no Allow of theirs is about any action of one."""
        return any(map(self.may_open, policies))

    def may_open(self, held: HeldPolicy) -> bool:
        """Return False where a policy opens no way to whoever holds it."""
        if not self._may_allow_a_way(held):
            return False  # most policies, whose statements need no number for this
        return bool(self._actions(self._authority.sides.numbers(held).allow))

    def number(self, policies: Iterable[HeldPolicy]) -> None:
        """Number the statements of policies that may open a way, so that ways are not looked up anew for each of them."""
        for held in policies:
            if self._may_allow_a_way(held):
                self._authority.sides.numbers(held)

    def named(self) -> Iterator[Person]:
        """Yield the users and roles whom the trust of a role names, whatever they hold."""
        if any(self._trust.values()):
            yield from (one for one in (*self._people.users(), *self._people.roles()) if self._is_named(one))

    def open(self, person: Person, gains: tuple[Gives, ...]) -> tuple[Way, ...]:
        """Return the ways with one of several gains of which some Allow is about each need, whatever the resource."""
        named = self._actions(self._side(person).allow)
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

    def of(self, way: Way, person: Person, fits: Fits) -> Iterator[Step]:
        """Yield the steps of one way, to the targets that fit."""
        on, actions = way.needs[0]
        if on is On.ANY:
            if found := self._anywhere(way, person):
                yield replace(found, through=tuple(self._serving(way.service, fits)) if way.service else ())
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

    def with_other_versions(self, person: Person, step: Step) -> Iterator[Person]:
        """Yield somebody with each other version of the policy that a step is about."""
        versions = self._people.sources.versions
        for place, held in enumerate(person.holding.policies):
            if held.policy == str(step.target):
                for document in versions.get(held.key, ()):
                    if held.document is None or document.text != held.document.text:
                        policies = list(person.holding.policies)
                        policies[place] = replace(held, document=document)
                        yield replace(person, holding=replace(person.holding, policies=tuple(policies)))

    def gains(self, person: Person, changed: Person) -> bool:
        """Return whether somebody with other policies may do more."""
        found = self._authority.sides.engine.gains(self._side(person), self._side(changed))
        return any(gain.usual for gain in found)

    def _side(self, person: Person) -> Side:
        return self._authority.side(person.holding)

    def _actions(self, allows: int) -> frozenset[str]:
        """Return the actions of ways that some of the Allows are about."""
        numbering = self._authority.sides.engine.numbering
        if self._about[0] != len(numbering.statements):
            self._about = len(numbering.statements), {one: self._requests.about(one) for one in ACTIONS}
            self._about_any = self._requests.about_any(ACTIONS)
        about = allows & self._about_any & ~numbering.unread
        found = self._named.get(about)
        if found is None:
            found = self._named[about] = frozenset(one for one, theirs in self._about[1].items() if about & theirs)
        return found

    def _may_allow_a_way(self, held: HeldPolicy) -> bool:
        document = document_of(held)
        return document is not None and self._names_a_way(document)

    def _is_about_a_way(self, document: Document) -> bool:
        """Return False where a document is known and no Allow is about an action of a way, whatever else it says."""
        if document.normalized is None:
            return True
        bits, of_ways = self._authority.sides.engine.universe.bits, self._of_ways
        return any(
            one.negated_action or any(bits(pattern) & of_ways for pattern in one.actions)
            for one in document.normalized.statements
            if one.effect == "Allow"
        )

    @cached_property
    def _of_ways(self) -> int:
        return reduce(or_, self._actions_of.values(), 0)

    def _is_named(self, person: Person) -> bool:
        return any(names_directly(trust, person) for trust in self._trust.values() if trust)

    def _serving(self, service: str, fits: Fits) -> Iterator[Address]:
        """Yield the roles that a service may use."""
        known = self._people.targets.by_address
        for role, trust in self._trust.items():
            if serves(trust, service) is not Truth.NO and role in known and fits(known[role]):
                yield role

    def _all_needs(self, way: Way, person: Person, target: Target | None) -> Step | None:
        met = self._met(way, person, target)
        return self._step(way, person, target, met) if met else None

    def _anywhere(self, way: Way, person: Person) -> Step | None:
        """Return the step of a way that is about no target; people with equal statements about it are asked once."""
        side, numbering = self._side(person), self._authority.sides.engine.numbering
        deciding = Side(side.allow, side.deny | numbering.refused, side.ceilings)
        limited = limited_to(deciding, numbering.about(self._actions_of[id(way)]))
        key = id(way), limited, self._requests.seen(limited, person.context), self._regions.of(side)
        if key not in self._met_anywhere:
            self._met_anywhere[key] = self._met(way, person, None)
        met = self._met_anywhere[key]
        return self._step(way, person, None, met) if met else None

    @cached_property
    def _actions_of(self) -> Mapping[int, int]:
        number = self._authority.sides.engine.universe.number
        known = {id(way): [found for action in way.actions if (found := number(action)) is not None] for way in WAYS}
        return {way: reduce(or_, (1 << one for one in numbers), 0) for way, numbers in known.items()}

    def _met(self, way: Way, person: Person, target: Target | None) -> _Met | None:
        """Return how somebody meets all needs of a way; None for somebody who does not."""
        chosen, by, allowed = [], list[int | None](), self._trusted(way, person, target)
        for on, actions in way.needs:
            action, decision = self._best(on, actions, way, person, target)
            if not decision.allowed:
                return None
            chosen.append(action)
            allowed = min(allowed, decision.allowed)
            by.append(decision.by)
        return _Met(tuple(chosen), tuple(by), allowed)

    def _step(self, way: Way, person: Person, target: Target | None, met: _Met) -> Step:
        is_known = target is not None and target.address in self._people.targets.by_address
        first, *others = self._holders(person, met.by)
        return Step(
            way,
            met.actions,
            target.address if target and is_known else None,
            first,
            is_certain=met.allowed is Allowed.ALWAYS,
            is_proved=met.allowed >= Allowed.SOMETIMES,
            others=tuple(others) if any(other is not first for other in others) else (),
        )

    def _holders(self, person: Person, numbers: tuple[int | None, ...]) -> list[HeldPolicy | None]:
        """Return the policies with some Allows; of several with the same one, that which has the first of them."""
        first = self._holder(person, numbers[0])
        return [first, *(self._holder(person, number, first) for number in numbers[1:])]

    def _holder(self, person: Person, number: int | None, first: HeldPolicy | None = None) -> HeldPolicy | None:
        if number is None:
            return None
        numbers, policies = self._authority.sides.numbers, person.holding.policies
        held = (first, *policies) if first else policies
        return next((one for one in held if numbers(one).allow >> number & 1), None)

    def _trusted(self, way: Way, person: Person, target: Target | None) -> Allowed:
        """Return how certain it is that a role trusts somebody, or the service of the way."""
        on = way.needs[0][0]
        if target is None or on not in (On.ASSUMED, On.PASSED) or target.address not in self._trust:
            return Allowed.ALWAYS
        trust = self._trust[target.address]
        if trust is None:
            return Allowed.POSSIBLE
        account = self._people.sources.account_id
        return _BY_TRUST[serves(trust, way.service) if on is On.PASSED else trusts(trust, person, account)]

    def _best(
        self, on: On, actions: tuple[str, ...], way: Way, person: Person, target: Target | None
    ) -> tuple[str, Decision]:
        """Return the action of a need that is most certainly allowed."""
        best = (actions[0], Decision())
        for action in actions:
            if on is On.ANY or target is None:
                decision = self._somewhere(person, action)
            else:
                decision = self._on(person, action, target, way)
            if decision.allowed > best[1].allowed:
                best = (action, decision)
            if best[1].allowed is Allowed.ALWAYS:
                break
        return best

    def _somewhere(self, person: Person, action: str) -> Decision:
        side = self._side(person)
        contexts = self._in_regions(side, action, person.context)
        return _most_certain(self._requests.somewhere(side, action, known) for known in contexts)

    def _decide(self, side: Side, action: str, resource: str, known: Context) -> Decision:
        contexts = self._in_regions(side, action, known)
        return _most_certain(self._requests.decide(side, action, resource, one) for one in contexts)

    def _in_regions(self, side: Side, action: str, known: Context) -> Iterator[Context]:
        """Yield the context of a request, then that in each other Region in which the answer may differ."""
        yield known
        for region in self._regions.choices(action, side):
            yield known.joined(Context({REGION: (region,)}))

    def _on(self, person: Person, action: str, target: Target, way: Way) -> Decision:
        known = person.context.joined(target.context).joined(self._chosen(action, way))
        side = self._side(person)
        decision = self._decide(side, action, target.arn, known)
        if action == _ASSUME and not decision.allowed and names_directly(self._trust.get(target.address), person):
            everything = self._authority.sides.engine.everything().allow
            named = self._decide(Side(everything, side.deny), action, target.arn, known)
            return named._replace(by=None)  # an implicit deny does not count where a role's trust names the user
        return decision

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
            for pattern in self._requests.patterns(self._side(person), action, person.context):
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
        patterns = self._requests.patterns(self._side(person), action, person.context)
        return list(dict.fromkeys(map(example, patterns)))[:_MOST_EXAMPLES]


def _most_certain(decisions: Iterable[Decision]) -> Decision:
    """Return the first of the most certain answers; those behind a certain one are not asked for."""
    best = Decision()
    for decision in decisions:
        if decision.allowed > best.allowed:
            best = decision
        if best.allowed is Allowed.ALWAYS:
            break
    return best


def example(pattern: str) -> str:
    """Return a text that a pattern matches."""
    return pattern if pattern == ANY else pattern.replace(ANY, "anything").replace("?", "x")


def _address(text: str) -> Address | None:
    kind, _, name = text.partition("/")
    return Address.of(kind, name) if kind == "policy" else None
