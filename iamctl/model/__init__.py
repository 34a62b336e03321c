"""The values that flow through iamctl: addresses, resources, states, changes, calls, findings and plans."""

from __future__ import annotations

from iamctl.model.address import Address, IamctlError
from iamctl.model.operations import Operations
from iamctl.model.plan import (
    REACHED,
    Account,
    Action,
    Call,
    CallError,
    Change,
    Counts,
    Finding,
    ManifestError,
    Outcome,
    OutcomeStatus,
    Plan,
    Severity,
)
from iamctl.model.resource import (
    Declares,
    Entry,
    Part,
    Phase,
    RemovalLimit,
    Resource,
    Section,
    Step,
    UndeclaredPolicy,
    Writes,
)
from iamctl.model.state import AnyResource, DuplicateResourceError, State
from iamctl.model.why import Reason, Why
from iamctl.text.origin import Origin

__all__ = [
    "REACHED",
    "Account",
    "Action",
    "Address",
    "AnyResource",
    "Call",
    "CallError",
    "Change",
    "Counts",
    "Declares",
    "DuplicateResourceError",
    "Entry",
    "Finding",
    "IamctlError",
    "ManifestError",
    "Operations",
    "Origin",
    "Outcome",
    "OutcomeStatus",
    "Part",
    "Phase",
    "Plan",
    "Reason",
    "RemovalLimit",
    "Resource",
    "Section",
    "Severity",
    "State",
    "Step",
    "UndeclaredPolicy",
    "Why",
    "Writes",
]
