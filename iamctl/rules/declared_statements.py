"""The statements of declared policy documents, as the statement rules see them."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.statement_block import StatementBlock
from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.model import State
from iamctl.rules import Hit, Review
from iamctl.rules.wording import shortened
from iamctl.text.late_dataclass import dataclass

_MOST_QUOTED = 200
"""Characters of a statement in a message."""


@dataclass(frozen=True, eq=False)
class DeclaredStatement(StatementBlock):
    """One statement of a well-formed policy."""

    policy: Policy | GroupInlinePolicy
    path: tuple[str | int, ...]
    """Its position in the document."""

    def hit(self, message: str) -> Hit:
        """Return a hit for this statement; ``message`` follows the shortened summary of the statement."""
        from iamctl.policy.differences import statement_text
        from iamctl.report.statements import statement_line

        place_of = self.policy.document.place_of
        sid = str(self.block.get("Sid") or self.path[-1])
        quoted = shortened(statement_line(statement_text(self.block)), _MOST_QUOTED)
        return Hit(self.policy, f"{quoted}{message}", origin=place_of(self.path) if place_of else None, facts=(sid,))


def declared_statements(state: State) -> Iterator[DeclaredStatement]:
    """Yield the statements of all well-formed declared documents, policy by policy."""
    policies: tuple[Policy | GroupInlinePolicy, ...] = (*state.of_kind(Policy), *state.of_kind(GroupInlinePolicy))
    for policy in policies:
        if policy.document.normalized is None:
            continue
        blocks = policy.document.data["Statement"]
        if isinstance(blocks, list):
            yield from (DeclaredStatement(block, policy, ("Statement", index)) for index, block in enumerate(blocks))
        else:
            yield DeclaredStatement(blocks, policy, ("Statement",))


def granting_statements(review: Review) -> Iterator[DeclaredStatement]:
    """Yield the declared statements that grant access.

    A managed policy that the manifests use only as a permissions boundary is left out: a boundary grants nothing, and
    is usually written to allow almost everything.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    state = review.desired.state
    bounding = {user.permissions_boundary.lower() for user in state.of_kind(User) if user.permissions_boundary}
    only_bounding = bounding - {attached.policy_arn.lower() for attached in state.of_kind(GroupPolicy)}
    for statement in review.statements:
        policy = statement.policy
        if statement.allows and not (isinstance(policy, Policy) and policy.arn.lower() in only_bounding):
            yield statement
