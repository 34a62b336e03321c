"""The whole account at once: GetAccountAuthorizationDetails and GetAccountSummary."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from iamctl.sandbox import shapes
from iamctl.sandbox.operations import Operations
from iamctl.sandbox.paging import page
from iamctl.sandbox.quotas import quotas

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")
"""What ``Filter`` may name. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html"""

LISTS = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList"}

ASSUMED = {
    "AccountMFAEnabled": 1,
    "AccountAccessKeysPresent": 0,
    "AccountPasswordPresent": 1,
    "AccountSigningCertificatesPresent": 0,
    "GlobalEndpointTokenVersion": 1,
    "PolicyVersionsInUseQuota": 10000,
    "ServerCertificates": 0,
}
"""What a sandbox says of the root user and of the rest when the snapshot does not say: a root user in good order."""


class OverviewOperations(Operations):
    """Operations on the account as a whole."""

    def get_account_authorization_details(self) -> dict[str, Any]:
        """GetAccountAuthorizationDetails: return a page of the entities that ``Filter`` names."""
        wanted = self.param("Filter") or list(ENTITIES)
        details = [(name, entity) for name in ENTITIES if name in wanted for entity in self.entities(name)]
        items, marks = page(self, details)
        answer: dict[str, Any] = {name: [] for name in (*LISTS.values(), "Policies")}
        profiles = defaultdict(list)
        for profile in self.account.instance_profiles.values():
            for role in profile.roles:
                profiles[role.name].append(profile)
        policies = [entity for name, entity in items if name not in LISTS]
        counts = (self.account.attachment_counts(), self.account.boundary_counts()) if policies else ({}, {})
        answer["Policies"] = [shapes.policy_detail(policy, *counts) for policy in policies]
        for name, entity in items:
            if name == "User":
                answer["UserDetailList"].append(shapes.user_detail(entity))
            elif name == "Group":
                answer["GroupDetailList"].append(shapes.group_detail(entity))
            elif name == "Role":
                answer["RoleDetailList"].append(shapes.role_detail(entity, profiles[entity.name]))
        return answer | marks

    def entities(self, name: str) -> Iterator[Any]:
        """Yield the entities that one word of ``Filter`` names; of AWS's policies only those that are in use, unless asked for."""
        if name == "LocalManagedPolicy":
            yield from self.account.local_policies()
        elif name == "AWSManagedPolicy":
            used = {*self.account.attachment_counts(), *self.account.boundary_counts()}
            held = self.account.managed_policies.values()
            yield from (policy for policy in held if policy.aws_managed and policy.arn in used)
        else:
            yield from {"User": self.account.users, "Group": self.account.groups, "Role": self.account.roles}[
                name
            ].values()

    def get_account_summary(self) -> dict[str, Any]:
        """GetAccountSummary: return the numbers of entities and the quotas, with what the snapshot adds."""
        account = self.account
        in_use = [policy for policy in account.managed_policies.values() if not policy.aws_managed]
        counts = {
            "Users": len(account.users),
            "Groups": len(account.groups),
            "Roles": len(account.roles),
            "Policies": len(account.local_policies()),
            "PolicyVersionsInUse": sum(len(policy.versions) for policy in in_use),
            "InstanceProfiles": len(account.instance_profiles),
            "Providers": len(account.saml_providers) + len(account.open_id_providers),
            "MFADevices": account.device_count(),
            "MFADevicesInUse": sum(len(user.mfa_devices) for user in account.users.values()),
        }
        known = ASSUMED | quotas(account) | account.summary
        if not account.saml_providers and not account.open_id_providers:
            counts["Providers"] = known.get("Providers", 0)
        return {"SummaryMap": known | counts}
