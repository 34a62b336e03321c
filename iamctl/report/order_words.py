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
from iamctl.model.transition import Transition
from iamctl.policy import Atom, atoms_of
from iamctl.policy.middle import denies
from iamctl.policy.widened import Fitted, Width
from iamctl.text.counted import counted, listed

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


def transition_words(transition: Transition) -> str:
    """Return what a temporary policy denies and when, and why it denies more than it would have to."""
    put, removed = transition.calls
    by = f"from call {put} to call {removed}, by the temporary policy {transition.name}"
    if transition.former:
        by += f", which call {put} puts on {transition.former} before the rename"
    fit = transition.fitted
    if fit.width is Width.EXACT:
        return f"is denied {counted(sum(1 for _ in denies(fit.document)), 'statement')} more {by}"
    why = f"the exact statements have {fit.size:,} characters, and there is room for {fit.room:,}"
    return f"is denied {_wide_words(fit)} {by}. It denies more than necessary: {why}"


def _wide_words(fit: Fitted) -> str:
    """Return the actions that a widened policy denies on every resource."""
    if fit.width is Width.EVERYTHING:
        return "every action"
    atoms = atoms_of(fit.document, 0)
    actions = sorted({action for atom in atoms if not atom.negated_action for action in atom.actions})
    spared = [f"all but {listed(sorted(atom.actions), _MOST_PATTERNS)}" for atom in atoms if atom.negated_action]
    named = [listed(actions, _MOST_PATTERNS)] if actions else []
    condition = ", in part under conditions," if any(atom.condition for atom in atoms) else ""
    return f"{' and '.join([*named, *spared])} on every resource{condition}"


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
