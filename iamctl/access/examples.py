"""The request that shows a gain, restated for some of its actions: each row of a report has its own."""

from __future__ import annotations

from collections.abc import Iterable

from iamctl.proof.decide import Request
from iamctl.proof.encoding import STAR, Pattern, Reading, encode_resource, spelled
from iamctl.proof.engine import Gain
from iamctl.proof.places import Home, best_action
from iamctl.proof.searches import look
from iamctl.proof.statements import NO_FACTS, filled
from iamctl.proof.universe import Universe


def shown(universe: Universe, home: Home, gain: Gain, actions: int) -> Request | None:
    """Return a request of a gain with the worst of some actions, on a resource that this action acts on.

    None if the search for the gain was given up.
    """
    request = gain.witness
    if request is None or not gain.actions & actions:
        return request
    action = best_action(universe, gain.actions & actions)
    name = universe.name(action)
    if name == request.action:
        return request
    inside, outside = _encoded((gain.resource, *gain.also)), _encoded(gain.less)
    (places,) = universe.places(1 << action)
    for place in (*home.filled_in(places.resources), *places.resources):
        found = look((place, *inside), outside)
        if found.text is not None and found.doubt is None:
            return Request(name, spelled(found.text), request.context)
    return Request(name, request.resource, request.context)


def _encoded(texts: Iterable[str]) -> tuple[Pattern, ...]:
    known = (filled(text, NO_FACTS, has_variables=True) for text in texts)
    patterns = dict.fromkeys(encode_resource(text, Reading.PARTS) for text in known if text is not None)
    return tuple(pattern for pattern in patterns if pattern != STAR)
