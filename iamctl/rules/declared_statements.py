"""The statements of the policy documents that the manifests declare, as the rules on statements look at them."""

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
from iamctl.policy import statement_summary
from iamctl.policy.normalized import Condition, Texts, normalize_statement
from iamctl.policy.pattern import action_includes
from iamctl.rules import Hit
from iamctl.rules.wording import shortened

_MOST_QUOTED = 200
"""Characters of a statement in a message."""

_SIGN_IN_KEYS = frozenset({"aws:multifactorauthpresent", "aws:multifactorauthage", "aws:securetransport"})
"""Condition keys about how a request is made: they restrain nobody in what the request may do."""


@dataclass(frozen=True, eq=False)
class DeclaredStatement:
    """One statement of a policy that is not malformed."""

    policy: Policy | GroupInlinePolicy
    path: tuple[str | int, ...]
    """Where it stands in the document."""
    block: Mapping[str, Any]

    def hit(self, message: str) -> Hit:
        """Return that a rule found this statement; ``message`` follows the statement in words, bounded."""
        place_of = self.policy.document.place_of
        quoted = shortened(statement_summary(self.block), _MOST_QUOTED)
        return Hit(self.policy, f"{quoted}{message}", origin=place_of(self.path) if place_of else None)

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
        """The actions of Action or NotAction in the author's order and spelling, each once."""
        written = self.block.get("Action", self.block.get("NotAction"))
        return tuple(dict.fromkeys(written if isinstance(written, list) else [written]))

    @cached_property
    def actions(self) -> Texts:
        """The actions of Action in lower case; none where the statement has a NotAction."""
        return frozenset() if self.has_not_action else normalize_statement(self.block).actions

    @cached_property
    def is_conditional(self) -> bool:
        """Whether a condition asks for more than how the caller signed in."""
        condition: Condition = normalize_statement(self.block).condition
        return any(key not in _SIGN_IN_KEYS for _, key, _ in condition)

    @cached_property
    def resources(self) -> Texts:
        """The patterns of Resource; ``*`` for a NotResource, which holds all but a few."""
        found = normalize_statement(self.block)
        return frozenset({"*"}) if found.negated_resource else found.resources or frozenset()

    @property
    def allows_everything(self) -> bool:
        """Whether every action is allowed on every resource, perhaps under a condition."""
        return self.allows and "*" in self.resources and any(map(_is_every_action, self.actions))

    def includes(self, action: str) -> bool:
        """Tell whether the Action, perhaps through a wildcard, names ``action``, given in lower case."""
        return any(action_includes(pattern, action) for pattern in self.actions)


def declared_statements(state: State) -> Iterator[DeclaredStatement]:
    """Yield the statements of all declared documents that are not malformed, policy by policy."""
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
    """Yield the statements that allow something to somebody.

    Left out are managed policies that the manifests use as permissions boundary alone: a boundary grants nothing, and
    allowing nearly everything is how it is written.

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
