"""The values that flow through iamctl: addresses, resources, states, changes, calls, findings and plans."""

from __future__ import annotations

from iamctl.model.address import Address, IamctlError
from iamctl.model.plan import (
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
from iamctl.model.resource import AnyResource, Declares, DuplicateResourceError, Entry, Phase, Resource, State, Step
from iamctl.text.origin import Origin

__all__ = [
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
    "Origin",
    "Outcome",
    "OutcomeStatus",
    "Phase",
    "Plan",
    "Resource",
    "Severity",
    "State",
    "Step",
]
