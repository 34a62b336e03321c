"""Which MFA guards the calls of a plan rely on: what must still be in force right before somebody gets more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from iamctl.access.held import HeldPolicy
from iamctl.access.mfa_guard import Guards, guards
from iamctl.kinds import GroupPolicy, LoginProfile, Membership, User
from iamctl.model import Address, Call, Plan
from iamctl.planning.plan import Comparison
from iamctl.rules import after_changes
from iamctl.text.late_dataclass import dataclass

_ON_USERS = frozenset({"CreateLoginProfile", "AddUserToGroup", "PutUserPermissionsBoundary", "UpdateAccessKey"})
_ON_GROUPS = frozenset({"AttachGroupPolicy", "PutGroupPolicy"})
_ON_POLICIES = frozenset({"CreatePolicyVersion", "SetDefaultPolicyVersion"})


@dataclass(frozen=True)
class ReliedGuard:
    """A policy that guards users through a group, or as their permissions boundary."""

    policy: str
    """Its ARN, or the name of an inline policy of the group."""
    group: str | None
    """None: the policy is the boundary of the users."""
    users: tuple[str, ...]
    is_new: bool
    """Whether this run puts it in force, or renames who is guarded, so that AWS may not show it yet."""
    former_users: Mapping[str, str] = field(default_factory=dict)
    """Old names by new ones, in lower case, of the users whom this run renames: they have either."""
    former_group: str | None = None
    """The old name of the group, if this run renames it."""


def relied_guards(compared: Comparison, plan: Plan) -> dict[int, tuple[ReliedGuard, ...]]:
    """Return the guards on which the calls rely that give something to people who can sign in, by index of the call.

    A call that comes before the guard is in force relies on none.
    """
    if not plan.calls:
        return {}
    found = _Relied(compared, plan)
    return {call.index: relied for call in plan.calls if (relied := tuple(found.of(call)))}


class _Relied:
    def __init__(self, compared: Comparison, plan: Plan) -> None:
        self._before = compared.scoped.whole
        self._after = after_changes(self._before, plan.changes)
        self._guards: Guards = guards(compared.live, self._after)
        self._calls = {call.index: call for call in plan.calls}
        self._members: defaultdict[Address, list[Address]] = defaultdict(list)
        for membership in self._after.of_kind(Membership):
            self._members[Address.of("group", membership.group)].append(Address.of("user", membership.user))
        self._groups: defaultdict[str, list[Address]] = defaultdict(list)
        self._arns: dict[str, str] = {}
        for attached in self._after.of_kind(GroupPolicy):
            self._groups[attached.policy_arn.lower()].append(Address.of("group", attached.group))
            self._arns[attached.policy_arn.lower()] = attached.policy_arn
        self._makers = _makers(plan.calls)
        self._former_users = _former_names(plan.calls, "UserName")
        self._former_groups = _former_names(plan.calls, "GroupName")

    def of(self, call: Call) -> Iterator[ReliedGuard]:
        """Yield the guards of those to whom a call gives something, several users of one guard together."""
        by_guard: dict[tuple[str, str | None, bool], list[str]] = {}
        before = frozenset[int]()
        for user in dict.fromkeys(self._touched(call)):
            resource = self._after.get(user)
            guard = self._guards.guard(user)
            if guard is None or not isinstance(resource, User) or not self._can_sign_in(user, call):
                continue
            made_by = self._made_by(guard, resource)
            before = before or frozenset(self._needed(call))
            if made_by <= before:
                group = None if guard.way == "boundary" else guard.holder.name
                arn = resource.permissions_boundary if group is None else self._arns.get(guard.key)
                by_guard.setdefault((arn or _name(guard), group, bool(made_by)), []).append(resource.name)
        for (policy, group, is_new), users in by_guard.items():
            former = {user.lower(): old for user in users if (old := self._former_users.get(user.lower()))}
            former_group = self._former_groups.get(group.lower()) if group else None
            is_late = is_new or bool(former or former_group)
            yield ReliedGuard(policy, group, tuple(users), is_late, former, former_group)

    def _touched(self, call: Call) -> Iterable[Address]:
        params = call.params
        if call.operation in _ON_USERS and params.get("Status") != "Inactive":
            return (Address.of("user", params["UserName"]),)
        if call.operation in _ON_GROUPS:
            return self._members[Address.of("group", params["GroupName"])]
        if call.operation in _ON_POLICIES and isinstance(arn := params.get("PolicyArn"), str):
            return [user for group in self._groups[arn.lower()] for user in self._members[group]]
        return ()

    def _can_sign_in(self, user: Address, call: Call) -> bool:
        """Return whether a user can use what the call gives; the credentials of users who are not known count."""
        if call.operation == "CreateLoginProfile":
            return True
        live = self._before.get(user)
        if not isinstance(live, User):
            return False
        held = live.credentials
        has_login = self._before.get(Address.of(LoginProfile.kind, user.name)) is not None
        has_key = held.access_keys is None or any(key.is_active for key in held.access_keys)
        return has_login or held.has_password is not False or has_key

    def _made_by(self, guard: HeldPolicy, user: User) -> set[int]:
        """Return the calls that put a guard in force for a user."""
        if guard.way == "boundary":
            keys = [f"boundary/{user.name}".lower(), f"policy/{guard.key}"]
        else:
            group = guard.holder.name.lower()
            keys = [
                f"member/{group}/{user.name}".lower(),
                f"held/{group}/{_name(guard).lower()}",
                f"policy/{guard.key}",
            ]
        return {index for key in keys for index in self._makers.get(key, ())}

    def _needed(self, call: Call) -> Iterator[int]:
        """Yield the calls that have succeeded when ``call`` is sent."""
        seen, open_needs = set[int](), list(call.needs)
        while open_needs:
            index = open_needs.pop()
            if index not in seen:
                seen.add(index)
                yield index
                open_needs += self._calls[index].needs


def _name(guard: HeldPolicy) -> str:
    """Return the ARN of a guard, or the name of an inline one."""
    return guard.key if guard.key.startswith("arn:") else guard.policy.rsplit("/", 1)[-1]


def _former_names(calls: Iterable[Call], name: str) -> Mapping[str, str]:
    """Return the old names by the new ones, in lower case, of what the calls rename."""
    return {call.params[f"New{name}"].lower(): call.params[name] for call in calls if f"New{name}" in call.params}


def _makers(calls: Iterable[Call]) -> Mapping[str, set[int]]:
    """Return the calls that make a membership, an attachment, a boundary or a document, by what they make."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for call in calls:
        params = {key: value for key, value in call.params.items() if isinstance(value, str)}
        user, group, arn = params.get("UserName", ""), params.get("GroupName", ""), params.get("PolicyArn", "")
        match call.operation:
            case "AddUserToGroup":
                key = f"member/{group}/{user}"
            case "AttachGroupPolicy":
                key = f"held/{group}/{arn}"
            case "PutGroupPolicy":
                key = f"held/{group}/{params['PolicyName']}"
            case "PutUserPermissionsBoundary":
                key = f"boundary/{user}"
            case "CreatePolicyVersion" | "SetDefaultPolicyVersion":
                key = f"policy/{arn}"
            case _:
                continue
        found[key.lower()].add(call.index)
    return found
