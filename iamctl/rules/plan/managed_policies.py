"""Managed policies: what IAM cannot change, which exist, and what still uses one that is to be deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from iamctl.kinds.arn import aws_policy_arn, aws_policy_name, policy_account, policy_address
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.policy import Policy
from iamctl.kinds.user import User
from iamctl.kinds.user_policy import UserPolicy
from iamctl.model import Address, Resource, Severity, State
from iamctl.policy.aws_policies import is_known, suggestion
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import some
from iamctl.text.late_dataclass import dataclass
from iamctl.text.nearest import did_you_mean

IDENTIFIERS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
MOST_GUESSES = 20
"""Number of unknown ARNs that get a suggestion; a tree with more is wrong, not misspelt."""


@rule(
    "IAM208",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html",
)
def what_iam_cannot_change(review: Review) -> Iterator[Hit]:
    """The path and the description of a managed policy stay as they were created."""
    way_out = (
        "restore it, or declare a policy with a new name, attach that one to the groups, and remove this one later"
    )
    for change in review.changes:
        live, policy = change.before, change.after
        if not isinstance(live, Policy) or not isinstance(policy, Policy):
            continue
        if live.path != policy.path:
            yield Hit(policy, f"IAM cannot change the path of a policy ({live.path!r} to {policy.path!r}); {way_out}")
        if live.description is not None and live.description != policy.description:
            yield Hit(policy, f"IAM cannot change the description of a policy ({_short(live.description)}); {way_out}")


@rule("IAM212", Severity.REFUSE, source=IDENTIFIERS)
def attached_policies_exist(review: Review) -> Iterator[Hit]:
    """Policies of groups and permissions boundaries of users exist in the account, in AWS, or in the manifests."""
    known = _Known(review)
    new = {*_named_arns(change.after for change in review.changes)} - {
        *_named_arns(change.before for change in review.changes)
    }
    for resource in review.desired.state:
        for _, arn in _named_arns([resource]):
            if error := known.error(arn):
                yield Hit(resource, error)
            elif (resource.address, arn) in new and known.is_doubtful(arn):
                message = f"not checked: it is unknown whether AWS has the policy {arn}"
                yield Hit(resource, message + known.guess(arn, review.live.known_aws_policies), Severity.WARN)


@rule(
    "IAM406",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
)
def nobody_holds_a_policy_that_goes(review: Review) -> Iterator[Hit]:
    """A managed policy is deleted only when no group, user or role uses it, also not as a permissions boundary."""
    going = [policy for policy in review.deleted if isinstance(policy, Policy)]
    if not going:
        return
    holders = _holders(review.after)
    for policy in going:
        names = [
            *holders.get(policy.arn.lower(), ()),
            *(f"role/{name}" for name in review.live.role_policies.get(policy.arn, ())),
            *(f"role/{name} (as boundary)" for name in review.live.role_boundaries.get(policy.arn, ())),
        ]
        if names:
            yield Hit(policy, f"the policy is to be deleted but still used by {some(names)}; remove it there first")


@dataclass(frozen=True)
class _Known:
    """The managed policies that exist."""

    review: Review

    @cached_property
    def _own(self) -> dict[Address, str]:
        """The ARN of each policy of the account, as live or else as declared."""
        states = (self.review.desired.state, self.review.live.state)
        return {found.address: found.arn for state in states for found in state if isinstance(found, Policy)}

    @cached_property
    def _guesses(self) -> dict[str, str]:
        return {}

    def error(self, arn: str) -> str | None:
        """Return why the policy cannot be used, or None."""
        live = self.review.live
        account = policy_account(arn)
        if account is None:
            return None
        if not arn.startswith(f"arn:{live.partition}:"):
            return f"the policy {arn} belongs to another partition; this account is in {live.partition}"
        if account == "aws":
            if arn not in live.missing_policies:
                return None
            name = aws_policy_name(arn)
            meant = suggestion(name) if name else None
            if meant:
                return f"AWS has no policy {arn}; did you mean {aws_policy_arn(live.partition, meant)!r}?"
            return f"AWS has no policy {arn}{self.guess(arn, live.known_aws_policies)}"
        if account != live.account_id:
            return f"the policy {arn} belongs to account {account}; IAM attaches only policies of {live.account_id} and AWS"
        address = policy_address(arn)
        own = self._own.get(address) if address else None
        if own is None:
            return f"the account has no policy {arn}{self.guess(arn, self._own.values())}"
        if own != arn and not (address in self.review.desired.state and own.lower() == arn.lower()):
            return f"the account has no policy {arn}; the policy of this name is {own}"
        return None

    def is_doubtful(self, arn: str) -> bool:
        """Return whether this is an AWS managed policy that was neither listed, read nor looked up."""
        live, name = self.review.live, aws_policy_name(arn)
        is_listed = live.partition == "aws" and name is not None and is_known(name)
        return name is not None and not is_listed and arn not in live.known_aws_policies

    def guess(self, arn: str, known: Iterable[str]) -> str:
        if arn not in self._guesses:
            self._guesses[arn] = did_you_mean(arn, known) if len(self._guesses) < MOST_GUESSES else ""
        return self._guesses[arn]


def _named_arns(resources: Iterable[Resource | None]) -> Iterator[tuple[Address, str]]:
    for resource in resources:
        if isinstance(resource, GroupPolicy):
            yield resource.address, resource.policy_arn
        elif isinstance(resource, User) and resource.permissions_boundary:
            yield resource.address, resource.permissions_boundary


def _holders(state: State) -> dict[str, list[str]]:
    """Return what uses each managed policy, by ARN in lower case."""
    found: dict[str, list[str]] = defaultdict(list)
    for resource in state:
        if isinstance(resource, GroupPolicy):
            found[resource.policy_arn.lower()].append(f"group/{resource.group}")
        elif isinstance(resource, UserPolicy):
            found[resource.policy_arn.lower()].append(f"user/{resource.user}")
        elif isinstance(resource, User) and resource.permissions_boundary:
            found[resource.permissions_boundary.lower()].append(f"user/{resource.name} (as boundary)")
    return {arn: sorted(names) for arn, names in found.items()}


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
