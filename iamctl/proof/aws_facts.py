"""What AWS documents about every request: keys that are always there, values they can have, and what AWS refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from iamctl.policy.normalized import NormalizedPolicy, normalize

ALWAYS_PRESENT = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:useragent",
        "aws:userid",
        "aws:viaawsservice",
    }
)
"""Keys that every signed request contains: "always included in the request context", or in all (signed) requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html ("Availability")
"""

VALUES: Mapping[str, tuple[str, ...]] = {
    "aws:multifactorauthpresent": ("true", "false"),
    "aws:principalisawsservice": ("false",),
    "aws:securetransport": ("true", "false"),
    "aws:viaawsservice": ("false", "true"),
}
"""All values of keys of type Boolean, the usual one first.

``aws:PrincipalIsAWSService`` is true only for a service principal, which no identity policy is about.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

USUAL: Mapping[str, tuple[str, ...]] = {
    "aws:principaltype": ("User",),
    "aws:requestedregion": ("us-east-1",),
    "aws:sourceip": ("203.0.113.1",),
    "aws:calledvia": (),
    "aws:calledviafirst": (),
    "aws:calledvialast": (),
    "aws:referer": (),
}
"""The value that a shown request has if several do; no value: the key is absent."""

ABOUT_THE_PRINCIPAL = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)
"""Keys whose value depends on who calls, apart from tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html ("Properties of the principal")
"""
PRINCIPAL_TAG = "aws:principaltag/"

LONGEST_SESSION = timedelta(hours=36)
"""The longest life of temporary credentials: GetSessionToken and GetFederationToken for IAM users.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

ALWAYS_ALLOWED = "sts:getcalleridentity"
"""Needs no permission, and a Deny does not stop it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""


def earliest(now: datetime) -> Mapping[str, Decimal]:
    """Return, for each key with a time, the earliest value that a request from ``now`` on can have, in seconds."""
    moment = Decimal(int(now.timestamp()))
    session = moment - Decimal(int(LONGEST_SESSION.total_seconds()))
    return {"aws:currenttime": moment, "aws:epochtime": moment, "aws:tokenissuetime": session}


def is_about_principal(key: str) -> bool:
    """Return whether the value of a key, in lower case, depends on who makes the request."""
    return key in ABOUT_THE_PRINCIPAL or key.startswith(PRINCIPAL_TAG)


_ABOUT_BUCKETS = """
AllowVendedLogDeliveryForResource CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket
DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration
GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging
GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration
GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock
GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration
GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions ListTagsForResource
PauseReplication PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS
PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration PutBucketOwnershipControls
PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning
PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration
PutLifecycleConfiguration PutMetricsConfiguration PutReplicationConfiguration TagResource UntagResource
UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
UpdateBucketMetadataJournalTableConfiguration
"""
"""The actions of Amazon S3 that are about a bucket and never about an object."""

REFUSED: NormalizedPolicy = normalize(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": [
                    "iam:CreatePolicyVersion",
                    "iam:DeletePolicy",
                    "iam:DeletePolicyVersion",
                    "iam:SetDefaultPolicyVersion",
                    "iam:TagPolicy",
                    "iam:UntagPolicy",
                ],
                "Resource": "arn:*:iam::aws:policy/*",
            },
            {
                "Effect": "Deny",
                "Action": [
                    "iam:AttachRolePolicy",
                    "iam:DeleteRole",
                    "iam:DeleteRolePermissionsBoundary",
                    "iam:DeleteRolePolicy",
                    "iam:DetachRolePolicy",
                    "iam:PutRolePermissionsBoundary",
                    "iam:PutRolePolicy",
                    "iam:TagRole",
                    "iam:UntagRole",
                    "iam:UpdateAssumeRolePolicy",
                    "iam:UpdateRole",
                    "iam:UpdateRoleDescription",
                ],
                "Resource": "arn:*:iam::*:role/aws-reserved/*",
            },
            {
                "Effect": "Deny",
                "Action": ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
                "Resource": "arn:*:kms:*:*:alias/aws/*",
            },
            {
                "Effect": "Deny",
                "Action": [f"s3:{action}" for action in _ABOUT_BUCKETS.split()],
                "Resource": "arn:*:s3:::*/*",
            },
        ],
    }
)
"""What AWS refuses to everybody, or nobody can request, as one policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html (AWS managed policies)
https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html (roles that it creates)
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html (aliases that begin with alias/aws/)
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (no slash in the name of a bucket)
"""
