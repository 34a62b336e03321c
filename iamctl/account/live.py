"""The live account as a snapshot tells it: its resources, and the facts that scoping and rules need beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from iamctl.account.audit_facts import AuditFacts, audit_facts
from iamctl.account.root import RootUser, root_user
from iamctl.kinds import LiveResources, live_resources
from iamctl.kinds.account_setting import ALIAS, PASSWORD_POLICY
from iamctl.kinds.arn import boundary_arn, is_aws_managed
from iamctl.kinds.credentials import instant
from iamctl.kinds.mfa_device import unassigned_devices
from iamctl.kinds.signin_session import SessionRead, session_reads
from iamctl.kinds.tag import tags_from_aws
from iamctl.model import State
from iamctl.policy import Document
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import RoleDetail, Snapshot


@dataclass(frozen=True)
class Role:
    """A role, which iamctl never changes, and what it holds."""

    name: str
    policies: tuple[str, ...] = ()
    """ARNs of managed policies."""
    inline: Mapping[str, Document] = field(default_factory=dict)
    boundary: str | None = None
    trust: Document | None = None
    """The policy that says who may assume the role; None where it is not known."""
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Live:
    """The state of one account and what else is known of it."""

    account_id: str
    partition: str
    state: State
    roles: tuple[Role, ...] = ()
    role_policies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Policy ARN to the names of the roles that hold it."""
    role_boundaries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Policy ARN to the names of the roles that it bounds."""
    aws_documents: Mapping[str, Document] = field(default_factory=dict)
    """ARN of an AWS-managed policy to its document, where it was read."""
    summary: Mapping[str, int] = field(default_factory=dict)
    """What ``GetAccountSummary`` says; empty where it is not known."""
    missing_policies: frozenset[str] = frozenset()
    """ARNs of AWS-managed policies that were asked for and do not exist."""
    known_aws_policies: frozenset[str] = frozenset()
    """ARNs of AWS-managed policies that are known to exist."""
    unattachable_policies: frozenset[str] = frozenset()
    """ARNs of managed policies of which AWS says ``IsAttachable: false``."""
    root: RootUser = field(default_factory=RootUser)
    unassigned_devices: frozenset[str] | None = None
    """Serial numbers of the virtual MFA devices that belong to nobody; None where they were not read."""
    caller_arn: str | None = None
    resources: LiveResources | None = field(default=None, compare=False, repr=False)
    """The resources of ``state`` by kind, with what each was read from; None where they were read from no snapshot."""
    facts: AuditFacts = field(default_factory=AuditFacts)
    """What was read of the account itself."""
    has_session_limits: bool = True
    """Whether calls can read and set the limit of sign-in sessions; older versions of botocore do not know it."""
    taken_at: datetime | None = field(default=None, compare=False)
    """When the account was read; None where a snapshot does not say it."""
    session_reads: Mapping[str, SessionRead] = field(default_factory=dict)
    """How the sign-in sessions of users were read, by name; those of nobody else were looked at."""
    credentials_as_of: datetime | None = None
    """When AWS made the credential report from which credentials are known; None where none was read."""

    @property
    def known_settings(self) -> frozenset[str]:
        """The settings of the account whose values are known, as manifests call them."""
        read = {PASSWORD_POLICY: self.facts.password_policy, ALIAS: self.facts.aliases}
        return frozenset(name for name, value in read.items() if value is not None)


def live_account(snapshot: Snapshot, known: Live | None = None) -> Live:
    """Return what a snapshot says; see ``schemas/snapshot.schema.json`` for its shape.

    ``known`` is what an earlier snapshot of the same read said: kinds of which nothing more was read are taken from it.
    """
    resources = live_resources(snapshot, known.resources if known else None)
    held, bounded = defaultdict(list), defaultdict(list)
    roles = tuple(_role(detail) for detail in snapshot.get("RoleDetailList", ()))
    for role in roles:
        for arn in role.policies:
            held[arn].append(role.name)
        if role.boundary:
            bounded[role.boundary].append(role.name)
    account, report = snapshot["account"], snapshot.get("credential_report")
    return Live(
        account_id=account["id"],
        partition=account["partition"],
        state=resources.state,
        resources=resources,
        roles=roles,
        aws_documents=_aws_documents(snapshot),
        role_policies={arn: tuple(sorted(names)) for arn, names in held.items()},
        role_boundaries={arn: tuple(sorted(names)) for arn, names in bounded.items()},
        summary=snapshot.get("SummaryMap", {}),
        missing_policies=frozenset(snapshot.get("missing_policies", ())),
        known_aws_policies=_aws_policies(snapshot),
        unattachable_policies=frozenset(
            policy["Arn"] for policy in snapshot.get("Policies", ()) if policy.get("IsAttachable") is False
        ),
        root=root_user(snapshot),
        unassigned_devices=unassigned_devices(snapshot),
        caller_arn=snapshot["caller"].get("arn") if "caller" in snapshot else None,
        facts=audit_facts(snapshot),
        taken_at=instant(snapshot.get("taken_at")),
        session_reads=session_reads(snapshot),
        credentials_as_of=instant(report["GeneratedTime"] if report else None),
    )


def _role(detail: RoleDetail) -> Role:
    return Role(
        name=detail["RoleName"],
        policies=tuple(attached["PolicyArn"] for attached in detail.get("AttachedManagedPolicies", ())),
        inline={
            policy["PolicyName"]: Document.from_data(policy["PolicyDocument"])
            for policy in detail.get("RolePolicyList", ())
            if isinstance(policy, Mapping) and isinstance(policy.get("PolicyName"), str) and "PolicyDocument" in policy
        },
        boundary=boundary_arn(detail),
        trust=Document.from_data(trust) if (trust := detail.get("AssumeRolePolicyDocument")) else None,
        path=detail.get("Path", "/"),
        tags=tags_from_aws(detail.get("Tags", ())),
    )


def _aws_documents(snapshot: Snapshot) -> dict[str, Document]:
    found = {}
    for policy in snapshot.get("Policies", ()):
        for version in policy.get("PolicyVersionList", ()):
            if is_aws_managed(policy["Arn"]) and version.get("IsDefaultVersion") and "Document" in version:
                found[policy["Arn"]] = Document.from_data(version["Document"])
    return found


def _aws_policies(snapshot: Snapshot) -> frozenset[str]:
    """Return the ARNs of AWS's own policies that the snapshot lists or that something in the account holds."""
    arns = {policy["Arn"] for policy in snapshot.get("Policies", ())}
    details = (
        *snapshot.get("UserDetailList", ()),
        *snapshot.get("GroupDetailList", ()),
        *snapshot.get("RoleDetailList", ()),
    )
    for detail in details:
        arns.update(attached["PolicyArn"] for attached in detail.get("AttachedManagedPolicies", ()))
    return frozenset(arn for arn in arns if ":iam::aws:" in arn)
