"""The first sign-in, which requires a new password before anything else, and an MFA device under a guard."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.access.held import HeldPolicy
from iamctl.access.own_requests import Own, OwnRequests, Verdict
from iamctl.kinds import User
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.wording import shortened

_MOST_QUOTED = 200
_THINGS = {Own.CHANGE_PASSWORD: "change their password", Own.ENABLE_DEVICE: "enrol an MFA device"}


@rule(
    "IAM113",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html",
    of_access=True,
)
def first_sign_ins_do_not_deadlock(review: Review) -> Iterator[Hit]:
    """Console users may change a first password and enrol an MFA device without MFA, at their own ARN."""
    if not review.changes:
        return
    judge = _Judge(review)
    for address in sorted(judge.console.made):
        user = review.after.get(address)
        if isinstance(user, User):
            yield from judge.of_new_password(address, user)
    for address in sorted(review.touched - judge.console.made):
        before, after = review.scoped.whole.get(address), review.after.get(address)
        if isinstance(before, User) and isinstance(after, User) and judge.console.has_password(address) is not False:
            yield from judge.of_kept_password(address, before, after)


class _Judge:
    """What console users may do for themselves before and after a plan."""

    def __init__(self, review: Review) -> None:
        self.console = ConsoleUsers(review)
        self._review = review
        self._before, self._after = map(OwnRequests, review.sides)

    def of_new_password(self, address: Address, user: User) -> Iterator[Hit]:
        """Yield why a user cannot change the password that the plan creates, or cannot enrol a device then."""
        subject = self._subject(address)
        change = self._after.verdict(address, Own.CHANGE_PASSWORD)
        if denying := change.denied_by:
            yield Hit(subject, _deadlock(denying), facts=("denied", str(denying.holder), denying.policy))
            return
        if not change.is_allowed:
            facts = _facts(change, user) if change.bounded_by else ("not-allowed",)
            yield Hit(subject, _not_allowed(change), Severity.WARN, facts=facts)
        live = self._review.scoped.whole.get(address)
        device = live.credentials.has_mfa if isinstance(live, User) else False
        guard = self._review.guards[1].guard(address)
        if not guard or device:
            return
        enable = self._after.verdict(address, Own.ENABLE_DEVICE)
        create = self._after.verdict(address, Own.CREATE_DEVICE)
        if not enable.is_possible:
            severity = Severity.REFUSE if device is False else Severity.WARN
            yield self._locked_out(subject, user, guard, enable, severity)
        elif not create.is_possible:
            why = _why(create, Own.CREATE_DEVICE, "")
            message = f"the user cannot enrol an authenticator app, but only a passkey or a security key: {why}"
            yield Hit(subject, message, Severity.WARN, facts=("create", *_facts(create, user)))

    def of_kept_password(self, address: Address, before: User, after: User) -> Iterator[Hit]:
        """Yield what a user with a password can no longer do; a refusal if they are locked out without a device."""
        subject, device = self._subject(address), before.credentials.has_mfa
        enable = self._after.verdict(address, Own.ENABLE_DEVICE)
        could_enable = self._before.verdict(address, Own.ENABLE_DEVICE).is_possible
        guards = [side.guard(address) for side in self._review.guards]
        is_locked_out = bool(guards[1]) and not device and not enable.is_possible
        lost = [(Own.ENABLE_DEVICE, enable)] if could_enable and not enable.is_possible else []
        if is_locked_out and guards[1] and (could_enable or not guards[0]):
            is_certain = device is False and self.console.has_password(address)
            severity = Severity.REFUSE if is_certain else Severity.WARN
            yield self._locked_out(subject, after, guards[1], enable, severity)
            lost = []
        change = self._after.verdict(address, Own.CHANGE_PASSWORD)
        if not change.is_possible and self._before.verdict(address, Own.CHANGE_PASSWORD).is_possible:
            lost.append((Own.CHANGE_PASSWORD, change))
        for action, verdict in lost:
            what = f"can no longer {_THINGS[action]} without MFA: {_why(verdict, action, after.path)}"
            facts = ("lost", action.value, *_facts(verdict, after))
            yield Hit(subject, what, Severity.WARN, facts=facts, first=True, many=what)

    def _locked_out(
        self, subject: User | Address, user: User, guard: HeldPolicy, enable: Verdict, severity: Severity
    ) -> Hit:
        if_any = "" if severity is Severity.REFUSE else ", if the user has a password and no device"
        where = " there" if enable.bounded_by else ""
        way_out = f"Allow {Own.ENABLE_DEVICE} and {Own.CREATE_DEVICE}{where}, as 'builtin: require-mfa/1' does"
        message = (
            f"the user can do nothing but enrol an MFA device under the guard {shortened(str(guard), _MOST_QUOTED)}, "
            f"and cannot enrol one{if_any}: {_why(enable, Own.ENABLE_DEVICE, user.path)}. {way_out}"
        )
        is_first = severity is not Severity.REFUSE
        return Hit(subject, message, severity, facts=("enrol", *_facts(enable, user)), first=is_first)

    def _subject(self, address: Address) -> User | Address:
        found = self._review.scoped.desired.get(address)
        return found if isinstance(found, User) else address


def _why(verdict: Verdict, action: Own, path: str) -> str:
    """Return why a request is not possible; a path is named if the request is about the user's own ARN."""
    if verdict.denied_by:
        return f"{shortened(str(verdict.denied_by), _MOST_QUOTED)} denies {action}"
    if verdict.bounded_by:
        return f"{shortened(str(verdict.bounded_by), _MOST_QUOTED)} does not allow {action} without MFA"
    where = f" on the user's own ARN (user{path}${{aws:username}})" if path else ""
    return f"no statement allows {action} without MFA{where}"


def _facts(verdict: Verdict, user: User) -> tuple[str, ...]:
    if denying := verdict.denied_by:
        return ("denied", str(denying.holder), denying.policy)
    if bounding := verdict.bounded_by:
        return ("bounded", bounding.policy)
    return ("not-allowed", user.path)


def _not_allowed(change: Verdict) -> str:
    return (
        f"{_why(change, Own.CHANGE_PASSWORD, '')}, but the first sign-in requires a new password. It succeeds only if the "
        "account's password policy lets users change their own password, which is unknown. Allow it "
        f"{'there' if change.bounded_by else 'in a group'}, as 'builtin: require-mfa/1' does"
    )


def _deadlock(denying: HeldPolicy) -> str:
    return (
        f"{shortened(str(denying), _MOST_QUOTED)} denies iam:ChangePassword without MFA, but the first sign-in requires a "
        "new password, so the user can never sign in. Exclude iam:ChangePassword from the Deny, as "
        "'builtin: require-mfa/1' does"
    )
