"""Statements that allow so much that a reviewer should see them."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.statement_block import granted_services, holds_all_of
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.declared_statements import granting_statements
from iamctl.rules.wording import shortened, some

_ARN_PARTS = 6
_ROLE_ACTIONS = {
    "iam:passrole": "iam:PassRole on every role lets services use any role",
    "sts:assumerole": "sts:AssumeRole on every role allows assuming any role that trusts the account",
}


@rule(
    "IAM305",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-1",
    plural="statements allow every action on every resource",
)
def nothing_allows_everything(review: Review) -> Iterator[Hit]:
    """No statement allows every action on every resource."""
    for statement in granting_statements(review):
        if statement.allows_everything:
            message = "allows every action on every resource; name the needed actions or resources"
            yield statement.hit(f" {message}")


@rule(
    "IAM306",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
    plural="statements combine Allow with NotAction",
)
def allows_name_their_actions(review: Review) -> Iterator[Hit]:
    """No statement combines Allow with NotAction, which also allows every action that AWS adds later."""
    for statement in granting_statements(review):
        if statement.has_not_action:
            message = (
                "allows everything except its NotAction, including future services; list the needed actions in Action"
            )
            yield statement.hit(f" {message}")


@rule(
    "IAM307",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    plural="statements allow iam:PassRole or sts:AssumeRole on every role",
)
def roles_are_named(review: Review) -> Iterator[Hit]:
    """No statement allows iam:PassRole or sts:AssumeRole on every role without a condition."""
    for statement in granting_statements(review):
        if statement.allows_everything or statement.is_conditional or not any(map(_holds_roles, statement.resources)):
            continue
        risks = [risk for action, risk in _ROLE_ACTIONS.items() if statement.includes(action)]
        if risks:
            message = f": {', and '.join(risks)}. Name the roles, or add a condition"
            yield statement.hit(message)


@rule(
    "IAM308",
    Severity.WARN,
    stage="manifests",
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-21",
    plural="statements allow every action of a service on every resource",
)
def services_are_not_allowed_whole(review: Review) -> Iterator[Hit]:
    """No statement allows every action of a service on every resource without a condition."""
    for statement in granting_statements(review):
        if whole := granted_services(statement):
            told = some(repr(shortened(service, 40)) for service in whole)
            message = f"allows every action of {told} on every resource; name the needed actions or resources"
            yield statement.hit(f" {message}")


def _holds_roles(resource: str) -> bool:
    """Return whether a pattern matches every role, in all accounts or in one."""
    parts = resource.split(":", _ARN_PARTS - 1)
    return holds_all_of("iam", resource) or (
        len(parts) == _ARN_PARTS and parts[2] == "iam" and parts[5].rstrip("*") in {"role", "role/"} and "*" in parts[5]
    )
