"""What a reviewer must not miss: who becomes an administrator, and who loses a guard or a boundary."""

from __future__ import annotations

from collections.abc import Iterator

from iamctl.kinds import User
from iamctl.model import Address, Severity
from iamctl.model.plan import RISK
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.ways_told import facts_of, told_ways


@rule(
    RISK,
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    first=True,
    of_access=True,
)
def risks_are_named(review: Review) -> Iterator[Hit]:
    """Everyone who becomes an administrator, can become one, or loses an MFA guard or a boundary is named."""
    if not review.changes:
        return
    before, after = review.administrators
    could = {*before.users, *before.idle}
    fresh = sorted({*after.users} - {*before.users} | {*after.idle} - could)
    for address in fresh:
        idle = ", but has neither a password nor an access key" if address in after.idle else ""
        facts = ("administrator", "idle") if idle else ("administrator",)
        yield Hit(
            _subject(review, address),
            f"becomes an administrator{idle}",
            facts=facts,
            many="become administrators" + (", but have neither a password nor an access key" if idle else ""),
        )
    for name in sorted(set(after.roles) - set(before.roles)):
        yield Hit(None, f"the role {name} becomes an administrator", facts=("administrator", f"role/{name}"))
    yield from _of_documents(review, {*could, *fresh})


def _of_documents(review: Review, administrators: set[Address]) -> Iterator[Hit]:
    yield from _of_ways(review, administrators)
    whole, after = review.scoped.whole, review.after
    was, _ = review.held
    guards = review.guards
    for touched in sorted(review.touched):
        user = after.get(touched)
        if not isinstance(user, User):
            continue
        address = user.address
        if (guard := guards[0].guard(address)) and not guards[1].guard(address):
            yield Hit(
                _subject(review, address),
                f"loses the MFA guard {guard}",
                facts=("guard", str(guard.holder), guard.policy),
                many=f"lose the MFA guard {guard}",
            )
        old = whole.get(address)
        if isinstance(old, User) and old.permissions_boundary and not user.permissions_boundary:
            yield Hit(
                _subject(review, address),
                f"loses the permissions boundary {was.boundary(old)}",
                facts=("boundary", old.permissions_boundary),
                many=f"lose the permissions boundary {was.boundary(old)}",
            )


def _of_ways(review: Review, administrators: set[Address]) -> Iterator[Hit]:
    """Yield everybody who can become an administrator in ways that are new, with all first steps."""
    before, after = review.escalations
    for person in after.people():
        if person in administrators or before.is_full(person):
            continue
        known = {way.kind for way in before.ways(person)}
        ways = [way for way in after.ways(person) if way.kind not in known]
        if not ways:
            continue
        facts = ("escalation", *(fact for way in ways for fact in facts_of(way)))
        told, further = told_ways(ways), " in further ways" if known else ""
        message = f"can become an administrator{further}: {told}"
        if person.kind == User.kind:
            many = f"can become administrators{further}: {told}"
            yield Hit(_subject(review, person), message, facts=facts, many=many)
        else:
            yield Hit(None, f"the role {person.name} {message}", facts=(*facts, str(person)))


def _subject(review: Review, address: Address) -> User | Address:
    """Return the declared user, which has a place, or the address of an undeclared one."""
    found = review.scoped.desired.get(address)
    return found if isinstance(found, User) else address
