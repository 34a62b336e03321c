"""The password policy of the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iamctl.audit import Weight, control
from iamctl.audit.audited import Audited
from iamctl.audit.frameworks import ids
from iamctl.audit.outcome import Fact, Failing, ManifestLine, Missing, Outcome, Undecided, Value
from iamctl.kinds.account_setting import DEFAULTS, PASSWORD_POLICY, full_policy

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html"

LENGTH = 14
"""The least characters that CIS AWS Foundations demands."""

REMEMBERED = 24
"""As many former passwords as IAM can remember."""

_KINDS = {
    "RequireLowercaseCharacters": "lower-case letters",
    "RequireUppercaseCharacters": "upper-case letters",
    "RequireNumbers": "digits",
    "RequireSymbols": "symbols",
}


@control(
    "password-length",
    Weight.MEDIUM,
    ids(("1.8", "1.7", "2.7", "2.8"), hub=("IAM.15",), soc2=("CC6.1",), iso=("A.5.17",)),
    source=_GUIDE,
)
def passwords_are_long(account: Audited) -> Iterator[Outcome]:
    """The password policy demands at least 14 characters."""
    policy = account.facts.password_policy
    if policy and policy.get("MinimumPasswordLength", 0) >= LENGTH:
        return
    length = (policy or {}).get("MinimumPasswordLength", 0)
    yield from _failing(policy, Fact.SHORT_PASSWORDS, {"characters": length})


@control(
    "password-reuse",
    Weight.MEDIUM,
    ids(("1.9", "1.8", "2.8", "2.9"), hub=("IAM.16",), soc2=("CC6.1",), iso=("A.5.17",)),
    source=_GUIDE,
)
def passwords_are_not_reused(account: Audited) -> Iterator[Outcome]:
    """The password policy remembers 24 former passwords."""
    policy = account.facts.password_policy
    if policy and policy.get("PasswordReusePrevention", 0) >= REMEMBERED:
        return
    remembered = (policy or {}).get("PasswordReusePrevention", 0)
    yield from _failing(policy, Fact.PASSWORDS_REUSED, {"remembered": remembered})


@control(
    "password-complexity",
    Weight.LOW,
    ids(hub=("IAM.11", "IAM.12", "IAM.13", "IAM.14"), soc2=("CC6.1",), iso=("A.5.17",)),
    source=_GUIDE,
)
def passwords_have_all_kinds(account: Audited) -> Iterator[Outcome]:
    """The password policy demands lower-case and upper-case letters, digits and symbols."""
    policy = account.facts.password_policy
    lacking = tuple(words for key, words in _KINDS.items() if not (policy or {}).get(key))
    if policy is None or lacking:
        yield from _failing(policy, Fact.SIMPLE_PASSWORDS, {"lacking": lacking})


def _failing(policy: Mapping[str, Any] | None, fact: Fact, values: Mapping[str, Value]) -> Iterator[Outcome]:
    """Yield that a policy falls short, that there is none, or that none is known."""
    if policy is None:
        yield Undecided(Missing.PASSWORD_POLICY)
    elif policy:
        yield Failing(fact=fact, values=values, cure=_better(policy))
    else:
        yield Failing(fact=Fact.NO_PASSWORD_POLICY, cure=_better(policy))


def _better(policy: Mapping[str, Any]) -> ManifestLine:
    """Return the lines of a policy with which all controls pass and that keeps what is set beside them.

    A field that they leave out has AWS's default, which is weaker than none of these.
    """
    kept = {name: value for name, value in full_policy(policy).items() if value != DEFAULTS[name]}
    better = {
        **kept,
        **dict.fromkeys(_KINDS, True),
        "MinimumPasswordLength": max(LENGTH, policy.get("MinimumPasswordLength", 0)),
        "PasswordReusePrevention": REMEMBERED,
    }
    return ManifestLine(("account", PASSWORD_POLICY), {name: better[name] for name in DEFAULTS if name in better})
