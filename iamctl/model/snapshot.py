"""The shape of a snapshot: what GetAccountAuthorizationDetails answers, as JSON, and what iamctl adds to it.

``types_boto3_iam`` types the answers as boto3 gives them, with dates and encoded documents; these types have ISO 8601
text and decoded documents instead. See ``schemas/snapshot.schema.json`` and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Required, TypedDict


class Tag(TypedDict):
    """A tag of a user or a policy."""

    Key: str
    Value: str


class AttachedPolicy(TypedDict, total=False):
    """A managed policy that is attached to a user, group or role."""

    PolicyArn: Required[str]
    PolicyName: str


class InlinePolicy(TypedDict):
    """An inline policy of a user, group or role."""

    PolicyName: str
    PolicyDocument: Any


class Boundary(TypedDict, total=False):
    """The permissions boundary of a user or role; empty if there is none."""

    PermissionsBoundaryArn: str
    PermissionsBoundaryType: str


class _Detail(TypedDict, total=False):
    Arn: str
    Path: str
    CreateDate: str
    AttachedManagedPolicies: list[AttachedPolicy]


class UserDetail(_Detail, total=False):
    """A user, with groups and policies."""

    UserName: Required[str]
    UserId: str
    GroupList: list[str]
    UserPolicyList: list[InlinePolicy]
    PermissionsBoundary: Boundary
    Tags: list[Tag]
    PasswordLastUsed: str


class GroupDetail(_Detail, total=False):
    """A group, with policies."""

    GroupName: Required[str]
    GroupId: str
    GroupPolicyList: list[InlinePolicy]


class RoleDetail(_Detail, total=False):
    """A role, with policies."""

    RoleName: Required[str]
    RoleId: str
    AssumeRolePolicyDocument: Any
    RolePolicyList: list[InlinePolicy]
    PermissionsBoundary: Boundary
    Tags: list[Tag]


class PolicyVersion(TypedDict, total=False):
    """A version of a managed policy."""

    VersionId: Required[str]
    IsDefaultVersion: Required[bool]
    Document: Any
    CreateDate: str


class PolicyDetail(TypedDict, total=False):
    """A managed policy; tags and description are there if GetPolicy was asked for them."""

    Arn: Required[str]
    PolicyName: Required[str]
    PolicyId: str
    Path: str
    DefaultVersionId: str
    IsAttachable: bool
    PolicyVersionList: list[PolicyVersion]
    Description: str
    Tags: list[Tag]


class LastUse(TypedDict, total=False):
    """When and where an access key was used last."""

    LastUsedDate: str
    Region: str
    ServiceName: str


class AccessKey(TypedDict, total=False):
    """An access key, without its secret."""

    AccessKeyId: Required[str]
    Status: Required[str]
    CreateDate: str
    AccessKeyLastUsed: LastUse


class MfaDevice(TypedDict, total=False):
    """An MFA device of a user, or a virtual one of the account."""

    SerialNumber: Required[str]
    EnableDate: str
    UserName: str


class LoginProfile(TypedDict, total=False):
    """That a user has a password, without the password."""

    CreateDate: str
    PasswordResetRequired: bool
    MaxSigninSessionDuration: int | None


class UserCredentials(TypedDict, total=False):
    """The credentials of a user that were read one by one; a key that is missing means that they are unknown."""

    LoginProfile: LoginProfile | None
    AccessKeyMetadata: list[AccessKey]
    MFADevices: list[MfaDevice]
    SSHPublicKeys: list[dict[str, Any]]
    Certificates: list[dict[str, Any]]
    ServiceSpecificCredentials: list[dict[str, Any]]
    PasswordLastUsed: str | None


class ReportedKey(TypedDict, total=False):
    """An access key in the credential report, which has no ids."""

    Status: Required[str]
    LastRotated: str
    AccessKeyLastUsed: LastUse


class ReportRow(TypedDict, total=False):
    """A row of the credential report."""

    Arn: str
    CreateDate: str
    PasswordEnabled: bool
    PasswordLastUsed: str
    PasswordLastChanged: str
    IsPasswordUseKnown: bool
    MFAActive: bool
    AccessKeys: list[ReportedKey]


class CredentialReport(TypedDict, total=False):
    """The credential report of the account, with a row for each user."""

    GeneratedTime: Required[str]
    users: Required[Mapping[str, ReportRow]]
    root: ReportRow


class SnapshotAccount(TypedDict):
    """The account that a snapshot is of."""

    id: str
    partition: str


class SnapshotCaller(TypedDict):
    """The identity whose credentials read the snapshot."""

    arn: str


class Snapshot(TypedDict, total=False):
    """One account as it was read; the four lists are AWS's, the other keys are added by iamctl."""

    format: str
    taken_at: str
    account: Required[SnapshotAccount]
    caller: SnapshotCaller
    UserDetailList: Required[list[UserDetail]]
    GroupDetailList: Required[list[GroupDetail]]
    RoleDetailList: Required[list[RoleDetail]]
    Policies: Required[list[PolicyDetail]]
    SummaryMap: dict[str, int]
    credentials: Mapping[str, UserCredentials]
    credential_report: CredentialReport
    virtual_mfa_devices: list[MfaDevice]
    missing_policies: list[str]
    audit: Mapping[str, Any]
    events: list[dict[str, Any]]
    usage: Mapping[str, Mapping[str, str]]
    organization: list[dict[str, Any]]
    secrets: Mapping[str, Mapping[str, Any]]
    signin_sessions: Mapping[str, Mapping[str, Any]]
