"""Settings of the account and of passwords that may be unknown: what is read of them, and what can be compared."""

from __future__ import annotations

from dataclasses import replace

from iamctl.account.live import Live
from iamctl.kinds import AccountSetting, LoginProfile
from iamctl.kinds.account_setting import READS
from iamctl.model import Address, State
from iamctl.model.settings import Desired


def named_settings(desired: Desired) -> frozenset[str]:
    """Return the settings that the manifests declare or list under ``removed``: iamctl looks at no others."""
    removed = {address.name for address in desired.removed if address.kind == AccountSetting.kind}
    return frozenset(removed | {setting.name for setting in desired.state.of_kind(AccountSetting)})


def setting_reads(desired: Desired) -> frozenset[str]:
    """Return what must be read for the settings of the manifests, as ``Needs.audit`` names it."""
    return frozenset(READS[name][0] for name in named_settings(desired))


def without_unknown_settings(desired: Desired, live: Live) -> Desired:
    """Return what the manifests declare without the settings whose live values are unknown, or that no call can set."""
    unknown = {Address.of(AccountSetting.kind, name) for name in named_settings(desired) - live.known_settings}
    limited = () if live.has_session_limits else desired.state.of_kind(LoginProfile)
    open_ones = {one.address: replace(one, max_session=None) for one in limited if one.max_session is not None}
    if not (unknown or open_ones):
        return desired
    kept = {address: one for address, one in desired.state.resources.items() if address not in unknown}
    return replace(desired, state=State(kept | open_ones))
