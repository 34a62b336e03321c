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

_Patterns = tuple[str, ...]


class Examples:
    """Finds the requests of one engine; equal patterns are searched once, since many people have the same gains."""

    def __init__(self, universe: Universe, home: Home) -> None:
        self._universe, self._home = universe, home
        self._known: dict[tuple[int, _Patterns, _Patterns], str | None] = {}

    def shown(self, gain: Gain, actions: int) -> Request | None:
        """Return a request of a gain with the worst of some actions, on a resource that this action acts on.

        None if the search for the gain was given up.
        """
        request = gain.witness
        if request is None or not gain.actions & actions:
            return request
        action = best_action(self._universe, gain.actions & actions)
        name = self._universe.name(action)
        if name == request.action:
            return request
        key = action, (gain.resource, *gain.also), gain.less
        if key not in self._known:
            self._known[key] = self._found(*key)
        text = self._known[key]
        return Request(name, request.resource if text is None else text, request.context)

    def _found(self, action: int, within: _Patterns, less: _Patterns) -> str | None:
        """Return a resource of an action that patterns match and others do not; None if none is certain."""
        inside, outside = _encoded(within), _encoded(less)
        (places,) = self._universe.places(1 << action)
        for place in (*self._home.filled_in(places.resources), *places.resources):
            found = look((place, *inside), outside)
            if found.text is not None and found.doubt is None:
                return spelled(found.text)
        return None


def _encoded(texts: Iterable[str]) -> tuple[Pattern, ...]:
    known = (filled(text, NO_FACTS, has_variables=True) for text in texts)
    patterns = dict.fromkeys(encode_resource(text, Reading.PARTS) for text in known if text is not None)
    return tuple(pattern for pattern in patterns if pattern != STAR)
