"""The first sign-in, which requires a new password before anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from iamctl.access.held import HeldPolicy
from iamctl.access.statements import MFA_KEY, VIA_SERVICE_KEY
from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.policy import Document
from iamctl.policy.normalized import DEFAULT_VERSION, NormalizedPolicy, NormalizedStatement
from iamctl.policy.pattern import action_includes, resource_includes
from iamctl.rules import Hit, Review, rule
from iamctl.rules.console_users import ConsoleUsers
from iamctl.rules.wording import shortened

_CHANGE = "iam:changepassword"
_FALSE = frozenset({"false"})
_TRUE = frozenset({"true"})
_BOOL = frozenset({"Bool", "BoolIfExists"})
_MOST_QUOTED = 200
_OWN_NAME = re.compile(r"\$\{aws:username\}", re.IGNORECASE)


@rule(
    "IAM113",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html",
)
def first_sign_ins_do_not_deadlock(review: Review) -> Iterator[Hit]:
    """A new console user may call iam:ChangePassword without MFA: something allows it and nothing denies it."""
    made = ConsoleUsers(review).made
    if not made:
        return
    held = review.held[1]
    for address in sorted(made):
        user = review.after.get(address)
        if not isinstance(user, User):
            continue
        subject = review.scoped.desired.get(address) or user
        sign_in = _FirstSignIn(
            user.name, f"arn:{review.live.partition}:iam::{review.live.account_id}:user{user.path}{user.name}"
        )
        through = tuple(held.reaching(address))
        boundary = held.boundary(user)
        denying = next((one for one in (*through, *filter(None, (boundary,))) if sign_in.is_denied_by(one)), None)
        if denying:
            yield Hit(subject, _deadlock(denying), facts=("denied", str(denying.holder), denying.policy))
        elif not any(map(sign_in.is_allowed_by, through)) or (boundary and not sign_in.is_allowed_by(boundary)):
            yield Hit(subject, _NOT_ALLOWED, Severity.WARN, facts=("not-allowed",))


_NOT_ALLOWED = (
    "no statement allows this user iam:ChangePassword without MFA, but the first sign-in requires a new password. It "
    "succeeds only if the account's password policy lets users change their own password, which is unknown. Allow it in a "
    "group, as 'builtin: require-mfa/1' does"
)


def _deadlock(denying: HeldPolicy) -> str:
    return (
        f"{shortened(str(denying), _MOST_QUOTED)} denies iam:ChangePassword without MFA, but the first sign-in requires a "
        "new password, so the user can never sign in. Exclude iam:ChangePassword from the Deny, as "
        "'builtin: require-mfa/1' does"
    )


class _FirstSignIn(NamedTuple):
    """A user who has only the password that they were given."""

    name: str
    arn: str

    def is_denied_by(self, held: HeldPolicy) -> bool:
        """Return whether a Deny certainly applies to the password change; an unknown document denies nothing."""
        return any(all(map(_holds_certainly, deny.condition)) for deny in self._about_it(held.document, "Deny"))

    def is_allowed_by(self, held: HeldPolicy) -> bool:
        """Return whether an Allow may permit the password change; an unknown document allows everything."""
        allows = self._about_it(held.document, "Allow")
        return held.document is None or any(not any(map(_fails, allow.condition)) for allow in allows)

    def _about_it(self, document: Document | None, effect: str) -> Iterator[NormalizedStatement]:
        """Yield the statements that apply to changing this user's password; none for a malformed document."""
        found = document.normalized if document else None
        if found is None:
            return
        for statement in found.statements:
            names_it = any(action_includes(pattern, _CHANGE) for pattern in statement.actions)
            patterns = (self._filled(pattern, found) for pattern in statement.resources or ())
            names_user = any(resource_includes(pattern, self.arn) for pattern in patterns)
            is_about_it = names_it != statement.negated_action and names_user != statement.negated_resource
            if is_about_it and statement.effect == effect:
                yield statement

    def _filled(self, pattern: str, document: NormalizedPolicy) -> str:
        """Return a pattern with the user's name filled in; Version 2008-10-17 has no variables."""
        return pattern if document.version == DEFAULT_VERSION else _OWN_NAME.sub(lambda _: self.name, pattern)


def _holds_certainly(part: tuple[str, str, frozenset[str]]) -> bool:
    """Return whether a user's request without MFA certainly meets this part of a condition."""
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, VIA_SERVICE_KEY} and values == _FALSE


def _fails(part: tuple[str, str, frozenset[str]]) -> bool:
    """Return whether such a request certainly fails this part of a condition.

    The console signs with temporary credentials, so its requests state that MFA was not used.
    """
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, VIA_SERVICE_KEY} and values == _TRUE
