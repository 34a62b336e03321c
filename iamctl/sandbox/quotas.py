"""IAM's quotas, and the different ones in a snapshot's SummaryMap."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.iam.exceptions import LimitExceededException

if TYPE_CHECKING:
    from iamctl.sandbox.account import Account

DEFAULTS = {
    "UsersQuota": 5000,
    "GroupsQuota": 300,
    "RolesQuota": 1000,
    "PoliciesQuota": 1500,
    "InstanceProfilesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "GroupsPerUserQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AccessKeysPerUserQuota": 2,
    "SigningCertificatesPerUserQuota": 2,
    "VersionsPerPolicyQuota": 5,
    "PolicySizeQuota": 6144,
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "RolePolicySizeQuota": 10240,
    "AssumeRolePolicySizeQuota": 2048,
}
"""The quotas of a new account, by their names in GetAccountSummary.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def quotas(account: Account) -> dict[str, int]:
    """Return the quotas of an account: the usual ones, and above them those of its SummaryMap."""
    return DEFAULTS | {name: value for name, value in account.summary.items() if name in DEFAULTS}


def refuse_above(account: Account, name: str, shown: str, wanted: int) -> None:
    """Raise when ``wanted`` things are more than the quota ``name`` allows; ``shown`` is how IAM calls it in errors.

    Raises:
        LimitExceededException: there would be too many.
    """
    limit = quotas(account)[name]
    if wanted > limit:
        raise LimitExceededException(f"Cannot exceed quota for {shown}: {limit}")


def size(document: str) -> int:
    """Return the size of a policy document as IAM counts it: characters other than white space."""
    return len(re.sub(r"\s", "", document))


def refuse_large(account: Account, name: str, holder: str, documents: Iterable[str]) -> None:
    """Raise when the inline policies of ``holder`` together are larger than the quota ``name`` allows.

    Raises:
        LimitExceededException: they are.
    """
    limit = quotas(account)[name]
    if sum(size(document) for document in documents) > limit:
        raise LimitExceededException(f"Maximum policy size of {limit} bytes exceeded for {holder}")
