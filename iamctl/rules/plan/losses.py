"""What people lose, and what no longer holds them back: findings that a reviewer must not miss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from iamctl.kinds import AccessKey, LoginProfile, User
from iamctl.kinds.login_profile import readers_of
from iamctl.model import Address, Severity
from iamctl.model.plan import LOST_ADMINISTRATOR
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.plan.keys_in_use import RECENT
from iamctl.rules.wording import some

if TYPE_CHECKING:
    from iamctl.access.lost_denies import LostDeny

_DENY = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html"
)
_MOST_DENIED = 20
_MFA = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html"


@rule(
    LOST_ADMINISTRATOR,
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    first=True,
    of_access=True,
)
def lost_administrators_are_named(review: Review) -> Iterator[Hit]:
    """Users and roles that are no longer administrators are named."""
    if not review.changes:
        return
    before, after = review.administrators
    for address in sorted({*before.users, *before.idle} - {*after.users, *after.idle} - review.gone):
        yield Hit(
            _subject(review, address),
            "is no longer an administrator",
            facts=("administrator",),
            many="are no longer administrators",
        )
    for name in sorted(set(before.roles) - set(after.roles)):
        yield Hit(None, f"the role {name} is no longer an administrator", facts=("administrator", f"role/{name}"))


@rule("IAM426", Severity.WARN, source=_MFA, first=True, of_access=True)
def new_guards_lock_nobody_out_unseen(review: Review) -> Iterator[Hit]:
    """Users who come under an MFA guard without a device, or with access keys in use, are named."""
    if not review.changes:
        return
    whole, guards = review.scoped.whole, review.guards
    console = ConsoleUsers(review)
    for address in sorted(review.touched):
        live = whole.get(address)
        if not isinstance(live, User) or address not in review.after or guards[0].guard(address):
            continue
        if guard := guards[1].guard(address):
            password = console.has_password(address)
            yield from _under_guard(review, live, str(guard), password=password)


def _under_guard(review: Review, live: User, guard: str, *, password: bool | None) -> Iterator[Hit]:
    """Yield what stops for a user who was not guarded before, and what is not known of it."""
    subject, device = _subject(review, live.address), live.credentials.has_mfa
    if password and device is False:
        yield Hit(
            subject,
            f"can only enrol an MFA device from then on: {guard} requires MFA, and the user has no device",
            facts=("no-device", guard),
            many=f"can only enrol an MFA device from then on: {guard} requires MFA, and they have no device",
        )
    used = _keys_in_use(review, live)
    if used:
        many = f"have access keys, used within {RECENT.days} days, that stop working without MFA: {guard} requires it"
        said = f"has an access key, used within {RECENT.days} days, that stops working without MFA: {guard} requires it"
        yield Hit(subject, said, facts=("key", guard), many=many)
    unknown = ["a password"] if password is None else []
    unknown += ["an MFA device"] if password is not False and device is None else []
    unknown += ["access keys in use"] if used is None else []
    if unknown:
        told = " or ".join((", ".join(unknown[:-1]), unknown[-1]) if unknown[:-1] else unknown)
        yield Hit(
            subject,
            f"comes under the MFA guard {guard}; it is unknown whether the user has {told}",
            facts=("unknown", guard, *unknown),
            many=f"come under the MFA guard {guard}; it is unknown whether they have {told}",
        )


def _keys_in_use(review: Review, live: User) -> bool | None:
    """Return whether a key that stays active was used lately; None if that is unknown."""
    keys = live.credentials.access_keys
    if keys is None:
        return None
    is_unknown = False
    for key in keys:
        after = review.after.get(Address.of("access-key", live.name, key.id)) if key.id else None
        if not key.is_active or (key.id and not (isinstance(after, AccessKey) and after.is_active)):
            continue
        if key.last_use and review.now - key.last_use.at <= RECENT:
            return True
        is_unknown = is_unknown or not key.is_use_known
    return None if is_unknown else False


@rule("IAM427", Severity.WARN, source=_DENY, first=True, of_access=True)
def lost_denies_are_named(review: Review) -> Iterator[Hit]:
    """Users and roles that lose a Deny are named, if another policy allows what it denied."""
    if not review.changes:
        return
    from iamctl.access.lost_denies import LostDenies

    lost = LostDenies(*review.sides)
    for address in sorted(review.touched):
        if address in review.scoped.whole and address in review.after:
            yield from _lost(_subject(review, address), "", lost.of(address))
    names = {name for affected in review.affected.values() for name in affected.roles}
    for role in review.live.roles:
        if role.name in names:
            yield from _lost(None, f"the role {role.name} ", lost.of(Address.of("role", role.name)))


def _lost(subject: User | Address | None, name: str, found: Iterable[LostDeny]) -> Iterator[Hit]:
    for deny in found:
        what = f"no longer denied {some(deny.denied, _MOST_DENIED)} by {deny.by}, but other policies allow it"
        facts = ("deny", str(deny.by.holder), deny.by.policy, *deny.denied)
        yield Hit(subject, f"{name}is {what}", facts=facts, many=f"are {what}")


@rule(
    "IAM428",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html",
    first=True,
)
def new_readers_of_passwords_are_named(review: Review) -> Iterator[Hit]:
    """Existing users whose new password others than before can read are named, with these readers."""
    for change in review.changes:
        profile = change.after
        address = Address.of("user", profile.user) if isinstance(profile, LoginProfile) else None
        if isinstance(profile, LoginProfile) and address and address in review.scoped.whole:
            is_new = change.before is None
            if is_new or profile.reissue:
                yield from _new_readers(review, profile, address, is_new=is_new)


def _new_readers(review: Review, profile: LoginProfile, address: Address, *, is_new: bool) -> Iterator[Hit]:
    after = review.administrators[1]
    is_powerful = address in {*after.users, *after.idle}
    who = "is an administrator and gets" if is_powerful else "gets"
    password = "a password" if is_new else "a new password"
    known = _known_readers(review, address)
    if known is None:
        if is_powerful and profile.readers:
            told = f"{who} {password} that can be read by {some(profile.readers)}"
            unknown = "without --base it is unknown who could read one before"
            yield Hit(_subject(review, address), f"{told}; {unknown}", facts=("unknown", *profile.readers))
    elif profile.is_shown and "terminal" not in known:
        told = f"{who} {password} that everybody who sees the terminal of the apply can read, unlike before"
        yield Hit(_subject(review, address), told, facts=("terminal",))
    elif fresh := sorted({*profile.readers} - known):
        told = f"{who} {password} that others than before can read: {some(fresh)}"
        yield Hit(_subject(review, address), told, facts=("readers", *fresh))


def _known_readers(review: Review, address: Address) -> frozenset[str] | None:
    """Return who could read a password of the user by the manifests before the change; None if that is unknown."""
    base = review.desired.base
    settings = base.accounts.get(review.desired.settings.account_name) if base else None
    if base is None or settings is None or base.desired is None:
        return None
    user = review.scoped.desired.get(address)
    names = (address.name, user.renamed_from if isinstance(user, User) else None)
    found = (base.desired.state.get(Address.of("login-profile", name)) for name in names if name)
    own = next((one.age_recipient for one in found if isinstance(one, LoginProfile)), None)
    shown = ("terminal",) if settings.secrets and settings.secrets.deliver == "terminal" else ()
    return frozenset((*readers_of(settings.secrets, own), *shown))


def _subject(review: Review, address: Address) -> User | Address:
    """Return the declared user, which has a place, or the address of an undeclared one."""
    found = review.scoped.desired.get(address)
    return found if isinstance(found, User) else address
