"""Who belongs to which group: the declared memberships beside the live ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from iamctl.account.live import Live
from iamctl.comparison.group_policies import PolicyOfGroup, declared_policies, live_policies
from iamctl.comparison.scoped import Scoped
from iamctl.kinds import Membership
from iamctl.model import Account, Address, IamctlError, Origin, Reason, Resource, Why
from iamctl.model.settings import Desired
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of
from iamctl.text.nearest import did_you_mean

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot


class Status(StrEnum):
    """What becomes of a membership; ``declared`` where the account was not read."""

    DECLARED = "declared"
    BEGINS = "begins"
    JOINS = "joins"
    LEAVES = "leaves"
    ENDED = "ended"
    STAYS = "stays"
    IGNORED = "ignored"
    UNDECLARED = "undeclared"


class Standing(StrEnum):
    """What becomes of a group or a user."""

    DECLARED = "declared"
    NEW = "new"
    REMOVED = "removed"
    IGNORED = "ignored"
    UNDECLARED = "undeclared"


@dataclass(frozen=True)
class Member:
    """One user in one group; names as the live account spells them, and of a rename the new ones."""

    group: str
    user: str
    status: Status
    declared: bool
    """It stands in the manifests and has not ended."""
    live: bool | None
    """It is in the account; None where that was not read."""
    until: str | None = None
    """The end as the manifest writes it."""
    begins: str | None = None
    """The beginning as the manifest writes it."""
    reason: str | None = None
    """What the manifest says."""
    because: Why | None = None
    """Why it leaves or is left alone."""
    not_before: str | None = None
    """The day before which a live membership cannot have begun, since its user or its group did not exist.

    IAM does not tell when a user joined a group: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html
    """
    origin: Origin | None = None


@dataclass(frozen=True)
class Named:
    """A group with its members, or a person with their groups."""

    name: str
    standing: Standing
    members: tuple[Member, ...]
    because: Why | None = None
    """Why it is ignored."""
    renamed_from: str | None = None
    policies: tuple[PolicyOfGroup, ...] = ()
    """The managed and inline policies of a group."""

    def count(self, *statuses: Status) -> int:
        """Return how many memberships have one of these statuses."""
        return sum(member.status in statuses for member in self.members)


@dataclass(frozen=True)
class Roster:
    """All memberships of one account, by group and by person; both without regard to case in order."""

    account: Account
    created_at: datetime
    is_live: bool
    """The account was read."""
    groups: tuple[Named, ...]
    people: tuple[Named, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of all groups, group by group."""
        return tuple(member for group in self.groups for member in group.members)

    @property
    def totals(self) -> dict[str, int]:
        """Return how many groups, people and memberships there are, and the memberships by status."""
        members = self.members
        by_status = Counter(member.status for member in members)
        return {
            "groups": len(self.groups),
            "people": len(self.people),
            "declared": sum(member.declared for member in members),
            "live": sum(bool(member.live) for member in members),
            **{status.value: by_status[status] for status in Status if status is not Status.DECLARED},
        }


class UnknownNameError(IamctlError):
    """A filter names a group or a user that is neither declared nor live."""


def declared_roster(desired: Desired, now: datetime) -> Roster:
    """Return what the manifests alone say."""
    found = _Builder(desired)
    for membership in _memberships(desired.state):
        found.add(membership, Status.DECLARED, declared=True, live=None)
    for membership in _memberships(desired.ended):
        found.add(membership, Status.ENDED, declared=False, live=None, because=_expired(membership))
    for membership in _memberships(desired.upcoming):
        found.add(membership, Status.BEGINS, declared=False, live=None)
    return found.roster({address: _Root(Standing.DECLARED) for address in _roots(desired.state)}, now)


