"""Where the sandbox behaves like AWS and moto does not, with the source of each fact."""

from __future__ import annotations

from iamctl.text.late_dataclass import dataclass

API = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_{}.html"
GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/{}.html"
QUOTAS = GUIDE.format("reference_iam-quotas")
IDS = GUIDE.format("reference_identifiers")
TAGS = GUIDE.format("id_tags")
ELEMENTS = GUIDE.format("reference_policies_elements_{}")
REPORT = GUIDE.format("id_credentials_getting-report")
CLI = "recorded: awscli-iam-examples.json"
AWS_TESTS = "recorded: localstack-test_iam.snapshot.json"
DETAILS = "recorded: cloudsplaining-2023-large.json"


@dataclass(frozen=True)
class Correction:
    """One thing that AWS does and moto does not; ``id`` also names its check, which fails on moto alone.

    ``source`` is an AWS page, a recorded answer, or "assumed" where nothing says it.
    """

    id: str
    operation: str
    aws: str
    source: str


def row(name: str, operation: str, aws: str, source: str | None = None) -> Correction:
    """Return a correction whose source is the operation's own page unless another is given."""
    return Correction(name, operation, aws, source or API.format(operation))


DELETING = (
    row("delete-user-login-profile", "DeleteUser", "refuses a user that has a password"),
    row("delete-user-access-key", "DeleteUser", "refuses a user that has an access key"),
    row("delete-user-group", "DeleteUser", "refuses a user that is in a group"),
    row("delete-user-ssh-key", "DeleteUser", "refuses a user that has an SSH public key"),
    row("delete-user-certificate", "DeleteUser", "refuses a user that has a signing certificate"),
    row("delete-user-service-credential", "DeleteUser", "refuses a user that has a service-specific credential"),
    row("delete-user-mfa-device", "DeleteUser", "refuses a user that has an MFA device"),
    row("delete-group-member", "DeleteGroup", "refuses a group that has members"),
    row("delete-group-attached-policy", "DeleteGroup", "refuses a group that has a policy attached"),
    row("delete-group-inline-policy", "DeleteGroup", "refuses a group that has an inline policy"),
    row("delete-policy-of-user", "DeletePolicy", "refuses a policy that is attached to a user"),
    row("delete-policy-of-group", "DeletePolicy", "refuses a policy that is attached to a group"),
    row("delete-policy-of-role", "DeletePolicy", "refuses a policy that is attached to a role"),
    row("delete-policy-boundary", "DeletePolicy", "refuses a policy that is a user's permissions boundary", "assumed"),
    row("delete-policy-versions", "DeletePolicy", "refuses a policy that has a version besides the default one"),
    row("delete-policy-aws", "DeletePolicy", "denies access to an AWS-managed policy", "assumed"),
    row("delete-virtual-mfa-device-assigned", "DeleteVirtualMFADevice", "refuses a device that a user has enabled"),
)

NAMING = (
    row("user-name-case", "CreateUser", "treats names that differ only by case as the same name"),
    row("group-name-case", "CreateGroup", "treats names that differ only by case as the same name"),
    row("policy-name-case", "CreatePolicy", "treats names that differ only by case as the same name", QUOTAS),
    row("policy-name-path", "CreatePolicy", "allows each name only once, regardless of the path", "assumed"),
    row("user-name-characters", "CreateUser", "refuses names with other characters than letters, digits and +=,.@_-"),
    row("user-name-not-ascii", "CreateUser", "refuses letters beyond ASCII", QUOTAS),
    row("user-name-newline", "CreateUser", "refuses a line break at the end of a name"),
    row("user-name-length", "CreateUser", "refuses names of more than 64 characters"),
    row("user-path-form", "CreateUser", "refuses paths that do not begin and end with a slash"),
    row("group-name-characters", "CreateGroup", "refuses names with other characters than letters, digits and +=,.@_-"),
    row("group-name-length", "CreateGroup", "refuses names of more than 128 characters"),
    row("group-path-form", "CreateGroup", "refuses paths that do not begin and end with a slash"),
    row(
        "policy-name-characters", "CreatePolicy", "refuses names with other characters than letters, digits and +=,.@_-"
    ),
    row("policy-path-form", "CreatePolicy", "refuses paths with other characters than letters, digits and .,+@=_-"),
    row("policy-description-length", "CreatePolicy", "refuses descriptions of more than 1000 characters"),
    row("inline-policy-name-characters", "PutGroupPolicy", "refuses names with characters that names may not have"),
    row("new-user-name-characters", "UpdateUser", "refuses new names with characters that names may not have"),
)

TAGGING = (
    row("tag-reserved", "TagUser", "refuses keys that begin with aws:", TAGS),
    row(
        "tag-characters",
        "TagUser",
        "refuses values with other characters than letters, digits, spaces and _.:/=+-@",
        TAGS,
    ),
    row("tag-value-length", "TagUser", "refuses values of more than 256 characters", TAGS),
    row("tag-count", "TagUser", "refuses a 51st tag", TAGS),
    row("tag-duplicate", "CreateUser", "refuses keys that differ only by case in one request", TAGS),
    row("tag-case-user", "TagUser", "sets the tag whose key differs only by case, as keys on users have no case", TAGS),
    row("tag-case-policy", "TagPolicy", "treats keys on policies that differ by case as different keys", TAGS),
)

