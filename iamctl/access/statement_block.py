"""What one statement of a well-formed document allows, by its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.policy import Document
from iamctl.policy.normalized import Condition, NormalizedStatement, Texts, normalize_statement
from iamctl.policy.pattern import action_includes, any_includes
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once

_ARN_PARTS = 6

_SIGN_IN_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport"})
"""Condition keys that concern how a request is made; they do not limit what it may do."""


@dataclass(frozen=True, eq=False)
class StatementBlock:
    """One statement as it is written."""

    block: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        """Whether the statement's Effect is Allow."""
        return bool(self.block["Effect"] == "Allow")

    @property
    def has_not_action(self) -> bool:
        """Whether the statement has NotAction in place of Action."""
        return "NotAction" in self.block

    @property
    def written_actions(self) -> tuple[str, ...]:
        """The entries of Action or NotAction as written, each once."""
        written = self.block.get("Action", self.block.get("NotAction"))
        return tuple(dict.fromkeys(written if isinstance(written, list) else [written]))

    @once
    def _normalized(self) -> NormalizedStatement:
        return normalize_statement(self.block)

    @once
    def actions(self) -> Texts:
        """The actions of Action in lower case; empty if the statement has a NotAction."""
        return frozenset() if self.has_not_action else self._normalized.actions

    @once
    def is_conditional(self) -> bool:
        """Whether a condition checks more than how the caller signed in."""
        condition: Condition = self._normalized.condition
        return any(key not in _SIGN_IN_KEYS for _, key, _ in condition)

    @once
    def resources(self) -> Texts:
        """The patterns of Resource; ``*`` for a NotResource, which matches all but a few resources."""
        found = self._normalized
        return frozenset({"*"}) if found.negated_resource else found.resources or frozenset()

    @property
    def allows_everything(self) -> bool:
        """Whether it allows every action on every resource, perhaps under a condition."""
        return self.allows and "*" in self.resources and any(map(_is_every_action, self.actions))

    def includes(self, action: str) -> bool:
        """Return whether Action matches ``action``, given in lower case; wildcards count."""
        return any_includes(self.actions, action)

    @once
    def whole_services(self) -> frozenset[str]:
        """The services all of whose actions are named, on every resource."""
        found = set()
        for action in self.actions:
            service, _, name = action.partition(":")
            if name and not name.strip("*") and any(holds_all_of(service, text) for text in self.resources):
                found.add(service)
        return frozenset(found)


def statement_blocks(document: Document) -> Iterator[StatementBlock]:
    """Yield the statements of a well-formed document."""
    blocks = document.data["Statement"]
    yield from map(StatementBlock, blocks if isinstance(blocks, list) else [blocks])


def granted_services(statement: StatementBlock) -> tuple[str, ...]:
    """Return the services all of whose actions a statement allows on every resource, whatever the request."""
    if not statement.allows or statement.allows_everything or statement.is_conditional:
        return ()
    return tuple(sorted(statement.whole_services))


def holds_all_of(service: str, resource: str) -> bool:
    """Return whether a pattern matches every resource of a service, in all accounts or in one."""
    parts = resource.split(":", _ARN_PARTS - 1)
    return resource == "*" or (
        len(parts) == _ARN_PARTS and parts[2] == service and parts[3] in {"", "*"} and not parts[5].strip("*")
    )


def _is_every_action(pattern: str) -> bool:
    return action_includes(pattern, "*:*")
