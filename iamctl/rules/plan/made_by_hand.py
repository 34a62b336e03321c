"""What is in the account, not in the manifests, and nearly as bad as a new administrator; drift names it first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iamctl.access.known_policies import document_of
from iamctl.access.step import Step
from iamctl.kinds import Group, Membership, User
from iamctl.model import Address, Severity
from iamctl.model.plan import MADE_BY_HAND, MadeByHand
from iamctl.rules import Hit, Review, rule
from iamctl.rules.plan.ways_told import facts_of, told_ways

_ASSUME = "sts:AssumeRole"


@rule(
    MADE_BY_HAND,
    Severity.WARN,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html",
    first=True,
)
def what_was_made_by_hand_is_named(review: Review) -> Iterator[Hit]:
    """Drift names users and roles that can become administrators, or are without a guard or boundary, against the manifests."""
    if not review.asserts_live:
        return
    if review.changes:
        yield from _ways_that_a_plan_ends(review)
        yield from _missing_restraints(review)
    left = {address for address in review.scoped.undeclared if address.kind in {User.kind, Group.kind}}
    if left or review.scoped.left_memberships or review.live.roles:
        yield from _ways_that_are_left(review, left)


def _ways_that_a_plan_ends(review: Review) -> Iterator[Hit]:
    before, after = review.escalations
    for person in before.people():
        if after.is_full(person):
            continue
        known = {way.kind for way in after.ways(person)}
        if ways := [way for way in before.ways(person) if way.kind not in known]:
            yield _can_become(review, person, ", but not by the manifests", MadeByHand.WAY, ways)


def _missing_restraints(review: Review) -> Iterator[Hit]:
    whole, guards, (_, declared) = review.scoped.whole, review.guards, review.held
    for user in sorted(review.after.of_kind(User), key=lambda user: user.address):
        live = whole.get(user.address)
        if not isinstance(live, User):
            continue
        if (guard := guards[1].guard(user.address)) and not guards[0].guard(user.address):
            said = f"without the MFA guard {guard}, which the manifests declare"
            facts = (MadeByHand.RESTRAINT, "guard", str(guard.holder), guard.policy)
            yield Hit(_subject(review, user.address), f"is {said}", facts=facts, many=f"are {said}")
        boundary = declared.boundary(user)
        if boundary and live.permissions_boundary != user.permissions_boundary:
            said = f"without the permissions boundary {boundary.policy}, which the manifests declare"
            bound = (MadeByHand.RESTRAINT, "boundary", boundary.policy)
            yield Hit(_subject(review, user.address), f"is {said}", facts=bound, many=f"are {said}")


def _ways_that_are_left(review: Review, left: set[Address]) -> Iterator[Hit]:
    """Yield users who can become administrators only by what no manifest declares and no plan changes."""
    after = review.escalations[1]
    for person in after.people():
        ways = after.ways(person) if person.kind == User.kind and person not in review.scoped.ignored else ()
        against = {_against(review, person, step, left) for step in ways}
        if against == {MadeByHand.ROLE}:
            yield _can_become(review, person, " by a role that no manifest names", MadeByHand.ROLE, ways)
        elif against and None not in against:
            yield _can_become(review, person, " by what no manifest declares", MadeByHand.UNDECLARED, ways)


def _against(review: Review, person: Address, step: Step, left: set[Address]) -> MadeByHand | None:
    """Return what of a step no manifest declares; None where they declare it."""
    if step.by:
        membership = Address.of(Membership.kind, step.by.holder.name, person.name)
        if step.by.holder in left or membership in review.scoped.left_memberships:
            return MadeByHand.UNDECLARED
    is_assumed = _ASSUME in step.actions and step.target and step.target.kind == "role"
    return MadeByHand.ROLE if is_assumed and not _is_named(review, person, step.target, left) else None


def _is_named(review: Review, person: Address, role: Address | None, left: set[Address]) -> bool:
    """Return whether a declared Allow of somebody names a role by its ARN, without a wildcard."""
    people = review.people[1]
    found, target = people.person(person), people.targets.by_address.get(role) if role else None
    declared = (held for held in found.holding.policies if held.holder not in left) if found and target else ()
    documents = (document.normalized for held in declared if (document := document_of(held)))
    return any(
        one.effect == "Allow" and not one.negated_resource and target and target.arn in (one.resources or ())
        for document in documents
        if document
        for one in document.statements
    )


def _can_become(review: Review, person: Address, how: str, what: MadeByHand, ways: Sequence[Step]) -> Hit:
    told = f"{how}: {told_ways(ways)}"
    facts = (what, *(fact for way in ways for fact in facts_of(way)))
    if person.kind != User.kind:
        said = f"the role {person.name} can become an administrator{told}"
        return Hit(None, said, facts=(*facts, str(person)))
    many = f"can become administrators{told}"
    return Hit(_subject(review, person), f"can become an administrator{told}", facts=facts, many=many)


def _subject(review: Review, address: Address) -> User | Address:
    """Return the declared user, which has a place, or the address of an undeclared one."""
    found = review.scoped.desired.get(address)
    return found if isinstance(found, User) else address
