"""Passwords and keys of users: how old they are, and whether anybody uses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import ids
from iamctl.audit.outcome import (
    AwsCall,
    Exempt,
    Exemption,
    Fact,
    Failing,
    ManifestLine,
    Missing,
    Outcome,
    Undecided,
    Value,
)
from iamctl.kinds import SigninSession, User
from iamctl.kinds.credentials import HeldKey
from iamctl.kinds.signin_session import PARTITION, REVOKE, SIGNIN
from iamctl.model import Address

_KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"
_UNUSED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html"

UNUSED = timedelta(days=45)
"""As long as CIS AWS Foundations permits; Security Hub permits 45 days (IAM.22) or 90 (IAM.8)."""

OLDEST_DAYS = 90
"""The age of an active access key that CIS AWS Foundations and Security Hub (IAM.3) permit."""

AT_SETUP = timedelta(minutes=10)
"""A key that was made so soon after its user was made with the user."""


@control(
    "unused-passwords",
    Weight.MEDIUM,
    ids(("1.12", "1.11", "2.11", "2.11"), hub=("IAM.22", "IAM.8"), soc2=("CC6.2", "CC6.3"), iso=("A.5.18",)),
    source=_UNUSED,
    rules=("IAM124",),
)
def passwords_are_used(account: Audited) -> Iterator[Outcome]:
    """Every password was used or created within 45 days."""
    for user in account.users:
        held = user.credentials
        if held.has_password is False:
            continue
        since = max((moment for moment in (held.password_since, held.password_used) if moment), default=None)
        is_fresh = since is not None and account.now - since <= UNUSED
        is_known = held.is_password_use_known or held.password_used is not None
        if held.has_password is None or (not is_fresh and (since is None or not is_known)):
            yield Undecided(Missing.CREDENTIALS, user.address)
        elif since is not None and not is_fresh:
            used: dict[str, Value] = {"used": held.password_used} if held.password_used else {}
            cure = ManifestLine(("users", user.name, "console"), value=False)
            yield Failing(user.address, Fact.PASSWORD_UNUSED, {"since": since, **used}, cure)


@control(
    "unused-access-keys",
    Weight.MEDIUM,
    ids(("1.12", "1.11", "2.11", "2.11"), hub=("IAM.22", "IAM.8"), soc2=("CC6.2", "CC6.3"), iso=("A.5.18",)),
    source=_UNUSED,
    rules=("IAM122",),
)
def access_keys_are_used(account: Audited) -> Iterator[Outcome]:
    """Every active access key was used or created within 45 days."""
    for user, key in _active_keys(account):
        if key is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
            continue
        used = key.last_use.at if key.last_use else None
        since = max((moment for moment in (key.created, used) if moment), default=None)
        if since is not None and account.now - since <= UNUSED:
            continue
        if used is None and not key.is_use_known:
            yield Undecided(Missing.CREDENTIALS, address_of(user, key))
            continue
        values: dict[str, Value] = {"since": since} if since else {}
        values |= {"used": used} if used else {}
        yield Failing(address_of(user, key), Fact.KEY_UNUSED, values, _without(user, key))


@control(
    "one-access-key",
    Weight.MEDIUM,
    ids(("1.13", "1.12", "2.12", ""), soc2=("CC6.1",), iso=("A.5.17",)),
    source=f"{_KEYS}#Using_RotateAccessKey",
)
def users_have_one_key(account: Audited) -> Iterator[Outcome]:
    """No user has more than one active access key."""
    for user in account.users:
        keys = user.credentials.access_keys
        if keys is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        elif (active := sum(key.is_active for key in keys)) > 1:
            cure = ManifestLine(("users", user.name, "access_keys"), 1)
            yield Failing(user.address, Fact.KEYS_ACTIVE, {"keys": active}, cure)


@control(
    "access-key-age",
    Weight.MEDIUM,
    ids(("1.14", "1.13", "2.13", "2.12"), hub=("IAM.3",), soc2=("CC6.1",), iso=("A.5.17",)),
    source=f"{_KEYS}#Using_RotateAccessKey",
    rules=("IAM121",),
)
def access_keys_are_young(account: Audited) -> Iterator[Outcome]:
    """Active access keys are no older than 90 days, or access_keys.max_age_days if that is less."""
    yield from old_keys(account, min(OLDEST_DAYS, account.settings.access_keys.max_age_days))


def old_keys(account: Audited, limit: int) -> Iterator[Outcome]:
    """Yield the active access keys that are older than so many days."""
    for user, key in _active_keys(account):
        if key is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        elif key.created is None:
            yield Undecided(Missing.CREDENTIALS, address_of(user, key))
        elif account.now - key.created > timedelta(days=limit):
            values: dict[str, Value] = {"created": key.created, "limit": limit}
            yield Failing(address_of(user, key), Fact.KEY_OLD, values, _without(user, key))


@control(
    "keys-at-setup",
    Weight.LOW,
    ids(("1.11", "1.10", "2.10", ""), soc2=("CC6.2",), iso=("A.5.17",)),
    source=_KEYS,
)
def keys_are_not_made_at_setup(account: Audited) -> Iterator[Outcome]:
    """No user with a password has an access key that was created with the user and never used."""
    for user, key in _active_keys(account):
        if user.credentials.has_password is False:
            continue
        if key is None or user.credentials.has_password is None or key.created is None or user.created is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        elif key.last_use is None and key.created - user.created <= AT_SETUP:
            if key.is_use_known:
                yield Failing(address_of(user, key), Fact.KEY_AT_SETUP, cure=_without(user, key))
            else:
                yield Undecided(Missing.CREDENTIALS, address_of(user, key))


@control(
    "api-keys-expire",
    Weight.HIGH,
    ids(soc2=("CC6.1",), iso=("A.5.17",)),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_api_keys_for_aws_services.html",
    rules=("IAM438",),
)
def api_keys_expire(account: Audited) -> Iterator[Outcome]:
    """Every long-term API key of a service has an expiration date."""
    for user in account.users:
        if user.credentials.service_credentials is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        working = user.credentials.api_keys(account.now)
        endless = [key for key in working if key.expires is None]
        if endless:
            services = tuple(sorted({key.service for key in endless}))
            values = {"services": services, "ids": tuple(key.id for key in endless)}
            cure = ManifestLine(("users", user.name, "api_keys"), len(working) - len(endless))
            yield Failing(user.address, Fact.API_KEYS_ENDLESS, values, cure)


@control(
    "signin-sessions",
    Weight.HIGH,
    ids(soc2=("CC6.2", "CC6.3"), iso=("A.5.18",)),
    source="https://docs.aws.amazon.com/boto3/latest/reference/services/signin/client/list_sessions.html",
)
def sessions_have_passwords(account: Audited) -> Iterator[Outcome]:
    """Every active sign-in session belongs to a user who exists and has a password."""
    if account.live.partition != PARTITION:
        yield Exempt(Exemption.PARTITION)
    elif account.facts.signin_sessions is None:
        yield Undecided(Missing.SIGNIN_SESSIONS)
    users = {user.name.lower(): user for user in account.users}
    for session in sorted(account.facts.signin_sessions or (), key=lambda found: found.address):
        user = users.get(session.user.lower())
        if session.expires is not None and session.expires <= account.now:
            continue
        if user is None:
            yield _left_over(session, Fact.SESSION_OF_NOBODY)
        elif user.credentials.has_password is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        elif not user.credentials.has_password:
            yield _left_over(session, Fact.SESSION_WITHOUT_PASSWORD)


def _left_over(session: SigninSession, fact: Fact) -> Failing:
    told: dict[str, Value | None] = {"client": session.client, "since": session.issued, "until": session.expires}
    params = {"principalArn": session.principal_arn, "sessionArns": [session.arn]}
    values = {name: value for name, value in told.items() if value}
    return Failing(session.address, fact, values, AwsCall(REVOKE, params, SIGNIN))


def address_of(user: User, key: HeldKey) -> Address:
    """Return the address of a key, or of its user where only the credential report has the key."""
    return Address.of("access-key", user.name, key.id) if key.id else user.address


def _active_keys(account: Audited) -> Iterator[tuple[User, HeldKey | None]]:
    """Yield the active keys with their users; None for a user whose keys are not known."""
    for user in account.users:
        if user.credentials.access_keys is None:
            yield user, None
        yield from ((user, key) for key in user.credentials.access_keys or () if key.is_active)


def _without(user: User, key: HeldKey) -> ManifestLine:
    """Return the line that deactivates a key."""
    left = sum(held.is_active for held in user.credentials.access_keys or ()) - 1
    path = ("users", user.name, "access_keys")
    return ManifestLine(path, {"count": left, "retire": [key.id]} if key.id else left)
