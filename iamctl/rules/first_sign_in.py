"""The first sign-in, at which a new password must be changed before anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from iamctl.access.held import HeldPolicy, PolicySources
from iamctl.access.mfa_guard import MFA_KEY
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
    """Nothing denies a new console user iam:ChangePassword without MFA, and something allows it."""
    made = ConsoleUsers(review).made
    if not made:
        return
    held = PolicySources(review.live, review.after)
    for address in sorted(made):
        user = review.after.get(address)
        if not isinstance(user, User):
            continue
        subject = review.scoped.desired.get(address) or user
        sign_in = _FirstSignIn(
            user.name, f"arn:{review.live.partition}:iam::{review.live.account_id}:user{user.path}{user.name}"
        )
        through = [one for group in held.groups(address) for one in held.held_by(group)] + list(held.held_by(address))
        boundary = held.boundary(user)
        denying = next((one for one in (*through, *filter(None, (boundary,))) if sign_in.is_denied_by(one)), None)
        if denying:
            yield Hit(subject, _deadlock(denying))
        elif not any(map(sign_in.is_allowed_by, through)) or (boundary and not sign_in.is_allowed_by(boundary)):
            yield Hit(subject, _NOT_ALLOWED, Severity.WARN)


_NOT_ALLOWED = (
    "no Allow of iam:ChangePassword reaches the user without MFA, and the first sign-in asks for a new password; it goes "
    "well only where the account's password policy lets users change their own, which is not known here; allow it in a "
    "group, as 'builtin: require-mfa/1' does"
)


def _deadlock(denying: HeldPolicy) -> str:
    return (
        "the first sign-in asks for a new password before anything else, and without MFA "
        f"{shortened(str(denying), _MOST_QUOTED)} denies iam:ChangePassword, so the user can never sign in; leave "
        "iam:ChangePassword out of the Deny, as 'builtin: require-mfa/1' does"
    )


class _FirstSignIn(NamedTuple):
    """A user who has nothing but the password that they were given."""

    name: str
    arn: str

    def is_denied_by(self, held: HeldPolicy) -> bool:
        """Tell whether a Deny certainly meets the change of the password; a document that is not known denies nothing."""
        return any(all(map(_holds_certainly, deny.condition)) for deny in self._about_it(held.document, "Deny"))

    def is_allowed_by(self, held: HeldPolicy) -> bool:
        """Tell whether an Allow may let the change of the password through; one that is not known allows everything."""
        allows = self._about_it(held.document, "Allow")
        return held.document is None or any(not any(map(_fails, allow.condition)) for allow in allows)

    def _about_it(self, document: Document | None, effect: str) -> Iterator[NormalizedStatement]:
        """Yield the statements about the change of this user's password; a malformed document has none."""
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
        """Return a pattern with the user's name in it; the older Version has no variables."""
        return pattern if document.version == DEFAULT_VERSION else _OWN_NAME.sub(lambda _: self.name, pattern)


def _holds_certainly(part: tuple[str, str, frozenset[str]]) -> bool:
    """Tell whether a part of a condition is met by a request without MFA that the user sends."""
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, "aws:viaawsservice"} and values == _FALSE


def _fails(part: tuple[str, str, frozenset[str]]) -> bool:
    """Tell whether a part of a condition is certainly not met by such a request.

    The console signs with temporary credentials, whose requests say of MFA that there was none.
    """
    operator, key, values = part
    return operator in _BOOL and key in {MFA_KEY, "aws:viaawsservice"} and values == _TRUE
