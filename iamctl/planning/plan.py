"""From the manifests and the live account to a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from iamctl.access.asserted import unread_documents
from iamctl.access.held import PolicySources
from iamctl.access.mfa_guard import guards
from iamctl.account.live import Live
from iamctl.account.needs import Needs
from iamctl.account.role_policies import role_policies
from iamctl.comparison.adopted import adopted_users, touched_addresses
from iamctl.comparison.caller import restrainable_users
from iamctl.comparison.diff import cosmetic, diff
from iamctl.comparison.leavers import leaving_names
from iamctl.comparison.scope import scope
from iamctl.comparison.scoped import Scoped
from iamctl.comparison.settings_guard import is_compared
from iamctl.kinds import AccessKey, GroupPolicy, LoginProfile, Membership, Policy, User, root_kinds
from iamctl.kinds.access_key import INACTIVE_SINCE, deeds_for, keys_by_user
from iamctl.kinds.rotation import NEW_KEY, WaitReason
from iamctl.model import Account, Address, Change, Counts, Plan, Resource, State
from iamctl.model.settings import Desired
from iamctl.order import Holdings, Ordered, gaining_people, order, unread
from iamctl.order.holdings import held_documents, holdings
from iamctl.planning.account_settings import setting_reads, without_unknown_settings
from iamctl.planning.causes import with_causes
from iamctl.planning.doubts import is_in_doubt, is_password_in_doubt
from iamctl.planning.due import due_changes, upcoming
from iamctl.planning.promise import digest, promised
from iamctl.planning.reasons import reasons
from iamctl.planning.standing import with_standing
from iamctl.report.member_changes import live_member_counts
from iamctl.rules import Review, after_changes, check
from iamctl.text.late_dataclass import dataclass


@dataclass(frozen=True)
class Comparison:
    """The manifests and the live account side by side, worked out once for all that a plan asks of it."""

    desired: Desired
    live: Live
    now: datetime
    scoped: Scoped
    changes: tuple[Change, ...]
    earlier: Comparison | None = field(default=None, compare=False, repr=False)
    """The same comparison when less was known of the account than its resources: what these tell is taken from it."""

    @cached_property
    def sources(self) -> PolicySources:
        """Who holds which policy before the first call."""
        if self.earlier and self.live.roles == self.earlier.live.roles:
            return self.earlier.sources.knowing(self.live)
        return PolicySources(self.live, self.scoped.whole)

    @cached_property
    def holdings(self) -> Holdings:
        """Who holds what before the first call."""
        live, earlier = self.live, self.earlier
        if earlier and (live.roles, live.summary) == (earlier.live.roles, earlier.live.summary):
            return replace(earlier.holdings, documents=held_documents(live, self.sources))
        return holdings(live, self.scoped.whole, self.sources)

    def knowing(self, live: Live) -> Comparison:
        """Return the comparison with documents of AWS-managed policies in ``live``, whose resources are the same."""
        return replace(self, live=live, earlier=self)

    def needs(self, fetched: Needs, made: frozenset[str] = frozenset(), *, trusts_report: bool = False) -> Needs:
        """Return what must be read beyond ``fetched`` before the plan can be made; ``made`` are this run's new users.

        With ``trusts_report`` nobody is asked for whom the plan reaches only through a group or a policy and who has no
        password in the credential report. Documents come last: which of them decide anything may depend on all else.
        """
        needs = Needs.of(
            all_credentials=self.leaving_users,
            sign_in=self.users_to_look_up(made),
            passwords=self._exposed(made, trusts_report=trusts_report),
            keys_and_certificates=self._users_with_more_to_read(made),
            unassigned_devices=self._new_users() if self.live.unassigned_devices is None else (),
            policy_details=self._policies_to_look_up(),
            policy_descriptions=self._policies_to_describe(),
            audit=setting_reads(self.desired),
            secrets=self._secrets_to_look_up(),
            signin_sessions=leaving_names(self.scoped, self.changes, self.live.state, self.now),
        )
        return (needs - fetched) or (Needs.of(policy_documents=self.unread_policies) - fetched)

    def _secrets_to_look_up(self) -> Iterator[str]:
        """Yield the secrets that decide whether a key can be created, or whether anyone has one."""
        held: Mapping[Address, list[AccessKey]] | None = None
        patience = timedelta(days=self.desired.settings.access_keys.delete_after_days)
        for user in self.scoped.desired.of_kind(User):
            if user.rotation and user.rotation.secret:
                held = keys_by_user(self.scoped.whole) if held is None else held
                keys = held.get(user.address, [])
                waits = deeds_for(user, self.scoped.whole.get(user.address), keys, self.now, patience).waits
                if waits and waits.reason is WaitReason.SECRET_UNKNOWN:
                    yield user.rotation.secret

    def _policies_to_look_up(self) -> set[str]:
        """Return the ARNs whose details decide changes: those with declared tags, and AWS's own that nobody has yet."""
        desired, live = self.desired.state, self.live
        tagged = {
            found.arn
            for policy in desired.of_kind(Policy)
            if policy.tags is not None and isinstance(found := live.state.get(policy.address), Policy)
        }
        named = {attached.policy_arn for attached in desired.of_kind(GroupPolicy)}
        named |= {user.permissions_boundary for user in desired.of_kind(User) if user.permissions_boundary}
        return tagged | {arn for arn in named if ":iam::aws:" in arn and arn not in live.known_aws_policies}

    def _policies_to_describe(self) -> set[str]:
        """Return the ARNs of live policies whose manifest gives a description and no tags, which would tell it as well."""
        return {
            found.arn
            for policy in self.desired.state.of_kind(Policy)
            if policy.description is not None
            and policy.tags is None
            and isinstance(found := self.live.state.get(policy.address), Policy)
            and found.description is None
        }

    @property
    def leaving_users(self) -> tuple[str, ...]:
        """The names of the live users that the plan removes: all that hangs on them must be known first."""
        whole, going = self.scoped.whole, self.scoped.going
        return tuple(sorted(whole.resources[address].address.name for address in going if address.kind == "user"))

    def users_to_look_up(self, made: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Return the names of the declared live users whose credentials must be asked for one by one.

        These are the users whom the plan changes or who are new to the manifests, those of whom the credential report
        tells nothing, since they are newer, those of whom it tells something else than the manifest, and those with a key
        that iamctl made inactive: the report has no ids. A user whom this run has just ``made`` holds
        nothing yet but the password that the manifest gives them.
        """
        found, profiles = [], {profile.owner: profile for profile in self.desired.state.of_kind(LoginProfile)}
        for user in self.scoped.desired.of_kind(User):
            live = self.scoped.whole.get(user.address)
            if isinstance(live, User) and not live.credentials.is_exact:
                profile = profiles.get(user.address)
                if live.name in made and profile is None and user.rotation is None:
                    continue
                if (
                    live.address in self.noted_users
                    or user.address in self.changed_users
                    or is_in_doubt(live.credentials, user, profile)
                ):
                    found.append(live.name)
        return tuple(sorted(found))

    @cached_property
    def changed_users(self) -> frozenset[Address]:
        """The users whom the plan changes, with what hangs on them, or who are new to the manifests.

        Who only joins or leaves a group is not among them: what a group brings matters to passwords alone.
        """
        if self.earlier:
            return self.earlier.changed_users
        changes = (change for change in self.changes if change.address.kind != Membership.kind)
        return touched_addresses(changes) | {user.address for user in self.adopted}

    @cached_property
    def adopted(self) -> tuple[User, ...]:
        """The declared users who exist already and are new to the manifests."""
        return adopted_users(self.desired, self.scoped, self.changes)

    def _users_with_more_to_read(self, made: frozenset[str]) -> Iterator[str]:
        """Yield the users whom the plan changes or who are new to the manifests, and whose SSH keys are not known."""
        for address in self.changed_users:
            user, live = self.scoped.desired.get(address), self.scoped.whole.get(address)
            if isinstance(user, User) and isinstance(live, User) and live.name not in made:
                held = live.credentials
                if held.ssh_keys is None or held.certificates is None:
                    yield live.name

    def _new_users(self) -> Iterator[str]:
        """Yield the names that no live user has and that a declared user gets."""
        for change in self.changes:
            if isinstance(change.after, User) and (change.before is None or change.before.address != change.address):
                yield change.after.name

    @cached_property
    def noted_users(self) -> frozenset[Address]:
        """The live users with a tag that records that iamctl made a key inactive, or began to create one."""
        if self.earlier:
            return self.earlier.noted_users
        is_note = cache(lambda key: key.startswith((INACTIVE_SINCE, NEW_KEY)))
        return frozenset(user.address for user in self.live.state.of_kind(User) if any(map(is_note, user.tags)))

    def _exposed(self, made: frozenset[str], *, trusts_report: bool) -> Iterator[str]:
        """Yield the users whom the plan may give access, also by way of their groups, and who may have an unguarded password.

        The report may be older than a password, and what a plan gives to one without a guard is refused.
        """
        if not self.changes:
            return
        doubtful = [
            (address, user)
            for address, user in self.scoped.whole.resources.items()
            if isinstance(user, User) and is_password_in_doubt(user, made, trusts_report=trusts_report)
        ]
        gaining = self._gaining if doubtful else frozenset()
        doubtful = [(address, user) for address, user in doubtful if f"user/{address.name.lower()}" in gaining]
        after = guards(self.live, after_changes(self.scoped.whole, self.changes)) if doubtful else None
        for address, user in doubtful:
            if after and address not in self.scoped.going and not after.guard(address):
                yield user.name

    @cached_property
    def _gaining(self) -> frozenset[str]:
        """Whom the plan may give access."""
        return gaining_people(self.changes, self.holdings)

    @cached_property
    def unread_policies(self) -> tuple[str, ...]:
        """The ARNs of the AWS-managed policies whose documents decide the order of calls or assertions and are not known."""
        found = set(unread(self.changes, self.holdings)) if self.changes else set()
        if self.desired.has_assertions:
            states = (self.scoped.whole, after_changes(self.scoped.whole, self.changes))
            found |= unread_documents(self.live, states)
        return tuple(sorted(found))


def compare(desired: Desired, live: Live, now: datetime) -> Comparison:
    """Return what differs between the manifests and the live account, in the part that iamctl manages."""
    scoped = scope(without_unknown_settings(desired, live), live.state, now)
    return Comparison(desired, live, now, scoped, diff(scoped.live, scoped.desired, reasons(desired, scoped, now)))


def make_plan(desired: Desired, live: Live, *, now: datetime) -> Plan:
    """Return the plan that makes the live account as desired; see ``plan_of``."""
    return plan_of(review_of(compare(desired, live, now)))


def review_of(
    compared: Comparison,
    *,
    allowed_removals: Mapping[str, int] | None = None,
    only_due: bool = False,
    allow_self: bool = False,
    allow_transition: bool = False,
    asserts_live: bool = False,
) -> Review:
    """Return the changes of a plan and their calls in order, with all that rules ask about them.

    With ``only_due`` the plan holds just what time brings about: ends, beginnings, and keys whose wait is over; with a
    base, what is due there as well. With ``asserts_live`` assertions are judged on the account as it is.
    ``allow_transition`` permits temporary policies.
    """
    live, scoped = compared.live, compared.scoped
    changes = _due(compared) if only_due else compared.changes
    users = restrainable_users(scoped, live.caller_arn) if allow_transition else {}
    return Review(
        compared.desired,
        compared.now,
        live,
        scoped,
        changes,
        allowed_removals=allowed_removals or {},
        ordered=order(changes, compared.holdings, users) if changes else Ordered((), ()),
        allow_self=allow_self,
        allow_transition=allow_transition,
        sources=compared.sources,
        asserts_live=asserts_live,
        only_due=only_due,
    )


def plan_of(review: Review) -> Plan:
    """Return the plan that makes the live account as desired, with what the rules say about it.

    The same input gives the same plan, whatever the order of resources in it.
    """
    desired, live, now, scoped = review.desired, review.live, review.now, review.scoped
    changes, ordered = review.changes, review.ordered or Ordered((), ())
    plan = Plan(
        account=Account(live.account_id, desired.settings.account_name, live.partition),
        created_at=now,
        changes=changes,
        calls=ordered.calls,
        calls_of=ordered.calls_of,
        findings=with_causes(with_standing(desired.findings + check(review, "plan"), review), changes, review.affected),
        late=ordered.late,
        relies_on=ordered.relies_on,
        ignored=tuple(sorted(Counter(str(found) for found in scoped.ignored.values()).items())),
        undeclared=scoped.undeclared,
        undeclared_drift=_undeclared_drift(desired, scoped, live),
        cosmetic=cosmetic(scoped.live, scoped.desired),
        upcoming=upcoming(desired, scoped, now),
        live_members=live_member_counts(scoped.whole, changes),
        affected=review.affected,
        access_unchanged=review.moves.unchanged,
        access_unproved=review.moves.unproved,
        counts={kind: _counted(kind, scoped) for kind in ("user", "group")},
        declared_changes=() if review.only_due else review.declared_changes,
        settings_compared=is_compared(desired),
        manifests_compared=bool(desired.base and desired.base.desired),
        credentials_as_of=live.credentials_as_of,
        manifest_digest=desired.digest,
        live_fingerprint=digest(_facts(scoped.live)),
        approve=review.approving.missing,
    )
    return promised(plan, scoped.whole, review.held[1])


def _due(compared: Comparison) -> tuple[Change, ...]:
    """Return the changes that time alone brings about, without those that are new in this change of the manifests."""
    base = compared.desired.base
    if base is None:
        return due_changes(compared.changes)
    before = compare(base.desired, compared.live, compared.now).changes if base.desired else ()
    return due_changes(compared.changes, before)


def _undeclared_drift(desired: Desired, scoped: Scoped, live: Live) -> tuple[Address, ...]:
    """Return what nobody declares and the settings count as drift, but for policies that only roles use."""
    kinds = {kind.kind for kind in root_kinds() if desired.settings.undeclared_of(kind) == "drift"}
    if not kinds:
        return ()
    for_roles = set(role_policies(live))
    return tuple(found for found in scoped.undeclared if found.kind in kinds and found not in for_roles)


def _counted(kind: str, scoped: Scoped) -> Counts:
    managed = sum(address.kind == kind for address in scoped.managed)
    ignored = sum(address.kind == kind for address in scoped.ignored)
    return Counts(managed, ignored, sum(address.kind == kind for address in scoped.undeclared))


def _facts(live: State) -> list[Any]:
    rows: Iterable[Resource] = (live.resources[a] for a in sorted(live.resources))
    return [[str(row.address), row.unique_id, row.to_json()] for row in rows]
