"""The kinds of resources, one file each; a new kind is its file and its line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from iamctl.kinds.access_key import AccessKey
from iamctl.kinds.account_setting import AccountSetting
from iamctl.kinds.api_key import ApiKey
from iamctl.kinds.group import Group
from iamctl.kinds.group_inline_policy import GroupInlinePolicy
from iamctl.kinds.group_policy import GroupPolicy
from iamctl.kinds.login_profile import LoginProfile
from iamctl.kinds.membership import Membership
from iamctl.kinds.mfa_device import MfaDevice
from iamctl.kinds.new_access_key import NewAccessKey
from iamctl.kinds.policy import Policy
from iamctl.kinds.registry import Kinds
from iamctl.kinds.sections_read import SectionsRead, are_same
from iamctl.kinds.signin_session import SigninSession
from iamctl.kinds.user import User
from iamctl.kinds.user_inline_policy import UserInlinePolicy
from iamctl.kinds.user_policy import UserPolicy
from iamctl.model import Address, Declares, Resource, Section, State
from iamctl.model.settings import Limit, Settings
from iamctl.text.late_dataclass import dataclass

if TYPE_CHECKING:
    from iamctl.model.snapshot import Snapshot

__all__ = [
    "KINDS",
    "AccessKey",
    "AccountSetting",
    "ApiKey",
    "Group",
    "GroupInlinePolicy",
    "GroupPolicy",
    "LiveResources",
    "LoginProfile",
    "Membership",
    "MfaDevice",
    "NewAccessKey",
    "Policy",
    "SigninSession",
    "User",
    "UserInlinePolicy",
    "UserPolicy",
    "declared_resources",
    "listed_sections",
    "live_resources",
    "parse_address",
    "removal_limits",
    "resolved_against_live",
    "root_kinds",
    "section_schemas",
    "sections",
]

KINDS = Kinds(
    User,
    Group,
    Membership,
    Policy,
    GroupPolicy,
    GroupInlinePolicy,
    UserPolicy,
    UserInlinePolicy,
    LoginProfile,
    AccessKey,
    NewAccessKey,
    ApiKey,
    SigninSession,
    MfaDevice,
    AccountSetting,
)


def root_kinds() -> tuple[type[Resource], ...]:
    """Return the kinds that hang on no other: those that ``removed:`` and ``ignore:`` can name."""
    return tuple(kind for kind in KINDS if kind.owner_field is None)


def sections() -> Mapping[str, tuple[type[Resource], Section]]:
    """Return the kinds that have a section of manifests, with it, by its name."""
    return _sections(KINDS.known)


@cache
def _sections(kinds: tuple[type[Resource], ...]) -> Mapping[str, tuple[type[Resource], Section]]:
    return {kind.section.name: (kind, kind.section) for kind in kinds if kind.section}


def listed_sections() -> dict[str, tuple[type[Resource], Section]]:
    """Return the sections whose keys are names, so that the account may have resources that no manifest declares."""
    return {name: found for name, found in sections().items() if not found[1].has_fixed_keys}


def removal_limits() -> Mapping[str, Limit]:
    """Return the default of every entry of ``limits`` by name."""
    return _removal_limits(KINDS.known)


@cache
def _removal_limits(kinds: tuple[type[Resource], ...]) -> Mapping[str, Limit]:
    limits = [kind.limit for kind in kinds if kind.limit]
    return {limit.name: Limit(share=limit.share) for limit in limits}


@dataclass(frozen=True)
class LiveResources:
    """The resources of a snapshot, and what each kind was read from."""

    state: State
    of_kinds: Mapping[type[Resource], tuple[Mapping[str, Any], tuple[Resource, ...]]] = field(default_factory=dict)
    """Kind to the sections of the snapshot that it was read from, and its resources."""


def live_resources(snapshot: Snapshot, known: LiveResources | None = None) -> LiveResources:
    """Return all resources of a snapshot; a kind of ``known`` whose sections are the very same is not read again.

    Raises:
        DuplicateResourceError: the snapshot holds one of them twice.
    """
    watched = SectionsRead(snapshot)
    found: dict[type[Resource], tuple[Mapping[str, Any], tuple[Resource, ...]]] = {}
    for kind in KINDS:
        before = known.of_kinds.get(kind) if known else None
        if before and are_same(before[0], snapshot):
            found[kind] = before
            continue
        watched.read = {}
        resources = tuple(kind.live(cast("Snapshot", watched)))
        found[kind] = watched.read, resources
    if known and all(found[kind] is known.of_kinds.get(kind) for kind in found):
        return known
    return LiveResources(State.of(resource for _, of_kind in found.values() for resource in of_kind), found)


def declared_resources(manifests: Declares) -> Iterator[Resource]:
    """Yield what the manifests declare, kind by kind."""
    for kind in KINDS:
        yield from kind.declared(manifests)


def resolved_against_live(desired: State, live: State, now: datetime, settings: Settings) -> State:
    """Return the desired state with what each kind makes of it where the live account decides, too."""
    return State.of(resource for kind in KINDS for resource in kind.resolved_against_live(desired, live, now, settings))


def section_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of one entry of each manifest section, put together from the kinds."""
    sections: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        for section, part in kind.manifest_schema.items():
            schema = sections.setdefault(section, {})
            properties = {**schema.get("properties", {}), **part.get("properties", {})}
            schema.update({key: value for key, value in part.items() if key != "properties"})
            if properties:
                schema["properties"] = properties
    return sections


def parse_address(text: str) -> Address | None:
    """Return the address that a text such as ``user-inline-policy/ci/deploy`` names, or None for no known kind."""
    name, slash, rest = text.partition("/")
    kind = next((kind for kind in KINDS if kind.kind == name), None)
    if kind is None or not slash or not rest:
        return None
    count = kind.parts_in_address or (1 if kind.owner_field is None else 2)
    parts = tuple(rest.split("/", 1)) if count > 1 else (rest,)
    return Address(name, parts) if len(parts) == count else None
