"""The values that flow through iamctl: addresses, origins, resources, states, changes, calls, findings and plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from iamctl.document import Document
    from iamctl.effect import Effect


class IamctlError(Exception):
    """Something that a user can mend; the command ends with ``exit_code``."""

    exit_code = 1


class DuplicateResourceError(IamctlError):
    """Two resources share an address."""

    def __init__(self, second: Resource, first: Resource) -> None:
        place = f"{second.origin}: " if second.origin else ""
        before = f" at {first.origin}" if first.origin else ""
        super().__init__(f"{place}{second.address} is already declared{before}")


@dataclass(frozen=True, order=True)
class Origin:
    """Where something is declared: a path relative to the manifest tree, line and column counted from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "line": self.line, "column": self.column}


_EXACT_NAMES = frozenset({"group-inline-policy", "user-inline-policy"})
"""Kinds whose last name part keeps its case: AWS does not say that inline policy names are compared without it, so a
live account with ``A`` beside ``a`` must load."""


@dataclass(frozen=True, eq=False)
class Address:
    """The identity of a resource: ``kind`` and name parts, compared without regard to case, as IAM compares names.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    kind: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, *parts: str) -> Address:
        return cls(kind, parts)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The folded form that decides equality and order."""
        folded = (self.kind, *(part.lower() for part in self.parts))
        return (*folded[:-1], self.parts[-1]) if self.kind in _EXACT_NAMES else folded

    @property
    def name(self) -> str:
        return self.parts[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.key == other.key

    def __lt__(self, other: Address) -> bool:
        return (self.key, self.parts) < (other.key, other.parts)

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return "/".join((self.kind, *self.parts))


@dataclass(frozen=True)
class Entry:
    """One entry of a manifest section: its name, its value as the schema types it, and where each part stands.

    ``origins`` maps a path inside ``value`` to its place; ``()`` is the entry's own key.
    """

    section: str
    name: str
    value: Any
    origins: Mapping[tuple[str | int, ...], Origin] = field(default_factory=dict, compare=False)

    def origin(self, *path: str | int) -> Origin | None:
        """Return the place of the value at ``path``, or of the nearest thing around it."""
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins.get(path)


class Phase(IntEnum):
    """When a step is best run; a preference among the steps that may run. Narrowing comes before widening."""

    CREATE = 0
    LOCK = 10
    REVOKE = 20
    CHANGE = 30
    GRANT = 40
    TIDY = 50
    DELETE = 60


@dataclass(frozen=True)
class Step:
    """One AWS write before it has a place in the order.

    ``uses`` must exist while it runs, ``makes`` exists after it, ``ends`` is gone after it (so that every other step
    that uses it comes first). Steps of one change run in the order in which the kind yields them.
    """

    operation: str
    params: Mapping[str, Any]
    phase: Phase
    uses: tuple[Address, ...] = ()
    makes: tuple[Address, ...] = ()
    ends: tuple[Address, ...] = ()
    effects: tuple[Effect, ...] = ()
    """What the call does to who may do what."""
    service: str = "iam"


@dataclass(frozen=True)
class Call:
    """One AWS write with its place in the order; ``needs`` are the indexes of calls that must have succeeded before."""

    index: int
    service: str
    operation: str
    params: Mapping[str, Any]
    needs: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "service": self.service,
            "operation": self.operation,
            "params": dict(self.params),
            "needs": list(self.needs),
        }


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing in IAM. Declared fields compare; observed facts and the origin do not."""

    kind: ClassVar[str]
    reference_fields: ClassVar[Mapping[str, str]] = {}
    """Field name to the kind that its value names: what must exist for this resource to exist."""
    owner_field: ClassVar[str | None] = None
    """The field that names the resource this one hangs on and is managed with; None for a resource of its own."""
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Manifest section to the part of its entries' JSON Schema that this kind reads."""
    limit: ClassVar[str] = ""
    """The entry of ``limits`` that counts removals of this kind."""

    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def address(self) -> Address:
        raise NotImplementedError

    @property
    def references(self) -> tuple[Address, ...]:
        """The addresses that must exist for this resource to exist."""
        return tuple(Address.of(kind, getattr(self, name)) for name, kind in self.reference_fields.items())

    @property
    def owner(self) -> Address | None:
        """The address of the resource that this one hangs on, or None."""
        if self.owner_field is None:
            return None
        return Address.of(self.reference_fields[self.owner_field], getattr(self, self.owner_field))

    @property
    def unique_id(self) -> str | None:
        """The id that IAM gave the resource (``AIDA…``), where the live state told it."""
        return None

    def renamed(self, old: Address, new: Address) -> Self:
        """Return the resource as it is once ``old`` is called ``new``."""
        names: dict[str, Any] = {
            name: new.name
            for name, kind in self.reference_fields.items()
            if kind == old.kind and Address.of(kind, getattr(self, name)) == old
        }
        return replace(self, **names) if names else self

    def to_json(self) -> dict[str, Any]:
        """Return the declared fields as JSON, as a plan shows them."""
        raise NotImplementedError

    def aligned(self, live: Self) -> Self:
        """Return the desired resource in the spelling of ``live``, with what the manifest leaves open taken from it."""
        return self

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        """Yield the resources of this kind that the manifests declare."""
        yield from ()

    @classmethod
    def live(cls, snapshot: Mapping[str, Any]) -> Iterator[Self]:
        """Yield the resources of this kind in a snapshot, which holds what ``GetAccountAuthorizationDetails`` prints.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        raise NotImplementedError

    def create_steps(self) -> Iterator[Step]:
        raise NotImplementedError

    def update_steps(self, after: Self) -> Iterator[Step]:
        """Yield what turns this live resource into ``after``; a kind that only exists or not never updates."""
        yield from ()

    def delete_steps(self) -> Iterator[Step]:
        raise NotImplementedError


class Declares(Protocol):
    """What a kind asks of the manifests while it reads its resources from them.

    Mistakes on the way (an unknown policy, a file that is no JSON) are kept by the manifests as findings; the answer
    is then None and the kind leaves that resource out.
    """

    account_id: str
    partition: str

    def entries(self, section: str) -> Iterable[Entry]:
        """Return the entries of a section, of all files, with variables and defaults filled in."""
        ...

    def policy_arn(self, entry: Entry, *path: str | int) -> str | None:
        """Return the ARN of the policy that the text at ``path`` of the entry names."""
        ...

    def document(self, entry: Entry, *path: str | int) -> Document | None:
        """Return the policy document that stands at ``path`` of the entry, or in the file that it points to."""
        ...


AnyResource = TypeVar("AnyResource", bound=Resource)


@dataclass(frozen=True)
class State:
    """Resources by address, desired or live."""

    resources: Mapping[Address, Resource]

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> State:
        """Return the state that holds ``resources``.

        Raises:
            DuplicateResourceError: two of them share an address.
        """
        found: dict[Address, Resource] = {}
        for resource in resources:
            first = found.setdefault(resource.address, resource)
            if first is not resource:
                raise DuplicateResourceError(resource, first)
        return cls(found)

    def get(self, address: Address) -> Resource | None:
        return self.resources.get(address)

    def __contains__(self, address: object) -> bool:
        return address in self.resources

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def of_kind(self, kind: type[AnyResource]) -> tuple[AnyResource, ...]:
        """Return the resources of one kind, by address."""
        found = (resource for resource in self if isinstance(resource, kind))
        return tuple(sorted(found, key=lambda resource: resource.address))


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
    reason: str = field(default="", compare=False)
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
        return self.resource.address

    @property
    def action(self) -> Action:
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


@dataclass(frozen=True)
class Finding:
    """What a rule found: on manifests, on live state or on the plan."""

    rule: str
    severity: Severity
    message: str
    address: Address | None = None
    origin: Origin | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "address": str(self.address) if self.address else None,
            "message": self.message,
            "origin": self.origin.to_json() if self.origin else None,
        }


class ManifestError(IamctlError):
    """The manifests have mistakes; ``findings`` holds all of them."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"{len(self.findings)} errors in the manifests")


@dataclass(frozen=True)
class Account:
    """The account that a plan is for; ``name`` is its name in the manifests."""

    id: str
    name: str
    partition: str


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
    late: Mapping[int, str] = field(default_factory=dict)
    """Why calls come later than they are preferred, by index."""
    ending: tuple[Resource, ...] = ()
    """Memberships that end within the next 14 days."""
    manifest_digest: str = ""
    live_fingerprint: str = ""
    plan_digest: str = ""

    @property
    def is_refused(self) -> bool:
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
    """How a call ended; ``unknown`` when AWS may or may not have carried it out."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not-started"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """What became of one call of a plan; ``because`` is the index of the call at the root, for those not started."""

    call: Call
    status: OutcomeStatus
    error: str = ""
    code: str = ""
    because: int | None = None
