"""Accounts as AWS lists them (GetAccountAuthorizationDetails): which documents every user and role holds."""

from dataclasses import dataclass

from iamctl.policy.normalized import normalize
from iamctl.proof.decide import Held


@dataclass(frozen=True)
class Principal:
    """A user or role; each policy has its document, and the boundary is one document."""

    arn: str
    policies: tuple
    boundary: object = None
    name: str = ""

    @property
    def held(self):
        """What decides the requests of the principal."""
        return Held(self.policies, () if self.boundary is None else ((self.boundary,),))


def principals(details):
    """Return the users and roles of an account; policies that it does not list are left out."""
    documents = {}
    for policy in details["Policies"]:
        for version in policy["PolicyVersionList"]:
            if version["IsDefaultVersion"]:
                documents[policy["Arn"]] = normalize(version["Document"])
    groups = {group["GroupName"]: _held(group, "GroupPolicyList", documents) for group in details["GroupDetailList"]}
    found = []
    for user in details["UserDetailList"]:
        own = _held(user, "UserPolicyList", documents)
        shared = [document for name in user.get("GroupList", ()) for document in groups.get(name, ())]
        found.append(
            Principal(user["Arn"], tuple(_known((*own, *shared))), _boundary(user, documents), user["UserName"])
        )
    for role in details["RoleDetailList"]:
        own = _held(role, "RolePolicyList", documents)
        found.append(Principal(role["Arn"], tuple(_known(own)), _boundary(role, documents)))
    return found


def _held(holder, inline, documents):
    own = [normalize(policy["PolicyDocument"]) for policy in holder.get(inline, ())]
    return [*own, *(documents.get(policy["PolicyArn"]) for policy in holder.get("AttachedManagedPolicies", ()))]


def _known(documents):
    return dict.fromkeys(document for document in documents if document is not None)


def _boundary(holder, documents):
    return documents.get(holder.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))
