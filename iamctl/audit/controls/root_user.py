"""The root user of the account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import ids
from iamctl.audit.outcome import AwsCall, Exempt, Exemption, Fact, Failing, Missing, Outcome, Undecided

_PRACTICES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
_CENTRAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#id_root-user-access-management"
_CENTRAL_FEATURES = frozenset({"RootCredentialsManagement", "RootSessions"})

LATELY = timedelta(days=45)
"""Root should not have been used within this period."""


@control(
    "root-access-keys",
    Weight.CRITICAL,
    ids(("1.4", "1.3", "2.3", "2.4"), hub=("IAM.4",), soc2=("CC6.1", "CC6.3"), iso=("A.8.2",)),
    source=f"{_PRACTICES}#ru-bp-access-keys",
    rules=("IAM901",),
)
def root_has_no_access_keys(account: Audited) -> Iterator[Outcome]:
    """The root user has no access keys."""
    if account.live.root.has_access_keys is None:
        yield Undecided(Missing.SUMMARY)
    elif account.live.root.has_access_keys:
        yield Failing(fact=Fact.ROOT_KEYS)


@control(
    "root-mfa",
    Weight.CRITICAL,
    ids(("1.5", "1.4", "2.4", "2.5"), hub=("IAM.9",), soc2=("CC6.1",), iso=("A.8.2", "A.8.5")),
    source=f"{_PRACTICES}#ru-bp-mfa",
    rules=("IAM902",),
)
def root_has_mfa(account: Audited) -> Iterator[Outcome]:
    """The root user has an MFA device, or neither a password nor access keys."""
    root = account.live.root
    if root.has_mfa:
        return
    if root.has_mfa is False and (root.has_password or root.has_access_keys):
        yield Failing(fact=Fact.ROOT_WITHOUT_MFA)
    elif None in {root.has_mfa, root.has_password, root.has_access_keys}:
        yield Undecided(Missing.SUMMARY)


@control(
    "root-hardware-mfa",
    Weight.HIGH,
    ids(("1.6", "1.5", "2.5", "2.6"), hub=("IAM.6",), soc2=("CC6.1",), iso=("A.8.2", "A.8.5")),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
)
def root_has_hardware_mfa(account: Audited) -> Iterator[Outcome]:
    """The MFA devices of the root user are security keys or hardware tokens, not virtual devices."""
    virtual = account.facts.root_virtual_devices
    if virtual:
        yield Failing(fact=Fact.ROOT_VIRTUAL_MFA, values={"devices": tuple(sorted(virtual))})
    elif account.live.root.has_mfa and virtual is None:
        yield Undecided(Missing.VIRTUAL_DEVICES)
    elif not account.live.root.has_mfa:
        yield from root_has_mfa(account)


@control(
    "root-unused",
    Weight.HIGH,
    ids(("1.7", "1.6", "2.6", "2.7"), hub=("IAM.20",), soc2=("CC6.1", "CC6.3"), iso=("A.8.2",)),
    source=f"{_PRACTICES}#ru-bp-secure",
    rules=("IAM903",),
)
def root_is_not_used(account: Audited) -> Iterator[Outcome]:
    """The root user has not signed in and has used no access key within 45 days."""
    root = account.live.root
    used = {"signed_in": root.signed_in, "key_used": root.key_used}
    lately = {how: at for how, at in used.items() if at and account.now - at <= LATELY}
    if lately:
        yield Failing(fact=Fact.ROOT_USED, values=lately)
    elif not root.is_use_known:
        yield Undecided(Missing.CREDENTIAL_REPORT)


@control(
    "root-certificates",
    Weight.HIGH,
    ids(soc2=("CC6.1",), iso=("A.8.2",)),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",
)
def root_has_no_certificates(account: Audited) -> Iterator[Outcome]:
    """The root user has no signing certificates."""
    if account.live.root.has_certificates is None:
        yield Undecided(Missing.SUMMARY)
    elif account.live.root.has_certificates:
        yield Failing(fact=Fact.ROOT_CERTIFICATES)


@control(
    "central-root-access",
    Weight.MEDIUM,
    ids(("", "", "", "2.1.1"), soc2=("CC6.1",), iso=("A.8.2",)),
    source=_CENTRAL,
)
def root_access_is_central(account: Audited) -> Iterator[Outcome]:
    """The organization manages the root users of its member accounts centrally."""
    facts = account.facts
    if facts.is_organization_managed_here is False:
        yield Exempt(Exemption.MEMBER_ACCOUNT)
    elif facts.organizations_features is None:
        yield Undecided(Missing.ORGANIZATIONS_FEATURES)
    elif off := _CENTRAL_FEATURES - facts.organizations_features:
        call = f"EnableOrganizations{'RootCredentialsManagement' if 'RootCredentialsManagement' in off else 'RootSessions'}"
        yield Failing(fact=Fact.ROOT_NOT_CENTRAL, values={"features": tuple(sorted(off))}, cure=AwsCall(call))
