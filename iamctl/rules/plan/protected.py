"""Protected addresses, which no plan may remove or deprive of access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from iamctl.access.held import policy_words
from iamctl.access.known_policies import is_known_to_deny
from iamctl.access.statements import has_deny
from iamctl.kinds.arn import policy_address
from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.login_profile import LoginProfile
from iamctl.kinds.membership import Membership
from iamctl.kinds.new_access_key import NewAccessKey
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.kinds.user_inline_policy import UserInlinePolicy
from iamctl.kinds.user_policy import UserPolicy
from iamctl.model import Address, Change, Resource, Severity
from iamctl.report.access_words import example_text
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.keys_in_use import is_replaced
from iamctl.rules.wording import some
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.access.differences import Difference

_WAY_OUT = "remove it from protect first, in a separate change"


@rule(
    "IAM408",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/break-glass-access.html",
)
def protected_things_keep_what_they_have(review: Review) -> Iterator[Hit]:
    """No plan removes a protected resource, or removes a membership, a policy or a boundary from it."""
    if not review.desired.settings.protect:
        return
    protection = _Protection(review)
    for change in review.changes:
        harm = protection.harm(change, change.before) if change.before else protection.restraint(change.resource)
        if harm:
            is_deleted = change.after is None and change.resource.owner is None
            yield Hit(change.resource, f"{harm}; {_WAY_OUT}", facts=("deleted",) if is_deleted else ())


@rule(
    "IAM413",
    Severity.WARN,
    source="https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/break-glass-access.html",
    plural="entries of protect match nothing",
)
def protect_names_something(review: Review) -> Iterator[Hit]:
    """Each entry of protect matches something in the account or in the manifests."""
    protect = review.desired.settings.protect
    addresses = review.scoped.whole.resources.keys() | review.desired.state.resources.keys() if protect else ()
    known = {str(address).lower() for address in addresses}
    for pattern in protect:
        if not any(fnmatchcase(name, pattern.lower()) for name in known):
            message = f"protect: {pattern!r} matches nothing in the account or in the manifests, so it protects nothing"
            yield Hit(None, f"{message}; correct or delete it")


def _is_reissue(change: Change) -> bool:
    return isinstance(change.after, LoginProfile) and change.after.reissue is not None


@dataclass(frozen=True)
class _Protection:
    """What is protected in the live account, directly or through groups and policies."""

    review: Review

    def harm(self, change: Change, live: Resource) -> str | None:
        """Return how the change harms something protected, or None."""
        if is_replaced(change) or isinstance(live, NewAccessKey):
            return None
        if change.after is None or live.takes(change.after) or _is_reissue(change):
            return self._removal(live)
        if isinstance(live, User) and isinstance(change.after, User):
            return self._user_change(live, change.after)
        if change.after.address != live.address and self._is_protected(live.address):
            return f"{live.address} is protected and would be renamed"
        if isinstance(live, GroupInlinePolicy) and isinstance(change.after, GroupInlinePolicy):
            return self._inline_change(live, change.after)
        if isinstance(live, Policy) and isinstance(change.after, Policy) and live.document != change.after.document:
            return self._document_change(live.address)
        return None

    def restraint(self, new: Resource) -> str | None:
        """Return what a new resource denies to something protected, or None; an Allow does no harm."""
        if isinstance(new, (GroupPolicy, GroupInlinePolicy)):
            guarded = self._guarded(new)
            if not guarded or not self._denies(new):
                return None
            harm = self._harm(self._guarded_by(Address.of("group", new.group)), _name_of(new))
            return f"it contains a Deny, and {guarded}{harm}" if harm else None
        if isinstance(new, Membership) and self._is_protected(user := Address.of("user", new.user)):
            if user not in self.review.scoped.whole:  # a new user has nothing to lose
                return None
            group = Address.of("group", new.group)
            policies = (item for item in self.review.after if isinstance(item, (GroupPolicy, GroupInlinePolicy)))
            denying = [_name_of(policy) for policy in policies if policy.owner == group and self._denies(policy)]
            harm = self._harm([user], *denying) if denying else ""
            return f"{user} is protected, and a policy of {group} contains a Deny{harm}" if harm else None
        return None

    def _inline_change(self, live: GroupInlinePolicy, after: GroupInlinePolicy) -> str | None:
        guarded = self._guarded(live)
        if not guarded or live.document == after.document:
            return None
        harm = self._harm(self._guarded_by(Address.of("group", live.group)), _name_of(live))
        return f"the document would change, and {guarded}{harm}" if harm else None

    def _harm(self, principals: Iterable[Address], *policies: str) -> str:
        """Return what something protected can no longer do because of policies, after a colon; empty if nothing is lost."""
        differences = self.review.differences
        for principal in principals:
            for found in (*differences.lost(principal), *differences.denied(principal)):
                if any(held.policy in policies for held in (*found.by, *found.held_back_by)):
                    request = example_text(found.request) if found.request.action else ""
                    return (
                        f": {principal.name} can no longer call {request}" if request else f": {principal} may lose it"
                    )
        return ""

    def _denies(self, held: GroupPolicy | GroupInlinePolicy) -> bool:
        """Return whether a policy of a group contains a Deny; an unknown AWS managed policy is judged by its name."""
        if isinstance(held, GroupInlinePolicy):
            return has_deny(held.document)
        document = self.review.held[1].documents.get(held.policy_arn.lower())
        return is_known_to_deny(policy_words(held.policy_arn)) if document is None else has_deny(document)

    def _removal(self, live: Resource) -> str | None:
        if self._is_protected(live.address):
            return f"{live.address} is protected and would be removed"
        if self._is_matched(live):
            return None
        for reference in live.references:
            if reference.kind == "user" and self._is_protected(reference):
                return f"{reference} is protected and would lose it"
        if isinstance(live, (GroupPolicy, GroupInlinePolicy)) and (guarded := self._guarded(live)):
            return f"the group would lose it, and {guarded}"
        return None

    def _is_matched(self, live: Resource) -> bool:
        """Tell whether it is a policy that provably takes nothing away, since the same plan grants as much."""
        moves = self.review.moves
        if isinstance(live, (UserPolicy, UserInlinePolicy)):
            return live.owner in moves.lossless
        return live.address in moves.merged

    def _user_change(self, live: User, after: User) -> str | None:
        if not self._is_protected(live.address):
            return None
        if after.address != live.address or after.path != live.path:
            return f"{live.address} is protected and would be renamed or moved, which changes its ARN"
        if after.permissions_boundary != live.permissions_boundary:
            return f"{live.address} is protected and its permissions boundary would change"
        if after.tags == live.tags or not (lost := self._lost_by_facts(live.address)):
            return None
        by = some(lost.held_back_by or lost.by)
        said = f"{live.address} is protected, and with the changed tags {by} allows it less"
        return f"{said}: it can no longer call {example_text(lost.request)}" if lost.request.action else said

    def _lost_by_facts(self, user: Address) -> Difference | None:
        """Return what a user loses by a statement that the user has before and after the plan."""
        held = [{str(one) for one in sources.reaching(user)} for sources in self.review.held]
        differences = self.review.differences
        lost = (*differences.lost(user), *differences.denied(user))
        return next((one for one in lost if held[0] & held[1] & {str(by) for by in (*one.by, *one.held_back_by)}), None)

    def _document_change(self, policy: Address) -> str | None:
        if self._is_protected(policy):
            return f"{policy} is protected and its document would change"
        holders = self._policies.get(policy)
        if not holders:
            return None
        harm = self._harm(holders, str(policy))
        return f"the document would change, and {next(iter(holders.values()))}{harm}" if harm else None

    def _guarded_by(self, group: Address) -> list[Address]:
        """Return the group if it is protected, and its protected members."""
        members = (user for user, one in self.review.held[0].memberships() if one == group)
        return [address for address in (group, *members) if self._is_protected(address)]

    def _guarded(self, hung: GroupPolicy | GroupInlinePolicy) -> str | None:
        return self._groups.get(Address.of("group", hung.group))

    def _is_protected(self, address: Address) -> bool:
        return self.review.desired.settings.is_protected(address)

    @cached_property
    def _groups(self) -> dict[Address, str]:
        """Why each group is guarded: it is protected, or has a protected member."""
        found: dict[Address, str] = {}
        for resource in self.review.scoped.whole:
            if resource.kind == "group" and self._is_protected(resource.address):
                found[resource.address] = f"{resource.address} is protected"
            elif isinstance(resource, Membership) and self._is_protected(user := Address.of("user", resource.user)):
                group = Address.of("group", resource.group)
                found.setdefault(group, f"{user}, a member of {group}, is protected")
        return found

    @cached_property
    def _policies(self) -> dict[Address, dict[Address, str]]:
        """What is protected and has each managed policy of the account, each with why the policy matters."""
        found: dict[Address, dict[Address, str]] = {}
        for resource in self.review.scoped.whole:
            arn, holders = None, dict[Address, str]()
            if isinstance(resource, GroupPolicy) and (why := self._guarded(resource)):
                arn = resource.policy_arn
                holders = dict.fromkeys(self._guarded_by(Address.of("group", resource.group)), why)
            elif isinstance(resource, UserPolicy) and self._is_protected(user := Address.of("user", resource.user)):
                arn, holders = resource.policy_arn, {user: f"it is attached to the protected {user}"}
            elif isinstance(resource, User) and self._is_protected(resource.address):
                why = f"it is the permissions boundary of the protected {resource.address}"
                arn, holders = resource.permissions_boundary, {resource.address: why}
            address = policy_address(arn) if arn else None
            if address:
                found.setdefault(address, {}).update(holders)
        return found


def _name_of(policy: GroupPolicy | GroupInlinePolicy) -> str:
    """Return how sources name a policy of a group."""
    return str(policy.address) if isinstance(policy, GroupInlinePolicy) else policy_words(policy.policy_arn)
