"""Who may do everything: requests that stand for all there are, and which of them policies allow, as bits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from iamctl.access.decide import Decider, Holding, Request
from iamctl.access.held import HeldPolicy
from iamctl.access.known_policies import document_of
from iamctl.access.people import People, Person
from iamctl.access.truth import Context, Truth
from iamctl.policy import Document
from iamctl.policy.normalized import NormalizedStatement
from iamctl.policy.pattern import ANY, ONE

_VARIABLE = re.compile(r"\$\{([^},]*)")
_ANYTHING = "anything"
_MOST_ADDED = 400
"""Requests that documents add at the most, so that a hostile account is slow to nobody."""
_FIXED = (
    ("anyservice:doanything", ANY),
    ("anyservice:doanything", "arn:{partition}:anyservice:us-east-1:{account}:anything/anything"),
    ("iam:createuser", "arn:{partition}:iam::{account}:user/anything"),
    ("organizations:leaveorganization", ANY),
    ("account:closeaccount", ANY),
    ("s3:deletebucket", "arn:{partition}:s3:::anything"),
    ("ec2:terminateinstances", "arn:{partition}:ec2:us-east-1:{account}:instance/anything"),
    ("kms:putkeypolicy", "arn:{partition}:kms:us-east-1:{account}:key/anything"),
    ("secretsmanager:getsecretvalue", "arn:{partition}:secretsmanager:us-east-1:{account}:secret:anything"),
    ("sts:assumerole", "arn:{partition}:iam::{account}:role/anything"),
)
"""One of an imaginary service, which only an Allow of everything matches, and some that people leave out."""
_IMAGINARY = frozenset({"anyservice:doanything"})
_GIVING = (
    ("iam:addusertogroup", "group/anything"),
    ("iam:attachgrouppolicy", "group/anything"),
    ("iam:attachuserpolicy", "user/anything"),
    ("iam:createpolicyversion", "policy/anything"),
    ("iam:putgrouppolicy", "group/anything"),
    ("iam:putuserpolicy", "user/anything"),
)
"""The ways to give somebody access: whoever has everything else and none of them administers nothing."""
_PRINCIPAL_KEYS = (
    "aws:username",
    "aws:userid",
    "aws:principalarn",
    "aws:principaltype",
    "aws:principaltag/",
)


class _Marks(NamedTuple):
    """Which of the requests statements match, as bits: certainly, and perhaps."""

    allows: int = 0
    may_allow: int = 0
    denies: int = 0
    may_deny: int = 0

    def joined(self, other: _Marks) -> _Marks:
        return _Marks(*(one | more for one, more in zip(self, other, strict=True)))


class Powers:
    """Tells who has everything; each document is looked at once for all who see the same of it."""

    def __init__(self, people: People, decider: Decider) -> None:
        self._decider = decider
        self._base = people.base
        fixed = [
            (action, resource.format(partition=people.sources.partition, account=people.sources.account_id))
            for action, resource in _FIXED
        ]
        giving = [(action, people.arn(rest)) for action, rest in _GIVING]
        added = list(dict.fromkeys(_left_out(people)))[:_MOST_ADDED]
        self._requests = list(dict.fromkeys((*giving, *fixed, *added)))
        self._actions = frozenset(action for action, _ in self._requests)
        self._giving = (1 << len(giving)) - 1
        self._everything = ((1 << len(self._requests)) - 1) & ~self._giving
        self._marks: dict[tuple[int, object], _Marks] = {}
        self._kept: list[Document] = []
        self._keys: dict[int, tuple[str, ...]] = {}

    def has_everything(self, person: Person) -> Truth:
        """Tell whether somebody may do everything, a Deny of something else than IAM apart.

        Certain is what holds whatever is not known: the network that a request comes from, or a tag of what it is about.
        """
        if not self.may_suffice(person.holding.policies):
            return Truth.NO
        held = self._of_policies(person)
        bound = self._of_boundary(person.holding, person.context)
        denied = held.joined(_Marks(denies=bound.denies, may_deny=bound.may_deny))
        certain = held.allows & bound.allows & self._everything == self._everything
        if certain and held.allows & bound.allows & self._giving & ~denied.may_deny:
            return Truth.YES
        possible = held.may_allow & bound.may_allow & self._everything == self._everything
        left = held.may_allow & bound.may_allow & self._giving & ~denied.denies
        return Truth.MAYBE if possible and left else Truth.NO

    def may_suffice(self, policies: Iterable[HeldPolicy]) -> bool:
        """Return False where no policy is about an imaginary service, so that they cannot give everything."""
        return any(self._decider.named(held, _IMAGINARY) for held in policies)

    def may_add(self, held: HeldPolicy) -> bool:
        """Return False where a policy brings nobody nearer to everything."""
        return bool(self._decider.named(held, self._actions))

    def _of_policies(self, person: Person) -> _Marks:
        marks = _Marks()
        for held in person.holding.policies:
            marks = marks.joined(self._of(held, person.context))
        return marks

    def _of_boundary(self, holding: Holding, context: Context) -> _Marks:
        """Return what a boundary lets through: everything where there is none, perhaps where nobody has read it."""
        every = self._everything | self._giving
        if holding.boundary is None:
            return _Marks(every, every)
        return self._of(holding.boundary, context) if document_of(holding.boundary) else _Marks(0, every)

    def _of(self, held: HeldPolicy, context: Context) -> _Marks:
        document = document_of(held)
        assert document is not None
        keys = self._keys.get(id(document))
        if keys is None:
            keys = self._keys[id(document)] = _principal_keys(self._decider.about(document, self._actions))
            self._kept.append(document)  # so that no other document gets its id
        facts = tuple((key, context.get(key)) for key in keys)
        found = self._marks.get((id(document), facts))
        if found is None:
            found = self._marks[id(document), facts] = self._look(held, context)
        return found

    def _look(self, held: HeldPolicy, context: Context) -> _Marks:
        allows = may_allow = denies = may_deny = 0
        for place, (action, resource) in enumerate(self._requests):
            request = Request(action, resource, context)
            bit = 1 << place
            allow = self._decider.verdict(request, held, "Allow")
            deny = self._decider.verdict(request, held, "Deny")
            allows |= bit * (allow is Truth.YES)
            may_allow |= bit * (allow is not Truth.NO)
            denies |= bit * (deny is Truth.YES)
            may_deny |= bit * (deny is not Truth.NO)
        return _Marks(allows, may_allow, denies, may_deny)


def _principal_keys(statements: Iterable[NormalizedStatement]) -> tuple[str, ...]:
    """Return the keys about the principal that statements look at, in conditions and as variables."""
    keys: set[str] = set()
    for statement in statements:
        keys |= {key.lower() for _, key, _ in statement.condition}
        values = (value for _, _, values in statement.condition for value in values)
        for text in (*(statement.resources or ()), *values):
            keys |= {name.strip().lower() for name in _VARIABLE.findall(text)}
    return tuple(sorted(key for key in keys if key.startswith(_PRINCIPAL_KEYS)))


def _left_out(people: People) -> Iterator[tuple[str, str]]:
    """Yield requests that an Allow leaves out by NotAction or NotResource, which another one may give."""
    for held in _all_held(people):
        document = document_of(held)
        if document is None or document.normalized is None:
            continue
        for statement in document.normalized.statements:
            if statement.effect != "Allow":
                continue
            if statement.negated_action:
                yield from ((_example(action), ANY) for action in sorted(statement.actions))
            if statement.negated_resource:
                yield from (("anyservice:doanything", _example(one)) for one in sorted(statement.resources or ()))


def _all_held(people: People) -> Iterable[HeldPolicy]:
    yield from people.sources.direct()
    for role in people.sources.roles:
        yield from people.sources.of_role(role)


def _example(pattern: str) -> str:
    """Return a text that a pattern matches."""
    return pattern.replace(ANY, _ANYTHING).replace(ONE, "x")
