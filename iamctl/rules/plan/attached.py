"""Words for what is attached to a user: credentials, devices, direct policies and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from iamctl.access.held import policy_words
from iamctl.kinds import Membership, User, UserInlinePolicy, UserPolicy
from iamctl.kinds.credentials import Credentials, HeldCredential, HeldKey
from iamctl.model import Address, State
from iamctl.text.counted import counted

_SERVICES = {
    "bedrock.amazonaws.com": "Bedrock API key",
    "logs.amazonaws.com": "CloudWatch Logs API key",
    "codecommit.amazonaws.com": "CodeCommit password",
    "cassandra.amazonaws.com": "Keyspaces password",
}


class Attachment(NamedTuple):
    """One thing that is attached to a user: what identifies it, how a message calls it, and what it is."""

    id: str
    words: str
    noun: str


class Attachments:
    """What is attached to the users of a live account ``whole``, as far as it is known."""

    def __init__(self, whole: State, now: datetime) -> None:
        self._whole, self._now = whole, now

    @cached_property
    def _hanging(self) -> Mapping[Address, list[Attachment]]:
        """What is attached to each user beside credentials; most plans ask for that of nobody."""
        found: defaultdict[Address, list[Attachment]] = defaultdict(list)
        for policy in self._whole.of_kind(UserPolicy):
            words = f"direct policy {policy_words(policy.policy_arn)}"
            found[policy.subject].append(Attachment(policy.policy_arn, words, "direct policy"))
        for inline in self._whole.of_kind(UserInlinePolicy):
            words = f"direct inline policy {inline.name}"
            found[inline.subject].append(Attachment(str(inline.address), words, "direct inline policy"))
        for membership in self._whole.of_kind(Membership):
            user = Address.of("user", membership.user)
            found[user].append(Attachment(str(membership.address), f"group {membership.group}", "group"))
        return found

    def of(self, user: User) -> tuple[Attachment, ...]:
        """Return all that is known to be attached to a live user, ways in first."""
        held = user.credentials
        devices = [Attachment(serial, f"MFA device {serial}", "MFA device") for serial in held.mfa_devices or ()]
        if held.has_mfa and not devices:
            devices.append(Attachment("mfa", "an MFA device", "MFA device"))
        return (*_ways_in(held, self._now), *devices, *self._hanging.get(user.address, ()))


def unknown_facts(held: Credentials) -> tuple[str, ...]:
    """Return what nobody read of a user, such as ``SSH keys``."""
    facts = {
        "password": held.has_password,
        "access keys": held.access_keys,
        "MFA devices": held.has_mfa,
        "SSH keys": held.ssh_keys,
        "signing certificates": held.certificates,
        "service-specific credentials": held.service_credentials,
    }
    return tuple(name for name, value in facts.items() if value is None)


def credential_words(held: HeldCredential, noun: str, now: datetime) -> str:
    """Return how a message calls an SSH key, a certificate or a service-specific credential."""
    state = "inactive" if not held.is_active else "expired" if not held.works(now) else ""
    end = f"until {held.expires:%Y-%m-%d}" if held.expires else "never expires" if held.is_api_key else ""
    return f"{noun} {held.id}{_in_brackets(_since(held.created), state or end)}"


def service_noun(held: HeldCredential) -> str:
    """Return what a service-specific credential is, such as ``Bedrock API key``."""
    return _SERVICES.get(held.service, f"{held.service} API key")


def _ways_in(held: Credentials, now: datetime) -> Iterator[Attachment]:
    if held.has_password:
        facts = _in_brackets(_since(held.password_since), _used(held.password_used, now))
        yield Attachment(f"password/{held.password_since}", f"password{facts}", "password")
    for key in held.access_keys or ():
        yield Attachment(key.id or "access-key", _key_words(key, now), "access key")
    for one in held.ssh_keys or ():
        yield Attachment(one.id, credential_words(one, "SSH key", now), "SSH key")
    for one in held.certificates or ():
        yield Attachment(one.id, credential_words(one, "signing certificate", now), "signing certificate")
    for one in held.service_credentials or ():
        yield Attachment(one.id, credential_words(one, service_noun(one), now), service_noun(one))


def _key_words(key: HeldKey, now: datetime) -> str:
    used = _used(key.last_use.at, now) if key.last_use else "no known use"
    name = f"access key {key.id}" if key.id else "access key"
    return f"{name}{_in_brackets(_since(key.created), '' if key.is_active else 'inactive', used)}"


def _in_brackets(*facts: str) -> str:
    told = ", ".join(fact for fact in facts if fact)
    return f" ({told})" if told else ""


def _since(moment: datetime | None) -> str:
    return f"since {moment:%Y-%m-%d}" if moment else ""


def _used(moment: datetime | None, now: datetime) -> str:
    return f"last used {counted(max(0, (now - moment).days), 'day')} ago" if moment else ""


def joined(attachments: Iterable[Attachment]) -> str:
    """Return the words of all, with semicolons since a single one may hold commas."""
    return "; ".join(one.words for one in attachments)
