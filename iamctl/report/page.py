"""What a page in a browser shows beside the text of a report: people, groups and policies, as facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.shares import Share
    from iamctl.report.blocks import Line, Section, Style


ROW_INDENT = 3
"""The indent of a row of access; what is further in explains the row."""


class Sign(StrEnum):
    """What becomes of something: it stays, a plan adds it, or a plan removes it."""

    KEPT = ""
    ADDED = "+"
    REMOVED = "-"


class Place(StrEnum):
    """The parts of the page that a tile can lead to."""

    FIRST = "first"
    REFUSED = "refused"
    PEOPLE = "people"
    GROUPS = "groups"
    PERSON = "person"
    MATRIX = "matrix"
    SUMMARY = "summary"
    ERRORS = "errors"
    FAILED = "failed"
    NOT_EVALUATED = "not-evaluated"
    ACCEPTED = "accepted"
    ACCOUNTS = "accounts"
    ACROSS = "across"


@dataclass(frozen=True)
class Tile:
    """A number of the account or the plan, and the part of the page that explains it."""

    label: str
    value: str
    place: Place
    style: Style = ""


@dataclass(frozen=True, order=True)
class Edge:
    """One group or policy that somebody has; ``target`` is the position in ``Page.groups`` or ``Page.policies``."""

    target: int
    sign: Sign = Sign.KEPT
    terms: str = ""
    """When a membership ends and why it is there, as the manifest writes it."""


@dataclass(frozen=True)
class PagePolicy:
    """A managed or inline policy and what it allows."""

    name: str
    is_changed: bool = False
    """Whether the plan changes its document."""
    is_known: bool = True
    """Whether its document is known."""
    grants: tuple[str, ...] = ()
    """What it allows and denies by itself, the worst first."""


@dataclass(frozen=True)
class PageServices:
    """Which services people may use by access level: what each policy adds, and what limits let it add for whom.

    A person may use what any of their policies adds. Policies are positions in ``Page.policies``.
    """

    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All services that have actions of each access level, the most dangerous level first."""
    after: tuple[Share, ...] = ()
    """What each policy adds by itself after the plan."""
    before: Mapping[int, Share] = field(default_factory=dict)
    """What policies add now whose documents the plan changes."""
    limited: tuple[Mapping[int, Share], ...] = ()
    """What policies add under Denies, boundaries and conditions where that is less; the first limits nothing."""
    of_people: tuple[tuple[int, int], ...] = ()
    """For each person the position in ``limited`` before and after the plan."""


@dataclass(frozen=True)
class PageGroup:
    """A group; a member has other policies through it if they stay, join or leave."""

    name: str
    sign: Sign
    status: str
    """How the manifests manage it; empty for a declared group."""
    members: tuple[int, int]
    """The number of members before and after."""
    policies: tuple[Edge, ...]
    """What becomes of its policies; the same for a member who stays."""
    joining: tuple[Edge, ...] = ()
    """What a member who joins gains through it."""
    leaving: tuple[Edge, ...] = ()
    """What a member who leaves loses through it."""


@dataclass(frozen=True)
class PageKey:
    """An access key, without its id."""

    is_active: bool
    created: datetime | None = None
    used: datetime | None = None
    is_use_known: bool = False


@dataclass(frozen=True)
class PageCredentials:
    """How a user signs in; None for what is unknown."""

    has_password: bool | None = None
    password_since: datetime | None = None
    password_used: datetime | None = None
    is_password_use_known: bool = False
    has_mfa: bool | None = None
    keys: tuple[PageKey, ...] | None = None


@dataclass(frozen=True)
class PagePerson:
    """One user with all that the page can show of them."""

    name: str
    sign: Sign
    status: str
    path: str
    tags: Mapping[str, str]
    groups: tuple[Edge, ...]
    policies: tuple[Edge, ...]
    """The policies that the user has without a group."""
    boundary: tuple[Edge, ...]
    credentials: PageCredentials = PageCredentials()
    is_changed: bool = False
    """Whether the plan touches the user or one of their edges."""
    notes: tuple[str, ...] = ()
    """What rules found about the user."""
    ways: tuple[str, ...] = ()
    """Whether the user is an administrator or can become one, and how."""


@dataclass(frozen=True)
class Card:
    """What a plan does to one user or group."""

    name: str
    sign: str
    note: str
    """What happens to it, such as "will be deleted"; empty if only its edges change."""
    style: Style
    lines: tuple[Line, ...]
    access: int | None = None
    """The position in ``Page.access``, whose people gain and lose the same."""


@dataclass(frozen=True)
class TopSection:
    """A section that comes before the people; a tile leads to one with a place."""

    section: Section
    place: Place | None = None
    is_urgent: bool = True
    """Whether a section with a place has a frame."""


@dataclass(frozen=True)
class PageAccount:
    """One account of a run over many."""

    name: str
    account_id: str
    wave: str
    outcome: str
    """How it ended, in a word or two."""
    style: Style
    note: str = ""
    """Why it was not planned or not finished."""
    sums: str = ""
    """How much changes, such as "3 changes"."""
    lines: tuple[Line, ...] = ()
    """What rules found that stops or must be seen first."""
    plan: int | None = None
    """The position in ``Page.plans``, which accounts with equal plans share."""
    is_quiet: bool = False
    """Whether there is nothing to see."""


@dataclass(frozen=True)
class AcrossAccounts:
    """One person and what happens to them, each with the positions in ``Page.accounts`` where it does."""

    name: str
    is_risky: bool
    parts: tuple[tuple[tuple[int, ...], tuple[Line, ...]], ...]

    @property
    def number(self) -> int:
        """In how many accounts something happens to the person."""
        return len({account for accounts, _ in self.parts for account in accounts})


@dataclass(frozen=True)
class Page:
    """The account before and after a plan, and the order of the page."""

    created_at: datetime
    tiles: tuple[Tile, ...] = ()
    top: tuple[TopSection, ...] = ()
    """What comes before the people."""
    legend: str = ""
    """What the signs beside people, groups and policies mean."""
    rest: tuple[Section, ...] = ()
    """What comes after the matrix."""
    people: tuple[PagePerson, ...] = ()
    groups: tuple[PageGroup, ...] = ()
    policies: tuple[PagePolicy, ...] = ()
    services: PageServices = PageServices()
    cards: tuple[Card, ...] = ()
    group_cards: tuple[Card, ...] = ()
    access: tuple[tuple[tuple[Line, ...], tuple[Line, ...]], ...] = ()
    """What people gain and lose: in short, and in full where that is more."""
    limits: tuple[Line, ...] = ()
    """What the access of the cards does not count."""
    accounts: tuple[PageAccount, ...] = ()
    """The accounts of a run over many, the worst first; a page that has them shows no people of one account."""
    plans: tuple[tuple[Line, ...], ...] = ()
    across: tuple[AcrossAccounts, ...] = ()

    def rewritten(
        self, of_section: Callable[[Section], Section], of_lines: Callable[[tuple[Line, ...]], tuple[Line, ...]]
    ) -> Page:
        """Return the page with every section and all lines of cards replaced."""

        def of_card(card: Card) -> Card:
            return replace(card, lines=of_lines(card.lines))

        return replace(
            self,
            top=tuple(replace(one, section=of_section(one.section)) for one in self.top),
            rest=tuple(map(of_section, self.rest)),
            cards=tuple(map(of_card, self.cards)),
            group_cards=tuple(map(of_card, self.group_cards)),
        )
