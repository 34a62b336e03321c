"""What a change of the manifests says that no call carries out now: an end, a number of keys, a reader, a setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from iamctl.comparison.diff import changed_fields
from iamctl.comparison.settings_guard import counterparts
from iamctl.kinds import listed_sections
from iamctl.model import Address, Change, Origin, Resource
from iamctl.model.declared_change import DECLARED, ENDED, LATER, REMOVED, DeclaredChange
from iamctl.model.settings import Desired, IgnoreRule, Limit, Settings

_NAMES = {
    "account_name": "name",
    "account_id": "id",
    "ignore": "scope.ignore",
    "ignore_tags": "scope.ignore_tags",
}
"""What settings are called in iamctl.yaml, where it is not their name here."""
_APART = {"origins", "undeclared", "exceptions"}


def declared_changes(desired: Desired, changes: Iterable[Change]) -> tuple[DeclaredChange, ...]:
    """Return what differs from the base and is in none of ``changes``: settings first, then resources by address.

    Nothing without a base; no resources where its manifests could not be read.
    """
    if desired.base is None:
        return ()
    found = [*_of_settings(desired, desired.base.accounts)]
    if desired.base.desired:
        told = {address for change in changes for address in _addresses(change)}
        found += _of_resources(desired, desired.base.desired, told)
    return tuple(found)


def _addresses(change: Change) -> Iterator[Address]:
    yield change.address
    if change.before:
        yield change.before.address


def _of_settings(desired: Desired, accounts: Mapping[str, Settings]) -> Iterator[DeclaredChange]:
    ours = desired.own_settings or desired.settings
    base = next(iter(counterparts(ours, accounts)), None)
    if base is None:
        return
    before, after = dict(_values(base)), dict(_values(ours))
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield DeclaredChange(None, name, old, new, _place(ours, name))


def _place(settings: Settings, name: str) -> Origin | None:
    """Return where iamctl.yaml sets a setting, or the nearest thing around it that it has a place for."""
    path = tuple(name.split("."))
    for length in range(len(path), 0, -1):
        if found := settings.origin_of(*path[:length]) or settings.origin_of(*path[:length], 0):
            return found
    return None


def _values(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Yield each setting by its name in iamctl.yaml, as JSON."""
    for name, (kind, _) in listed_sections().items():
        yield f"scope.undeclared.{name}", settings.undeclared_of(kind)
    for exception in settings.exceptions:
        until = exception.until.isoformat() if exception.until else None
        yield f"exceptions.{exception.address}", {"reason": exception.reason, "until": until}
    for item in fields(settings):
        if item.name not in _APART:
            yield from _flat(_NAMES.get(item.name, item.name), getattr(settings, item.name))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}", part)
    elif is_dataclass(value) and not isinstance(value, (Limit, IgnoreRule)):
        for item in fields(value):
            yield from _flat(f"{name}.{item.name}", getattr(value, item.name))
    else:
        yield name, _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    is_plain = value is None or isinstance(value, (bool, int, float, str))
    return value if is_plain and not isinstance(value, Address) else str(value)


def _of_resources(desired: Desired, base: Desired, told: set[Address]) -> Iterator[DeclaredChange]:
    now = {resource.address: resource for resource in (*desired.state, *desired.ended, *desired.upcoming)}
    was = _under_new_names(base, now.values())
    roots = {address for address in now.keys() ^ was.keys() if (now.get(address) or was[address]).owner is None}
    upcoming, ended = {one.address for one in desired.upcoming}, {one.address for one in desired.ended}
    states = {one.address: ENDED for one in base.ended} | {one.address: LATER for one in base.upcoming}
    for address in sorted(now.keys() | was.keys()):
        before, after = was.get(address), now.get(address)
        if before and after:
            yield from _of_fields(address, before, after, is_told=address in told)
        elif address in upcoming:
            yield from _of_terms(address, None, after)
        elif before and address in states:
            yield DeclaredChange(address, DECLARED, states[address], after=False)
        elif after and address in ended:
            yield DeclaredChange(address, DECLARED, before=False, after=ENDED, origin=after.origin)
        elif address not in told and not roots & set(_around(before or after)):
            place = after.origin if after else None
            yield DeclaredChange(address, DECLARED, before is not None, after is not None, place)
    for address in sorted(desired.removed.keys() ^ base.removed.keys()):
        if address not in told:
            is_listed = address in desired.removed
            yield DeclaredChange(address, REMOVED, not is_listed, is_listed, desired.removed.get(address))


def _around(resource: Resource | None) -> Iterator[Address]:
    """Yield what a resource goes along with: its owner, and the user of a membership."""
    if resource and resource.owner:
        yield from (reference for reference in resource.references if reference.kind != "policy")


def _of_fields(address: Address, before: Resource, after: Resource, *, is_told: bool) -> Iterator[DeclaredChange]:
    """Yield the fields that differ; of a membership that a call adds or removes, none: its line shows them."""
    if is_told and after.kind == "membership":
        return
    yield from _of_terms(address, before, after)
    if not is_told and before != after:
        old, new = before.to_json(), after.to_json()
        for path in changed_fields(before, after):
            yield DeclaredChange(address, path, _at(old, path), _at(new, path), after.origin)


def _of_terms(address: Address, before: Resource | None, after: Resource | None) -> Iterator[DeclaredChange]:
    """Yield what no call writes and differs; of what begins later and is new, all of it."""
    old, new = before.beside_calls() if before else {}, after.beside_calls() if after else {}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            place = after.origin if after else None
            yield DeclaredChange(address, name, _json(old.get(name)), _json(new.get(name)), place)


def _at(fields_: Mapping[str, Any], path: str) -> Any:
    head, _, rest = path.partition(".")
    value = fields_.get(head)
    return value.get(rest) if rest and isinstance(value, Mapping) else value


def _under_new_names(base: Desired, now: Iterable[Resource]) -> dict[Address, Resource]:
    """Return what the base declared, with what is renamed, and all that refers to it, under the new address."""
    names: dict[Address, Resource] = {}
    for resource in now:
        if old := getattr(resource, "renamed_from", None):
            names[Address.of(resource.kind, old)] = resource
    found: dict[Address, Resource] = {}
    for resource in (*base.state, *base.ended, *base.upcoming):
        moved = resource
        for reference in resource.references:
            if reference in names:
                moved = moved.renamed(reference, names[reference].address)
        if new := names.get(resource.address):
            named: dict[str, Any] = {"name": new.address.name}
            moved = replace(moved, **named)
        found[moved.address] = moved
    return found
