"""Users who exist already when a manifest declares them for the first time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from iamctl.comparison.adopted import adopted_users, touched_addresses
from iamctl.kinds import User
from iamctl.model import Severity
from iamctl.model.why import KEY_CARE
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.attached import Attachments, joined, unknown_facts
from iamctl.rules.wording import counted, some

_MOST_NAMED = 20
"""More users than this are one line under "Look at this first", with sums; each has a warning with everything."""


@rule(
    "IAM437",
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_manage.html",
    first=True,
)
def adopted_users_are_named(review: Review) -> Iterator[Hit]:
    """A user who is new to the manifests and exists already is named, with everything attached to the user."""
    has_base = review.desired.base is not None and review.desired.base.desired is not None
    whole = review.scoped.whole
    adopted = adopted_users(review.desired, review.scoped, review.changes)
    if adopted and not has_base:  # a group in place of a user's own policies is no sign of a new user
        adopted = tuple(user for user in adopted if user.address not in review.moves.unchanged)
    found = [(user, live) for user in adopted if isinstance(live := whole.get(user.address), User)]
    attachments = Attachments(whole, review.now)
    if not has_base:  # a rotation touches its user again and again
        others = touched_addresses(one for one in review.changes if not (one.why and one.why.reason in KEY_CARE))
        yield from (_rotated(user, live, attachments) for user, live in found if user.address not in others)
        found = [(user, live) for user, live in found if user.address in others]
    hits = [_hit(user, live, attachments, has_base=has_base, first=len(found) <= _MOST_NAMED) for user, live in found]
    if len(found) > _MOST_NAMED:
        yield _sum(found, attachments, hits, has_base=has_base)
    yield from hits


def _rotated(user: User, live: User, attachments: Attachments) -> Hit:
    """Return a note on a user of whom only the access keys change; without a base, who was declared before is unknown."""
    held = attachments.of(live)
    told = f"already exists and is in no declared group; attached: {joined(held) or 'nothing'}"
    return Hit(user, told, Severity.INFO, facts=("rotated", live.user_id or "", *(one.id for one in held)), first=False)


def _hit(user: User, live: User, attachments: Attachments, *, has_base: bool, first: bool) -> Hit:
    held, unknown = attachments.of(live), unknown_facts(live.credentials)
    told = f"attached: {joined(held) or 'nothing'}"
    if unknown:
        told += f"; unknown: {', '.join(unknown)}"
    until_now = "no manifest declared this user until now" if has_base else "is in no declared group until now"
    several = "no manifest declared them until now" if has_base else "are in no declared group until now"
    return Hit(
        user,
        f"already exists and {until_now}; {told}",
        facts=("adopted", live.user_id or "", *(one.id for one in held), *unknown),
        first=first,
        many=f"already exist and {several}; {told}",
    )


def _sum(found: list[tuple[User, User]], attachments: Attachments, hits: list[Hit], *, has_base: bool) -> Hit:
    """Return one line for many users: what is attached to all of them in sums, and their names."""
    sums = Counter(one.noun for _, live in found for one in attachments.of(live))
    told = ", ".join(counted(number, noun) for noun, number in sums.items()) or "nothing"
    unread = sum(bool(unknown_facts(live.credentials)) for _, live in found)
    unknown = f"; not everything is known of {counted(unread, 'user')}" if unread else ""
    until_now = "no manifest declared them until now" if has_base else "are in no declared group until now"
    names = some(user.name for user, _ in found)
    message = f"{counted(len(found), 'user')} already exist and {until_now}; attached: {told}{unknown}: {names}"
    return Hit(None, message, facts=tuple(fact for hit in hits for fact in hit.facts))
