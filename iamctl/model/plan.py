"""Changes, calls, findings, plans, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iamctl.model.address import Address, IamctlError
from iamctl.model.resource import Resource, Step
from iamctl.text.late_dataclass import dataclass
from iamctl.text.origin import Origin

if TYPE_CHECKING:
    from iamctl.model.affected import Affected
    from iamctl.model.approval_line import Approval
    from iamctl.model.blocked import Late
    from iamctl.model.declared_change import DeclaredChange
    from iamctl.model.settings import Desired
    from iamctl.model.upcoming import Upcoming
    from iamctl.model.why import Why


@dataclass(frozen=True)
class Call:
    """One AWS write with its place in the order; ``needs`` are the indexes of calls that must have succeeded before."""

    index: int
    service: str
    operation: str
    params: Mapping[str, Any]
    needs: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the call as ``iamctl-plan/1`` lists it; secrets are named, not included."""
        return {
            "index": self.index,
            "service": self.service,
            "operation": self.operation,
            "params": dict(self.params),
            "needs": list(self.needs),
        }


class Action(StrEnum):
    """What a change does; derived from its two sides."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """Two sides of one resource, live before and desired after; both absent is impossible."""

    before: Resource | None
    after: Resource | None
    why: Why | None = field(default=None, compare=False)
    """Why it is made; None where nobody compared the two sides."""
    fields: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.before is None and self.after is None:
            raise ValueError("a change has at least one side")

    @property
    def resource(self) -> Resource:
        """The side that tells the address: after, or before for a deletion."""
        side = self.after or self.before
        assert side is not None
        return side

    @property
    def address(self) -> Address:
        """The address of what changes."""
        return self.resource.address

    @property
    def action(self) -> Action:
        """Whether the resource is created, updated or deleted."""
        if self.before is None:
            return Action.CREATE
        return Action.DELETE if self.after is None else Action.UPDATE

    def steps(self) -> tuple[Step, ...]:
        """Return the AWS writes of this change, in the order in which they depend on each other."""
        if self.before is None:
            return tuple(self.resource.create_steps())
        if self.after is None:
            return tuple(self.before.delete_steps())
        return tuple(self.before.update_steps(self.after))


class Severity(StrEnum):
    """How much a finding weighs: ``error`` is found in files, ``refuse`` stops a plan, the others do not stop."""

    ERROR = "error"
    REFUSE = "refuse"
    WARN = "warn"
    INFO = "info"


HIDDEN_ADMINISTRATOR = "IAM433"
"""The rule that names administrators whom the manifests do not manage; drift counts them."""

RISK = "IAM418"
"""The rule that names who becomes an administrator, or loses a guard or a boundary: other risks may follow from it."""

LOST_ADMINISTRATOR = "IAM425"
"""The rule that names who is no longer an administrator after a plan; drift names who became one by hand."""

MADE_BY_HAND = "IAM460"
"""The rule that names what is against the manifests and nearly as bad as a new administrator; only drift asks it."""


class MadeByHand(StrEnum):
    """What is against the manifests: the first fact of each finding of the rule ``MADE_BY_HAND``."""

    WAY = "way"
    """Somebody can become an administrator by what a plan would change."""
    RESTRAINT = "restraint"
    """Somebody is without a guard or a boundary that a plan would bring back."""
    UNDECLARED = "undeclared"
    """Somebody can become an administrator by what no manifest declares, so that no plan changes it."""
    ROLE = "role"
    """Somebody can become an administrator by a role that no manifest names; roles are never managed."""


MANAGED_ACCOUNTS = "IAM439"
"""The rule that names what a change does to the accounts of a tree themselves."""

RESTRAINT = "IAM434"
"""The rule that names policies on users that only deny; nobody declares them, so drift counts them."""


@dataclass(frozen=True)
class Finding:
    """What a rule found: on manifests, on live state or on the plan."""

    rule: str
    severity: Severity
    message: str
    address: Address | None = None
    origin: Origin | None = None
    facts: tuple[str, ...] = ()
    """What tells it from other findings of the rule about the address; fingerprints and the digest have no message."""
    first: bool = False
    """Whether a report names it under "Look at this first"; if so, it is part of what the plan digest covers."""
    many: str = ""
    """The message for several subjects with equal facts, such as "become administrators"."""
    plural: str = ""
    """What a report says after the number of many findings of the rule, such as "users have no MFA device"."""
    standing: bool = False
    """Whether it was so before the plan: the same rule, subject and facts hold for the live state."""

    def to_json(self) -> dict[str, Any]:
        """Return the finding as ``iamctl-plan/1`` lists it; address and origin may be None."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "address": str(self.address) if self.address else None,
            "message": self.message,
            "origin": self.origin.to_json() if self.origin else None,
            "first": self.first,
            "standing": self.standing,
        }


