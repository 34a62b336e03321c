"""MFA of users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import ids
from iamctl.audit.outcome import AwsCall, Fact, Failing, ManifestLine, Missing, Outcome, Undecided, Value
from iamctl.kinds import User
from iamctl.model import Address

if TYPE_CHECKING:
    from iamctl.access.mfa_guard import Guards


@control(
    "console-mfa",
    Weight.HIGH,
    ids(("1.10", "1.9", "2.9", "2.10"), hub=("IAM.5",), soc2=("CC6.1", "CC6.6"), iso=("A.8.5",)),
    source="https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5",
    rules=("IAM112",),
)
def console_users_have_mfa(account: Audited) -> Iterator[Outcome]:
    """Every user with a password has an MFA device."""
    for user in account.users:
        held = user.credentials
        if held.has_password is False or held.has_mfa:
            continue
        if held.has_password is None or held.has_mfa is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
            continue
        values: dict[str, Value] = {"since": held.password_since} if held.password_since else {}
        if account.settings.is_protected(user.address):  # no plan may take the password, as of a break-glass user
            yield Failing(user.address, Fact.NO_MFA, {**values, "keeps": "protect"})
        else:
            yield Failing(user.address, Fact.NO_MFA, values, ManifestLine(("users", user.name, "console"), value=False))


@control(
    "mfa-guard",
    Weight.HIGH,
    ids(soc2=("CC6.1", "CC6.6"), iso=("A.8.5",)),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_users-self-manage-mfa-and-creds.html",
    rules=("IAM111",),
)
def console_users_are_guarded(account: Audited) -> Iterator[Outcome]:
    """A policy denies everything to each user with a password who signs in without MFA."""
    passwords = {user.address: user.credentials.has_password for user in account.users}
    for user in unguarded(account.users, passwords.get, account.guards):
        if passwords[user.address] is None:
            yield Undecided(Missing.CREDENTIALS, user.address)
        else:
            cure = ManifestLine(("policies", "require-mfa", "builtin"), "require-mfa/1")
            yield Failing(user.address, Fact.NO_GUARD, cure=cure)


def unguarded(users: Iterable[User], has_password: Callable[[Address], bool | None], guards: Guards) -> Iterator[User]:
    """Yield the users who have a password, or may have one, and no MFA guard."""
    for user in users:
        if has_password(user.address) is not False and not guards.guard(user.address):
            yield user


@control(
    "unassigned-mfa-devices",
    Weight.LOW,
    ids(iso=("A.5.16",)),
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html",
)
def devices_belong_to_users(account: Audited) -> Iterator[Outcome]:
    """Every virtual MFA device belongs to a user."""
    devices = account.live.unassigned_devices
    if devices is None:
        yield Undecided(Missing.VIRTUAL_DEVICES)
    for serial in sorted(devices or ()):
        cure = AwsCall("DeleteVirtualMFADevice", {"SerialNumber": serial})
        yield Failing(Address.of("virtual-mfa-device", serial), Fact.DEVICE_LEFT, cure=cure)
