"""Reads the MFA guard that a call relies on right before the call is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from iamctl.access.mfa_guard import is_guarding
from iamctl.model import Call, CallError, IamctlError
from iamctl.planning.relied_guards import ReliedGuard
from iamctl.policy import Document

Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
"""Reads: the operation and its parameters to the answer with all pages, None where IAM has no such thing."""

GUARD_READS = frozenset(
    {
        "GetGroup",
        "GetGroupPolicy",
        "GetPolicy",
        "GetPolicyVersion",
        "GetUser",
        "ListAttachedGroupPolicies",
        "ListGroupsForUser",
    }
)
"""All that is asked about a guard."""
GUARD_NOT_VISIBLE = "GuardNotVisible"
GUARD_MISSING = "GuardMissing"
_ONE_BY_ONE = 3
"""Up to so many users are asked for their groups; more are looked for in the members of the group."""


class GuardCheck:
    """Refuses calls whose guard is no longer in force; several threads may ask it."""

    def __init__(self, relied: Mapping[int, Sequence[ReliedGuard]], ask: Ask, clock: Callable[[], float]) -> None:
        self._relied = relied
        self._reads = _Reads(ask, clock)

    def __call__(self, call: Call) -> None:
        """Return if all guards are in force on which ``call`` relies.

        Raises:
            CallError: one is not, or cannot be read; nothing was sent.
        """
        for guard in self._relied.get(call.index, ()):
            try:
                missing = _missing(guard, self._reads.since_now())
            except IamctlError as error:
                raise CallError("GuardNotRead", f"the MFA guard cannot be read: {error}") from error
            if missing:
                code = GUARD_NOT_VISIBLE if guard.is_new else GUARD_MISSING
                raise CallError(code, f"{missing}, so the call would give access without the MFA guard")


class _Reads:
    """Reads of several threads: one serves all that ask for it before it starts."""

    def __init__(self, ask: Ask, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = Lock()
        self._locks: dict[tuple[str, ...], Lock] = {}
        self._read: dict[tuple[str, ...], tuple[float, Any]] = {}

    def since_now(self) -> Ask:
        """Return what reads, or takes the answer to a read that started from now on."""
        since = self._clock()

        def ask(operation: str, params: Mapping[str, Any]) -> Any:
            key = (operation, *map(str, params.values()))
            with self._lock:
                lock = self._locks.setdefault(key, Lock())
            with lock:
                started_at, answer = self._read.get(key, (float("-inf"), None))
                if started_at < since:
                    started_at = self._clock()
                    answer = self._ask(operation, params)
                    self._read[key] = (started_at, answer)
            return answer

        return ask


def _missing(guard: ReliedGuard, ask: Ask) -> str:
    """Return what of a guard is no longer as the plan expects, or nothing."""
    ask = _by_either_name(guard, ask)
    if guard.group is None:
        for user in guard.users:
            held = ask("GetUser", {"UserName": user})
            arn = held["User"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "") if held else ""
            if arn.lower() != guard.policy.lower():
                return f"user {user} no longer has the permissions boundary {guard.policy}"
    else:
        if user := _missing_member(guard, guard.group, ask):
            return f"user {user} is no longer in group {guard.group}"
        if not _is_held(guard.group, guard.policy, ask):
            return f"policy {guard.policy} is no longer on group {guard.group}"
    return "" if _is_guarding(guard, ask) else f"policy {guard.policy} is no longer an MFA guard"


def _by_either_name(guard: ReliedGuard, ask: Ask) -> Ask:
    """Return what asks about a user or a group by the old name where nothing has the new one yet."""

    def either(operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answer = ask(operation, params)
        former = {
            "UserName": guard.former_users.get(str(params.get("UserName")).lower()),
            "GroupName": guard.former_group if "GroupName" in params else None,
        }
        old = {**params, **{name: value for name, value in former.items() if value is not None}}
        return ask(operation, old) if answer is None and old != params else answer

    return either


def _missing_member(guard: ReliedGuard, group: str, ask: Ask) -> str:
    groups = {group.lower(), (guard.former_group or group).lower()}
    if len(guard.users) <= _ONE_BY_ONE:
        for user in guard.users:
            held = ask("ListGroupsForUser", {"UserName": user})
            if not held or not groups & {one["GroupName"].lower() for one in held["Groups"]}:
                return user
        return ""
    found = ask("GetGroup", {"GroupName": group})
    members = {one["UserName"].lower() for one in found["Users"]} if found else set()
    names = {user: {user.lower(), guard.former_users.get(user.lower(), user).lower()} for user in guard.users}
    return next((user for user in guard.users if not names[user] & members), "")


def _is_held(group: str, policy: str, ask: Ask) -> bool:
    if not policy.startswith("arn:"):
        return ask("GetGroupPolicy", {"GroupName": group, "PolicyName": policy}) is not None
    held = ask("ListAttachedGroupPolicies", {"GroupName": group})
    return held is not None and policy.lower() in {one["PolicyArn"].lower() for one in held["AttachedPolicies"]}


def _is_guarding(guard: ReliedGuard, ask: Ask) -> bool:
    if not guard.policy.startswith("arn:"):
        found = ask("GetGroupPolicy", {"GroupName": guard.group, "PolicyName": guard.policy})
        data = found["PolicyDocument"] if found else None
    else:
        policy = ask("GetPolicy", {"PolicyArn": guard.policy})
        version = policy["Policy"]["DefaultVersionId"] if policy else ""
        found = ask("GetPolicyVersion", {"PolicyArn": guard.policy, "VersionId": version}) if policy else None
        data = found["PolicyVersion"]["Document"] if found else None
    document = Document.from_text(data) if isinstance(data, str) else Document.from_data(data)
    return document.normalized is not None and is_guarding(document.normalized.statements)