class ManifestError(IamctlError):
    """The manifests have mistakes; ``findings`` holds all of them, ``beside`` what could be read beside them."""

    def __init__(self, findings: Iterable[Finding], beside: Desired | None = None) -> None:
        self.findings = tuple(findings)
        self.beside = beside
        errors = sum(finding.severity is Severity.ERROR for finding in self.findings)
        super().__init__(f"{errors} errors in the manifests")


@dataclass(frozen=True)
class Account:
    """The account that a plan is for; ``name`` is its name in the manifests."""

    id: str
    name: str
    partition: str


@dataclass(frozen=True)
class Counts:
    """How many of the live users or groups are whose; each is one of the three."""

    managed: int = 0
    ignored: int = 0
    undeclared: int = 0

    @property
    def live(self) -> int:
        """How many there are in the account."""
        return self.managed + self.ignored + self.undeclared


@dataclass(frozen=True)
class Plan:
    """All that apply will do to one account, and what the rules say about it."""

    account: Account
    created_at: datetime
    changes: tuple[Change, ...]
    calls: tuple[Call, ...]
    calls_of: tuple[tuple[int, ...], ...]
    """The indexes of the calls of each change, in the order of ``changes``."""
    findings: tuple[Finding, ...] = ()
    ignored: tuple[tuple[str, int], ...] = ()
    """Rule that ignores, and how many users, groups and policies it ignores."""
    undeclared: tuple[Address, ...] = ()
    """Users, groups and policies that no manifest declares and that are left alone."""
    undeclared_drift: tuple[Address, ...] = ()
    """Those of them that count as drift (``scope.undeclared``)."""
    cosmetic: tuple[Address, ...] = ()
    """Policies whose documents differ in Sid or Id alone: shown, and not written."""
    late: Mapping[int, Late] = field(default_factory=dict)
    """Why calls come later than preferred, by index."""
    relies_on: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Call to the earlier calls that must be seen everywhere before it is sent, by index."""
    upcoming: tuple[Upcoming, ...] = ()
    """What begins and ends within the next 14 days."""
    live_members: Mapping[Address, int] = field(default_factory=dict)
    """How many members the groups have now to which the plan adds users or from which it removes some."""
    affected: Mapping[Address, Affected] = field(default_factory=dict)
    """Whose access the changes of policies, of policies of groups and of boundaries touch, by change."""
    counts: Mapping[str, Counts] = field(default_factory=dict)
    """The live users and groups, by kind."""
    access_unchanged: tuple[Address, ...] = ()
    """Users whose policies the plan moves, from them or inside their groups, and who provably may do as much afterwards."""
    access_unproved: tuple[Address, ...] = ()
    """Users whose policies the plan moves and of whom that is not proved."""
    declared_changes: tuple[DeclaredChange, ...] = ()
    """What differs from the base and needs no call now."""
    manifests_compared: bool = False
    """Whether the manifests were compared with those of the base."""
    settings_compared: bool = False
    """Whether the settings were compared with those of the tree as it was."""
    credentials_as_of: datetime | None = None
    """When AWS made the credential report from which credentials are known; None where none was read."""
    manifest_digest: str = ""
    live_fingerprint: str = ""
    plan_digest: str = ""
    covered: Mapping[str, Any] = field(default_factory=dict)
    """What the plan digest covers, as JSON; see ``iamctl.planning.promise``."""
    approve: tuple[Approval, ...] = ()
    """The approvals that would permit what limits, keys in use and looser settings refuse here, and that no line gives."""

    @cached_property
    def risks(self) -> tuple[Finding, ...]:
        """What a reviewer must see first: who gains or loses what counts most. Part of what somebody approves."""
        return tuple(finding for finding in self.findings if finding.first)

    @property
    def is_refused(self) -> bool:
        """Whether a rule refuses the plan, so that it cannot be applied."""
        return any(finding.severity is Severity.REFUSE for finding in self.findings)


class CallError(IamctlError):
    """One AWS call that did not answer with success.

    ``ambiguous``: it is not known whether AWS carried it out. ``throttled``: AWS refused it for its rate alone.
    ``message`` is AWS's text in one line, not escaped for any output.
    """

    def __init__(self, code: str, message: str, *, ambiguous: bool = False, throttled: bool = False) -> None:
        self.code = code
        self.message = message
        self.ambiguous = ambiguous
        self.throttled = throttled
        super().__init__(f"{code}: {message}" if message else code)


class OutcomeStatus(StrEnum):
    """How a call ended; ``already-gone`` when its target no longer existed, ``unknown`` when AWS may have run it or not."""

    DONE = "done"
    ALREADY_GONE = "already-gone"
    FAILED = "failed"
    NOT_STARTED = "not-started"
    UNKNOWN = "unknown"


REACHED = frozenset({OutcomeStatus.DONE, OutcomeStatus.ALREADY_GONE})
"""The statuses of calls whose goal is reached."""


@dataclass(frozen=True)
class Outcome:
    """What became of one call of a plan; ``because`` is the index of the call at the root, for those not started."""

    call: Call
    status: OutcomeStatus
    error: str = ""
    code: str = ""
    because: int | None = None
