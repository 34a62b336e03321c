"""Names who made the differences of a drift, with a bounded number of look-ups in CloudTrail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from iamctl.aws.errors import AwsError
from iamctl.comparison.deeds import Search, newest, search_for
from iamctl.model.deed import Attribution, Unfound
from iamctl.report.drift import Drift
from iamctl.source.live_source import LiveSource

MOST_LOOKUPS = 20
"""So many requests in one run: two a second are allowed, so they take ten seconds."""

_MOST_PAGES = 3
"""Of one look-up; a page has 50 events."""


def attributed(source: LiveSource, found: Iterable[Drift]) -> tuple[Drift, ...]:
    """Return the differences with who made them; what is merely due or merged was made by nobody and stays as it is."""
    lookups = _Lookups(source)
    return tuple(replace(one, attribution=lookups.attribution(one)) if one.is_deed else one for one in found)


class _Lookups:
    """Look-ups in CloudTrail; each is made once, however many differences need it."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._left = MOST_LOOKUPS
        self._reason = ""
        self._read: dict[tuple[str, str], tuple[Iterator[list[Mapping[str, Any]]], list[Mapping[str, Any]]]] = {}

    def attribution(self, drift: Drift) -> Attribution:
        """Return who made a difference, or why that is not known."""
        search = search_for(drift.change)
        if search is None:
            return Attribution(why=Unfound.NOT_RECORDED_SO)
        if self._reason:
            return Attribution(why=Unfound.FAILED, reason=self._reason)
        try:
            return self._attribution(search)
        except AwsError as error:
            self._reason = str(error)
            return Attribution(why=Unfound.FAILED, reason=self._reason)

    def _attribution(self, search: Search) -> Attribution:
        is_whole, events = True, list[Mapping[str, Any]]()
        for lookup in search.lookups:
            read, whole = self._events(lookup, search)
            events += read
            is_whole = is_whole and whole
        if deed := newest(search, events):
            return Attribution(deed)
        return Attribution(why=Unfound.NO_EVENT if is_whole else Unfound.NOT_LOOKED_UP)

    def _events(self, lookup: tuple[str, str], search: Search) -> tuple[list[Mapping[str, Any]], bool]:
        """Return the events of a look-up up to one that is found, and False if there may be more."""
        if lookup not in self._read:
            self._read[lookup] = (self._source.events(*lookup), [])
        pages, known = self._read[lookup]
        while not newest(search, known):
            if len(known) >= _MOST_PAGES * 50 or not self._left:
                return known, False
            self._left -= 1
            page = next(pages, None)
            if page is None:
                self._left += 1
                return known, True
            known += page
        return known, True
