"""Accounts made of the documents of a small world, in which every request can be listed."""

from hypothesis import strategies as st
from proof.worlds import CONTEXTS, NOW, RESOURCES, allowed, statements

from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.account.live import Live
from iamctl.kinds import Group, GroupInlinePolicy, Membership, Policy, User, UserInlinePolicy
from iamctl.model import State
from iamctl.policy import Document
from iamctl.proof.decide import Held
from iamctl.proof.encoding import Reading

ACCOUNT = "123456789012"


def documents(most=2):
    """Return documents of the small world as IAM has them."""
    return st.lists(statements(), min_size=1, max_size=most).map(
        lambda found: Document.from_data({"Version": "2012-10-17", "Statement": found})
    )


def allow(actions, resource):
    """Return a document that allows actions on a resource."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return Document.from_data({"Version": "2012-10-17", "Statement": [statement]})


@st.composite
def accounts(draw, names=("pat",)):
    """Return what each user of an account holds: an own policy, that of a group of all, and perhaps a boundary."""
    crew = draw(documents())
    found = {}
    for name in names:
        boundary = draw(st.none() | documents())
        own = draw(documents())
        found[name] = (crew, own, boundary)
    return found


def people_of(account):
    """Return the users of an account and the state that they are in."""
    found = [Group(name="crew")]
    for name, (crew, own, boundary) in account.items():
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}-bound"
        found.append(User(name=name, permissions_boundary=arn if boundary else None))
        found.append(Membership(group="crew", user=name))
        found.append(UserInlinePolicy(user=name, name="own", document=own))
        if not any(isinstance(one, GroupInlinePolicy) for one in found):
            found.append(GroupInlinePolicy(group="crew", name="work", document=crew))
        if boundary:
            found.append(Policy(name=f"{name}-bound", arn=arn, document=boundary))
    state = State.of(found)
    return People(PolicySources(Live(ACCOUNT, "aws", state), state), state, NOW), state


def held_by(account, name):
    """Return the documents that decide the requests of a user."""
    crew, own, boundary = account[name]
    return Held((crew.normalized, own.normalized), ((boundary.normalized,),) if boundary else ())


def requests_of(account, name):
    """Return what a user may do, as (action, resource, context); listed one by one, without the code under test."""
    return {
        (action, resource, place)
        for action, bits in allowed(held_by(account, name), Reading.PARTS).items()
        for number, resource in enumerate(RESOURCES)
        for place in range(len(CONTEXTS))
        if bits >> number * len(CONTEXTS) + place & 1
    }
