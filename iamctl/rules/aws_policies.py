"""AWS-managed policies by name: which there are, which nobody can attach, and which AWS has withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.kinds import GroupPolicy, Policy, User, UserPolicy
from iamctl.kinds.arn import aws_policy_name
from iamctl.model import Resource, Severity, State
from iamctl.policy.aws_policies import (
    SERVICE_LINKED_PATH,
    aws_policies_date,
    is_known,
    is_withdrawn,
    namesake,
    suggestion,
)
from iamctl.rules import Hit, Review, rule

_MANAGED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
_MOST_GUESSES = 50
"""Unknown names for which a known one is looked up."""

Named = Iterator[tuple[Resource, str]]


@rule("IAM213", Severity.WARN, stage="manifests", source=f"{_MANAGED}#aws-managed-policies")
def aws_policies_are_known(review: Review) -> Iterator[Hit]:
    """AWS has the AWS-managed policies that the manifests name, under this path and in this spelling."""
    guesses: dict[str, str | None] = {}
    for resource, arn in _declared(review.desired.state):
        name = aws_policy_name(arn)
        if name is None or is_known(name) or name.startswith(SERVICE_LINKED_PATH):
            continue
        if len(guesses) < _MOST_GUESSES and name not in guesses:
            guesses[name] = suggestion(name)
        guess = guesses.get(name)
        if is_withdrawn(name):
            yield Hit(resource, f"AWS no longer offers 'aws:{name}': nobody can attach it again; replace it")
        elif guess and _bare(guess) == _bare(name):
            yield Hit(resource, f"AWS has no policy 'aws:{name}'; write 'aws:{guess}'")
        elif review.desired.partition == "aws":
            way_out = f"did you mean 'aws:{guess}'?" if guess else "correct the spelling, or keep what is newer"
            yield Hit(resource, f"'aws:{name}' is not among AWS's policies of {aws_policies_date()}; {way_out}")


@rule(
    "IAM214",
    Severity.ERROR,
    stage="manifests",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html",
)
def service_linked_policies_are_not_attached(review: Review) -> Iterator[Hit]:
    """No policy of a service-linked role is attached to a group or is a permissions boundary."""
    for resource, arn in _declared(review.desired.state):
        name = aws_policy_name(arn)
        if name and name.startswith(SERVICE_LINKED_PATH):
            message = f"'aws:{name}' belongs to a service-linked role, and IAM attaches it to nothing else"
            yield Hit(resource, f"{message} (PolicyNotAttachable); name the actions in a policy of your own")


@rule(
    "IAM214",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html",
)
def attached_policies_are_attachable(review: Review) -> Iterator[Hit]:
    """No plan attaches a policy that IAM attaches to nobody."""
    for change in review.changes:
        before = {arn for _, arn in _named([change.before])}
        for resource, arn in _named([change.after]):
            if arn in review.live.unattachable_policies and arn not in before:
                yield Hit(resource, f"IAM does not attach {arn} (IsAttachable is false); choose another policy")


@rule("IAM215", Severity.WARN, source=f"{_MANAGED}#aws-managed-policies")
def withdrawn_policies_stay_attached(review: Review) -> Iterator[Hit]:
    """A plan that detaches a policy which AWS has withdrawn says that it cannot be attached again."""
    for change in review.changes:
        after = {arn for _, arn in _named([change.after])}
        for resource, arn in _named([change.before]):
            name = aws_policy_name(arn)
            is_gone = arn in review.live.unattachable_policies or (name is not None and is_withdrawn(name))
            if is_gone and arn not in after:
                message = f"AWS no longer offers {arn}: once detached, it cannot be attached again"
                yield Hit(resource, f"{message}; make sure that its replacement works first")


@rule("IAM220", Severity.WARN, stage="manifests", source=f"{_MANAGED}#customer-managed-policies")
def own_policies_have_names_of_their_own(review: Review) -> Iterator[Hit]:
    """No declared policy has the name of an AWS-managed policy, which a reviewer may take it for."""
    for policy in review.desired.state.of_kind(Policy):
        if name := namesake(policy.name):
            message = f"this policy is your own, but it has the name of AWS's policy 'aws:{name}'"
            yield Hit(policy, f"{message}; use another name, so that nobody takes one for the other")


def _declared(state: State) -> Named:
    """Yield what is bounded by a managed policy in a state, and what attaches one, with the ARN."""
    for user in state.of_kind(User):
        if user.permissions_boundary:
            yield user, user.permissions_boundary
    attachments: tuple[GroupPolicy | UserPolicy, ...] = (*state.of_kind(GroupPolicy), *state.of_kind(UserPolicy))
    for attached in attachments:
        yield attached, attached.policy_arn


def _named(resources: Iterable[Resource | None]) -> Named:
    """Yield what attaches a managed policy or is bounded by one, with the ARN."""
    for resource in resources:
        if isinstance(resource, GroupPolicy | UserPolicy):
            yield resource, resource.policy_arn
        elif isinstance(resource, User) and resource.permissions_boundary:
            yield resource, resource.permissions_boundary


def _bare(name: str) -> str:
    return name.rpartition("/")[2].lower()
