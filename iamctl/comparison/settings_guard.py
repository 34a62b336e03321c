"""Which settings of a tree are looser than those of the tree as it was, and the stricter of both.

Strict is what lets a plan remove less, protects more, and leaves less access out of sight. Where it is not certain
that a setting is as strict as before, it counts as looser.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce

from iamctl.comparison.audit_guard import looser_audit, stricter_audit
from iamctl.comparison.credentials_guard import (
    common_secrets,
    looser_access_keys,
    looser_lock,
    looser_secrets,
    other_roles,
    stricter_access_keys,
)
from iamctl.comparison.loosening import Loosening
from iamctl.kinds import listed_sections, removal_limits
from iamctl.model import Address, Resource, UndeclaredPolicy
from iamctl.model.settings import (
    Base,
    Desired,
    IgnoreRule,
    Limit,
    MfaSettings,
    PolicyException,
    Settings,
)
from iamctl.policy.pattern import action_includes

_ALWAYS_ALLOWED = 2
"""What a share allows, however few there are."""
_EVERYTHING = "/"


def counterparts(ours: Settings, accounts: Mapping[str, Settings]) -> tuple[Settings, ...]:
    """Return what ``ours`` is compared with: the account of that id and the one of that name, often the same.

    By its id, so that a new name is no way around the comparison.
    """
    return tuple(
        base
        for base in accounts.values()
        if ours.account_id == base.account_id or ours.account_name == base.account_name
    )


def narrowed(base: Base, ours: Settings) -> Base:
    """Return the base with those accounts only that ``ours`` is compared with."""
    names = dict.fromkeys((*base.names_by_id.get(ours.account_id, ()), ours.account_name))
    near = {name: base.accounts[name] for name in names if name in base.accounts}
    if len(near) > 1:  # in the order of the base
        near = {name: settings for name, settings in base.accounts.items() if name in near}
    own = {settings.account_name: settings for settings in counterparts(ours, near)}
    return replace(base, accounts=own, others=base.others + len(base.accounts) - len(own))


def stricter_of_both(desired: Desired) -> Desired:
    """Return ``desired`` with the stricter settings of both trees; as it is without a base, or where it may loosen."""
    if desired.base is None or desired.base.loosening_allowed or desired.base.approved:
        return desired
    bases = _bases(desired)
    return replace(desired, settings=reduce(stricter, bases, desired.settings), own_settings=desired.settings)


def found_loosenings(desired: Desired) -> tuple[Loosening, ...]:
    """Return what the settings of a tree loosen against its base, each once."""
    ours = desired.own_settings or desired.settings
    return tuple(dict.fromkeys(found for base in _bases(desired) for found in loosenings(ours, base)))


def is_compared(desired: Desired) -> bool:
    """Tell whether there was something to compare the settings with."""
    return bool(_bases(desired))


def stricter(ours: Settings, base: Settings) -> Settings:
    """Return the settings that are at least as strict as both; name, id and roles are those of ``ours``.

    What is ignored is what both ignore. Of ``ignore_tags`` those patterns are left that the other side has within one
    of its own: what both have beyond that is compared, which is the strict side.
    """
    return replace(
        ours,
        undeclared={kind.kind: _stricter_choice(kind, ours, base) for kind, _ in listed_sections().values()},
        ignore=tuple(dict.fromkeys(rule for one in ours.ignore for rule in _both_ignore(one, base.ignore))),
        ignore_tags=tuple(
            pattern
            for one, other in ((ours.ignore_tags, base.ignore_tags), (base.ignore_tags, ours.ignore_tags))
            for pattern in one
            if _is_within(pattern, other)
        ),
        protect=tuple(dict.fromkeys((*ours.protect, *base.protect))),
        limits={name: _lower(_limit(ours, name), _limit(base, name)) for name in removal_limits()},
        mfa=_stricter_mfa(ours.mfa, base.mfa),
        exceptions=_common_exceptions(ours, base),
        access_keys=stricter_access_keys(ours.access_keys, base.access_keys),
        audit=stricter_audit(ours.audit, base.audit),
        secrets=common_secrets(ours.secrets, base.secrets),
        lock=base.lock or ours.lock,
    )


def loosenings(ours: Settings, base: Settings) -> tuple[Loosening, ...]:
    """Return what ``ours`` allows and ``base`` did not; of equal settings nothing, and the order of lists is nothing."""
    return tuple(_loosenings(ours, base))


def _loosenings(ours: Settings, base: Settings) -> Iterator[Loosening]:
    if ours.account_name == base.account_name and ours.account_id != base.account_id:
        what = f"account {ours.account_name} is {ours.account_id}, but {base.account_id} in the base"
        yield Loosening("id", what, ours.origin_of("id"), facts=(ours.account_id, base.account_id))
    for pattern in base.protect:
        if not _is_within(pattern, ours.protect):
            what = f"{pattern} is no longer protected"
            yield Loosening("protect", what, ours.origin_of("protect"), facts=(pattern,))
    for name in removal_limits():
        limit, before = _limit(ours, name), _limit(base, name)
        if not _is_as_low(limit, before):
            certain = (limit.count is None) == (before.count is None)
            more = f"{limit} is more than {before}" if certain else f"{limit} may be more than {before}"
            what, facts = f"{more}, the limit in the base", tuple(f"{one.count} {one.share}" for one in (limit, before))
            yield Loosening(f"limits.{name}", what, ours.origin_of("limits", name), facts=facts)
    yield from _looser_mfa(ours, base)
    yield from other_roles(ours, base)
    yield from looser_access_keys(ours, base)
    yield from looser_secrets(ours, base)
    yield from looser_lock(ours, base)
    yield from looser_audit(ours, base)
    for name, (kind, _) in listed_sections().items():
        choice, was = ours.undeclared_of(kind), base.undeclared_of(kind)
        if _looseness(kind, choice) > _looseness(kind, was):
            what = f"{choice} in place of {was}"
            origin = ours.origin_of("scope", "undeclared", name)
            yield Loosening(f"scope.undeclared.{name}", what, origin, facts=(choice, was))
    for index, rule in enumerate(ours.ignore):
        if not any(_covers(other, rule) for other in base.ignore):
            origin = ours.origin_of("scope", "ignore", index)
            what = f"{rule} is ignored, but not in the base"
            yield Loosening("scope.ignore", what, origin, facts=_facts(rule))
    for index, pattern in enumerate(ours.ignore_tags):
        if not _is_within(pattern, base.ignore_tags):
            origin = ours.origin_of("scope", "ignore_tags", index)
            what = f"tags {pattern} are ignored, but not in the base"
            yield Loosening("scope.ignore_tags", what, origin, facts=(pattern,))
    yield from _longer_exceptions(ours, base)


def _facts(rule: IgnoreRule) -> tuple[str, ...]:
    """Return what a rule says, as one text for each of its parts."""
    return tuple(json.dumps([part.address, part.path, part.tags]) for part in _parts(rule))


def _looser_mfa(ours: Settings, base: Settings) -> Iterator[Loosening]:
    if base.mfa.existing == "refuse" != ours.mfa.existing:
        what = f"{ours.mfa.existing} instead of refuse"
        yield Loosening("mfa.existing", what, ours.origin_of("mfa", "existing"), facts=(ours.mfa.existing, "refuse"))
    days, before = ours.mfa.enrol_within_days, base.mfa.enrol_within_days
    if days > before:
        what = f"{days} is more than {before}, the days in the base"
        origin, facts = ours.origin_of("mfa", "enrol_within_days"), (str(days), str(before))
        yield Loosening("mfa.enrol_within_days", what, origin, facts=facts)


def _stricter_mfa(ours: MfaSettings, base: MfaSettings) -> MfaSettings:
    return MfaSettings(
        existing="refuse" if "refuse" in {ours.existing, base.existing} else "warn",
        enrol_within_days=min(ours.enrol_within_days, base.enrol_within_days),
    )


def _longer_exceptions(ours: Settings, base: Settings) -> Iterator[Loosening]:
    before = {exception.address: exception for exception in base.exceptions}
    for exception in ours.exceptions:
        old = before.get(exception.address)
        if old is None:
            what = "the base has no exception for this policy"
        elif _ends_after(exception, old):
            what = "the exception lasts longer than in the base"
        else:
            continue
        ends = tuple(one.until.isoformat() if one and one.until else "" for one in (exception, old))
        yield Loosening("exceptions", what, exception.origin, exception.address, (*ends, "known" if old else "new"))


def _common_exceptions(ours: Settings, base: Settings) -> tuple[PolicyException, ...]:
    before = {exception.address: exception for exception in base.exceptions}
    return tuple(
        replace(exception, until=old.until) if _ends_after(exception, old) else exception
        for exception in ours.exceptions
        if (old := before.get(exception.address))
    )


def _ends_after(exception: PolicyException, old: PolicyException) -> bool:
    if old.until is None:
        return False
    return exception.until is None or exception.until > old.until


def _bases(desired: Desired) -> tuple[Settings, ...]:
    """Return what the settings are compared with, with exceptions under the names that users have now."""
    if desired.base is None:
        return ()
    ours = desired.own_settings or desired.settings
    kept = {exception.address for exception in ours.exceptions}
    new_names = dict(_new_names(desired, desired.base.desired)) if desired.base.desired else {}
    return tuple(
        replace(base, exceptions=tuple(_under_new_name(exception, kept, new_names) for exception in base.exceptions))
        for base in counterparts(ours, desired.base.accounts)
    )


def _new_names(desired: Desired, base: Desired) -> Iterator[tuple[str, Resource]]:
    """Yield the old names of users with the users who have new ones.

    A user of the base who takes over the name of another is somebody else, and so is one whose old name the base lacks.
    """
    for resource in desired.state:
        old = getattr(resource, "renamed_from", None)
        is_new = resource.kind == "user" and resource.address not in base.state
        if is_new and old and Address.of("user", old) in base.state:
            yield old.lower(), resource


def _under_new_name(
    exception: PolicyException, kept: set[Address], new_names: Mapping[str, Resource]
) -> PolicyException:
    """Return the exception of a user who is renamed under the new name, unless iamctl.yaml still has the old one."""
    address = exception.address
    user = new_names.get(address.parts[0].lower())
    if user is None or address in kept:
        return exception
    return replace(exception, address=Address(address.kind, (user.address.name, *address.parts[1:])))


def _limit(settings: Settings, name: str) -> Limit:
    return settings.limits.get(name, removal_limits()[name])


def _lower(one: Limit, other: Limit) -> Limit:
    """Return the limit that allows the lower of both, however many are live."""
    counts = [limit.count for limit in (one, other) if limit.count is not None]
    shares = [limit.share or 0 for limit in (one, other) if limit.share is not None or limit.count is None]
    return Limit(min(counts, default=None), min(shares, default=None))


def _is_as_low(limit: Limit, base: Limit) -> bool:
    """Tell whether ``limit`` allows no more than ``base``, however many are live.

    A count and a share are ordered for a given account only, and that may grow: a count is as low as a share only up
    to the two that a share always allows, a share as low as a count never but where it allows just these two.
    """
    most = _most(limit)
    if base.count is not None and (most is None or most > base.count):
        return False
    if base.share is None and base.count is not None:
        return True
    share = base.share or 0
    return (limit.share is not None and limit.share <= share) or (most is not None and most <= _ALWAYS_ALLOWED)


def _most(limit: Limit) -> int | None:
    """Return the most that a limit ever allows; None where that grows with the account."""
    if limit.count is None:
        return None if limit.share else _ALWAYS_ALLOWED
    return limit.count if limit.share is None or limit.share > 0 else min(limit.count, _ALWAYS_ALLOWED)


def _stricter_choice(kind: type[Resource], ours: Settings, base: Settings) -> UndeclaredPolicy:
    choices = (ours.undeclared_of(kind), base.undeclared_of(kind))
    return min(choices, key=lambda choice: _looseness(kind, choice))


def _looseness(kind: type[Resource], choice: UndeclaredPolicy) -> int:
    """Return how loose a choice is: ``drift`` leaves least out of sight, the default of the kind is the next."""
    return 0 if choice == "drift" else 1 if choice == Settings("", "").undeclared_of(kind) else 2


def _both_ignore(rule: IgnoreRule, others: tuple[IgnoreRule, ...]) -> Iterator[IgnoreRule]:
    """Yield rules that together match what both ``rule`` and one of the others match."""
    if any(_covers(other, rule) for other in others):
        yield rule
        return
    for other in others:
        yield other if _covers(rule, other) else replace(rule, within=_joined(rule.within, other))


def _joined(within: IgnoreRule | None, other: IgnoreRule) -> IgnoreRule:
    return other if within is None else replace(within, within=_joined(within.within, other))


def _covers(wide: IgnoreRule, narrow: IgnoreRule) -> bool:
    """Tell whether everything that ``narrow`` matches is certainly matched by ``wide``."""
    return all(any(_covers_alone(part, other) for other in _parts(narrow)) for part in _parts(wide))


def _parts(rule: IgnoreRule) -> tuple[IgnoreRule, ...]:
    return (replace(rule, within=None), *(_parts(rule.within) if rule.within else ()))


def _covers_alone(wide: IgnoreRule, narrow: IgnoreRule) -> bool:
    if wide == narrow or wide.path == _EVERYTHING:
        return True
    if wide.address is not None:
        return narrow.address is not None and _includes(wide.address.lower(), narrow.address.lower())
    if wide.path is not None:
        return narrow.path is not None and narrow.path.startswith(wide.path)
    return bool(wide.tags) and all(
        any(key == name and _includes(pattern, value) for name, value in narrow.tags) for key, pattern in wide.tags
    )


def _is_within(pattern: str, others: tuple[str, ...]) -> bool:
    return any(_includes(other.lower(), pattern.lower()) for other in others)


def _includes(wide: str, narrow: str) -> bool:
    """Tell whether ``wide`` certainly matches all that ``narrow`` does; sets such as ``[ab]`` are compared as they are."""
    return wide == narrow or ("[" not in wide + narrow and action_includes(wide, narrow))
