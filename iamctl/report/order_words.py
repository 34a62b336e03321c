"""What the order of calls has to say about itself, in words."""

from __future__ import annotations

from iamctl.access.rebound import Rebound
from iamctl.model import Call
from iamctl.model.blocked import (
    DenyMissing,
    DeviceMissing,
    Gain,
    GainByTags,
    Late,
    Objection,
    Quota,
    QuotaExceeded,
    Reaches,
    TooFewAdministrators,
    Unguarded,
)
from iamctl.policy import Atom
from iamctl.text.counted import listed

_MOST_PATTERNS = 3
_QUOTAS = {
    Quota.GROUPS_PER_USER: "groups-per-user",
    Quota.POLICIES_PER_GROUP: "policies-per-group",
    Quota.INLINE_SIZE: "inline-policy-size",
}


def late_words(late: Late) -> str:
    """Return why a call comes late: after which other call, and what would be wrong before that one."""
    return f"after call {late.after}: until then {objection_words(late.objection)}"


def objection_words(objection: Objection) -> str:
    """Return what would be wrong, and for whom, such as ``user/dave would be without the MFA guard``."""
    who = objection.who
    match objection.why:
        case Gain(statement):
            return f"{who} would be allowed {statement_words(statement)}"
        case Reaches(statement, target):
            return f"{who} could use {statement_words(statement)} to gain access from {target}"
        case GainByTags(statement, target):
            return f"{who} would be allowed {statement_words(statement)} for {target}, whose tags have changed in part"
        case Unguarded():
            return f"{who} would be without the MFA guard"
        case DeviceMissing():
            return f"{who} would have a password and no MFA device"
        case DenyMissing(statement):
            return f"{who} would not be denied {statement_words(statement)}"
        case QuotaExceeded(what, holder):
            return f"{holder} would exceed the {_QUOTAS[what]} quota"
        case TooFewAdministrators():
            return "too few administrators would remain"


def statement_words(statement: Atom) -> str:
    """Return the requests that a statement matches, such as ``s3:GetObject on arn:aws:s3:::logs/*``."""
    if statement.opaque is not None:
        if isinstance(statement.opaque, Rebound):
            return f"{statement_words(statement.opaque.statement)}, as a changed name, path or tag decides it"
        return f"whatever {statement.opaque} allows" if isinstance(statement.opaque, str) else "an unusual statement"
    actions = _patterns(sorted(statement.actions), negated=statement.negated_action)
    resources = _patterns(sorted(statement.resources), negated=statement.negated_resource)
    condition = " under its condition" if statement.condition else ""
    return f"{actions} on {resources}{condition}"


def call_words(call: Call) -> str:
    """Return the operation and its subject, such as ``AddUserToGroup(developers, alice)``."""
    about = (value for name, value in call.params.items() if name != "PolicyDocument" and isinstance(value, str))
    return f"{call.operation}({', '.join(about)})"


def _patterns(patterns: list[str], *, negated: bool) -> str:
    shown = listed(patterns, _MOST_PATTERNS)
    return f"all but {shown}" if negated else shown
