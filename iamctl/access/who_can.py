"""Who may do something: always, with MFA or in part; and of whom it is proved that they may not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from iamctl.access.assuming import ASSUME, Assuming
from iamctl.access.found import Finder, depends_on_person
from iamctl.access.people import People
from iamctl.access.request_sets import PLAIN, request_set
from iamctl.access.row import Row, Source
from iamctl.access.sides import Sides, engine_of
from iamctl.access.statements import MFA_KEY
from iamctl.access.trusted import Trusted
from iamctl.access.truth import Truth
from iamctl.model import Address, State
from iamctl.model.assertion import Expected, Requests
from iamctl.policy.normalized import folded
from iamctl.proof.aws_facts import ALWAYS_ALLOWED, is_about_principal
from iamctl.proof.engine import Gain, Side
from iamctl.proof.searches import Doubt
from iamctl.proof.statements import NO_FACTS, Facts
from iamctl.text.late_dataclass import dataclass

MFA_AGE = "aws:multifactorauthage"


class How(StrEnum):
    """In how far somebody may do what is asked."""

    ALWAYS = "always"
    """Every plain request: made by the person itself, over TLS."""
    WITH_MFA = "with-mfa"
    """Every plain request of somebody who is signed in with MFA."""
    IN_PART = "in-part"
    NAMED = "named"
    """The trust policy of a role names them, so that they need no Allow."""
    POSSIBLY = "possibly"
    """It depends on a document, or a condition, that is not known."""


@dataclass(frozen=True)
class Answer:
    """People who may do the same of what is asked."""

    people: tuple[Address, ...]
    how: How
    rows: tuple[Row, ...]
    """What they may do, each with a request by the first of them."""
    unknown: tuple[str, ...]
    """Their policies whose documents are not known, and which may allow or deny more."""
    roles: tuple[str, ...]
    """The roles whose trust policies name them."""


@dataclass(frozen=True)
class WhoCan:
    """All who may do something."""

    question: Requests
    answers: tuple[Answer, ...]
    nobody_else: int
    """How many others there are of whom it is proved that they may not."""
    unusual: tuple[Address, ...]
    """The people who may only by requests of no documented form."""
    untrusted: tuple[Address, ...]
    """The people whose policies allow it, but not the trust policy of the role that is asked about."""
    undecided: tuple[Address, ...]
    """The people of whom the search gave up."""
    assumed_by: tuple[tuple[Address, tuple[tuple[Address, Truth], ...]], ...]
    """The roles among the answers, each with those who may assume it."""


@dataclass(frozen=True)
class _Reply:
    how: How | None = None
    rows: tuple[Row, ...] = ()
    is_unusual: bool = False
    is_decided: bool = True
    asks_facts: bool = False
    """Whether it holds for some people with these policies and for others perhaps not."""


def who_can(people: People, state: State, question: Requests) -> WhoCan:
    """Return who may make a request of a set, those who may most first."""
    engine = engine_of([people.sources], people.now, question.actions)
    return _Asked(Sides(engine, people, state), question).answer()


class _Asked:
    """One question put to each person; equal sides are asked once."""

    def __init__(self, sides: Sides, question: Requests) -> None:
        self._sides, self._engine, self._question = sides, sides.engine, question
        self._finder, self._trusted, self._assuming = Finder(sides), Trusted(sides.people), Assuming(sides)
        keys = {expected.key.lower() for expected in question.when}
        self._asks_facts = any(map(is_about_principal, keys)) or any("${" in one for one in question.resources)
        self._states_mfa = bool(keys & {MFA_KEY, MFA_AGE})
        self._is_free = all(folded(action) == ALWAYS_ALLOWED for action in question.actions)
        self._actions = 0
        for action in question.actions:
            self._actions |= sides.engine.universe.bits(action)
        is_about_roles = bool(self._actions & sides.engine.universe.bits(ASSUME))
        matching = (role for one in question.resources for role in self._assuming.matching(one))
        self._roles = list(matching) if is_about_roles else []
        is_one_role = len(self._roles) == 1 and self._assuming.is_exactly(question.resources[0], self._roles[0])
        self._role = self._roles[0] if is_one_role and len(question.actions) == 1 else None
        self._memo: dict[tuple[Side, tuple[int, ...]], _Reply] = {}

    def answer(self) -> WhoCan:
        """Return the answer for everybody."""
        found: defaultdict[object, list[tuple[Address, Answer]]] = defaultdict(list)
        left: defaultdict[str, list[Address]] = defaultdict(list)
        for person in self._sides.everybody:
            for one in self._of(person, left):
                found[one.how, one.rows, one.unknown, one.roles].append((person, one))
        answers = [
            replace(alike[0][1], people=tuple(person for person, _ in alike), rows=_labelled([one for _, one in alike]))
            for alike in found.values()
        ]
        answers.sort(key=lambda one: (list(How).index(one.how), bool(one.unknown), -len(one.people), one.people))
        roles = sorted({person for one in answers for person in one.people if person.kind == "role"})
        return WhoCan(
            self._question,
            tuple(answers),
            len(left["nobody"]),
            tuple(left["unusual"]),
            tuple(left["untrusted"]),
            tuple(left["undecided"]),
            tuple((role, self._assuming.who(role)) for role in roles),
        )

    def _of(self, person: Address, left: defaultdict[str, list[Address]]) -> Iterator[Answer]:
        """Yield the answer for one person, or note them among those who are left."""
        facts = self._sides.facts(person) if self._asks_facts else NO_FACTS
        reply = self._reply(person, facts)
        if reply.asks_facts and facts is NO_FACTS:
            facts = self._sides.facts(person)
            reply = self._reply(person, facts)
        named = self._naming(person)
        unknown = tuple(sorted(set(self._sides.unknown(person))))
        if reply.how is not None and not self._is_untrusted(person):
            yield Answer((person,), reply.how, self._own(reply.rows, person, facts), unknown, ())
        elif named:
            yield Answer((person,), How.NAMED, (), unknown, named)
        elif reply.how is not None:
            left["untrusted"].append(person)
        elif not reply.is_decided:
            left["undecided"].append(person)
        else:
            left["unusual" if reply.is_unusual else "nobody"].append(person)

    def _is_untrusted(self, person: Address) -> bool:
        known = self._sides.principal(person)
        return known is not None and self._role is not None and not self._assuming.trust(known, self._role)

    def _naming(self, person: Address) -> tuple[str, ...]:
        """Return the roles that are asked about and whose trust policies name somebody."""
        known = self._sides.principal(person)
        return tuple(role.name for role in self._roles if known and self._assuming.names(known, role))

    def _reply(self, person: Address, facts: Facts) -> _Reply:
        if self._is_free:
            return _Reply(How.ALWAYS)
        side = self._engine.limited(self._sides.of(person, facts), self._actions)
        wanted = tuple(request_set(self._engine, one, facts) for one in self._sets)
        key = side, wanted
        if key not in self._memo:
            self._memo[key] = self._replied(side, *wanted)
        return self._memo[key]

    @property
    def _sets(self) -> tuple[Requests, Requests, Requests]:
        """Return the question as it is, its plain requests, and those of them with MFA."""
        return self._question, _plain(self._question, mfa=False), _plain(self._question, mfa=not self._states_mfa)

    def _replied(self, side: Side, asked: int, plain: int, with_mfa: int) -> _Reply:
        can = self._engine.gains(Side(), Side(side.allow, side.deny, (*side.ceilings, asked)))
        usual = [gain for gain in can if gain.usual and gain.witness and Doubt.UNREAD not in gain.doubts]
        is_decided = not any(Doubt.BUDGET in gain.doubts for gain in can)
        certain = [gain for gain in usual if gain.exact]
        asks_facts = any(map(_asks_facts, can))
        if not certain:
            is_possible = bool(usual) or any(Doubt.UNREAD in gain.doubts for gain in can)
            how = How.POSSIBLY if is_possible and is_decided else None
            return _Reply(how, self._rows(usual, asked), bool(can), is_decided, asks_facts)
        missing = self._missing(side, plain)
        how, left = How.ALWAYS, missing
        if missing and not self._states_mfa:
            how, left = How.WITH_MFA, self._missing(side, with_mfa)
        asks_facts |= _is_open(missing) or _is_open(left)
        if left:
            how = How.IN_PART
        return _Reply(how, self._rows(usual if left else certain, asked), asks_facts=asks_facts)

    def _missing(self, side: Side, requests: int) -> tuple[Gain, ...]:
        """Return which usual requests are not certainly allowed, apart from what unknown documents may deny."""
        gains = self._engine.gains(side, Side(allow=requests))
        return tuple(
            gain for gain in gains if (gain.usual or Doubt.BUDGET in gain.doubts) and Doubt.UNREAD not in gain.doubts
        )

    def _rows(self, gains: Sequence[Gain], asked: int) -> tuple[Row, ...]:
        """Return rows without the condition that the question itself states."""
        stated = self._engine.statement(asked.bit_length() - 1).condition if asked else ()
        lines = {(one.key, one.full_operator, one.values) for one in stated}
        return tuple(
            replace(
                row, when=tuple(one for one in row.when if (one.key.lower(), one.operator, one.values) not in lines)
            )
            for row in self._finder.rows(gains)
        )

    def _own(self, rows: Iterable[Row], person: Address, facts: Facts) -> tuple[Row, ...]:
        """Return rows with where they come from for one person, and which roles trust them."""
        principal = self._sides.principal(person)
        return tuple(
            replace(
                row,
                sources=self._sides.sources(person, row.allowed_by, facts, with_boundary=False),
                trusted=self._trusted.roles(row, principal),
            )
            for row in rows
        )


def _asks_facts(gain: Gain) -> bool:
    return gain.asks_facts and depends_on_person(gain)


def _is_open(missing: Sequence[Gain]) -> bool:
    """Return whether, for some people, all of what is missing may be allowed after all."""
    return bool(missing) and not any(gain.exact and not _asks_facts(gain) for gain in missing)


def _plain(requests: Requests, *, mfa: bool) -> Requests:
    """Return those requests of a set that people make in the plain way; with ``mfa``, those with MFA."""
    given = {expected.key.lower() for expected in requests.when}
    added = (
        Expected(key, (value,))
        for key, value in PLAIN.items()
        if key.lower() not in given and (mfa or key.lower() != MFA_KEY)
    )
    return replace(requests, when=(*requests.when, *added))


def _labelled(alike: Sequence[Answer]) -> tuple[Row, ...]:
    """Return equal rows once, each with the sources of all."""
    found: list[Row] = []
    for same in zip(*(one.rows for one in alike), strict=True):
        sources: set[Source] = {source for row in same for source in row.sources}
        found.append(replace(same[0], sources=tuple(sorted(sources))))
    return tuple(found)
