"""How AWS spells condition keys, whose case does not matter to it."""

from __future__ import annotations

DOCUMENTED = (
    *("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:CurrentTime", "aws:EpochTime"),
    *("aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn"),
    *("aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalType", "aws:Referer"),
    *("aws:RequestedRegion", "aws:ResourceAccount", "aws:ResourceOrgID", "aws:SecureTransport", "aws:SourceAccount"),
    *("aws:SourceArn", "aws:SourceIdentity", "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:TagKeys"),
    *("aws:TokenIssueTime", "aws:UserAgent", "aws:userid", "aws:username", "aws:ViaAWSService", "aws:VpcSourceIp"),
    *("iam:AssociatedResourceArn", "iam:AWSServiceName", "iam:PassedToService", "iam:PermissionsBoundary"),
    *("iam:PolicyARN", "s3:prefix", "s3:VersionId", "sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"),
    *("aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4", "aws:FederatedProvider", "aws:ResourceOrgPaths"),
)
"""The keys whose spelling AWS documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""
_PREFIXES = ("aws:PrincipalTag/", "aws:ResourceTag/", "aws:RequestTag/", "iam:ResourceTag/")
_DOCUMENTED = {key.lower(): key for key in DOCUMENTED}


def documented(key: str) -> str:
    """Return a key as AWS documents it; what it documents no spelling of, such as the key of a tag, is in lower case."""
    folded = key.lower()
    if folded in _DOCUMENTED:
        return _DOCUMENTED[folded]
    prefix = next((one for one in _PREFIXES if folded.startswith(one.lower())), "")
    return prefix + folded[len(prefix) :]