LIMITS = (
    row("quota-groups-per-user", "AddUserToGroup", "refuses to add a user to an 11th group", QUOTAS),
    row("quota-policies-per-user", "AttachUserPolicy", "refuses an 11th policy on a user", QUOTAS),
    row("quota-policies-per-group", "AttachGroupPolicy", "refuses an 11th policy on a group", QUOTAS),
    row(
        "quota-policy-size",
        "CreatePolicy",
        "refuses documents of more than 6144 characters without white space",
        QUOTAS,
    ),
    row("quota-version-size", "CreatePolicyVersion", "refuses documents of more than 6144 characters", QUOTAS),
    row(
        "quota-user-inline-size",
        "PutUserPolicy",
        "refuses inline policies of more than 2048 characters together",
        QUOTAS,
    ),
    row(
        "quota-group-inline-size",
        "PutGroupPolicy",
        "refuses inline policies of more than 5120 characters together",
        QUOTAS,
    ),
    row("quota-mfa-devices", "EnableMFADevice", "refuses a 9th device for a user", GUIDE.format("id_credentials_mfa")),
)

DOCUMENTS = (
    row("document-principal", "CreatePolicy", "refuses a Principal", ELEMENTS.format("principal")),
    row("document-not-principal", "PutGroupPolicy", "refuses a NotPrincipal", ELEMENTS.format("notprincipal")),
    row("document-version-principal", "CreatePolicyVersion", "refuses a Principal", ELEMENTS.format("principal")),
    row(
        "document-sid",
        "CreatePolicy",
        "refuses a Sid with other characters than letters and digits",
        ELEMENTS.format("sid"),
    ),
    row(
        "document-partition",
        "CreatePolicy",
        "refuses a resource of another partition than the account's",
        GUIDE.format("reference-arns"),
    ),
    row("document-action", "CreatePolicy", "refuses an action with characters that no action has", "assumed"),
    row("document-characters", "CreatePolicy", "refuses characters beyond U+00FF and control characters"),
    row("document-old-version", "PutGroupPolicy", "accepts Version 2008-10-17", ELEMENTS.format("version")),
    row("document-no-version", "PutUserPolicy", "accepts a document without Version", ELEMENTS.format("version")),
)

PAGES = (
    row("page-users", "ListUsers", "pages by MaxItems and Marker"),
    row("page-users-default", "ListUsers", "returns 100 items if MaxItems is not set"),
    row("page-users-marker", "ListUsers", "refuses a marker that it did not return", "assumed"),
    row("page-users-max-items", "ListUsers", "refuses MaxItems above 1000"),
    row("page-groups", "ListGroups", "pages by MaxItems and Marker"),
    row("path-prefix-groups", "ListGroups", "lists only the groups below PathPrefix"),
    row("page-group", "GetGroup", "pages the members by MaxItems and Marker"),
    row("page-groups-for-user", "ListGroupsForUser", "pages by MaxItems and Marker"),
    row("page-user-policies", "ListUserPolicies", "pages by MaxItems and Marker"),
    row("page-group-policies", "ListGroupPolicies", "pages by MaxItems and Marker"),
    row("page-policy-versions", "ListPolicyVersions", "pages by MaxItems and Marker"),
    row("page-access-keys", "ListAccessKeys", "pages by MaxItems and Marker"),
    row("page-user-tags", "ListUserTags", "pages by MaxItems and Marker"),
    row("page-mfa-devices", "ListMFADevices", "pages by MaxItems and Marker"),
    row("page-entities", "ListEntitiesForPolicy", "pages by MaxItems and Marker"),
    row("page-details", "GetAccountAuthorizationDetails", "pages users, groups, roles and policies as one sequence"),
    row("page-details-marker", "GetAccountAuthorizationDetails", "refuses a marker that it did not return", "assumed"),
)

