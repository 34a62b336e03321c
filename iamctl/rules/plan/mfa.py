"""MFA of console users: a password without MFA allows no more than enrolling a device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from iamctl.access.held import HeldPolicy
from iamctl.access.row import Kind
from iamctl.audit.controls.mfa import unguarded
from iamctl.kinds import Membership, User
from iamctl.model import Address, Severity
from iamctl.report.access_words import example_text
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.console_users import ConsoleUsers
from iamctl.rules.plan.guard_words import near_miss_text
from iamctl.rules.wording import counted, shortened, some

if TYPE_CHECKING:
    from iamctl.access.differences import Difference

_WAY_OUT = "add them to a group that has a policy with 'builtin: require-mfa/1'"
_MOST_ALONE = 5
"""If more users than this get the same message, they share one finding."""
_MOST_NEAR = 2
_MOST_QUOTED = 160
"""Characters of a near miss quoted in a message."""
_MOST_ADDED = 110
"""Characters of the added policies quoted in a message."""

_ADDS, _CHANGES = _VERBS = ("adds", "changes")


@rule(
    "IAM111",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_users-self-manage-mfa-and-creds.html",
    of_access=True,
)
def console_users_are_guarded(review: Review) -> Iterator[Hit]:
    """No plan creates a password without an MFA guard, removes its guard, or adds access to an unguarded one."""
    judge = _Judge(review)
    refused = dict(judge.refusals())
    yield from _together(review, refused)
    yield from judge.existing(refused)
    yield from judge.ending()
    yield from judge.unknown()


class _Refusal(NamedTuple):
    """Why a plan is refused for a user; the facts name what the plan allows, and the policies that do."""

    message: str
    facts: tuple[str, ...] = ()


class _Judge:
    """Compares who is guarded before and after a plan."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._console = ConsoleUsers(review)
        self._held_before, self._held_after = review.held
        self._before, self._after = review.guards
        self._exposed = tuple(
            user
            for user in unguarded(review.after.of_kind(User), self._console.has_password, self._after)
            if self._console.has_password(user.address)
        )

    def refusals(self) -> Iterator[tuple[Address, _Refusal]]:
        """Yield the users for whom the plan makes things worse, or whom the settings refuse as they are, and why."""
        judged = {user.address for user in self._console.managed} | set(self._review.scoped.undeclared)
        is_strict = self._review.desired.settings.mfa.existing == "refuse"
        for user in self._exposed:
            if worse := self._worse(user):
                yield user.address, worse
            elif is_strict and user.address in judged:
                said = "there is a password without an MFA guard, which mfa.existing: refuse forbids"
                yield user.address, _Refusal(self._message(said, user.address))

    def existing(self, refused: Iterable[Address]) -> Iterator[Hit]:
        """Yield how many users are unguarded, compared with before, unless all of them are already refused."""
        scoped = self._review.scoped
        managed = {user.address for user in self._console.managed}
        left = [user.address for user in self._exposed if user.address in managed]
        if told := [address for address in left if address not in set(refused)]:
            before = sum(self._was_exposed(address) for address in scoped.managed if address.kind == "user")
            verb = "has" if len(left) == 1 else "have"
            said = f"{counted(len(left), 'console user')} {verb} no MFA guard{_trend(len(left), before)}"
            names = some(address.name for address in told)
            yield Hit(None, self._message(f"{said}: {names}", *told, only_known=True), Severity.WARN)
        undeclared = set(scoped.undeclared) - set(refused)
        others = [user.address.name for user in self._exposed if user.address in undeclared]
        if others:
            verb = "has" if len(others) == 1 else "have"
            said = f"{counted(len(others), 'undeclared console user')} {verb} no MFA guard: {some(others)}"
            yield Hit(None, said, Severity.INFO)

    def ending(self) -> Iterator[Hit]:
        """Yield the guards that depend on memberships with an end date: removing these would be refused later."""
        ends: defaultdict[Address, dict[Address, Membership]] = defaultdict(dict)
        for membership in self._review.scoped.desired.of_kind(Membership):
            if membership.until:
                ends[Address.of("user", membership.user)][Address.of("group", membership.group)] = membership
        for user, groups in sorted(ends.items()):
            guard = self._after.guard(user)
            if not (guard and self._console.has_password(user)):
                continue
            if self._after.guard(user, without=frozenset(groups)) is None:
                last = groups.get(guard.holder) or next(iter(groups.values()))
                said = f"the MFA guard {guard} depends on a membership that ends ({last.until}), but the password stays"
                way_out = f"Removing the membership will be refused; {_WAY_OUT}, without an end date"
                yield Hit(last, f"{said}. {way_out}", Severity.WARN)

    def unknown(self) -> Iterator[Hit]:
        """Yield how many users without a guard may or may not have a password."""
        found = [
            user.address.name
            for user in unguarded(self._console.managed, self._console.has_password, self._after)
            if self._console.has_password(user.address) is None
        ]
        if found:
            users, verb = counted(len(found), "user"), "it has" if len(found) == 1 else "they have"
            message = f"MFA was not checked for {users}: it is unknown whether {verb} a password: {some(found)}"
            yield Hit(None, message, Severity.INFO)

    def _worse(self, user: User) -> _Refusal | None:
        address = user.address
        if not self._review.changes:
            return None
        if address in self._console.made:
            return _Refusal(self._message("this plan creates a password that no MFA guard covers", address))
        if self._console.had_password(address) and (guard := self._before.guard(address)):
            said = "this plan removes the MFA guard but leaves the password"
            return _Refusal(self._message(said, address), ("guard", str(guard.holder), guard.policy))
        return self._added(user)

    def _added(self, user: User) -> _Refusal | None:
        """Return what the plan lets somebody do without MFA, with the worst request."""
        differences = self._review.differences
        gained = differences.gained_without_mfa(user.address)
        if not gained:
            return None
        told: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for verb, name in self._names(user, gained):
            told[verb].setdefault(name)
        named = " and ".join(f"{verb} {shortened(some(told[verb]), _MOST_ADDED)}" for verb in _VERBS if verb in told)
        said = f"this plan {named}, but the password has no MFA guard"
        request = differences.worst_without_mfa(user.address)
        text = f"{said}: it allows {example_text(request)}" if request else said
        by = dict.fromkeys(fact for one in gained for held in one.by for fact in (str(held.holder), held.policy))
        shown = (request.action, request.resource) if request else ()
        return _Refusal(self._message(text, user.address), (*shown, *by))

    def _names(self, user: User, gained: Iterable[Difference]) -> Iterator[tuple[str, str]]:
        """Yield what brings something, each with what the plan does to it: a policy, or what no longer holds it back."""
        was = self._review.scoped.whole.get(user.address)
        is_tagged = isinstance(was, User) and was.tags != user.tags
        before = {str(held): held.document for held in self._held_before.reaching(user.address)}
        boundary = self._held_after.boundary(user)
        for one in gained:
            match one.kind:
                case Kind.NEW:
                    for held in one.by:
                        is_kept = str(held) in before and before[str(held)] == held.document
                        verb = _CHANGES if str(held) in before and not is_kept else _ADDS
                        yield verb, f"{held} (by tags)" if is_kept and is_tagged else str(held)
                case Kind.NO_LONGER_DENIED:
                    yield from ((_ADDS, f"what {held} denied") for held in one.held_back_by)
                case Kind.NO_LONGER_BOUNDED if boundary:
                    yield _ADDS, f"what {boundary} lets through"
                case _:
                    yield from ((_ADDS, f"what {held} kept back") for held in one.held_back_by)

    def _was_exposed(self, user: Address) -> bool:
        return bool(self._console.had_password(user)) and not self._before.guard(user)

    def _message(self, said: str, *users: Address, only_known: bool = False) -> str:
        """Return a message with what is close to a guard, and the fix.

        With ``only_known`` a policy whose document nobody read is not told: a plan reads no more than it needs, so
        that what was so before would name most policies of AWS.
        """
        near = dict.fromkeys(text for user in users for text in self._near(user, only_known=only_known))
        told = [shortened(text, _MOST_QUOTED) for text in list(near)[:_MOST_NEAR]]
        rest = len(near) - _MOST_NEAR
        more = [counted(rest, "more near miss", "more near misses")] if rest > 0 else []
        escapes = (self._after.cover(user).escape for user in users)
        shown = next((escape for escape in escapes if escape and escape.action), None)
        escaping = [f"no Deny stops {example_text(shown)}"] if shown else []
        return "; ".join((said, *told, *more, *escaping, _WAY_OUT))

    def _near(self, user: Address, *, only_known: bool) -> Iterator[str]:
        """Yield the guard that the plan removes, and what is close to one."""
        guard = self._before.guard(user)
        if guard and not self._after.guard(user):
            yield self._loss(user, guard)
        near = self._after.cover(user).near_misses
        yield from (near_miss_text(miss) for miss in near if miss.is_known or not only_known)

    def _loss(self, user: Address, guard: HeldPolicy) -> str:
        if guard.way == "group" and guard.holder not in self._held_after.groups(user):
            return f"the guard {guard} no longer covers them, because they leave {guard.holder}"
        if guard.way == "group" and not any(
            one.policy == guard.policy for one in self._held_after.held_by(guard.holder)
        ):
            return f"the guard {guard} will be removed"
        return f"{guard} is no longer a guard"


def _together(review: Review, refused: dict[Address, _Refusal]) -> Iterator[Hit]:
    """Yield one finding for each user, or one for many users with the same message."""
    alike = defaultdict(list)
    for user, refusal in refused.items():
        alike[refusal].append(user)
    for (message, facts), users in alike.items():
        if len(users) > _MOST_ALONE:
            named = some(user.name for user in users)
            yield Hit(None, f"{counted(len(users), 'user')} ({named}): {message}", facts=facts)
        else:
            yield from (Hit(review.scoped.desired.get(user) or user, message, facts=facts) for user in users)


def _trend(now: int, before: int) -> str:
    if now == before:
        return ""
    return f", {before - now} fewer than before" if now < before else f", {now - before} more than before"
