"""What a run took away and what is there again, in a snapshot that was read later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iamctl.model import Call

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

_CREDENTIALS = frozenset({"DeleteLoginProfile", "UpdateAccessKey", "DeleteAccessKey"})
_EDGES = frozenset(
    {"RemoveUserFromGroup", "DetachUserPolicy", "DeleteUserPolicy", "DetachGroupPolicy", "DeleteGroupPolicy"}
)
_OBJECTS = frozenset({"DeleteUser", "DeleteGroup", "DeletePolicy"})


def is_revocation(call: Call) -> bool:
    """Return whether a call takes away a credential, a membership, a policy or its holder."""
    if call.operation == "UpdateAccessKey":
        return call.params.get("Status") == "Inactive"
    return call.operation in _CREDENTIALS | _EDGES | _OBJECTS


def revoked_users(calls: Sequence[Call]) -> list[str]:
    """Return the names of the users whose credentials were taken away."""
    return sorted({call.params["UserName"] for call in calls if call.operation in _CREDENTIALS and is_revocation(call)})


def restored_things(calls: Sequence[Call], snapshot: Snapshot) -> Iterator[str]:
    """Yield in words what ``calls`` took away, did not give again, and the account has nevertheless."""
    account = _Account(snapshot)
    given_again = {
        call.params["UserName"].lower() for call in calls if call.operation in {"CreateLoginProfile", "UpdateUser"}
    }
    for call in calls:
        is_reissue = call.operation == "DeleteLoginProfile" and call.params["UserName"].lower() in given_again
        if is_revocation(call) and not is_reissue and (words := account.has(call)):
            yield words


class _Account:
    def __init__(self, snapshot: Snapshot) -> None:
        self._users: dict[str, Any] = {user["UserName"].lower(): user for user in snapshot["UserDetailList"]}
        self._groups: dict[str, Any] = {group["GroupName"].lower(): group for group in snapshot["GroupDetailList"]}
        self._policies = {policy["Arn"].lower() for policy in snapshot["Policies"]}
        self._held: dict[str, Any] = {name.lower(): held for name, held in snapshot.get("credentials", {}).items()}

    def has(self, call: Call) -> str:
        """Return in words what a call took away if the account has it, or nothing."""
        params = call.params
        user, group = params.get("UserName", ""), params.get("GroupName", "")
        if call.operation in _OBJECTS:
            return self._object(call.operation, params)
        if call.operation in _CREDENTIALS:
            return self._credential(call.operation, params, self._held.get(user.lower(), {}))
        if call.operation == "RemoveUserFromGroup":
            groups = self._users.get(user.lower(), {}).get("GroupList", ())
            return f"user {user} in group {group}" if group.lower() in map(str.lower, groups) else ""
        holder = self._groups.get(group.lower(), {}) if group else self._users.get(user.lower(), {})
        owner = f"group {group}" if group else f"user {user}"
        if arn := params.get("PolicyArn"):
            held = {one["PolicyArn"].lower() for one in holder.get("AttachedManagedPolicies", ())}
            return f"policy {arn} on {owner}" if arn.lower() in held else ""
        inline = holder.get("GroupPolicyList" if group else "UserPolicyList", ())
        name = params["PolicyName"]
        return f"inline policy {name} on {owner}" if name in {one["PolicyName"] for one in inline} else ""

    def _object(self, operation: str, params: Mapping[str, Any]) -> str:
        match operation:
            case "DeleteUser":
                return f"user {params['UserName']}" if params["UserName"].lower() in self._users else ""
            case "DeleteGroup":
                return f"group {params['GroupName']}" if params["GroupName"].lower() in self._groups else ""
            case _:
                return f"policy {params['PolicyArn']}" if params["PolicyArn"].lower() in self._policies else ""

    def _credential(self, operation: str, params: Mapping[str, Any], held: Mapping[str, Any]) -> str:
        user = params["UserName"]
        if operation == "DeleteLoginProfile":
            return f"password of user {user}" if held.get("LoginProfile") else ""
        key = params["AccessKeyId"]
        keys = {one["AccessKeyId"]: one["Status"] for one in held.get("AccessKeyMetadata") or ()}
        is_back = key in keys if operation == "DeleteAccessKey" else keys.get(key) == "Active"
        return f"access key {key} of user {user}" if is_back else ""