def live_roster(
    desired: Desired, scoped: Scoped, live: Live, now: datetime, created: Mapping[Address, datetime] | None = None
) -> Roster:
    """Return what the manifests say beside what is live; ``created`` are the dates of ``created_at``."""
    found = _Builder(desired, scoped, live, created or {})
    declared = {membership.address: membership for membership in _memberships(scoped.desired)}
    ended = {membership.address: membership for membership in _memberships(desired.ended)}
    later = {membership.address: membership for membership in _memberships(desired.upcoming)}
    for address, membership in declared.items():
        if address in scoped.whole:
            found.add(membership, Status.STAYS, declared=True, live=True)
        else:
            found.add(membership, Status.JOINS, declared=True, live=False)
    for membership in _memberships(scoped.whole):
        address = membership.address
        if address in declared:
            continue
        told = ended.get(address) or later.get(address, membership)
        status, because = _undesired(address, scoped, ended)
        if address in later and status is Status.LEAVES and because.reason is Reason.UNDECLARED:
            because = Why(Reason.NOT_YET, date=later[address].begins or "")
        found.add(told, status, declared=False, live=True, because=because)
    for address, membership in ended.items():
        if address not in scoped.whole:
            found.add(membership, Status.ENDED, declared=False, live=False, because=_expired(membership))
    for address, membership in later.items():
        if address not in scoped.whole:
            found.add(membership, Status.BEGINS, declared=False, live=False)
    return found.roster(_standings(scoped), now)


def created_at(snapshot: Snapshot) -> dict[Address, datetime]:
    """Return when the live users and groups were made, as far as a snapshot tells."""
    users = ((Address.of("user", user["UserName"]), user) for user in snapshot.get("UserDetailList", ()))
    groups = ((Address.of("group", group["GroupName"]), group) for group in snapshot.get("GroupDetailList", ()))
    details = (*users, *groups)
    return {address: moment for address, detail in details if (moment := _moment(detail.get("CreateDate")))}


def selected(roster: Roster, groups: Iterable[str], users: Iterable[str]) -> Roster:
    """Return the part of the roster that is about some groups and some users; none named means all of them.

    Raises:
        UnknownNameError: a name is neither declared nor live; a name from before a rename is known, too.
    """
    in_groups = _chosen("group", groups, roster.groups, is_live=roster.is_live)
    in_people = _chosen("user", users, roster.people, is_live=roster.is_live)

    def part(rows: tuple[Named, ...], chosen: frozenset[str] | None, *, keep_empty: bool) -> tuple[Named, ...]:
        kept = []
        for row in rows:
            members = tuple(
                member
                for member in row.members
                if (in_groups is None or member.group in in_groups) and (in_people is None or member.user in in_people)
            )
            if (chosen is None or row.name in chosen) and (members or keep_empty):
                kept.append(replace(row, members=members))
        return tuple(kept)

    return replace(
        roster,
        groups=part(roster.groups, in_groups, keep_empty=in_people is None),
        people=part(roster.people, in_people, keep_empty=in_groups is None),
    )


@dataclass(frozen=True)
class _Root:
    """What is known of a group or a user beside its memberships."""

    standing: Standing
    because: Why | None = None
    renamed_from: str | None = None


class _Builder:
    """Gathers memberships under the names that the reader knows."""

    def __init__(
        self,
        desired: Desired,
        scoped: Scoped | None = None,
        live: Live | None = None,
        created: Mapping[Address, datetime] | None = None,
    ) -> None:
        self._account = Account(
            live.account_id if live else desired.settings.account_id,
            desired.settings.account_name,
            live.partition if live else desired.partition,
        )
        self._scoped = scoped
        self._declared = desired.state
        self._created = created or {}
        self._members: list[Member] = []
        states = (scoped.desired, scoped.whole) if scoped else (desired.state,)
        # the last spelling holds, the live one; what is renamed stands in the live state under its new name
        self._names = {address: address.name for state in states for address in _roots(state)}

    def add(
        self, membership: Membership, status: Status, *, declared: bool, live: bool | None, because: Why | None = None
    ) -> None:
        group, user = Address.of("group", membership.group), Address.of("user", membership.user)
        self._members.append(
            Member(
                group=self._names.get(group, membership.group),
                user=self._names.get(user, membership.user),
                status=status,
                declared=declared,
                live=live,
                until=membership.until,
                begins=membership.begins,
                reason=membership.why,
                because=because,
                not_before=self._not_before(group, user) if live else None,
                origin=membership.origin,
            )
        )

    def roster(self, roots: Mapping[Address, _Root], now: datetime) -> Roster:
        members = sorted(self._members, key=lambda member: Address.of("membership", member.group, member.user))
        by_root: dict[Address, list[Member]] = defaultdict(list)
        for member in members:
            by_root[Address.of("group", member.group)].append(member)
            by_root[Address.of("user", member.user)].append(member)
        policies = live_policies(self._scoped) if self._scoped else declared_policies(self._declared)

        def rows(kind: str) -> tuple[Named, ...]:
            return tuple(
                Named(
                    self._names[address],
                    root.standing,
                    tuple(by_root[address]),
                    root.because,
                    root.renamed_from,
                    policies.get(address, ()),
                )
                for address, root in sorted(roots.items())
                if address.kind == kind
            )

        return Roster(self._account, now, self._scoped is not None, rows("group"), rows("user"))

    def _not_before(self, *roots: Address) -> str | None:
        """Return the day on which the younger of the two was made, where both are known."""
        assert self._scoped is not None
        resources = [self._scoped.whole.get(root) for root in roots]
        moments = [self._created.get(resource.address) for resource in resources if resource is not None]
        known = [moment for moment in moments if moment]
        return max(known).date().isoformat() if known else None


