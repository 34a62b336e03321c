"""Which services people may use, as short arrays: a set of services is stored once, as runs of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iamctl.access.shares import Share
from iamctl.report.access_words import LEVELS
from iamctl.report.page import PageServices
from iamctl.text.visible import visible

_MANY = 20
"""Where no policy adds so many services at a level, nobody has all of them, and their names are left out."""


class ServiceSets:
    """Sets of services and what policies add, each once; the first of both is the empty one."""

    def __init__(self, services: PageServices) -> None:
        shares = (
            *services.after,
            *services.before.values(),
            *(one for some in services.limited for one in some.values()),
        )
        found = {name for share in shares for _, names in share.levels for name in names}
        self._every = services.levels if any(len(one) >= _MANY for share in shares for _, one in share.levels) else {}
        found.update(name for names in self._every.values() for name in names)
        self._names = {name: number for number, name in enumerate(sorted(found))}
        self._sets: dict[tuple[str, ...], int] = {(): 0}
        self._shares: dict[tuple[int, ...], int] = {(): 0}
        self._known: dict[Share, int] = {}

    def share(self, share: Share) -> int:
        """Return the number of what a policy adds: a set for each access level, and 1 if it may be less."""
        if share not in self._known:
            levels = {LEVELS[level]: names for level, names in share.levels}
            row = [*(self._set(levels.get(level, ())) for level in LEVELS.values()), int(not share.is_decided)]
            while row and not row[-1]:
                row.pop()
            self._known[share] = self._shares.setdefault(tuple(row), len(self._shares))
        return self._known[share]

    def data(self, services: PageServices) -> dict[str, Any]:
        """Return everything; call it when all shares have their numbers."""
        limited = [_by_policy(one, self) for one in services.limited]
        return {
            "levels": [*services.levels],
            "all": [self._set(names) for names in self._every.values()],
            "names": [visible(name) for name in self._names],
            "limited": limited,
            "shares": [list(row) for row in self._shares],
            "sets": [[*self._runs(names)] for names in self._sets],
        }

    def _set(self, names: tuple[str, ...]) -> int:
        return self._sets.setdefault(names, len(self._sets))

    def _runs(self, names: Iterable[str]) -> Iterator[int]:
        """Yield the first and the last number of each run of consecutive ones."""
        first = last = -2
        for number in sorted(self._names[name] for name in names):
            if number != last + 1:
                if first >= 0:
                    yield from (first, last)
                first = number
            last = number
        if first >= 0:
            yield from (first, last)


def _by_policy(shares: Mapping[int, Share], sets: ServiceSets) -> dict[int, int]:
    return {policy: sets.share(share) for policy, share in shares.items()}
