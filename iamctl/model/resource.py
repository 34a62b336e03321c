"""Resources, and the steps that make, change and end them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

from iamctl.model.address import Address, keep_case_of_names
from iamctl.model.operations import Operations
from iamctl.model.why import Why
from iamctl.text.counted import plural
from iamctl.text.late_dataclass import dataclass
from iamctl.text.once import once
from iamctl.text.origin import Origin

if TYPE_CHECKING:
    from iamctl.model.access_change import AccessChange
    from iamctl.model.settings import Settings
    from iamctl.model.snapshot import Snapshot
    from iamctl.model.state import State
    from iamctl.policy import Document


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
        while True:
            found = self.origins.get(path)
            if found or not path:
                return found
            path = path[:-1]


UndeclaredPolicy = Literal["report", "drift", "remove"]
"""What happens to live things that no manifest declares; ``drift`` reports them and counts them as drift."""


@dataclass(frozen=True)
class Section:
    """The section of a manifest in which a kind is declared, and what the kind is called there."""

    name: str
    """The key in a manifest and in the restore file, such as ``users``."""
    noun: str
    entry: str
    """The description of one entry."""
    example: Mapping[str, Any]
    """One entry by name."""
    comment: tuple[str, ...]
    """The lines of the comment at the top of an imported file."""
    live_ones: str = ""
    """Which live resources ``undeclared`` is about; by default the plural."""
    heading: str = ""
    """The heading of the kind's changes in a plan; by default the title of the kind."""
    entry_words: str = ""
    """What messages call an entry, before its key; by default the noun."""
    keyed_by: str = ""
    """The kind whose names are the keys of the entries; by default the kind itself."""
    has_fixed_keys: bool = False
    """Whether its keys are the properties of its schema, and not names; live ones that no manifest declares are not read."""
    undeclared: UndeclaredPolicy = "report"
    """What happens by default to a live resource that no manifest declares: the strict choice."""
    restored: Mapping[str, Any] = field(default_factory=dict)
    """The schema of what an entry in the restore file has for certain; empty for a kind that it leaves out."""
    restored_as: str = ""
    """The description of these entries."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "live_ones", self.live_ones or self.plural)
        object.__setattr__(self, "entry_words", self.entry_words or self.noun)

    @property
    def plural(self) -> str:
        """The noun in the plural."""
        return plural(self.noun)


@dataclass(frozen=True)
class RemovalLimit:
    """The entry of ``limits`` that counts removals of a kind, and its default."""

    name: str
    share: float = 0.10
    """The share of the live ones that one plan may remove by default."""
    is_declared: bool = True
    """Whether manifests list what it counts: none declared is then the sign of a lost section."""


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
    effects: tuple[AccessChange, ...] = ()
    """What the call does to who may do what."""
    service: str = "iam"
    follows: tuple[Address, ...] = ()
    """Users whose ways in end first; the step runs even if one of these steps fails."""
    beside_previous: bool = False
    """Whether it may run before the step that the kind yields before it, too."""


class Part(StrEnum):
    """What belongs to a resource, is deleted with it and has no address of its own."""

    SSH_KEY = "SSH key"
    SIGNING_CERTIFICATE = "signing certificate"
    SERVICE_CREDENTIAL = "service-specific credential"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing in IAM. Declared fields compare; observed facts and the origin do not."""

    kind: ClassVar[str]
    title: ClassVar[str]
    """The kind in the plural, above the changes of a plan."""
    noun: ClassVar[str]
    """One of the kind, as in "2 groups" of what a user who goes loses."""
    reference_fields: ClassVar[Mapping[str, str]] = {}
    """Field name to the kind that its value names: what must exist for this resource to exist."""
    operations: ClassVar[Operations] = Operations()
    """The IAM writes that its steps use, and no others: what ``iamctl permissions`` allows."""
    owner_field: ClassVar[str | None] = None
    """The field that names the resource this one hangs on and is managed with; None for a resource of its own."""
    manifest_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Manifest section to the part of its entries' JSON Schema that this kind reads."""
    section: ClassVar[Section | None] = None
    """The section of manifests that declares this kind; None for what is declared inside other entries."""
    document_files: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Manifest section to the path below an entry that may name the file of a document; ``*`` is any key."""
    limit: ClassVar[RemovalLimit | None] = None
    """The limit that counts removals of this kind."""
    longest_name: ClassVar[int | None] = None
    """Characters that IAM allows in the name of a new resource; None where names are not checked."""
    longest_live_name: ClassVar[int | None] = None
    """Characters that the name of a live resource may have, where these are more."""
    keeps_case: ClassVar[bool] = False
    """Whether IAM may tell two names of this kind apart that differ by case only."""
    parts_in_address: ClassVar[int | None] = None
    """Name parts of an address; by default 1, and 2 for what hangs on another resource."""

    origin: Origin | None = field(default=None, compare=False, repr=False)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.keeps_case:
            keep_case_of_names(cls.kind)

    @once
    def address(self) -> Address:
        """The kind with the names that tell the resource from all others of its kind."""
        raise NotImplementedError

    @once
    def references(self) -> tuple[Address, ...]:
        """The addresses that must exist for this resource to exist."""
        return tuple(Address.of(kind, getattr(self, name)) for name, kind in self.reference_fields.items())

    @once
    def owner(self) -> Address | None:
        """The address of the resource that this one hangs on, or None."""
        if self.owner_field is None:
            return None
        return Address.of(self.reference_fields[self.owner_field], getattr(self, self.owner_field))

    @property
    def unique_id(self) -> str | None:
        """The id that IAM gave the resource (``AIDA…``), where the live state told it."""
        return None

    def identity(self) -> Mapping[str, Any]:
        """Return, as JSON, what tells a live resource without an id from another one of its name."""
        return self.to_json()

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

    def to_manifest(self, writing: Writes) -> Any:
        """Return the entry of a manifest that declares this resource, or its part of the owner's entry.

        None for what no manifest says.
        """
        return None

    @classmethod
    def to_restore(cls, snapshot: Snapshot, names: frozenset[str]) -> list[dict[str, Any]]:
        """Return the entries of the restore file for the resources with these names, which are in lower case."""
        return []

    def form_errors(self) -> Iterable[str]:
        """Return why IAM would refuse the fields of this resource, beside its name and tags."""
        return ()

    def aligned(self, live: Self) -> Self:
        """Return the desired resource in the spelling of ``live``, with what the manifest leaves open taken from it."""
        return self

    @classmethod
    def declared(cls, manifests: Declares) -> Iterator[Self]:
        """Yield the resources of this kind that the manifests declare."""
        yield from ()

    @classmethod
    def live(cls, snapshot: Snapshot) -> Iterator[Self]:
        """Yield the resources of this kind in a snapshot, which holds what ``GetAccountAuthorizationDetails`` prints.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        raise NotImplementedError

    @classmethod
    def resolved_against_live(cls, desired: State, _live: State, _now: datetime, _settings: Settings) -> Iterable[Self]:
        """Return what is desired of this kind, given how the live account stands; as declared for most kinds."""
        return desired.of_kind(cls)

    @once
    def subject(self) -> Address:
        """The address of the user, group or policy of which a plan tells that something happens to this resource."""
        return self.owner or self.address

    @property
    def last_used(self) -> datetime | None:
        """When it was used last, where that is known."""
        return None

    def cause(self, after: Resource | None) -> Why | None:
        """Return why the live resource becomes ``after``, where the kind knows more than that it differs."""
        return None

    def takes(self, after: Resource | None) -> bool:
        """Tell whether becoming ``after`` counts as a removal under the limit of the kind."""
        return after is None

    def along(self) -> Mapping[Part, int]:
        """Return how many parts without an address of their own are deleted with the resource."""
        return {}

    def terms(self) -> Mapping[str, Any]:
        """Return, as JSON, the terms on which it is made beside its fields; the plan digest covers them."""
        return {}

    def beside_calls(self) -> Mapping[str, Any]:
        """Return, as JSON, what the manifest says of it that no call writes, such as when a membership ends."""
        return {}

    def create_steps(self) -> Iterator[Step]:
        """Yield the steps that create the resource."""
        raise NotImplementedError

    def update_steps(self, after: Self) -> Iterator[Step]:
        """Yield what turns this live resource into ``after``; a kind that only exists or not never updates."""
        yield from ()

    def split_steps(self, after: Self, middle: Document) -> Iterator[Step]:
        """Yield what turns this live resource into ``after`` with a document in between; nothing where that cannot be."""
        yield from ()

    def delete_steps(self) -> Iterator[Step]:
        """Yield the steps that delete this live resource."""
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


class Writes(Protocol):
    """What a kind asks of the manifests while it writes its resources to them."""

    def policy_name(self, arn: str) -> str:
        """Return how manifests name the managed policy with this ARN."""
        ...

    def text(self, text: str) -> str:
        """Return ``text`` as a manifest writes it, so that no part of it is read as a variable."""
        ...

    def document_file(self, document: Document, *path: str) -> str:
        """Return the path of a file for ``document``; ``path`` names its folders and the file."""
        ...
