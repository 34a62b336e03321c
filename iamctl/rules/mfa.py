"""MFA of console users: nobody signs in with a password alone and more than enrolls a device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from iamctl.access.added import AddedAllows
from iamctl.access.held import HeldPolicy
from iamctl.access.mfa_guard import Guards
from iamctl.kinds import Membership, User
from iamctl.model import Address, Severity
from iamctl.rules import Hit, Review, rule
from iamctl.rules.console_users import ConsoleUsers
from iamctl.rules.wording import counted, shortened, some

_WAY_OUT = "put them into a group that has a policy with 'builtin: require-mfa/1'"
_MOST_ALONE = 5
"""More users than this of whom the same is to be said share one finding."""
_MOST_NEAR = 2
_MOST_QUOTED = 160
"""Characters of what comes near a guard in a message."""
_MOST_ADDED = 110
"""Characters of the policies that are added, in a message."""


@rule(
    "IAM111",
    Severity.REFUSE,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_users-self-manage-mfa-and-creds.html",
)
def console_users_are_guarded(review: Review) -> Iterator[Hit]:
    """No plan makes a password without an MFA guard, takes the guard from a password, or adds access to one without."""
    judge = _Judge(review)
    refused = dict(judge.refusals())
    yield from _together(review, refused)
    yield from judge.existing(refused)
    yield from judge.ending()
    yield from judge.unknown()


class _Judge:
    """Compares who is guarded before a plan and after it."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._console = ConsoleUsers(review)
        whole, after = review.scoped.whole, review.after
        self._held_before, self._held_after = review.held
        self._before = Guards(self._held_before, whole)
        self._after = Guards(self._held_after, after) if review.changes else self._before
        self._added = AddedAllows(self._held_before, self._held_after)
        self._exposed = tuple(
            user
            for user in after.of_kind(User)
            if self._console.has_password(user.address) and not self._after.guard(user.address)
        )

    def refusals(self) -> Iterator[tuple[Address, str]]:
        """Yield the users for whom the plan makes things worse, or must not leave them as they are, and why."""
        judged = {user.address for user in self._console.managed} | set(self._review.scoped.undeclared)
        is_strict = self._review.desired.settings.mfa.existing == "refuse"
        for user in self._exposed:
            if worse := self._worse(user):
                yield user.address, worse
            elif is_strict and user.address in judged:
                said = "they have a password and no MFA guard, and mfa.existing is refuse"
                yield user.address, self._message(said, user.address)

    def existing(self, refused: Iterable[Address]) -> Iterator[Hit]:
        """Yield how many users are unguarded, compared with before, unless all of them are refused already."""
        scoped = self._review.scoped
        managed = {user.address for user in self._console.managed}
        left = [user.address for user in self._exposed if user.address in managed]
        if told := [address for address in left if address not in set(refused)]:
            before = sum(self._was_exposed(address) for address in scoped.managed if address.kind == "user")
            verb = "has" if len(left) == 1 else "have"
            said = f"{counted(len(left), 'console user')} {verb} no MFA guard{_trend(len(left), before)}"
            names = some(address.name for address in told)
            yield Hit(None, self._message(f"{said}: {names}", *told), Severity.WARN)
        undeclared = set(scoped.undeclared) - set(refused)
        others = [user.address.name for user in self._exposed if user.address in undeclared]
        if others:
            verb = "has" if len(others) == 1 else "have"
            said = f"{counted(len(others), 'undeclared console user')} {verb} no MFA guard: {some(others)}"
            yield Hit(None, said, Severity.INFO)

    def ending(self) -> Iterator[Hit]:
        """Yield whose guard goes with memberships that end by themselves: their end would be refused then."""
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
                said = f"the MFA guard {guard} goes with a membership that ends ({last.until}), and the password stays"
                yield Hit(last, f"{said}, so that the end would be refused; {_WAY_OUT} and does not end", Severity.WARN)

    def unknown(self) -> Iterator[Hit]:
        """Yield for how many users without a guard nobody can tell whether they have a password."""
        found = [
            user.address.name
            for user in self._console.managed
            if self._console.has_password(user.address) is None and not self._after.guard(user.address)
        ]
        if found:
            why = f"whether {'it has' if len(found) == 1 else 'they have'} a password is not known here"
            yield Hit(
                None, f"MFA is not evaluated for {counted(len(found), 'user')}: {why}: {some(found)}", Severity.INFO
            )

    def _worse(self, user: User) -> str | None:
        address = user.address
        if not self._review.changes:
            return None
        if address in self._console.made:
            return self._message("this plan makes a password, but no MFA guard covers the user", address)
        if self._console.had_password(address) and self._before.guard(address):
            return self._message("this plan takes the MFA guard from a user who has a password", address)
        if added := self._added.of(user, self._review.scoped.whole.get(address)):
            told = shortened(some(added), _MOST_ADDED)
            return self._message(f"this plan adds {told} to a user who has a password and no MFA guard", address)
        return None

    def _was_exposed(self, user: Address) -> bool:
        return bool(self._console.had_password(user)) and not self._before.guard(user)

    def _message(self, said: str, *users: Address) -> str:
        """Return a message with what comes near a guard, and the way out."""
        near = dict.fromkeys(text for user in users for text in self._near(user))
        told = [shortened(text, _MOST_QUOTED) for text in list(near)[:_MOST_NEAR]]
        more = [f"and {len(near) - _MOST_NEAR} more come near"] if len(near) > _MOST_NEAR else []
        return "; ".join((said, *told, *more, _WAY_OUT))

    def _near(self, user: Address) -> Iterator[str]:
        """Yield the guard that the plan takes away, and what comes near one."""
        guard = self._before.guard(user)
        if guard and not self._after.guard(user):
            yield self._loss(user, guard)
        yield from map(str, self._after.cover(user).near_misses)

    def _loss(self, user: Address, guard: HeldPolicy) -> str:
        if guard.way == "group" and guard.holder not in self._held_after.groups(user):
            return f"the guard {guard} no longer covers them, since they leave {guard.holder}"
        if guard.way == "group" and not any(
            one.policy == guard.policy for one in self._held_after.held_by(guard.holder)
        ):
            return f"the guard {guard} goes"
        return f"{guard} was a guard until now"


def _together(review: Review, refused: dict[Address, str]) -> Iterator[Hit]:
    """Yield a finding for each user, or one for many of whom the same is to be said."""
    alike = defaultdict(list)
    for user, message in refused.items():
        alike[message].append(user)
    for message, users in alike.items():
        if len(users) > _MOST_ALONE:
            yield Hit(None, f"{counted(len(users), 'user')} ({some(user.name for user in users)}): {message}")
        else:
            yield from (Hit(review.scoped.desired.get(user) or user, message) for user in users)


def _trend(now: int, before: int) -> str:
    if now == before:
        return ""
    return f", {before - now} fewer than before" if now < before else f", {now - before} more than before"
