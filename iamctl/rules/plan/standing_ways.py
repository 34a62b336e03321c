"""Who is an administrator or can become one in one state of an account, in words, whether or not a plan brings it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from iamctl.access.administrators import administrators
from iamctl.access.held import PolicySources
from iamctl.access.people import People
from iamctl.account.live import Live
from iamctl.kinds import User
from iamctl.model import Address, State
from iamctl.rules.plan.ways_told import told_ways

ADMINISTRATOR = "is an administrator"
IDLE = "would be an administrator, but has neither a password nor an access key"


def standing_ways(live: Live, whole: State, state: State, now: datetime) -> Mapping[Address, tuple[str, ...]]:
    """Return for each user who is an administrator in ``state``, or can become one, how.

    ``whole`` is the account now, whose users have credentials; ``state`` is that or what a plan makes of it.
    """
    from iamctl.access.authority import Authority  # the rules are loaded for every plan, and the proof for few
    from iamctl.access.escalation import Escalations
    from iamctl.access.sides import Sides, engine_of

    sources = PolicySources(live, state)
    people = People(sources, state, now)
    authority = Authority(Sides(engine_of((sources, sources), now), people, state))
    full = administrators(people, lambda: authority, whole, state)
    found = {**dict.fromkeys(full.users, (ADMINISTRATOR,)), **dict.fromkeys(full.idle, (IDLE,))}
    escalations = Escalations(people, authority)
    for person in escalations.people():
        if person.kind == User.kind and person not in found and (ways := escalations.ways(person)):
            found[person] = (f"can become an administrator: {told_ways(ways)}",)
    return found