def _memberships(resources: Iterable[Resource]) -> Iterable[Membership]:
    return (resource for resource in resources if isinstance(resource, Membership))


def _roots(state: Any) -> Iterable[Address]:
    return (address for address in state.resources if address.kind in {"group", "user"})


def _undesired(address: Address, scoped: Scoped, ended: Mapping[Address, Membership]) -> tuple[Status, Why]:
    """Return what becomes of a live membership that is not desired, and why."""
    group, user = Address.of("group", address.parts[0]), Address.of("user", address.parts[1])
    if address in scoped.live:
        for root in (group, user):
            if root in scoped.going:
                return Status.LEAVES, Why(Reason.DELETED_WITH, root)
        if address in ended:
            return Status.ENDED, _expired(ended[address])
        return Status.LEAVES, Why(Reason.UNDECLARED) if user in scoped.desired else Why(Reason.USER_UNDECLARED, user)
    for root in (user, group):
        if root in scoped.ignored:
            return Status.IGNORED, Why(Reason.IGNORED, root, rule=str(scoped.ignored[root]))
    if group not in scoped.desired:
        return Status.UNDECLARED, Why(Reason.GROUP_UNDECLARED, group)
    return Status.UNDECLARED, Why(Reason.EXPIRED_LEFT_ALONE if address in ended else Reason.LEFT_ALONE)


def _expired(membership: Membership) -> Why:
    return Why(Reason.EXPIRED, date=membership.until or "")


def _standings(scoped: Scoped) -> dict[Address, _Root]:
    found = {}
    for address in {*_roots(scoped.whole), *_roots(scoped.desired)}:
        if address in scoped.going:
            found[address] = _Root(Standing.REMOVED)
        elif address in scoped.desired:
            before = scoped.whole.get(address)
            old_name = before.address.name if before and before.address != address else None
            found[address] = _Root(Standing.DECLARED if before else Standing.NEW, renamed_from=old_name)
        elif address in scoped.ignored:
            found[address] = _Root(Standing.IGNORED, Why(Reason.IGNORED, address, rule=str(scoped.ignored[address])))
        else:
            found[address] = _Root(Standing.UNDECLARED)
    return found


def _moment(text: object) -> datetime | None:
    """Return the moment in a snapshot, in UTC; None where it is not one."""
    try:
        return start_of(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _chosen(kind: str, names: Iterable[str], rows: tuple[Named, ...], *, is_live: bool) -> frozenset[str] | None:
    known = {row.renamed_from.lower(): row.name for row in rows if row.renamed_from}
    known |= {row.name.lower(): row.name for row in rows}
    found = set()
    for name in names:
        if name.lower() not in known:
            where = "declared or live" if is_live else "declared"
            raise UnknownNameError(f"no {kind} {name!r} is {where}{did_you_mean(name[:256], known.values())}")
        found.add(known[name.lower()])
    return frozenset(found) or None
