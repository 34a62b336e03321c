"""Settings of the account and of sign-in sessions: what becomes weaker, what stops working, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.kinds import AccountSetting, LoginProfile
from iamctl.kinds.account_setting import ALIAS, PASSWORD_POLICY, READS
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"

_KINDS = (
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
)
_AWS_LENGTH, _AWS_KINDS = 8, 3
"""What AWS demands of passwords where the account has no policy of its own: 8 characters of three of the four kinds."""


@rule("IAM455", Severity.WARN, source=_GUIDE, first=True)
def password_policy_is_not_weakened(review: Review) -> Iterator[Hit]:
    """A plan that makes the password policy of the account weaker is named."""
    for change in review.changes:
        if change.address != Address.of(AccountSetting.kind, PASSWORD_POLICY):
            continue
        before, after = (
            one.value if isinstance(one, AccountSetting) else None for one in (change.before, change.after)
        )
        if weaker := tuple(_weaker(before, after)):
            yield Hit(change.after or change.address, f"becomes weaker: {', '.join(weaker)}", facts=weaker)


def _weaker(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield each field that demands less than before; None is the policy of an account without one of its own."""
    was, will = before or {"MinimumPasswordLength": _AWS_LENGTH}, after or {"MinimumPasswordLength": _AWS_LENGTH}
    if was["MinimumPasswordLength"] > will["MinimumPasswordLength"]:
        yield f"MinimumPasswordLength {was['MinimumPasswordLength']} -> {will['MinimumPasswordLength']}"
    yield from (f"{name} true -> false" for name in (*_KINDS, "HardExpiry") if was.get(name) and not will.get(name))
    kinds = sum(bool(will.get(name)) for name in _KINDS)
    if before is None and kinds < _AWS_KINDS:
        yield f"required kinds of characters {_AWS_KINDS} -> {kinds}"
    if was.get("PasswordReusePrevention", 0) > will.get("PasswordReusePrevention", 0):
        yield f"PasswordReusePrevention {was['PasswordReusePrevention']} -> {will.get('PasswordReusePrevention', 0)}"
    age, later = was.get("MaxPasswordAge", 0), will.get("MaxPasswordAge", 0)
    if age and (not later or later > age):
        yield f"MaxPasswordAge {age} -> {later or 'never'}"


@rule(
    "IAM456",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html",
)
def sign_in_url_stays(review: Review) -> Iterator[Hit]:
    """A plan that replaces or deletes the alias of the account names the sign-in URL that stops working."""
    for change in review.changes:
        before = change.before
        if isinstance(before, AccountSetting) and before.name == ALIAS:
            told = f"the sign-in URL with the alias {before.value[ALIAS]} stops working; tell the users"
            yield Hit(change.after or change.address, told)


@rule("IAM457", Severity.REFUSE, source=_GUIDE)
def account_settings_are_known(review: Review) -> Iterator[Hit]:
    """The settings of the account that the manifests declare could be read; a snapshot without them compares nothing."""
    live, desired = review.live, review.desired
    removed = {address: origin for address, origin in desired.removed.items() if address.kind == AccountSetting.kind}
    declared = {setting.address: setting.origin for setting in desired.state.of_kind(AccountSetting)}
    for address, origin in sorted({**removed, **declared}.items()):
        if address.name in live.known_settings:
            continue
        key, operation = READS[address.name]
        if reason := live.facts.unread.get(key):
            message = f"the live value could not be read: {reason}; allow iam:{operation}, or remove the line"
            yield Hit(address, message, origin=origin)
        else:
            message = "the live value is unknown and was not compared; use iamctl snapshot --audit"
            yield Hit(address, message, Severity.INFO, origin=origin)


@rule(
    "IAM458",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html",
)
def session_limits_are_known(review: Review) -> Iterator[Hit]:
    """The limits of sign-in sessions that manifests declare are compared, and no new password loses one unnoticed."""
    live, whole = review.live, review.scoped.whole
    for profile in review.desired.state.of_kind(LoginProfile):
        before = whole.get(profile.address)
        if profile.max_session is None:
            continue
        if not live.has_session_limits:
            message = "max_session is neither compared nor set: this version of botocore does not know it"
            yield Hit(profile, f"{message}; install boto3 1.44.8 or later", facts=("max_session",))
        elif isinstance(before, LoginProfile) and before.max_session is None:
            message = "max_session was not compared: the live limit is unknown"
            yield Hit(profile, f"{message}; plan against the account", Severity.INFO, facts=("max_session",))
    for change in review.changes:
        before, after = change.before, change.after
        if not (isinstance(before, LoginProfile) and isinstance(after, LoginProfile)):
            continue
        if before.max_session is None and after.max_session is None:
            message = "if the account limits how long sessions of this user last, the new password loses the limit"
            yield Hit(after, f"{message}; install boto3 1.44.8 or later, which can read it", facts=("lost",))
