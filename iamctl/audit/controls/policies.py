"""What policies allow, and where they are attached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iamctl.access.known_policies import known_document
from iamctl.access.statement_block import granted_services, statement_blocks
from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import Framework, ids
from iamctl.audit.outcome import Fact, Failing, ManifestLine, Missing, Outcome, Undecided
from iamctl.kinds import GroupInlinePolicy, UserInlinePolicy, UserPolicy
from iamctl.kinds.arn import policy_words
from iamctl.model import Address, Resource
from iamctl.policy import Document

_SECURITY_HUB = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html"
_CLOUDSHELL = "aws:AWSCloudShellFullAccess"
_SUPPORT = "aws:AWSSupportAccess"


@control(
    "direct-policies",
    Weight.LOW,
    ids(("1.15", "1.14", "2.14", "2.13"), hub=("IAM.2",), soc2=("CC6.3",), iso=("A.5.15", "A.5.18")),
    source=f"{_SECURITY_HUB}#iam-2",
    rules=("IAM102",),
)
def policies_are_on_groups(account: Audited) -> Iterator[Outcome]:
    """Users have permissions only through groups."""
    for policy in sorted(direct_policies(account.state), key=lambda found: found.address):
        name = policy_words(policy.policy_arn) if isinstance(policy, UserPolicy) else policy.address.name
        yield Failing(
            policy.address, Fact.DIRECT_POLICY, {"policy": name}, ManifestLine(("removed",), [str(policy.address)])
        )


def direct_policies(resources: Iterable[Resource]) -> Iterator[UserPolicy | UserInlinePolicy]:
    """Yield the policies that users have themselves, attached or inline."""
    return (resource for resource in resources if isinstance(resource, (UserPolicy, UserInlinePolicy)))


@control(
    "full-administrators",
    Weight.HIGH,
    ids(("1.16", "1.15", "2.15", "2.14"), hub=("IAM.1",), soc2=("CC6.3",), iso=("A.5.15", "A.8.2")),
    source=f"{_SECURITY_HUB}#iam-1",
    rules=("IAM305",),
)
def nothing_allows_everything(account: Audited) -> Iterator[Outcome]:
    """No policy of a user, group or role allows every action on every resource."""
    for grant in account.grants:
        document = grant.document or known_document(grant.policy)
        if document is None or document.normalized is None:
            yield Undecided(Missing.DOCUMENT, grant.address, grant.policy)
        elif any(block.allows_everything for block in statement_blocks(document)):
            yield Failing(grant.address, Fact.ALLOWS_EVERYTHING, {"policy": grant.policy})


@control(
    "whole-services",
    Weight.MEDIUM,
    ids(hub=("IAM.21",), soc2=("CC6.3",), iso=("A.5.15",)),
    source=f"{_SECURITY_HUB}#iam-21",
    rules=("IAM308",),
)
def services_are_not_allowed_whole(account: Audited) -> Iterator[Outcome]:
    """No customer-managed or inline policy allows every action of a service on every resource without a condition."""
    for address, name, document in _own_documents(account):
        if document.normalized is None:
            yield Undecided(Missing.DOCUMENT, address, name)
            continue
        services = {service for block in statement_blocks(document) for service in granted_services(block)}
        if services:
            yield Failing(address, Fact.ALLOWS_SERVICES, {"policy": name, "services": tuple(sorted(services))})


def _own_documents(account: Audited) -> Iterator[tuple[Address, str, Document]]:
    for policy in account.granting_policies:
        yield policy.address, str(policy.address), policy.document
    for inline in account.state:
        if isinstance(inline, (GroupInlinePolicy, UserInlinePolicy)):
            yield inline.address, inline.name, inline.document
    for role in account.live.roles:
        yield from ((Address.of("role", role.name), name, document) for name, document in role.inline.items())


@control(
    "cloudshell",
    Weight.MEDIUM,
    ids(
        ("1.22", "1.21", "2.21", "2.20"),
        hub=("IAM.27",),
        soc2=("CC6.3",),
        iso=("A.5.15",),
        since=Framework.CIS_2,
    ),
    source=f"{_SECURITY_HUB}#iam-27",
)
def cloudshell_is_restricted(account: Audited) -> Iterator[Outcome]:
    """No user, group or role has the policy AWSCloudShellFullAccess."""
    for grant in account.grants:
        if grant.policy == _CLOUDSHELL:
            yield Failing(grant.address, Fact.CLOUDSHELL)


@control(
    "support-role",
    Weight.LOW,
    ids(("1.17", "1.16", "2.16", "2.15"), hub=("IAM.18",), soc2=("CC7.4",), iso=("A.5.15",)),
    source=f"{_SECURITY_HUB}#iam-18",
)
def a_role_may_ask_support(account: Audited) -> Iterator[Outcome]:
    """A role has the policy AWSSupportAccess."""
    if not any(grant.policy == _SUPPORT and grant.address.kind == "role" for grant in account.grants):
        yield Failing(fact=Fact.NO_SUPPORT_ROLE)
