"""Whom a plan may give access: the only people of whom the rules on passwords must know whether they have one."""

from __future__ import annotations

from collections.abc import Sequence

from iamctl.access.statement_sets import StatementSets
from iamctl.model import Change
from iamctl.order.direction import NARROWING, Direction, Directions
from iamctl.order.graph import nodes_of
from iamctl.order.world import Holdings, World

_GIVES_NOTHING = NARROWING | {Direction.NEUTRAL}


def gaining_people(changes: Sequence[Change], holdings: Holdings) -> frozenset[str]:
    """Return all users and roles, as ``user/alice`` in lower case, whom some call touches that may give access.

    Whom all calls only restrain, lock out or take Allows from cannot gain anything: such a call leaves everybody with
    less or as much, whatever else has run. Where that is not certain, the person is among them.
    """
    nodes = nodes_of(changes)
    effects = [effect for node in nodes for effect in node.effects]
    sets = StatementSets()
    before, after = World(holdings, sets), World(holdings, sets)
    after.run(effects)
    directions = Directions(nodes, (before, after), sets, lambda _: True)
    giving = [effect for node in nodes if directions.of(node) not in _GIVES_NOTHING for effect in node.effects]
    return frozenset(before.touched(giving) | after.touched(giving))
