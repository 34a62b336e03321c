"""Settings of roles, keys, passwords and the lock that are looser than in the base, and the stricter of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from iamctl.comparison.loosening import Loosening
from iamctl.model.settings import AccessKeySettings, Secrets, Settings

_OWN_CREDENTIALS = "the caller's own credentials"


def other_roles(ours: Settings, base: Settings) -> Iterator[Loosening]:
    """Yield each command that acts as another role; which of two roles may do less, nobody can tell here."""
    if ours.account_id != base.account_id:  # that is a loosening itself, and another account has other roles
        return
    for command in sorted({*ours.assume_role, *base.assume_role}):
        role, before = (settings.assume_role.get(command, _OWN_CREDENTIALS) for settings in (ours, base))
        if role != before:
            what = f"{role} in place of {before}"
            yield Loosening(f"assume_role.{command}", what, ours.origin_of("assume_role"), facts=(role, before))


def looser_access_keys(ours: Settings, base: Settings) -> Iterator[Loosening]:
    """Yield a later warning about old keys, and an earlier deletion of inactive ones."""
    now, before = ours.access_keys, base.access_keys
    if now.max_age_days > before.max_age_days:
        what = f"{now.max_age_days} is more than {before.max_age_days}, the days in the base"
        origin, facts = ours.origin_of("access_keys", "max_age_days"), (str(now.max_age_days), str(before.max_age_days))
        yield Loosening("access_keys.max_age_days", what, origin, facts=facts)
    if now.delete_after_days < before.delete_after_days:
        what = f"{now.delete_after_days} is less than {before.delete_after_days}, the days in the base"
        origin = ours.origin_of("access_keys", "delete_after_days")
        facts = (str(now.delete_after_days), str(before.delete_after_days))
        yield Loosening("access_keys.delete_after_days", what, origin, facts=facts)


def stricter_access_keys(ours: AccessKeySettings, base: AccessKeySettings) -> AccessKeySettings:
    """Return the settings that warn as early, and delete as late, as both."""
    return AccessKeySettings(
        max_age_days=min(ours.max_age_days, base.max_age_days),
        delete_after_days=max(ours.delete_after_days, base.delete_after_days),
    )


def looser_secrets(ours: Settings, base: Settings) -> Iterator[Loosening]:
    """Yield who can read new passwords and could not, and settings that open a way to other readers.

    A base that creates no passwords is no measure. Without ``secrets`` nobody reads a password, but a later change could
    write the setting anew, with other readers and nothing to compare it with.
    """
    if base.secrets is None:
        return
    if ours.secrets is None:
        what = "the setting is gone, so a later change could name other readers of new passwords"
        yield Loosening(
            "secrets", what, ours.origin_of("secrets"), facts=(base.secrets.deliver, *base.secrets.recipients)
        )
        return
    if (ours.secrets.deliver, base.secrets.deliver) == ("terminal", "age"):
        what = "terminal in place of age, so the output of apply shows new passwords"
        yield Loosening("secrets.deliver", what, ours.origin_of("secrets", "deliver"), facts=("terminal", "age"))
    before = set(map(_without_comment, base.secrets.recipients))
    for index, key in enumerate(ours.secrets.recipients):
        if _without_comment(key) not in before:
            origin = ours.origin_of("secrets", "recipients", index)
            what = f"{key} can read new passwords, in the base it cannot"
            yield Loosening("secrets.recipients", what, origin, facts=(_without_comment(key),))


def common_secrets(ours: Secrets | None, base: Secrets | None) -> Secrets | None:
    """Return settings under which only those read new passwords who can read them under both."""
    if ours is None or base is None:
        return ours or base
    if (ours.deliver, base.deliver) == ("terminal", "age"):
        return base
    before = set(map(_without_comment, base.recipients))
    return replace(ours, recipients=tuple(key for key in ours.recipients if _without_comment(key) in before))


def looser_lock(ours: Settings, base: Settings) -> Iterator[Loosening]:
    """Yield that the lock is gone, or another one: an apply of an older commit takes the lock of the base."""
    if base.lock is None or ours.lock == base.lock:
        return
    if ours.lock is None:
        what = "the setting is gone, so nothing keeps a second apply away"
    else:
        what = f"{ours.lock} in place of {base.lock}, so an apply of an older commit holds another lock"
    yield Loosening("lock", what, ours.origin_of("lock"))


def _without_comment(key: str) -> str:
    return " ".join(key.split()[:2])
