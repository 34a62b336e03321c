"""Statements and devices that name a user or a group whose name begins, ends or changes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from iamctl.access.naming import Identity, Naming, Namings, Part, orphans
from iamctl.kinds import Group, User
from iamctl.model import Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.wording import counted, some

_RENAME = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html"
_PRINCIPALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
_DEVICES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html"


class _Event(Enum):
    """How a statement comes to name somebody, or no longer does; the value says so in a message."""

    MOVED_AWAY = "has its old name or path"
    MOVED_HERE = "has its new name or path"
    NEW = "is already named"


@rule("IAM445", Severity.WARN, source=_RENAME, first=True)
def statements_that_change_sides_are_named(review: Review) -> Iterator[Hit]:
    """Statements that name the old or the new name or path of a user or group are named, with who loses and gains."""
    moves = [
        (change.before, change.after)
        for change in review.changes
        if isinstance(change.after, (User, Group)) and _identity_changes(change.before, change.after)
    ]
    namings = Namings(review.live, review.after) if moves else None
    for before, after in moves:
        if namings is None:
            return
        new = Identity.of(after, review.live)
        if not isinstance(before, (User, Group)):
            yield from (_hit(after, naming, _Event.NEW) for naming in namings.spelled_out(new))
            continue
        old = Identity.of(before, review.live)
        was, will = set(namings.all_of(old)), set(namings.all_of(new))
        for naming in sorted(was - will, key=str):
            if naming.part is not Part.PRINCIPAL:  # IAM keeps these by id
                yield _hit(after, naming, _Event.MOVED_AWAY)
        yield from (_hit(after, naming, _Event.MOVED_HERE) for naming in sorted(will - was, key=str))


@rule("IAM446", Severity.WARN, source=_PRINCIPALS)
def statements_about_deleted_names_are_named(review: Review) -> Iterator[Hit]:
    """Statements that spell out the name of a user or group that the plan deletes are named."""
    gone = [resource for resource in review.deleted if isinstance(resource, (User, Group))]
    namings = Namings(review.live, review.after) if gone else None
    for resource in gone:
        for naming in namings.spelled_out(Identity.of(resource, review.live)) if namings else ():
            facts = ("deleted", *_facts(naming))
            if naming.part is Part.PRINCIPAL:
                told = f"{resource.address} is trusted by {_place(naming)}: this trust ends"
                yield Hit(resource, f"{told}, and a new user of this name does not get it", facts=facts, first=True)
            else:
                told = f"{resource.address} is still named in {_place(naming)}"
                yield Hit(resource, f"{told}: it applies to the next {resource.kind} of this name", facts=facts)


@rule("IAM447", Severity.WARN, source=_PRINCIPALS)
def no_trust_policy_names_deleted_principals(review: Review) -> Iterator[Hit]:
    """No trust policy of a role names a user or role that was deleted."""
    if found := orphans(review.live):
        ids = sorted({one for ids in found.values() for one in ids})
        named = counted(len(ids), "deleted user or role", "deleted users or roles")
        policies = counted(len(found), "trust policy", "trust policies")
        verb = "names" if len(found) == 1 else "name"
        message = f"{policies} ({some(sorted(found))}) {verb} {named}: {some(ids)}; remove these principals"
        yield Hit(None, message, facts=("orphans", *sorted(found), *ids))


@rule("IAM448", Severity.WARN, source=_DEVICES, first=True)
def no_device_waits_for_a_new_user(review: Review) -> Iterator[Hit]:
    """No virtual MFA device without an owner has the name of a user that the plan creates."""
    devices = {serial.rsplit("/", 1)[-1].lower(): serial for serial in sorted(review.live.unassigned_devices or ())}
    for change in review.changes:
        user = change.after
        if not isinstance(user, User) or (isinstance(change.before, User) and change.before.name == user.name):
            continue
        if serial := devices.get(user.name.lower()):
            told = "cannot create an MFA device of this name, because one exists that belongs to nobody"
            way_out = f"delete it: aws iam delete-virtual-mfa-device --serial-number {serial}"
            yield Hit(user, f"{told}; {way_out}", facts=("device", serial))


def _identity_changes(before: object, after: User | Group) -> bool:
    return not isinstance(before, (User, Group)) or (before.name, before.path) != (after.name, after.path)


def _hit(subject: User | Group, naming: Naming, event: _Event) -> Hit:
    message = f"{subject.address} {event.value} in {_place(naming)}: {_consequence(subject.name, naming, event)}"
    return Hit(subject, message, facts=(event.name.lower(), *_facts(naming)))


def _place(naming: Naming) -> str:
    text = f"{naming.key} {naming.text}" if naming.key else naming.text
    return f"{naming.holder}, {naming.statement} ({naming.effect}, {naming.part} {text})"


def _facts(naming: Naming) -> tuple[str, ...]:
    return naming.holder, naming.statement, naming.part.value, naming.key, naming.text


def _consequence(name: str, naming: Naming, event: _Event) -> str:
    """Return who gains or loses: a positive part works for whom it names, a negated one for everybody else."""
    is_negated = naming.part in (Part.NOT_RESOURCE, Part.NOT_CONDITION)
    applies = (event is not _Event.MOVED_AWAY) != is_negated
    is_about = naming.part in (Part.RESOURCE, Part.NOT_RESOURCE)
    if naming.effect == "Allow":
        if is_about:
            return f"its holders {'gain' if applies else 'lose'} this access to {name}"
        return f"{name} {'gains' if applies else 'loses'} what it allows"
    if is_about:
        return f"it {'now denies' if applies else 'no longer denies'} its holders access to {name}"
    return f"it {'now' if applies else 'no longer'} restricts {name}"
