"""What a safe order has to say about itself, in words."""

from __future__ import annotations

from iamctl.access.rebound import Rebound
from iamctl.model import Call
from iamctl.policy import Atom


def in_words(statement: Atom) -> str:
    """Return the requests that a statement matches, such as ``s3:GetObject on arn:aws:s3:::logs/*``."""
    if statement.opaque is not None:
        if isinstance(statement.opaque, Rebound):
            return f"{in_words(statement.opaque.statement)}, as a changed name, path or tag decides it"
        return f"whatever {statement.opaque} allows" if isinstance(statement.opaque, str) else "an unusual statement"
    actions = _listed(sorted(statement.actions), negated=statement.negated_action)
    resources = _listed(sorted(statement.resources), negated=statement.negated_resource)
    condition = " under its condition" if statement.condition else ""
    return f"{actions} on {resources}{condition}"


def call_in_words(call: Call) -> str:
    """Return the operation and what it is about, such as ``AddUserToGroup(developers, alice)``."""
    about = (value for name, value in call.params.items() if name != "PolicyDocument" and isinstance(value, str))
    return f"{call.operation}({', '.join(about)})"


def meanwhile(person: str, statement: Atom | None) -> str:
    """Return what a person could do that neither the account before nor the account after allows."""
    if statement is None:
        return f"{person} would lack a restraint, a quota would be passed, or too few administrators would be left"
    return f"{person} would be allowed {in_words(statement)}"


def _listed(patterns: list[str], *, negated: bool) -> str:
    shown = ", ".join(patterns[:3]) + (f" and {len(patterns) - 3} more" if len(patterns) > 3 else "")
    return f"all but {shown}" if negated else shown
