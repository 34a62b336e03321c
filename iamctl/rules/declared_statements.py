"""The statements of declared policy documents, as the statement rules see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.model import State
from iamctl.policy.differences import statement_text
from iamctl.policy.normalized import Condition, Texts, normalize_statement
from iamctl.policy.pattern import action_includes, any_includes
from iamctl.report.statements import statement_line
from iamctl.rules import Hit
from iamctl.rules.wording import shortened

_MOST_QUOTED = 200
"""Characters of a statement in a message."""

_SIGN_IN_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport"})
"""Condition keys that concern how a request is made; they do not limit what it may do."""


@dataclass(frozen=True, eq=False)
class DeclaredStatement:
    """One statement of a well-formed policy."""

    policy: Policy | GroupInlinePolicy
    path: tuple[str | int, ...]
    """Its position in the document."""
    block: Mapping[str, Any]

    def hit(self, message: str) -> Hit:
        """Return a hit for this statement; ``message`` follows the shortened summary of the statement."""
        place_of = self.policy.document.place_of
        sid = str(self.block.get("Sid") or self.path[-1])
        quoted = shortened(statement_line(statement_text(self.block)), _MOST_QUOTED)
        return Hit(self.policy, f"{quoted}{message}", origin=place_of(self.path) if place_of else None, facts=(sid,))

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

    @cached_property
    def actions(self) -> Texts:
        """The actions of Action in lower case; empty if the statement has a NotAction."""
        return frozenset() if self.has_not_action else normalize_statement(self.block).actions

    @cached_property
    def is_conditional(self) -> bool:
        """Whether a condition checks more than how the caller signed in."""
        condition: Condition = normalize_statement(self.block).condition
        return any(key not in _SIGN_IN_KEYS for _, key, _ in condition)

    @cached_property
    def resources(self) -> Texts:
        """The patterns of Resource; ``*`` for a NotResource, which matches all but a few resources."""
        found = normalize_statement(self.block)
        return frozenset({"*"}) if found.negated_resource else found.resources or frozenset()

    @property
    def allows_everything(self) -> bool:
        """Whether it allows every action on every resource, perhaps under a condition."""
        return self.allows and "*" in self.resources and any(map(_is_every_action, self.actions))

    def includes(self, action: str) -> bool:
        """Return whether Action matches ``action``, given in lower case; wildcards count."""
        return any_includes(self.actions, action)


def declared_statements(state: State) -> Iterator[DeclaredStatement]:
    """Yield the statements of all well-formed declared documents, policy by policy."""
    policies: tuple[Policy | GroupInlinePolicy, ...] = (*state.of_kind(Policy), *state.of_kind(GroupInlinePolicy))
    for policy in policies:
        if policy.document.normalized is None:
            continue
        blocks = policy.document.data["Statement"]
        if isinstance(blocks, list):
            yield from (DeclaredStatement(policy, ("Statement", index), block) for index, block in enumerate(blocks))
        else:
            yield DeclaredStatement(policy, ("Statement",), blocks)


def granting_statements(state: State) -> Iterator[DeclaredStatement]:
    """Yield the declared statements that grant access.

    A managed policy that the manifests use only as a permissions boundary is left out: a boundary grants nothing, and
    is usually written to allow almost everything.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    bounding = {user.permissions_boundary.lower() for user in state.of_kind(User) if user.permissions_boundary}
    only_bounding = bounding - {attached.policy_arn.lower() for attached in state.of_kind(GroupPolicy)}
    for statement in declared_statements(state):
        policy = statement.policy
        if statement.allows and not (isinstance(policy, Policy) and policy.arn.lower() in only_bounding):
            yield statement


def _is_every_action(pattern: str) -> bool:
    return action_includes(pattern, "*:*")
