"""The reads of IAM that commands use to read an account. Each one is a permission of the same name."""

from __future__ import annotations

ACCOUNT_READS = frozenset(
    {
        "GenerateCredentialReport",
        "GetAccessKeyLastUsed",
        "GetAccountAuthorizationDetails",
        "GetAccountSummary",
        "GetCredentialReport",
        "GetLoginProfile",
        "GetPolicy",
        "GetPolicyVersion",
        "ListAccessKeys",
        "ListMFADevices",
        "ListPolicies",
        "ListSSHPublicKeys",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
        "ListUsers",
        "ListVirtualMFADevices",
    }
)
"""What a plan may read; which of them depends on how many users there are, and on what has changed."""

PASSWORD_READS = frozenset({"GetAccountPasswordPolicy"})
"""What an apply reads before it makes a password."""

ORGANIZATION_READS = frozenset(
    {
        "ListAccounts",
        "ListAccountsForParent",
        "ListOrganizationalUnitsForParent",
        "ListRoots",
        "ListTagsForResource",
    }
)
"""All operations of Organizations that a discovery may need."""
