"""Which part of the live account iamctl compares with the manifests, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from functools import cache
from typing import Any

from iamctl.access.restraints import is_restraint
from iamctl.comparison.scoped import Scoped
from iamctl.kinds import User, UserInlinePolicy, UserPolicy, resolved_against_live
from iamctl.model import Address, Resource, State
from iamctl.model.settings import Desired, IgnoreRule, Settings
from iamctl.model.transition import is_transition
from iamctl.text.late_dataclass import dataclass


class _Verdict(Enum):
    COMPARED = auto()
    APART = auto()
    """Its owner is not ours."""
    LEFT = auto()
    EXCEPTED = auto()
    RESTRAINT = auto()


def scope(desired: Desired, live: State, now: datetime) -> Scoped:
    """Return what is compared; every live resource is in it, ignored, excepted or apart."""
    settings = desired.settings
    renamed = _under_new_names(desired.state, live)
    whole = _without_foreign_tags(renamed, settings)
    declared = _without_foreign_tags(_in_live_spelling(desired.state, whole), settings)
    ours = resolved_against_live(declared, whole, now, settings)
    roots = {address: resource for address, resource in whole.resources.items() if resource.owner is None}
    # tags that others own say who manages a resource, so rules see all tags
    ignored = {a: rule for a in roots if settings.ignore and (rule := _ignore_rule(renamed.resources[a], settings))}
    over = ended_users(desired, whole)
    declared_roots = {address for address in roots if address in ours.resources}
    going = frozenset(
        address
        for address in roots.keys() - ignored.keys() - (declared_roots - over.keys())
        if address in over or _must_go(roots[address], address, desired)
    )
    managed = going | declared_roots
    ended = frozenset(membership.address for membership in (*desired.ended, *desired.upcoming))
    kept = frozenset(item.address for item in settings.exceptions if item.holds(now))
    lifted = frozenset({*desired.removed, *(item.address for item in settings.exceptions)}) - kept
    restraints = frozenset(
        direct.address
        for kind in (UserPolicy, UserInlinePolicy)
        for direct in whole.of_kind(kind)
        if direct.address not in lifted and not is_transition(direct.address) and is_restraint(direct, whole, ours)
    )
    judge = _Judge(ours, managed, going, frozenset(ignored), kept, ended, restraints, settings)
    verdicts = {
        address: judge.verdict(address, resource)
        for address, resource in whole.resources.items()
        if address not in roots
    }
    compared = managed | {address for address, verdict in verdicts.items() if verdict is _Verdict.COMPARED}
    excepted = {item.address: item for item in settings.exceptions if verdicts.get(item.address) is _Verdict.EXCEPTED}
    return Scoped(
        desired=ours,
        live=_part(whole, compared),
        whole=whole,
        managed=managed,
        going=going,
        ignored=ignored,
        undeclared=_undeclared(roots, managed | ignored.keys(), ours),
        left_memberships=tuple(sorted(a for a, verdict in verdicts.items() if verdict is _Verdict.LEFT)),
        excepted=excepted,
        restraints=tuple(sorted(a for a, verdict in verdicts.items() if verdict is _Verdict.RESTRAINT)),
    )


def ended_users(desired: Desired, live: State) -> dict[Address, User]:
    """Return the users who must be gone by their ``until``, by the address under which they are live, if they are.

    A user who was to be renamed and has the old name still is deleted under that.
    """
    found = {}
    for user in desired.ended:
        if isinstance(user, User):
            old = Address.of(User.kind, user.renamed_from) if user.renamed_from else user.address
            found[old if user.address not in live and old in live else user.address] = user
    return found


def renames(desired: State, live: State) -> dict[Address, Address]:
    """Return old address to new address of what is renamed: the old name is live and the new one is not."""
    found = {}
    for resource in desired:
        old_name = getattr(resource, "renamed_from", None)
        if old_name is None:
            continue
        old = Address.of(resource.kind, old_name)
        if old in live and resource.address not in live:
            found[old] = resource.address
    return found


@dataclass(frozen=True)
class _Judge:
    """What decides whether something that hangs on a user or a group is compared."""

    ours: State
    managed: frozenset[Address]
    going: frozenset[Address]
    ignored: frozenset[Address]
    excepted: frozenset[Address]
    ended: frozenset[Address]
    restraints: frozenset[Address]
    settings: Settings

    def verdict(self, address: Address, resource: Resource) -> _Verdict:
        owner = resource.owner
        assert owner is not None
        if not self.going and owner in self.managed and address in self.ours.resources:
            return _Verdict.COMPARED  # most of an account, told without a look at what it refers to
        people = [reference for reference in resource.references if reference.kind != "policy"]
        if any(reference in self.going for reference in people):
            others = [reference for reference in people if reference not in self.going]
            # a group that goes leaves its ignored members alone, and a rule then refuses that it goes
            return _Verdict.LEFT if owner in self.going and self._is_ignored(others) else _Verdict.COMPARED
        if owner not in self.managed:
            return _Verdict.APART
        if address in self.ours.resources:
            return _Verdict.COMPARED
        if resource.kind == "membership" and address in self.ended and not self._is_ignored(people):
            return _Verdict.COMPARED
        if resource.kind == "membership" and (
            self._is_ignored(people) or self.settings.undeclared_of(type(resource)) == "report"
        ):
            return _Verdict.LEFT
        if resource.kind in {"user-policy", "user-inline-policy"} and self._is_excepted(address):
            return _Verdict.EXCEPTED
        return _Verdict.RESTRAINT if address in self.restraints else _Verdict.COMPARED

    def _is_ignored(self, addresses: list[Address]) -> bool:
        return any(address in self.ignored for address in addresses)

    def _is_excepted(self, address: Address) -> bool:
        return address in self.excepted


def _must_go(root: Resource, address: Address, desired: Desired) -> bool:
    return address in desired.removed or desired.settings.undeclared_of(type(root)) == "remove"


def _part(whole: State, addresses: frozenset[Address]) -> State:
    if len(addresses) == len(whole):
        return whole
    return State({address: resource for address, resource in whole.resources.items() if address in addresses})


def _undeclared(roots: Mapping[Address, Resource], known: frozenset[Address], ours: State) -> tuple[Address, ...]:
    """Return the roots beside the known ones, without those that something declared refers to."""
    found = roots.keys() - known
    if found:
        found -= {reference for resource in ours for reference in resource.references}
    return tuple(sorted(a for a in found if not ((section := roots[a].section) and section.has_fixed_keys)))


def _ignore_rule(root: Resource, settings: Settings) -> IgnoreRule | None:
    tags: Mapping[str, str] = getattr(root, "tags", None) or {}
    return settings.ignore_rule_for(root.address, getattr(root, "path", "/"), tags)


def _under_new_names(desired: State, live: State) -> State:
    """Return the live state with what is renamed, and all that refers to it, under the new address."""
    new_names = renames(desired, live)
    if not new_names:
        return live
    found: dict[Address, Resource] = {}
    for address, resource in live.resources.items():
        if address in new_names:
            found[new_names[address]] = resource
        else:
            moved = _respelled(resource, new_names)
            found[moved.address] = moved
    return State(found)


def _in_live_spelling(desired: State, live: State) -> State:
    """Return the desired state with names as live IAM spells them, since IAM tells them apart without case."""
    ours: dict[Address, Resource] = {}
    spelling: dict[Address, Address] = {}
    for resource in desired:
        address = resource.address
        before = live.get(address)
        ours[address] = resource if before is None else resource.aligned(before)
        if before is not None and before.address is not address and _is_respelled(resource, before):
            spelling[address] = before.address
    return _with_names(desired, live, spelling) if spelling else State(ours)


def _with_names(desired: State, live: State, spelling: Mapping[Address, Address]) -> State:
    """Return the desired state in the spelling of the live one, where names are spelled otherwise."""
    ours: dict[Address, Resource] = {}
    for resource in desired:
        named, before = _respelled(resource, spelling), live.get(resource.address)
        ours[named.address] = named if before is None else named.aligned(before)
    return State(ours)


def _is_respelled(resource: Resource, live: Resource) -> bool:
    return live.address == resource.address and live.address.parts != resource.address.parts


def _respelled(resource: Resource, names: Mapping[Address, Address]) -> Resource:
    for reference in resource.references:
        if reference in names:
            resource = resource.renamed(reference, names[reference])
    return resource


def _without_foreign_tags(state: State, settings: Settings) -> State:
    """Return the state without the tags that AWS and other tools own."""
    owns = cache(settings.owns_tag)
    changed = {
        address: _with_own_tags(resource, tags, owns)
        for address, resource in state.resources.items()
        if (tags := getattr(resource, "tags", None)) and not all(map(owns, tags))
    }
    return State({**state.resources, **changed}) if changed else state


def _with_own_tags(resource: Resource, tags: Mapping[str, str], owns: Callable[[str], bool]) -> Resource:
    own: dict[str, Any] = {"tags": {key: value for key, value in tags.items() if owns(key)}}
    return replace(resource, **own)