READING = (
    row("details-policy-name", "GetAccountAuthorizationDetails", "returns the name and id of each policy", DETAILS),
    row("details-boundary", "GetAccountAuthorizationDetails", "returns the permissions boundary of users"),
    row(
        "details-aws-policies",
        "GetAccountAuthorizationDetails",
        "omits AWS-managed policies that are not used",
        "assumed",
    ),
    row("details-inline-list", "GetAccountAuthorizationDetails", "omits UserPolicyList if it is empty", DETAILS),
    row("versions-without-documents", "ListPolicyVersions", "returns versions without documents, newest first", CLI),
    row("boundary-usage-count", "GetPolicy", "counts the users and roles whose boundary the policy is"),
    row("attach-twice", "AttachUserPolicy", "counts a policy once, even if it is attached twice", "assumed"),
    row("attach-bad-arn", "AttachGroupPolicy", "refuses text that is not an ARN", AWS_TESTS),
    row(
        "attach-service-linked",
        "AttachGroupPolicy",
        "refuses policies of service-linked roles (PolicyNotAttachable)",
        API.format("AttachGroupPolicy"),
    ),
    row("entities-by-usage", "ListEntitiesForPolicy", "lists the users whose boundary the policy is"),
    row("summary-devices", "GetAccountSummary", "counts hardware MFA devices too", "assumed"),
    row("summary-password", "GetAccountSummary", "reports whether the root user has a password"),
    row("ids-user", "CreateUser", "assigns ids that begin with AIDA", IDS),
    row("ids-group", "CreateGroup", "assigns ids that begin with AGPA", IDS),
    row("ids-policy", "CreatePolicy", "assigns ids that begin with ANPA", IDS),
    row("whole-seconds", "CreateUser", "returns times in whole seconds", DETAILS),
    row("aws-policy-dates", "GetPolicy", "knows AWS-managed policies and their dates", DETAILS),
    row(
        "organizations-features",
        "ListOrganizationsFeatures",
        "refuses an account that does not manage an organization",
    ),
    row("default-version-again", "SetDefaultPolicyVersion", "keeps the default version if it is set again", "assumed"),
)

CHANGING = (
    row("boundary-put", "PutUserPermissionsBoundary", "sets the permissions boundary of a user"),
    row("boundary-put-missing", "PutUserPermissionsBoundary", "refuses a policy that does not exist"),
    row("boundary-delete", "DeleteUserPermissionsBoundary", "removes the permissions boundary of a user"),
    row("boundary-create", "CreateUser", "sets the permissions boundary of a new user"),
    row("boundary-create-missing", "CreateUser", "refuses a policy that does not exist"),
    row("password-reset", "CreateLoginProfile", "keeps PasswordResetRequired"),
    row("password-update", "UpdateLoginProfile", "keeps the password if none is given"),
    row("password-update-flag", "UpdateLoginProfile", "keeps PasswordResetRequired if it is not given", "assumed"),
    row("rename-user-taken", "UpdateUser", "refuses a name that another user has"),
    row("rename-user-tags", "UpdateUser", "keeps the tags"),
    row("rename-user-keys", "UpdateUser", "shows access keys under the new name"),
    row("rename-group-case", "UpdateGroup", "refuses a name that differs only by case from another group's"),
    row("rename-group-path", "UpdateGroup", "moves a group to another path without a new name"),
    row(
        "service-credential-create",
        "CreateServiceSpecificCredential",
        "returns a user name and a password for a service",
    ),
    row("service-credential-list", "ListServiceSpecificCredentials", "lists without passwords"),
    row("service-credential-update", "UpdateServiceSpecificCredential", "sets the status"),
    row("service-credential-delete", "DeleteServiceSpecificCredential", "deletes"),
    row("mfa-device-twice", "EnableMFADevice", "refuses a device that another user has enabled"),
    row("mfa-device-missing", "EnableMFADevice", "refuses a virtual device that was not created"),
    row("report-root", "GetCredentialReport", "has a row for the root user", REPORT),
    row("report-snapshot", "GetCredentialReport", "returns the same report for four hours", REPORT),
    row("report-no-password", "GetCredentialReport", "reports N/A for the password of a user without one", REPORT),
    row("report-key-region", "GetCredentialReport", "reports N/A for a key that was never used", REPORT),
)

CORRECTIONS = (*DELETING, *NAMING, *TAGGING, *LIMITS, *DOCUMENTS, *PAGES, *READING, *CHANGING)


def page() -> str:
    """Return the page "What the sandbox corrects" as Markdown."""
    lines = [
        "# What the sandbox corrects",
        "",
        "`--sandbox` runs a command against an IAM that is embedded in iamctl: moto, corrected where it differs from AWS.",
        "Each row is one correction with its source. Its test passes on the sandbox and fails on moto alone.",
        'Recorded responses come from AWS; "assumed" means that AWS does not document it. Nothing here was run against AWS.',
        "",
        "Server certificates, virtual MFA devices of the root user, features of the organization, enabled regions and their",
        "analyzers are what the file has under `audit`. moto does not keep them, and nothing in the sandbox changes them.",
        "The sandbox answers `account:ListRegions` and `access-analyzer:ListAnalyzers` for that.",
        "",
        "`cloudtrail:LookupEvents` answers from what the file has under `events`. Which names of resources an event has is assumed.",
        "",
        "Organizations is moto's, with the accounts that the file has under `organization`; see `iamctl schema snapshot`.",
        "Without `organization` the account is in none. moto does not answer `Paths`, so `iamctl fleet discover` walks the OUs.",
        "",
        "`GenerateServiceLastAccessedDetails` is about groups, and answers from what the file has under `usage`, by user and",
        "service. That a Deny takes no service off the list is assumed.",
        "",
        "| operation | behaviour of AWS and the sandbox | source | test |",
        "| --- | --- | --- | --- |",
    ]
    for one in CORRECTIONS:
        source = f"[AWS]({one.source})" if one.source.startswith("https:") else one.source
        lines.append(f"| {one.operation} | {one.aws} | {source} | `{one.id}` |")
    return "\n".join([*lines, ""])
