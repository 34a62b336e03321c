"""Which statements name a user or a group, so that a rename, a removal or a new user changes what they mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Policy, User, UserInlinePolicy
from iamctl.model import State
from iamctl.policy import Document
from iamctl.policy.pattern import resource_includes
from iamctl.text.late_dataclass import dataclass

_NAME_KEYS = frozenset({"aws:username"})
_ARN_KEYS = frozenset({"aws:principalarn"})
_WILDCARDS = ("*", "?")


class Part(StrEnum):
    """Where a statement names somebody."""

    RESOURCE = "Resource"
    NOT_RESOURCE = "NotResource"
    CONDITION = "Condition"
    NOT_CONDITION = "negated Condition"
    PRINCIPAL = "Principal"


@dataclass(frozen=True)
class Identity:
    """The name and the ARN of a user or a group."""

    kind: str
    name: str
    arn: str

    @classmethod
    def of(cls, resource: User | Group, live: Live) -> Identity:
        """Return the identity of a user or a group, which follows from path and name."""
        arn = f"arn:{live.partition}:iam::{live.account_id}:{resource.kind}{resource.path}{resource.name}"
        return cls(resource.kind, resource.name, arn)


@dataclass(frozen=True)
class Naming:
    """A statement with the text in it that names somebody, or a pattern that may."""

    holder: str
    """The address of the policy, or the role whose trust policy it is."""
    statement: str
    """The Sid, or ``statement 2``."""
    effect: str
    part: Part
    key: str
    """The condition key in lower case; empty in other parts."""
    text: str
    ignores_case: bool = False

    @property
    def is_literal(self) -> bool:
        """Whether the name in it is spelled out; the path or the account before it may be a pattern."""
        return not any(sign in self._end for sign in _WILDCARDS)

    @property
    def _end(self) -> str:
        return self.text.rsplit("/", 1)[-1]

    def names(self, who: Identity) -> bool:
        """Tell whether it certainly names ``who``."""
        if self.key in _NAME_KEYS:
            one, other = (self.text, who.name) if not self.ignores_case else (self.text.lower(), who.name.lower())
            return who.kind == User.kind and resource_includes_text(one, other)
        if self.part is Part.PRINCIPAL:
            return self.text == who.arn
        return self.text != "*" and resource_includes(self.text, who.arn)


def resource_includes_text(pattern: str, text: str) -> bool:
    """Tell whether a plain text matches a pattern that consists of it, with wildcards at its ends only."""
    if pattern.strip("*") == pattern:
        return pattern == text
    inner = pattern.strip("*")
    if any(sign in inner for sign in _WILDCARDS) or not inner:
        return False
    if pattern.startswith("*") and pattern.endswith("*"):
        return inner in text
    return text.endswith(inner) if pattern.startswith("*") else text.startswith(inner)


class Namings:
    """All statements of the policies of a state, and of the roles' policies and trust policies, that name somebody."""

    def __init__(self, live: Live, state: State) -> None:
        self._literal: defaultdict[str, list[Naming]] = defaultdict(list)
        self._patterns: list[Naming] = []
        for holder, document in _documents(live, state):
            for naming in _namings(holder, document):
                if naming.is_literal:
                    self._literal[naming.text.rsplit("/", 1)[-1].lower()].append(naming)
                else:
                    self._patterns.append(naming)

    def spelled_out(self, who: Identity) -> Iterator[Naming]:
        """Yield the statements that spell out the name of ``who``."""
        return (naming for naming in self._literal.get(who.name.lower(), ()) if naming.names(who))

    def all_of(self, who: Identity) -> Iterator[Naming]:
        """Yield the statements that certainly name ``who``, also by a pattern."""
        yield from self.spelled_out(who)
        yield from (naming for naming in self._patterns if naming.names(who))


def orphans(live: Live) -> Mapping[str, tuple[str, ...]]:
    """Return the roles whose trust policies name deleted users or roles, with their ids.

    When the user or role of a principal is deleted, IAM shows its id instead of its ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = {
        role.name: tuple(sorted({text for text in _principals(role.trust.data) if text.startswith(("AIDA", "AROA"))}))
        for role in live.roles
        if role.trust is not None
    }
    return {name: ids for name, ids in found.items() if ids}


def _documents(live: Live, state: State) -> Iterator[tuple[str, Document]]:
    for resource in state:
        if isinstance(resource, (Policy, GroupInlinePolicy, UserInlinePolicy)):
            yield str(resource.address), resource.document
    for role in live.roles:
        for name, document in role.inline.items():
            yield f"role/{role.name}/{name}", document
        if role.trust is not None:
            yield f"the trust policy of role/{role.name}", role.trust


def _principals(trust: Any) -> Iterator[str]:
    """Yield the principals of a trust policy, whose shape nobody has checked."""
    blocks = trust.get("Statement") if isinstance(trust, Mapping) else None
    for block in blocks if isinstance(blocks, list) else [blocks]:
        principal = block.get("Principal") if isinstance(block, Mapping) else None
        yield from _listed(principal.get("AWS") if isinstance(principal, Mapping) else None)


def _namings(holder: str, document: Document) -> Iterator[Naming]:
    if document.normalized is None:
        return
    blocks = document.data["Statement"]
    for position, block in enumerate(blocks if isinstance(blocks, list) else [blocks], 1):
        statement = f"statement {block['Sid']}" if block.get("Sid") else f"statement {position}"
        for part, key, text, ignores_case in _texts(block):
            yield Naming(holder, statement, str(block["Effect"]), part, key, text, ignores_case)


def _texts(block: Mapping[str, Any]) -> Iterator[tuple[Part, str, str, bool]]:
    for part in (Part.RESOURCE, Part.NOT_RESOURCE):
        for text in _listed(block.get(part.value)):
            if ":iam:" in text:
                yield part, "", text, False
    principal = block.get("Principal")
    for text in _listed(principal.get("AWS") if isinstance(principal, Mapping) else None):
        yield Part.PRINCIPAL, "", text, False
    for operator, keys in (block.get("Condition") or {}).items():
        part = Part.NOT_CONDITION if "Not" in operator else Part.CONDITION
        for key, values in keys.items():
            if key.lower() in _NAME_KEYS | _ARN_KEYS:
                for text in _listed(values):
                    yield part, key.lower(), text, "IgnoreCase" in operator


def _listed(value: Any) -> Iterable[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
