"""By which recorded call a difference came about, and which events of CloudTrail are such calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from iamctl.kinds import AccountSetting, Policy
from iamctl.kinds.account_setting import WRITES
from iamctl.model import Action, Change
from iamctl.model.deed import Actor, ActorKind, Deed
from iamctl.text.late_dataclass import dataclass
from iamctl.text.moment import start_of

_CALLS: Mapping[tuple[str, Action], tuple[str, ...]] = {
    ("user", Action.DELETE): ("CreateUser",),
    ("user", Action.CREATE): ("DeleteUser",),
    ("user", Action.UPDATE): (
        "UpdateUser",
        "TagUser",
        "UntagUser",
        "PutUserPermissionsBoundary",
        "DeleteUserPermissionsBoundary",
    ),
    ("group", Action.DELETE): ("CreateGroup",),
    ("group", Action.CREATE): ("DeleteGroup",),
    ("group", Action.UPDATE): ("UpdateGroup",),
    ("membership", Action.DELETE): ("AddUserToGroup",),
    ("membership", Action.CREATE): ("RemoveUserFromGroup",),
    ("policy", Action.DELETE): ("CreatePolicy",),
    ("policy", Action.CREATE): ("DeletePolicy",),
    ("policy", Action.UPDATE): ("CreatePolicyVersion", "SetDefaultPolicyVersion", "TagPolicy", "UntagPolicy"),
    ("group-policy", Action.DELETE): ("AttachGroupPolicy",),
    ("group-policy", Action.CREATE): ("DetachGroupPolicy",),
    ("group-inline-policy", Action.DELETE): ("PutGroupPolicy",),
    ("group-inline-policy", Action.CREATE): ("DeleteGroupPolicy",),
    ("group-inline-policy", Action.UPDATE): ("PutGroupPolicy",),
    ("user-policy", Action.DELETE): ("AttachUserPolicy",),
    ("user-inline-policy", Action.DELETE): ("PutUserPolicy",),
    ("login-profile", Action.DELETE): ("CreateLoginProfile",),
    ("login-profile", Action.CREATE): ("DeleteLoginProfile",),
    ("login-profile", Action.UPDATE): ("UpdateLoginProfile",),
    ("access-key", Action.UPDATE): ("CreateAccessKey", "UpdateAccessKey"),
    ("access-key", Action.DELETE): ("CreateAccessKey", "UpdateAccessKey"),
    ("new-access-key", Action.CREATE): ("DeleteAccessKey", "UpdateAccessKey"),
    ("api-key", Action.DELETE): ("CreateServiceSpecificCredential",),
}
"""The calls that make a difference, by the kind and the action that repairs it."""

_PARAMETERS: Mapping[str, str] = {
    "user": "userName",
    "group": "groupName",
    "policy_arn": "policyArn",
}
"""The names of fields of resources in the parameters of recorded calls."""

_MADE_IDS: Mapping[str, tuple[str, str]] = {
    "CreateAccessKey": ("accessKey", "accessKeyId"),
    "CreateServiceSpecificCredential": ("serviceSpecificCredential", "serviceSpecificCredentialId"),
}
"""Where the answer of a recorded call has the id of what it made."""


@dataclass(frozen=True)
class Search:
    """What to look for in CloudTrail."""

    lookups: tuple[tuple[str, str], ...]
    """Attributes with their values, such as ``("ResourceName", "alice")``."""
    operations: frozenset[str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the parameters of the call must be, regardless of case."""
    made_id: str = ""
    """The id of what the call made or changed."""

    def finds(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event is a call that succeeded and could have made the difference."""
        operation = event.get("eventName")
        if operation not in self.operations or event.get("errorCode"):
            return False
        given = event.get("requestParameters") or {}
        owner = (event.get("userIdentity") or {}).get("userName", "")
        for name, value in self.parameters.items():
            told = given.get(name, owner if name == "userName" else None)
            if name == "policyArn" and told is None and "policyName" in given:
                told, value = given["policyName"], value.rpartition("/")[2]
            if str(told).lower() != value.lower():
                return False
        return not self.made_id or self.made_id in {_made_id(event), given.get("accessKeyId")}


def _calls(change: Change) -> tuple[str, ...] | None:
    resource = change.resource
    if isinstance(resource, AccountSetting):
        writes = WRITES[resource.name]
        return writes.delete if change.action is Action.CREATE else writes.create
    return _CALLS.get((resource.kind, change.action))


def search_for(change: Change) -> Search | None:
    """Return how to find who made a difference; None where it is not known by which call that is done."""
    resource = change.resource
    operations = _calls(change)
    if operations is None:
        return None
    parameters = {
        parameter: str(getattr(resource, name)) for name, parameter in _PARAMETERS.items() if hasattr(resource, name)
    }
    if resource.kind in {"user", "group"}:
        parameters[f"{resource.kind}Name"] = resource.address.name
    if resource.kind.endswith("-inline-policy"):
        parameters["policyName"] = resource.address.name
    if isinstance(resource, Policy):
        parameters["policyArn"] = resource.arn
    if "userName" in parameters:
        lookups: tuple[tuple[str, str], ...] = (("ResourceName", parameters["userName"]),)
    else:
        lookups = tuple(("EventName", operation) for operation in operations)
    return Search(lookups, frozenset(operations), parameters, str(getattr(resource, "key_id", "")))


def newest(search: Search, events: Iterable[Mapping[str, Any]]) -> Deed | None:
    """Return the newest of the events that the search is for."""
    return max(_deeds(search, events), key=lambda deed: deed.at, default=None)


def _deeds(search: Search, events: Iterable[Mapping[str, Any]]) -> Iterator[Deed]:
    return (deed_of(event) for event in events if search.finds(event))


def deed_of(event: Mapping[str, Any]) -> Deed:
    """Return the call that an event records.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    identity = event.get("userIdentity") or {}
    context = identity.get("sessionContext") or {}
    source = str(context.get("sourceIdentity") or "")
    match identity.get("type"):
        case "Root":
            actor = Actor(ActorKind.ROOT, "root")
        case "IAMUser":
            actor = Actor(ActorKind.USER, str(identity.get("userName") or identity.get("arn") or ""))
        case "AssumedRole":
            issuer = context.get("sessionIssuer") or {}
            session = str(identity.get("arn") or "").rpartition("/")[2]
            actor = Actor(ActorKind.ROLE, str(issuer.get("userName") or ""), session, source)
        case other:
            name = identity.get("invokedBy") or identity.get("userName") or identity.get("principalId") or other or ""
            actor = Actor(ActorKind.OTHER, str(name))
    return Deed(
        str(event["eventName"]),
        start_of(event["eventTime"]),
        actor,
        str(event.get("sourceIPAddress") or ""),
        str(event.get("eventID") or ""),
    )


def _made_id(event: Mapping[str, Any]) -> str | None:
    place = _MADE_IDS.get(str(event.get("eventName")))
    if place is None:
        return None
    found: str | None = ((event.get("responseElements") or {}).get(place[0]) or {}).get(place[1])
    return found
